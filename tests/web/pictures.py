"""Makes the pictures of the README and the docs: `python -m tests.web.pictures [FOLDER]`."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import City, build_city
from tests.web.conftest import DESK, FLAGS, PHONE, go_to_work, log_in
from tests.web.test_every_page import Subjects, subjects

IMAGES = Path(__file__).parents[2] / "docs" / "images"
KNOWN, ALSO_KNOWN = "13904730001", "13904730009"
PAGES = {
    "supervisor": {"enterprises": "/enterprises", "enterprise": "/enterprises/{enterprise}", "units": "/units"},
    "admin": {
        "home": "/",
        "users": "/admin/users",
        "agents": "/admin/agents",
        "roles": "/admin/roles",
        "health": "/admin/health",
        "settings": "/admin/settings",
    },
    "auditor": {"audit": "/admin/audit"},
    "agent1": {"account": "/account"},
}
"""Pages as they are when somebody opens them: who, the picture's name, the address."""


async def main(folder: Path) -> None:
    chromium = shutil.which("chromium")
    async with build_city() as city, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        await _caller(browser, city, folder)
        await _workspace(browser, city, folder)
        await _calls(browser, city, folder)
        some = await subjects(city)
        for username, pages in PAGES.items():
            await _pages(browser, city, folder, username, pages, some)
        await browser.close()


async def _caller(browser: Browser, city: City, folder: Path) -> None:
    page = await _page(browser, city, PHONE)
    await page.goto("/call")
    await page.get_by_test_id("caller-call").wait_for()
    await _shoot(page, folder, "call")


async def _workspace(browser: Browser, city: City, folder: Path) -> None:
    """A known enterprise rings while another one waits."""
    page = await _page(browser, city, DESK)
    await go_to_work(page, city, "agent1")
    async with (
        PjsuaPhone.caller(city.asterisk, KNOWN) as caller,
        PjsuaPhone.caller(city.asterisk, ALSO_KNOWN) as next_one,
    ):
        await caller.call_and_wait()
        await page.get_by_test_id("answer").wait_for()
        await next_one.call_and_wait()
        next_one.press("1")
        await page.get_by_test_id("enterprise-card").wait_for()
        await page.get_by_test_id("case-title").wait_for()
        await page.locator(".queue-figures strong", has_text="2").first.wait_for()
        await _shoot(page, folder, "workspace")
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("hang-up").wait_for()
        await page.wait_for_timeout(4000)  # they talk
        next_one.hang_up()
        await page.get_by_test_id("hang-up").click()
        caller.hang_up()
    await page.get_by_test_id("finish-wrap-up").click()
    await page.get_by_test_id("sign-out").click()


async def _calls(browser: Browser, city: City, folder: Path) -> None:
    record = await city.record_of(KNOWN)
    await city.record_of(ALSO_KNOWN)
    page = await _page(browser, city, DESK)
    await log_in(page, city, "supervisor", "/calls")
    await page.get_by_test_id(f"call-{record['call_id']}").click()
    await page.get_by_test_id("waveform").wait_for()
    await page.wait_for_timeout(1500)  # the waveform is drawn
    await _shoot(page, folder, "calls")


async def _pages(
    browser: Browser, city: City, folder: Path, username: str, pages: dict[str, str], some: Subjects
) -> None:
    page = await _page(browser, city, DESK)
    await log_in(page, city, username, "/account")
    for name, path in pages.items():
        await page.goto(some.fill(path))
        await page.get_by_test_id("account-menu").wait_for()
        await page.locator("h1").first.wait_for()
        await _shoot(page, folder, name)


async def _page(browser: Browser, city: City, size: tuple[int, int]) -> Page:
    width, height = size
    context = await browser.new_context(
        base_url=city.address,
        permissions=["microphone"],
        viewport={"width": width, "height": height},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    return await context.new_page()


async def _shoot(page: Page, folder: Path, name: str) -> None:
    await page.wait_for_load_state("networkidle")
    await page.wait_for_function("() => document.querySelector('.ant-spin-spinning, .ant-skeleton') === null")
    await page.screenshot(path=folder / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES))
