"""The call log's page in Chromium: what was said and left is heard again, filters narrow, exports hold the rows."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from hotline.accounts.roles import Role
from tests.phones.waiting import until
from tests.stories.conftest import the_hurried_office  # noqa: F401  # fixture
from tests.stories.office import Office
from tests.web.conftest import log_in, window
from tests.web.test_home_and_admin import add_user

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# How many of the canvas's columns hold a bar taller than the least one.
_TALL = """
  (canvas) => {
    const { width, height } = canvas;
    const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    let tall = 0;
    for (let x = 0; x < width; x++) {
      let inked = 0;
      for (let y = 0; y < height; y++) if (data[4 * (y * width + x) + 3] > 0) inked++;
      if (inked > 8) tall++;
    }
    return tall;
  }
"""
_NOTE_WHERE_IT_GOES_ON = """
  (audio) => {
    window.__goesOn = new Promise((tell) =>
      audio.addEventListener("playing", () => tell(audio.currentTime), { once: true }));
  }
"""


@dataclass
class CallsOnPage:
    office: Office
    talk: dict[str, Any]
    message: dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told(the_hurried_office: Office) -> CallsOnPage:  # noqa: F811
    """A call that agent 1001 took, and one whose caller left a message meanwhile."""
    office = the_hurried_office
    await office.clear()
    async with office.talk() as talk:
        async with office.caller() as caller:
            caller.press("11")
            await office.comes_to(caller, "busy")
            caller.press("1")
            await office.leaves_a_message(caller)
            caller.hang_up()
            left = await office.record_of(caller)
        talk.caller.hang_up()
        answered = await talk.record()

    async def written() -> bool:
        rows = (await office.api.get("/api/calls", limit=10))["items"]
        return {"answered", "voicemail"} <= {row["outcome"] for row in rows}

    await until(written, what="both records are written")
    return CallsOnPage(office, answered, left)


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, told: CallsOnPage) -> AsyncIterator[Page]:
    async with window(browser, told.office.city) as context:
        yield await context.new_page()


async def sound(player: Locator, what: str) -> Any:
    return await player.locator("audio").evaluate(f"(audio) => audio.{what}")


async def plays_from(player: Locator, begin: float) -> None:
    async def further() -> bool:
        return float(await sound(player, "currentTime")) > begin

    await until(further, what=f"it plays on from {begin}")


async def test_a_recording_is_seen_and_heard_faster_and_by_side(told: CallsOnPage, page: Page) -> None:
    call = told.talk
    await log_in(page, told.office.city, "supervisor", f"/calls?call={call['call_id']}")
    player = page.get_by_test_id("player-mix")
    canvas = player.locator("canvas")
    await until(lambda: canvas.evaluate(_TALL), what="the waveform is drawn")
    assert await canvas.evaluate(_TALL) > 100
    await expect(page.get_by_test_id("player-voicemail")).to_have_count(0)

    await player.get_by_test_id("player-toggle").click()
    await plays_from(player, 0.2)
    assert await sound(player, "duration") == pytest.approx(call["recording"]["seconds"], abs=0.5)
    await player.get_by_text("2×").click()
    assert await sound(player, "playbackRate") == 2

    await plays_from(player, 1)
    await player.locator("audio").evaluate(_NOTE_WHERE_IT_GOES_ON)
    before = await sound(player, "currentTime")
    await player.get_by_text("来电人", exact=True).click()
    goes_on = await page.evaluate("() => __goesOn")
    assert goes_on >= before
    await plays_from(player, goes_on)
    assert "side=caller" in await sound(player, "currentSrc")
    assert (await sound(player, "playbackRate"), await sound(player, "paused")) == (2, False)


async def test_arrow_keys_jump_in_a_recording(told: CallsOnPage, page: Page) -> None:
    await log_in(page, told.office.city, "supervisor", f"/calls?call={told.talk['call_id']}")
    player = page.get_by_test_id("player-mix")
    await player.get_by_test_id("player-toggle").click()
    await plays_from(player, 0.5)
    await player.get_by_test_id("player-toggle").click()
    assert await sound(player, "paused")
    begin = await sound(player, "currentTime")
    there = min(begin + 5, told.talk["recording"]["seconds"])
    for key, place in (("ArrowRight", there), ("ArrowLeft", max(0.0, there - 5)), ("ArrowLeft", 0.0)):
        await player.get_by_test_id("waveform").press(key)
        assert await sound(player, "currentTime") == pytest.approx(place, abs=0.3)
    assert there > begin + 1


async def test_a_message_that_was_left_is_heard(told: CallsOnPage, page: Page) -> None:
    call = told.message
    await log_in(page, told.office.city, "supervisor", "/calls")
    row = page.locator("tr", has=page.get_by_test_id(f"call-{call['call_id']}"))
    await expect(row.get_by_label("留言")).to_be_visible()
    await row.click()
    player = page.get_by_test_id("player-voicemail")
    await expect(player).to_contain_text("来电人留言")
    await until(lambda: player.locator("canvas").evaluate(_TALL), what="the waveform is drawn")
    await player.get_by_test_id("player-toggle").click()
    await plays_from(player, 0.5)
    assert await sound(player, "duration") == pytest.approx(call["voicemail_seconds"], abs=0.2)
    await expect(page.get_by_test_id("no-player")).to_have_count(0)
    # The recording of the wait before it stands beside it.
    await expect(page.get_by_test_id("player-mix")).to_have_count(1)
    played = await told.office.audit("recording.play")
    assert (call["call_id"], "voicemail") in [(one["target"], one["detail"]["side"]) for one in played]


async def test_who_may_not_listen_sees_so(told: CallsOnPage, page: Page) -> None:
    await log_in(page, told.office.city, "agent1", f"/calls?call={told.talk['call_id']}")
    await expect(page.get_by_test_id("no-player")).to_have_text("当前账号没有播放录音的权限")
    assert await page.locator("audio").count() == 0


async def test_filters_narrow_and_exports_hold_the_rows(told: CallsOnPage, page: Page, tmp_path: Path) -> None:
    await log_in(page, told.office.city, "supervisor", "/calls")
    talk, message = (page.get_by_test_id(f"call-{call['call_id']}") for call in (told.talk, told.message))
    await talk.wait_for()
    await message.wait_for()
    await page.get_by_test_id("filter-outcome").click()
    await page.locator(".ant-select-item-option", has_text="留言").click()
    await expect(talk).to_have_count(0)
    await message.wait_for()
    await page.get_by_test_id("filter-clear").click()
    await talk.wait_for()
    await page.get_by_test_id("filter-search").fill(told.talk["call_id"])
    await expect(message).to_have_count(0)
    await talk.wait_for()

    files = {}
    for form in ("csv", "xlsx"):
        await page.get_by_test_id("export").click()
        async with page.expect_download() as download:
            await page.get_by_test_id(f"export-{form}").click()
        file = await download.value
        assert file.suggested_filename.endswith(f".{form}")
        files[form] = tmp_path / file.suggested_filename
        await file.save_as(files[form])
    _, *rows = csv.reader(io.StringIO(files["csv"].read_text(encoding="utf-8-sig")))
    assert [row[0] for row in rows] == [told.talk["call_id"]]
    _, *rows = openpyxl.load_workbook(files["xlsx"]).worksheets[0].iter_rows(values_only=True)
    assert [row[0] for row in rows] == [told.talk["call_id"]]


async def test_a_confidential_case_hides_who_called(told: CallsOnPage, page: Page) -> None:
    """The last story here: the call stays confidential."""
    call_id = told.talk["call_id"]
    await add_user(told.office.city, "log-qa", Role.QA)
    async with told.office.city.as_user("agent1") as agent:
        await agent.post("/api/cases", call_id=call_id, confidential=True)
    await log_in(page, told.office.city, "log-qa", "/calls")
    row = page.locator("tr", has=page.get_by_test_id(f"call-{call_id}"))
    await expect(row.get_by_test_id("confidential")).to_have_text("保密")
    await expect(row).not_to_contain_text("*")
    await row.click()
    await expect(page.get_by_test_id("call-drawer")).to_contain_text("关联的工单已设为保密")
