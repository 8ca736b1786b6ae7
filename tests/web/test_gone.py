"""A browser that dies without a word, or whose network does, leaves nobody waiting; one that is silent is not gone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, async_playwright

from tests.phones.pjsua import PjsuaPhone
from tests.phones.ports import free_port
from tests.phones.waiting import until
from tests.stories.city import City, impatient_with_silence
from tests.stories.office import ITSELF, hear, off_duty, said_in_turn
from tests.web.conftest import FLAGS, all_leave, find_chromium, go_to_work
from tests.web.test_agent_page import finish, hears_something

pytestmark = [
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]


class MortalBrowser:
    """A Chromium in a process group of its own."""

    def __init__(self, process: asyncio.subprocess.Process, page: Page) -> None:
        self._process = process
        self.page = page

    def signal(self, which: signal.Signals) -> None:
        os.killpg(self._process.pid, which)


@pytest_asyncio.fixture(loop_scope="session")
async def mortal(city: City, tmp_path: Path) -> AsyncIterator[MortalBrowser]:
    chromium = find_chromium()
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        chromium,
        "--headless=new",
        f"--remote-debugging-port={port}",
        f"--user-data-dir={tmp_path}",
        *FLAGS,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        async with async_playwright() as playwright:

            async def connected() -> Page | None:
                try:
                    browser = await playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
                except Exception:
                    return None
                context = await browser.new_context(base_url=city.address, permissions=["microphone"], locale="zh-CN")
                return await context.new_page()

            page = await until(connected, within=60, each=0.3, what="Chromium listens")
            assert page is not None
            yield MortalBrowser(process, page)
            # Before Playwright says goodbye to a browser that may be stopped.
            end(process)
            await all_leave(page.context, city)
    finally:
        end(process)
        await process.wait()


def end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "without network"])
async def test_a_caller_whose_browser_is_gone_leaves_the_queue(
    city: City, mortal: MortalBrowser, how: signal.Signals
) -> None:
    await mortal.page.goto("/call")
    await mortal.page.get_by_test_id("caller-call").click()
    await mortal.page.get_by_test_id("key-0").click()

    async def waiting() -> bool:
        return "PJSIP/web-caller" in await city.asterisk.cli("queue show public")

    await until(waiting, within=20, each=0.3, what="the caller waits")
    # While it waits it sends, although nobody speaks to it.
    await city.asterisk.until_lasts("PJSIP/web-caller", 16)
    assert await waiting()
    mortal.signal(how)

    async def gone() -> bool:
        return not await waiting()

    await until(gone, within=15, each=0.3, what="the caller has left the queue")


@pytest.mark.parametrize("held", [False, True], ids=["in talk", "on hold"])
async def test_a_caller_whose_agents_browser_is_killed_gets_the_next_agent(
    city: City, mortal: MortalBrowser, held: bool
) -> None:
    number = "13800992001" if held else "13800992003"
    caller = PjsuaPhone.caller(city.asterisk, number)
    async with caller, PjsuaPhone.desk_phone(city.asterisk, "1001") as phone, city.workspace("agent1") as workspace:
        phone.tone(440)
        phone.answers()
        caller.tone(1000)
        await go_to_work(mortal.page, city, "agent2")
        await caller.call_and_wait()
        caller.press("00")
        await mortal.page.get_by_test_id("answer").click()
        await mortal.page.get_by_test_id("hang-up").wait_for()
        if held:
            await mortal.page.get_by_test_id("hold").click()
            await hear({caller: {"music"}})
        else:
            await until(lambda: hears_something(caller), within=20, what="the caller hears the agent")
        mortal.signal(signal.SIGKILL)

        await waits(city, "PJSIP/trunk", within=20)
        # Not the one whose phone is gone, and none other is there.
        assert said_in_turn(city, await caller.listen_on(10), "hotline/agent-lost")[0] > ITSELF
        await workspace.ready()
        call = await workspace.wait_call("talking", within=20)
        await hear({caller: {"agent"}, phone: {"caller"}})
        caller.hang_up()
        await off_duty(workspace)
    record = await city.record_of(number)
    assert record["call_id"] == call["call_id"]
    assert [(a["agent"], a["result"]) for a in record["attempts"]] == [("1002", "lost"), ("1001", "answered")]
    async with city.workspace("agent2") as lost:
        if lost.agent["state"] == "wrap_up":
            await lost.do("finish_wrap_up")
        await lost.wait(lambda d: d.agent["pause_reason"] == "phone_lost", what="paused, the phone is lost")
        await off_duty(lost)


async def waits(city: City, channel: str, *, within: float) -> None:
    async def waiting() -> bool:
        return channel in await city.asterisk.cli("queue show")

    await until(waiting, within=within, each=0.3, what=f"{channel} waits in a queue")


async def test_a_page_that_takes_long_to_come_back_gets_the_same_call(city: City, page: Page) -> None:
    await go_to_work(page, city, "agent2")
    async with PjsuaPhone.caller(city.asterisk, "13800992002") as caller:
        caller.tone(1000)
        await caller.call_and_wait()
        caller.press("00")
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("hang-up").wait_for()

        async def slowly(route: Route) -> None:
            await city.asterisk.until_lasts("PJSIP/trunk", 7)  # The slow network itself: 7 to 8 s.
            await route.continue_()

        await page.route("**/assets/index-*.js", slowly)
        await page.reload()
        await page.get_by_test_id("hang-up").wait_for()
        await until(lambda: hears_something(caller), within=20, what="the caller hears the agent again")
        await page.get_by_test_id("hang-up").click()
        await page.get_by_test_id("finish-wrap-up").wait_for()
        caller.hang_up()
    await finish(page)
    record = await city.record_of("13800992002")
    assert [(a["agent"], a["result"]) for a in record["attempts"]] == [("1002", "answered")]
    assert record["ended_by"] == "agent"


async def test_who_mutes_or_holds_is_not_taken_for_gone(city: City, page: Page, small_page: Page) -> None:
    async with impatient_with_silence(city.asterisk, 4):
        await go_to_work(page, city, "agent2")
        await small_page.goto("/call")
        await small_page.get_by_test_id("caller-call").click()
        await small_page.get_by_test_id("key-0").click()
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("hang-up").wait_for()
        for button in (
            small_page.get_by_test_id("caller-mute"),
            page.get_by_test_id("mute"),
            page.get_by_test_id("hold"),
        ):
            await button.click()
            await page.wait_for_timeout(7000)  # longer than the patience
        await page.get_by_test_id("hang-up").click()
        await page.get_by_test_id("finish-wrap-up").wait_for()
        await small_page.get_by_test_id("caller-hang-up").click()
        await finish(page)
    async with city.as_user("agent2") as agent:

        async def over() -> dict[str, Any] | None:
            newest = (await agent.get("/api/calls", limit=1))["items"][0]
            return await agent.get(f"/api/calls/{newest['call_id']}") if newest["outcome"] != "live" else None

        record = await until(over, within=10, each=0.2, what="the call is over")
    assert record is not None
    assert [(a["agent"], a["result"]) for a in record["attempts"]] == [("1002", "answered")]
    assert record["talk_seconds"] >= 20
    assert record["hold_seconds"] >= 6
