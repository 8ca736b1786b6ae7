"""A telephony admin finds a prompt, has other words spoken, records one by the microphone, and goes back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.ivr.prompts.sounds import as_file, tone
from tests.stories.city import City
from tests.web.conftest import log_in, window
from tests.web.pages import NARROW, choose, faults

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SLOW = 30_000
"""Milliseconds for what the voice speaks, and for a list of two hundred sounds, on a busy machine."""
PICTURES = os.environ.get("PROMPT_PICTURES", "")
"""A folder, for whoever wants to look at the pages."""


async def shoot(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def on_the_line(city: City, name: str) -> bytes:
    return (city.settings.sounds / f"zh/hotline/{name}.alaw").read_bytes()


async def test_words_are_changed_recorded_and_restored(city: City, page: Page) -> None:
    await log_in(page, city, "admin", "/flows")
    await page.get_by_test_id("tab-prompts").click()
    await expect(page.get_by_text("您好，欢迎致电12345政务服务便民热线。").first).to_be_visible(timeout=SLOW)
    await shoot(page, "prompts")
    await page.get_by_test_id("prompt-search").fill("silent-close")
    await expect(page.locator("tr[data-row-key]")).to_have_count(1, timeout=SLOW)
    await page.get_by_role("link", name="silent-close").click()
    shipped = on_the_line(city, "silent-close")
    panel = page.get_by_test_id("prompt-zh")
    await panel.get_by_test_id("prompt-words").locator("summary").click()
    await panel.get_by_label("文字").fill("通话即将结束，再见。")
    await panel.get_by_test_id("prompt-try").click()
    await expect(panel.get_by_test_id("prompt-trial")).to_be_visible(timeout=SLOW)
    assert on_the_line(city, "silent-close") == shipped
    await shoot(page, "words")
    await panel.get_by_test_id("form-save").click()
    await expect(panel.get_by_test_id("prompt-text")).to_have_text("通话即将结束，再见。", timeout=SLOW)
    spoken = on_the_line(city, "silent-close")
    assert spoken != shipped

    await panel.get_by_test_id("prompt-recording").locator("summary").click()
    await panel.get_by_test_id("prompt-mic").click()
    await expect(panel.get_by_test_id("prompt-stop")).to_be_visible()
    # The browser's own microphone beeps once a second: one second at least has to pass.
    await page.wait_for_function("() => document.querySelector('.level-bar')?.style.transform > 'scaleX(0.1'")
    await panel.get_by_test_id("prompt-stop").click()
    await expect(panel.get_by_test_id("prompt-taken")).to_be_visible(timeout=SLOW)
    # Its beeps are shorter than any speech: what is used is a file.
    tone_file = FilePayload(name="tone.wav", mimeType="audio/wav", buffer=as_file(tone(1.5)))
    await panel.get_by_test_id("prompt-file").set_input_files(tone_file)
    await panel.get_by_test_id("prompt-use").click()
    await expect(panel.get_by_test_id("prompt-versions").locator("li").first).to_contain_text("正在使用")
    await expect(panel.get_by_test_id("prompt-versions").locator("li")).to_have_count(3, timeout=SLOW)
    await shoot(page, "recorded")
    assert on_the_line(city, "silent-close") not in (shipped, spoken)

    await panel.get_by_test_id("prompt-restore-0").click()
    await page.get_by_role("dialog").get_by_role("button", name="恢复").click()
    await expect(panel.get_by_test_id("prompt-versions").locator("li")).to_have_count(4, timeout=SLOW)
    assert on_the_line(city, "silent-close") == shipped


async def test_a_file_that_is_no_sound_is_refused_in_words(city: City, page: Page) -> None:
    await log_in(page, city, "admin", "/flows/prompts/silent-second")
    before = on_the_line(city, "silent-second")
    panel = page.get_by_test_id("prompt-zh")
    await panel.get_by_test_id("prompt-recording").locator("summary").click()
    letter = FilePayload(name="letter.wav", mimeType="audio/wav", buffer=b"Dear hotline")
    await panel.get_by_test_id("prompt-file").set_input_files(letter)
    await panel.get_by_test_id("prompt-use").click()
    await expect(panel.get_by_role("alert")).to_contain_text("不能使用")
    assert on_the_line(city, "silent-second") == before


async def test_a_supervisor_listens_and_changes_nothing(city: City, page: Page) -> None:
    await log_in(page, city, "supervisor", "/flows/prompts/welcome")
    await expect(page.get_by_test_id("prompt-uses")).to_contain_text("欢迎语")
    await expect(page.get_by_test_id("prompt-words")).to_have_count(0)
    player = page.get_by_test_id("prompt-zh").locator("audio").first
    await player.evaluate("one => one.play()")
    assert await player.evaluate("one => one.duration") > 1


async def test_what_is_wrong_can_be_listed(city: City, page: Page) -> None:
    await log_in(page, city, "admin", "/flows/prompts")
    await choose(page, "prompt-state", "没有流程使用")
    await expect(page.locator("tr[data-row-key]").first).to_contain_text("没有流程播放这句话", timeout=SLOW)
    await page.goto("/flows/prompts?state=missing&search=nothing-like-this")
    await expect(page.get_by_test_id("empty")).to_be_visible()
    await shoot(page, "none")


async def test_prompts_on_a_phone(browser: Browser, city: City) -> None:
    async with window(browser, city, size=NARROW) as context:
        page = await context.new_page()
        await log_in(page, city, "admin", "/flows/prompts?search=welcome")
        await expect(page.get_by_text("您好，欢迎致电12345政务服务便民热线。").first).to_be_visible(timeout=SLOW)
        await shoot(page, "narrow-list")
        assert await faults(page) == []
        await page.goto("/flows/prompts/welcome")
        await expect(page.get_by_test_id("prompt-versions").first).to_be_visible()
        await shoot(page, "narrow-one")
        assert await faults(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
