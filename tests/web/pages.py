"""The pages of the rail, who opens them, what is true of each, and how their forms are filled."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from tests.stories.city import City

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
        "/units/{unit}/roster",
        "/units/specialists/{specialist}",
        "/catalogue",
        "/knowledge",
        "/knowledge/requests",
        "/knowledge/requests?tab=gaps",
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
        "/units/{unit}/roster",
        "/units/specialists/{specialist}",
        "/units/specialists/{specialist}?edit",
        "/units/specialists/{specialist}?tab=calls",
        "/catalogue",
        "/admin/limits",
        "/admin/calendar",
        "/flows/announcements",
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
        "/flows/announcements",
        "/flows/prompts",
        "/flows/prompts/welcome",
        "/flows/prompts/digits.7",
        "/admin/messages",
        "/admin/roles",
        "/admin/health",
        "/admin/settings",
        "/flows",
        "/flows/enterprise",
        "/flows/enterprise?form=list",
        "/flows/enterprise?form=text",
        "/flows/enterprise?tab=replays",
        "/flows/enterprise?tab=versions",
        "/flows/enterprise?tab=history",
        "/flows/enterprise?tab=numbers",
        "/account",
    ),
    "knowledge": (
        "/",
        "/knowledge",
        "/knowledge?list=to_publish",
        "/knowledge/requests",
        "/knowledge/new",
        "/knowledge/{entry}",
        "/account",
    ),
    "market": ("/", "/cases", "/supervision", "/account"),
    "specialist": ("/", "/units/specialists/{specialist}"),
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
    specialist: str
    """With a roster."""
    entry: str
    """Of the knowledge base."""

    def fill(self, path: str) -> str:
        return path.format(**asdict(self))


async def subjects(city: City) -> Subjects:
    async with city.as_user("supervisor") as api, city.as_user("admin") as admin:
        enterprises: dict[str, Any] = await api.get("/api/enterprises")
        users: dict[str, Any] = await admin.get("/api/users")
        units: list[dict[str, Any]] = await api.get("/api/units")
        on_roster = next(one["id"] for unit in units for one in unit["specialists"] if one["name"] == "魏东")
        entries: dict[str, Any] = await api.get("/api/knowledge", search="企业设立登记")
        return Subjects(
            enterprise=enterprises["items"][0]["id"],
            unit=units[0]["id"],
            user=users["items"][0]["id"],
            specialist=on_roster,
            entry=entries["items"][0]["id"],
        )


STILL = """() => Promise.race([
  new Promise(done => setTimeout(done, 5000)),
  Promise.all(document.getAnimations()
    .filter(one => one.effect.getComputedTiming().endTime < Infinity)
    .map(one => one.finished.catch(() => null))).then(() => null),
])"""
"""Whatever still moves after five seconds is looked at as it is."""


async def faults(page: Page) -> list[str]:
    # By evaluate, because the Content-Security-Policy refuses a script tag, as it should.
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    # Whatever fades in or out has less contrast meanwhile: a message may do so while axe looks, but not twice.
    return await _faults_now(page) and await _faults_now(page)


async def _faults_now(page: Page) -> list[str]:
    await page.evaluate(STILL)
    found = await page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa']})")
    return [f"{v['id']}: {v['nodes'][0]['target']}" for v in found["violations"]]


async def is_whole(page: Page, path: str) -> None:
    """Open a page of somebody who has logged in: it is drawn, shows no refusal, and fits the window."""
    await page.goto(path)
    await page.get_by_test_id("account-menu").wait_for()
    await page.wait_for_load_state("networkidle")
    await expect(page.locator("h1").first, path).to_be_attached()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


async def choose(page: Page, test_id: str, words: str) -> None:
    """Pick from a select or a tree, by typing."""
    control = page.get_by_test_id(test_id)
    await control.click()
    await page.keyboard.type(words)
    await page.locator(".ant-select-dropdown:not(.ant-select-dropdown-hidden)").get_by_text(words).last.click()


async def pick(page: Page, test_id: str, words: str) -> None:
    """Pick from a short list."""
    await page.get_by_test_id(test_id).click()
    option = page.locator(".ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option")
    # The list that was open before may still be on its way out.
    await option.filter(has_text=re.compile(f"^{words}$")).last.click()
