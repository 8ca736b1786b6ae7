"""The screen pop as it comes with the ring, in Chromium."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

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
