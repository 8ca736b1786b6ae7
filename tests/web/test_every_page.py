"""Every page in both languages: no fault that axe finds, nothing wider than the window, and no address breaks it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.stories.city import City
from tests.web.conftest import DESK, log_in, window

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WEB = Path(__file__).parents[2] / "web"
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
NARROW = (375, 812)

PAGES: dict[str, tuple[str, ...]] = {
    "agent1": (
        "/workspace",
        "/calls",
        "/cases",
        "/enterprises",
        "/enterprises/{enterprise}",
        "/units",
        "/catalogue",
        "/admin/limits",
        "/account",
    ),
    "supervisor": (
        "/",
        "/calls",
        "/cases",
        "/supervision",
        "/supervision?tab=ledger",
        "/enterprises",
        "/enterprises/{enterprise}",
        "/units",
        "/units/{unit}",
        "/catalogue",
        "/admin/limits",
        "/admin/calendar",
        "/admin/messages",
        "/account",
    ),
    "admin": (
        "/",
        "/units",
        "/units/{unit}",
        "/admin/users",
        "/admin/users/{user}",
        "/admin/organisations",
        "/admin/agents",
        "/admin/agents/1001",
        "/admin/calendar",
        "/admin/messages",
        "/admin/roles",
        "/admin/health",
        "/admin/settings",
        "/account",
    ),
    "market": ("/", "/cases", "/supervision", "/account"),
    "security": ("/", "/admin/users", "/admin/users/{user}", "/admin/roles", "/admin/approvals", "/account"),
    "auditor": ("/", "/admin/audit", "/account"),
}
"""Who opens what; each page of the rail is among them."""

BAD = (
    "from=garbage&to=9999-12-31&cursor=xx&sort=password&search=%00%FF&kind=x&size=x&code=x&active=maybe"
    "&outcome=x&survey=9&user_id=x&call=x&tab=x"
)
"""An address that somebody has cut short, mistyped or made up."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """One of each that has a page."""

    enterprise: str
    unit: str
    user: str

    def fill(self, path: str) -> str:
        return path.format(enterprise=self.enterprise, unit=self.unit, user=self.user)


async def subjects(city: City) -> Subjects:
    async with city.as_user("supervisor") as api, city.as_user("admin") as admin:
        enterprises: dict[str, Any] = await api.get("/api/enterprises")
        users: dict[str, Any] = await admin.get("/api/users")
        units: list[dict[str, Any]] = await api.get("/api/units")
        return Subjects(enterprises["items"][0]["id"], units[0]["id"], users["items"][0]["id"])


STILL = """() => Promise.all(document.getAnimations()
  .filter(one => one.effect.getComputedTiming().endTime < Infinity)
  .map(one => one.finished.catch(() => null)))"""


async def faults(page: Page) -> list[str]:
    # Whatever fades in has less contrast until it is there.
    await page.evaluate(STILL)
    # By evaluate, because the Content-Security-Policy refuses a script tag, as it should.
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa']})")
    return [f"{v['id']}: {v['nodes'][0]['target']}" for v in found["violations"]]


async def is_whole(page: Page, path: str) -> None:
    """Open a page of somebody who has logged in: it is drawn, shows no refusal, and fits the window."""
    await page.goto(path)
    await page.get_by_test_id("account-menu").wait_for()
    await page.wait_for_load_state("networkidle")
    await expect(page.locator("h1").first, path).to_be_attached()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


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


async def test_an_agent_may_not_open_what_is_a_supervisors(city: City, page: Page) -> None:
    await log_in(page, city, "agent1")
    assert (await page.request.get("/api/audit")).status == 403
    assert (await page.request.get("/api/calls/export?format=csv")).status == 403


async def test_the_queue_shows_nothing_before_a_log_in(city: City, page: Page) -> None:
    await page.goto("/workspace")
    await expect(page.locator("input[type=password]")).to_be_visible()
    assert await page.get_by_test_id("screen-pop").count() == 0
