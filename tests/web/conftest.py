"""Chromium beside the city of the stories."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.stories.city import AgentPage, City
from tests.stories.conftest import city, the_city  # noqa: F401  # fixtures
from tests.stories.office import off_duty
from tests.web.hall import hall  # noqa: F401  # fixture

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


DESK, PHONE = (1366, 768), (390, 844)
_working: dict[BrowserContext, list[str]] = {}
"""Who went to work in which window."""


@contextlib.asynccontextmanager
async def window(
    browser: Browser,
    city: City,  # noqa: F811
    *,
    size: tuple[int, int] = DESK,
    locale: str = "zh-CN",
    zone: str | None = None,
    touch: bool = False,
) -> AsyncIterator[BrowserContext]:
    """A window with a microphone. What its pages throw fails the test; who went to work there is signed out."""
    width, height = size
    context = await browser.new_context(
        base_url=city.address,
        permissions=["microphone"],
        viewport={"width": width, "height": height},
        locale=locale,
        timezone_id=zone,
        has_touch=touch,
    )
    context.set_default_timeout(15_000)
    thrown: list[str] = []
    context.on("weberror", lambda error: thrown.append(str(error.error)))
    try:
        yield context
    finally:
        await context.close()
        await all_leave(context, city)
    assert not thrown


async def all_leave(context: BrowserContext, city: City) -> None:  # noqa: F811
    """After the window is closed: whoever went to work in it and has not signed out, does."""
    for username in _working.pop(context, ()):
        async with city.as_user(username) as api, api.http.ws_connect("/api/workspace/socket") as socket:
            workspace = AgentPage(api, socket)
            try:
                await workspace.wait(lambda d: d.agent, what="a snapshot")
                await off_duty(workspace)
            finally:
                workspace.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, city: City) -> AsyncIterator[Page]:  # noqa: F811
    """A desktop page."""
    async with window(browser, city) as context:
        yield await context.new_page()


@pytest_asyncio.fixture(loop_scope="session")
async def small_page(browser: Browser, city: City) -> AsyncIterator[Page]:  # noqa: F811
    """A phone's page, of somebody who has not logged in."""
    async with window(browser, city, size=PHONE) as context:
        yield await context.new_page()


async def log_in(page: Page, city: City, username: str, path: str = "/workspace") -> None:  # noqa: F811
    await page.goto(path)
    await page.fill("input[autocomplete=username]", username)
    await page.fill("input[type=password]", city.passwords[username])
    await page.keyboard.press("Enter")
    await page.get_by_test_id("account-menu").wait_for()


async def go_to_work(page: Page, city: City, username: str) -> None:  # noqa: F811
    """Log in, sign in with the browser's phone and be ready."""
    await log_in(page, city, username)
    _working.setdefault(page.context, []).append(username)
    await page.get_by_test_id("sign-in").click()
    await page.get_by_test_id("sign-in-confirm").click()
    await page.get_by_test_id("go-ready").click()
    await page.get_by_test_id("go-ready").wait_for(state="detached")
