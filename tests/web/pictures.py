"""Makes the pictures of the README and the docs: `python -m tests.web.pictures`."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import City, build_city
from tests.web.conftest import FLAGS, go_to_work, log_in

IMAGES = Path(__file__).parents[2] / "docs" / "images"
KNOWN = "13904730001"


async def main() -> None:
    chromium = shutil.which("chromium")
    async with build_city() as city, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        await _caller(browser, city)
        await _desk(browser, city)
        await _calls(browser, city)
        await browser.close()


async def _caller(browser: Browser, city: City) -> None:
    page = await _page(browser, city, 390, 844)
    await page.goto("/call")
    await page.get_by_test_id("caller-call").wait_for()
    await _shoot(page, "call")


async def _desk(browser: Browser, city: City) -> None:
    page = await _page(browser, city, 1366, 768)
    await go_to_work(page, city, "agent1")
    async with PjsuaPhone.caller(city.asterisk, KNOWN) as caller:
        await caller.call_and_wait()
        await page.get_by_test_id("answer").wait_for()
        await page.get_by_test_id("enterprise-card").wait_for()
        await _shoot(page, "workspace")
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("hang-up").wait_for()
        await page.wait_for_timeout(4000)
        await page.get_by_test_id("hang-up").click()
        caller.hang_up()
    await page.get_by_test_id("finish-wrap-up").click()


async def _calls(browser: Browser, city: City) -> None:
    await city.record_of(KNOWN)
    page = await _page(browser, city, 1366, 768)
    await log_in(page, city, "supervisor", "/calls")
    await page.locator("[data-testid^=call-0]").first.click()
    await page.get_by_test_id("waveform").wait_for()
    await page.wait_for_timeout(1500)
    await _shoot(page, "calls")


async def _page(browser: Browser, city: City, width: int, height: int) -> Page:
    context = await browser.new_context(
        base_url=city.address,
        permissions=["microphone"],
        viewport={"width": width, "height": height},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    return await context.new_page()


async def _shoot(page: Page, name: str) -> None:
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    asyncio.run(main())
