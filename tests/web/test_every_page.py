"""Every page in both languages: no fault that axe finds, and nothing wider than the window."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.stories.city import City
from tests.web.conftest import log_in
from tests.web.pages import PAGES, WEB, faults, is_whole, subjects

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_list_of_pages_is_whole() -> None:
    sections = (WEB / "src" / "app" / "sections.tsx").read_text(encoding="utf-8")
    paths = {line.split('"')[1] for line in sections.splitlines() if line.strip().startswith('path: "')}
    assert len(paths) > 10
    assert paths <= {path for some in PAGES.values() for path in some}


async def test_pages_without_a_log_in(city: City, small_page: Page) -> None:
    for path, there in (("/call", "caller-call"), ("/workspace", None), ("/nowhere", None)):
        await small_page.goto(path)
        if there:
            await small_page.get_by_test_id(there).wait_for()
        await small_page.wait_for_load_state("networkidle")
        assert await faults(small_page) == [], path
        assert await small_page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.mark.timeout(300)  # axe, twice on each of a dozen pages
@pytest.mark.parametrize("username", PAGES)
async def test_pages_of_a_user(city: City, page: Page, username: str) -> None:
    some = await subjects(city)
    await log_in(page, city, username, "/")
    for language in ("zh", "en"):
        if language == "en":
            await page.get_by_role("button", name="English").click()
        for path in PAGES[username]:
            await is_whole(page, some.fill(path))
            assert await page.locator(".failed").count() == 0, (language, path)
            assert await faults(page) == [], (language, path)


async def test_an_agent_may_not_open_what_is_a_supervisors(city: City, page: Page) -> None:
    await log_in(page, city, "agent1")
    assert (await page.request.get("/api/audit")).status == 403
    assert (await page.request.get("/api/calls/export?format=csv")).status == 403


async def test_the_queue_shows_nothing_before_a_log_in(city: City, page: Page) -> None:
    await page.goto("/workspace")
    await expect(page.locator("input[type=password]")).to_be_visible()
    assert await page.get_by_test_id("screen-pop").count() == 0
