"""The agent's phone in Chromium, by what is heard at the other end: mute, hold, digits, devices, bell, registration."""

from __future__ import annotations

import re
import shutil
import tempfile
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, WebSocketRoute, async_playwright, expect

from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until
from tests.stories.city import City
from tests.stories.office import TONES, hear
from tests.web.conftest import FLAGS, find_chromium, go_to_work, window
from tests.web.test_agent_page import finish

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

_WATCH = """
  window.__bell = [];
  window.__shown = [];
  window.__microphones = [];
  window.__speakers = [];
  for (const act of ["start", "stop"]) {
    const real = AudioBufferSourceNode.prototype[act];
    AudioBufferSourceNode.prototype[act] = function (...options) {
      if (this.loop) window.__bell.push(act);
      return real.apply(this, options);
    };
  }
  const replace = RTCRtpSender.prototype.replaceTrack;
  RTCRtpSender.prototype.replaceTrack = function (track) {
    window.__microphones.push(track.getSettings().deviceId);
    return replace.call(this, track);
  };
  const sink = HTMLMediaElement.prototype.setSinkId;
  HTMLMediaElement.prototype.setSinkId = function (id) {
    window.__speakers.push(id);
    return sink.call(this, id);
  };
"""
# A tab behind another one, whose user has allowed notifications.
_HIDDEN = """
  Object.defineProperty(Document.prototype, "hidden", { get: () => true });
  Object.defineProperty(Document.prototype, "visibilityState", { get: () => "hidden" });
  Document.prototype.hasFocus = () => false;
  window.Notification = class {
    static permission = "granted";
    constructor(title) { window.__shown.push(title); }
    close() { window.__shown.push("closed"); }
  };
"""
_LEVELS = "() => [...document.querySelectorAll('.level-bar')].map((bar) => bar.getBoundingClientRect().width)"


def write_voice(path: Path, hertz: float) -> None:
    """A tone that swells as a voice does: Chromium takes an even one for noise and removes it."""
    at = np.arange(48000) / 48000
    samples = 0.5 * np.sin(2 * np.pi * hertz * at) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * at))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48000, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def singer() -> AsyncIterator[Browser]:
    """A Chromium whose microphones hear the agent's tone."""
    folder = Path(tempfile.mkdtemp(prefix="voice-"))
    write_voice(folder / "voice.wav", TONES["agent"])
    flags = [*FLAGS, f"--use-file-for-fake-audio-capture={folder / 'voice.wav'}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=flags)
        yield browser
        await browser.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(loop_scope="session")
async def context(singer: Browser, city: City) -> AsyncIterator[BrowserContext]:
    async with window(singer, city) as context:
        await context.add_init_script(_WATCH)
        yield context


async def test_mute_hold_digits_and_wrap_up(city: City, context: BrowserContext) -> None:
    page = await context.new_page()
    await go_to_work(page, city, "agent2")
    number = "13800994001"
    async with PjsuaPhone.caller(city.asterisk, number) as caller:
        caller.tone(TONES["caller"])
        await caller.call_and_wait()
        caller.press("00")
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("hang-up").wait_for()
        await hear({caller: {"agent"}})
        await page.wait_for_function(f"({_LEVELS})().every((width) => width > 20)")

        await page.get_by_test_id("mute").click()
        await hear({caller: set()})
        await page.wait_for_function(f"({_LEVELS})()[0] === 0 && ({_LEVELS})()[1] > 20")
        await page.get_by_test_id("mute").click()
        await hear({caller: {"agent"}})

        await page.get_by_test_id("hold").click()
        await hear({caller: {"music"}})
        assert (await caller.listen(1.5)).exists()
        await page.get_by_test_id("hold").click()
        await hear({caller: {"agent"}})

        await page.get_by_test_id("toggle-keypad").click()
        for key in ("5", "9", "hash"):
            await page.get_by_test_id(f"key-{key}").click()
        for digit in ("5", "9", "#"):
            await caller.wait_for("digit", digit=digit)

        await page.get_by_test_id("hang-up").click()
        left = page.get_by_test_id("wrap-up").get_by_role("timer")
        first = seconds_in(await left.inner_text())
        assert 25 <= first <= 31  # the page counts in whole seconds
        await until(lambda: counted_down(page, first), what="the wrap-up's time runs down")
        await page.get_by_test_id("extend-wrap-up").click()
        await expect(left).not_to_contain_text(re.compile(r"0:[012]\d"))
        caller.hang_up()
    await finish(page)
    record = await city.record_of(number)
    assert record["hold_seconds"] >= 1
    assert record["talk_seconds"] > record["hold_seconds"]


def seconds_in(text: str) -> int:
    minutes, seconds = re.search(r"(\d+):(\d\d)", text).groups()  # type: ignore[union-attr]
    return int(minutes) * 60 + int(seconds)


async def counted_down(page: Page, first: int) -> bool:
    left = await page.get_by_test_id("wrap-up").get_by_role("timer").inner_text()
    return seconds_in(left) <= first - 2


async def test_a_tab_in_the_background_rings_until_it_is_answered(city: City, context: BrowserContext) -> None:
    await context.add_init_script(_HIDDEN)
    page = await context.new_page()
    await go_to_work(page, city, "agent2")
    title = await page.title()
    async with PjsuaPhone.caller(city.asterisk, "13800994002") as caller:
        await caller.call_and_wait()
        caller.press("00")
        await page.wait_for_function("() => __bell.join() === 'start'")
        for sign in ("●", "○", "●"):
            await page.wait_for_function(f"() => document.title.startsWith('{sign} ')")
        assert "****4002" in await page.title()
        assert [one for one in await page.evaluate("() => __shown") if "****4002" in one]
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("hang-up").wait_for()
        assert await page.evaluate("() => __bell") == ["start", "stop"]
        assert (await page.evaluate("() => __shown"))[-1] == "closed"
        assert await page.title() == title

        await choose_devices(page)
        await hear({caller: {"agent"}})
        await page.get_by_test_id("hang-up").click()
        caller.hang_up()
    await finish(page)


async def choose_devices(page: Page) -> None:
    """Another microphone and speaker, in the middle of the talk; the choice is kept for the next page."""
    await page.get_by_test_id("phone-devices").click()
    meter = page.locator(".devices .level-bar")
    await page.wait_for_function(
        "() => document.querySelector('.devices .level-bar').getBoundingClientRect().width > 20"
    )
    await expect(meter).to_have_count(1)
    chosen = {}
    for which, kind in (("microphone", "audioinput"), ("speaker", "audiooutput")):
        label, wanted = await page.evaluate(
            """async (kind) => {
                 const all = await navigator.mediaDevices.enumerateDevices();
                 const last = all.filter((device) => device.kind === kind && device.deviceId !== "default").pop();
                 return [last.label, last.deviceId];
               }""",
            kind,
        )
        await page.get_by_test_id(f"device-{which}").click()
        await page.locator(".ant-select-item-option", has_text=label).last.click()
        chosen[which] = wanted
    await page.wait_for_function("(id) => __microphones.at(-1) === id", arg=chosen["microphone"])
    await page.wait_for_function("(id) => __speakers.at(-1) === id", arg=chosen["speaker"])
    kept = await page.evaluate("() => JSON.parse(localStorage.getItem('hotline.devices'))")
    assert {which: kept[which] for which in chosen} == chosen
    await page.keyboard.press("Escape")


async def test_a_lost_registration_is_shown_and_regained(city: City, context: BrowserContext) -> None:
    page = await context.new_page()
    links: list[WebSocketRoute] = []
    away = False

    async def carry(socket: WebSocketRoute) -> None:
        if away:
            await socket.close()
            return
        socket.connect_to_server()
        links.append(socket)

    await page.route_web_socket(re.compile(f":{city.settings.asterisk.web_port}/ws"), carry)
    await go_to_work(page, city, "agent2")
    status = page.get_by_test_id("phone-status")
    await expect(status).to_have_attribute("data-registration", "registered")
    away = True
    await links[-1].close()
    await expect(status).to_have_attribute("data-registration", "lost")
    await expect(status).to_contain_text("正在自动重连")
    away = False
    await expect(status).to_have_attribute("data-registration", "registered")
    await expect(status).to_contain_text("话机已就绪")
    await page.get_by_test_id("sign-out").click()
    await expect(status).to_have_attribute("data-registration", "off")
