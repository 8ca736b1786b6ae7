"""Every page on a phone, and with an address that somebody has cut short, mistyped or made up."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.stories.city import City
from tests.web.conftest import DESK, log_in, window
from tests.web.pages import BAD, NARROW, PAGES, is_whole, subjects

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("username", PAGES)
async def test_pages_on_a_phone(city: City, browser: Browser, username: str) -> None:
    some = await subjects(city)
    async with window(browser, city, size=NARROW) as context:
        page = await context.new_page()
        await log_in(page, city, username, "/")
        for path in PAGES[username]:
            await is_whole(page, some.fill(path))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("username", PAGES)
async def test_a_bad_address_breaks_no_page(city: City, browser: Browser, username: str) -> None:
    """What a page throws fails the test by `window`."""
    some = await subjects(city)
    async with window(browser, city, size=DESK) as context:
        page = await context.new_page()
        await log_in(page, city, username, "/")
        for path in PAGES[username]:
            await is_whole(page, f"{some.fill(path)}?{BAD}")
            await expect(page.locator(".whole-page pre"), path).to_have_count(0)
            await expect(page.locator(".data-table .failed, .calls > .failed"), path).to_have_count(0)
