"""The screen pop as it comes with the ring, in Chromium."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import City
from tests.web.conftest import go_to_work
from tests.web.test_agent_page import KNOWN, finish

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_pop_comes_with_the_ring_and_again_after_a_reload(city: City, page: Page) -> None:
    await go_to_work(page, city, "agent2")
    async with PjsuaPhone.caller(city.asterisk, KNOWN) as caller:
        await caller.call_and_wait()
        caller.press("1")
        await page.get_by_test_id("answer").wait_for()
        await expect(page.get_by_test_id("enterprise-card")).to_contain_text("海勃湾区老马羊杂馆")
        await expect(page.get_by_test_id("past-cases")).to_be_visible()
        await expect(page.get_by_test_id("call-path")).to_contain_text("1")
        await expect(page.get_by_test_id("case-title")).to_be_visible()
        await page.get_by_test_id("answer").click()
        await expect(page.get_by_test_id("hang-up")).to_be_enabled()
        await page.reload()
        await expect(page.get_by_test_id("enterprise-card")).to_contain_text("海勃湾区老马羊杂馆")
        await expect(page.get_by_test_id("past-cases")).to_be_visible()
        await page.get_by_test_id("hang-up").click()
        caller.hang_up()
    await finish(page)


class _PopToCome:
    """Relays the workspace's messages, and keeps the screen pop and what follows it until `release`."""

    def __init__(self) -> None:
        self._page: WebSocketRoute | None = None
        self._held: list[str | bytes] = []
        self._holding = True

    def connect(self, page: WebSocketRoute) -> None:
        self._page = page
        page.connect_to_server().on_message(self._relay)

    def _relay(self, message: str | bytes) -> None:
        assert self._page is not None
        if self._holding and (self._held or json.loads(message)["type"] == "pop"):
            self._held.append(message)
        else:
            self._page.send(message)

    def release(self) -> None:
        assert self._page is not None
        self._holding = False
        for message in self._held:
            self._page.send(message)


async def test_who_is_calling_is_shown_before_all_that_is_known_of_them(city: City, page: Page) -> None:
    pop = _PopToCome()
    await page.route_web_socket("**/api/workspace/socket", pop.connect)
    await go_to_work(page, city, "agent2")
    async with PjsuaPhone.caller(city.asterisk, KNOWN) as caller:
        await caller.call_and_wait()
        caller.press("1")
        await page.get_by_test_id("answer").wait_for()
        await expect(page.get_by_test_id("calling-enterprise")).to_contain_text("海勃湾区老马羊杂馆")
        await expect(page.get_by_test_id("enterprise-card")).to_have_count(0)
        pop.release()
        await expect(page.get_by_test_id("enterprise-card")).to_contain_text("海勃湾区老马羊杂馆")
        await expect(page.get_by_test_id("calling-enterprise")).to_have_count(0)
        caller.hang_up()
