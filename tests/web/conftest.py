"""Chromium beside the city of the stories."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.stories.city import City
from tests.stories.conftest import city, the_city  # noqa: F401  # fixtures

# The first lets root start it; then a microphone that beeps; the rest keep it from calling home.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)


def find_chromium() -> str:
    """Where Chromium is. Without one the test is skipped; on a CI machine, where nobody reads of skips, it fails."""
    chromium = shutil.which("chromium")
    if chromium is None and os.environ.get("CI"):
        pytest.fail("There is no chromium on PATH, and CI is set: the tests of the pages must run here.", pytrace=False)
    if chromium is None:
        pytest.skip("no chromium on PATH")
    return chromium


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    chromium = find_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, city: City) -> AsyncIterator[Page]:  # noqa: F811
    """A desktop page; what it throws fails the test."""
    context = await browser.new_context(
        base_url=city.address, permissions=["microphone"], viewport={"width": 1366, "height": 768}, locale="zh-CN"
    )
    page = await context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    page.set_default_timeout(15_000)
    yield page
    await context.close()
    assert not thrown


@pytest_asyncio.fixture(loop_scope="session")
async def small_page(browser: Browser, city: City) -> AsyncIterator[Page]:  # noqa: F811
    """A phone's page, of somebody who has not logged in."""
    context = await browser.new_context(
        base_url=city.address, permissions=["microphone"], viewport={"width": 390, "height": 844}, locale="zh-CN"
    )
    page = await context.new_page()
    page.set_default_timeout(15_000)
    yield page
    await context.close()


async def log_in(page: Page, city: City, username: str, path: str = "/desk") -> None:  # noqa: F811
    await page.goto(path)
    await page.fill("input[autocomplete=username]", username)
    await page.fill("input[type=password]", city.passwords[username])
    await page.keyboard.press("Enter")
    await page.get_by_test_id("account-menu").wait_for()


async def go_to_work(page: Page, city: City, username: str) -> None:  # noqa: F811
    """Log in, sign in with the browser's phone and be ready."""
    await log_in(page, city, username)
    await page.get_by_test_id("sign-in").click()
    await page.get_by_test_id("sign-in-confirm").click()
    await page.get_by_test_id("go-ready").click()
    await page.get_by_test_id("go-ready").wait_for(state="detached")
