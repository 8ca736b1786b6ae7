"""The agent's page in Chromium, with its own softphone, against the real Asterisk."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from hotline.onebox.callout import place_call
from tests.fakes.hearing import load_sound
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until
from tests.stories.city import City
from tests.stories.office import TONES
from tests.web.conftest import go_to_work

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

KNOWN = "13904730009"
DEFAULT = "13904730001"
"""Whom `hotline call` plays."""


async def hears_something(phone: PjsuaPhone) -> bool:
    samples, _ = load_sound(await phone.listen(1.2))
    return float(abs(samples).max()) > 0.01


async def finish(page: Page) -> None:
    await page.get_by_test_id("finish-wrap-up").click()
    await page.get_by_test_id("sign-out").click()
    await page.get_by_test_id("sign-in").wait_for()


async def test_a_call_is_answered_and_a_reload_loses_neither_the_call_nor_the_draft(city: City, page: Page) -> None:
    await go_to_work(page, city, "agent2")
    async with PjsuaPhone.caller(city.asterisk, KNOWN) as caller:
        caller.tone(800)
        await caller.call_and_wait()
        caller.press("1")
        await page.get_by_test_id("answer").wait_for()
        await expect(page.get_by_test_id("enterprise-card")).to_contain_text("海勃湾区老马羊杂馆")
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("hang-up").wait_for()
        await page.get_by_test_id("case-type-consult").click()
        await page.get_by_test_id("case-title").fill("食品经营许可证如何延续")
        await expect(page.get_by_test_id("save-state")).to_contain_text("已保存")
        assert await hears_something(caller)

        await page.reload()

        await expect(page.get_by_test_id("case-title")).to_have_value("食品经营许可证如何延续")
        await page.get_by_test_id("hang-up").wait_for()
        await until(lambda: hears_something(caller), within=20, what="the caller hears the agent again")
        assert not caller.seen("disconnected")
        await page.get_by_test_id("hang-up").click()
        await page.get_by_test_id("finish-wrap-up").wait_for()
        caller.hang_up()
    await finish(page)
    record = await city.record_of(KNOWN)
    assert record["outcome"] == "answered"
    assert record["agents"] == ["1002"]
    assert [case["title"] for case in record["cases"]] == ["食品经营许可证如何延续"]


async def test_a_recording_is_as_long_as_the_talk_whatever_the_sample_rates(city: City, page: Page) -> None:
    """A caller played by Asterisk has no codec of its own: the queue's music and the browser's Opus change its rate."""
    await go_to_work(page, city, "agent2")
    told: list[str] = []
    call = asyncio.create_task(place_call(city.settings, keys="1", number=None, seconds=60, say=told.append))
    # Without a number given, it is one that the demo's book knows.
    await page.get_by_test_id("answer").click()
    await expect(page.get_by_test_id("enterprise-card")).to_contain_text("乌海市黄河湾葡萄酒业有限公司")
    assert DEFAULT in told[0]
    await page.get_by_test_id("hang-up").wait_for()
    await page.wait_for_timeout(5000)  # they talk
    await page.get_by_test_id("hang-up").click()
    await page.get_by_test_id("finish-wrap-up").wait_for()
    await city.asterisk.cli("channel request hangup all")
    await call
    await finish(page)
    record = await city.record_of(DEFAULT)
    assert record["recording"]["seconds"] == pytest.approx(record["waited_seconds"] + record["talk_seconds"], abs=1.5)


async def test_a_refused_call_goes_to_nobody_else_and_comes_again(city: City, page: Page) -> None:
    await go_to_work(page, city, "agent3")
    async with PjsuaPhone.caller(city.asterisk, "13800991003") as caller:
        await caller.call_and_wait()
        caller.press("0")
        await page.get_by_test_id("reject").click()
        await page.get_by_test_id("go-ready").click()
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("hang-up").click()
        caller.hang_up()
    await finish(page)


async def test_after_a_reload_no_colleague_comes_before_the_own_call(city: City, page: Page) -> None:
    """Whoever answered a colleague while the own call comes back would leave the caller alone."""
    held: list[str] = []
    let_go = asyncio.Event()

    async def hold_back(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        async def pass_on(message: str | bytes) -> None:
            if '"reconnect"' in str(message):
                held.append(str(message))
                await let_go.wait()
            server.send(message)

        socket.on_message(lambda message: asyncio.ensure_future(pass_on(message)))

    await go_to_work(page, city, "agent2")
    colleague = PjsuaPhone.desk_phone(city.asterisk, "1003")
    async with PjsuaPhone.caller(city.asterisk, KNOWN) as caller, colleague:
        caller.tone(TONES["caller"])
        await caller.call_and_wait()
        caller.press("1")
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("hang-up").wait_for()

        await page.route_web_socket(re.compile("/api/workspace/socket"), hold_back)
        await page.reload()
        await until(lambda: held, what="the page asks for its call")
        colleague.call("1002")
        await colleague.wait_for("disconnected", code=486)
        await expect(page.get_by_test_id("answer")).to_have_count(0)
        let_go.set()
        await page.get_by_test_id("hang-up").wait_for()
        assert not colleague.seen("confirmed")
        await until(lambda: hears_something(caller), within=20, what="the caller hears the agent again")
        await page.get_by_test_id("hang-up").click()
        caller.hang_up()
    await finish(page)
