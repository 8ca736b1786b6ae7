"""Every page: no accessibility fault that axe finds, nothing wider than the window, a way back from nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.stories.city import City
from tests.web.conftest import log_in

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


async def faults(page: Page) -> list[str]:
    # By evaluate, because the Content-Security-Policy refuses a script tag, as it should.
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa']})")
    return [f"{v['id']}: {v['nodes'][0]['target']}" for v in found["violations"]]


async def test_pages_without_a_log_in(city: City, small_page: Page) -> None:
    for path, there in (("/call", "caller-call"), ("/workspace", None), ("/nowhere", None)):
        await small_page.goto(path)
        if there:
            await small_page.get_by_test_id(there).wait_for()
        await small_page.wait_for_load_state("networkidle")
        assert await faults(small_page) == [], path
        assert await small_page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


async def test_pages_of_an_agent(city: City, page: Page) -> None:
    await log_in(page, city, "agent1")
    for path in ("/", "/workspace", "/calls"):
        await page.goto(path)
        await page.get_by_test_id("account-menu").wait_for()
        await page.wait_for_load_state("networkidle")
        assert await faults(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


async def test_an_agent_may_not_open_what_is_a_supervisors(city: City, page: Page) -> None:
    await log_in(page, city, "agent1")
    assert (await page.request.get("/api/audit")).status == 403
    assert (await page.request.get("/api/calls/export?format=csv")).status == 403


async def test_the_queue_shows_nothing_before_a_log_in(city: City, page: Page) -> None:
    await page.goto("/workspace")
    await expect(page.locator("input[type=password]")).to_be_visible()
    assert await page.get_by_test_id("screen-pop").count() == 0
