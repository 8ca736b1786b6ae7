"""Entries at hand: starred on a page, then opened and cited by keyboard before anything is typed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.stories.city import City
from tests.web.conftest import DESK, log_in
from tests.web.pages import NARROW, faults

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PICTURES = os.environ.get("KNOWLEDGE_PICTURES", "")
"""A folder, for whoever wants to look at the page."""


async def is_fit(page: Page, name: str) -> None:
    for width, height in (NARROW, DESK):
        await page.set_viewport_size({"width": width, "height": height})
        if PICTURES:
            await page.screenshot(path=Path(PICTURES) / f"{name}_{width}.png")
        assert await faults(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.timeout(240)
async def test_a_starred_entry_is_opened_and_cited_by_keyboard(city: City, page: Page) -> None:
    async with city.as_user("agent1") as api:
        found: dict[str, Any] = await api.get("/api/knowledge", limit=50)
        entry = next(row for row in found["items"] if row["scope"] == "public")
        consult = {"type": "consult", "title": "怎么办理", "content": "来电咨询。"}
        case = await api.post("/api/cases", **consult)
    await log_in(page, city, "agent1", f"/knowledge/{entry['id']}")
    star = page.get_by_test_id("entry-star")
    await expect(star).to_be_enabled()
    await star.focus()
    await page.keyboard.press("Enter")
    await expect(star).to_have_text("已收藏")
    await expect(star).to_have_attribute("aria-pressed", "true")
    await is_fit(page, "starred")
    await page.goto("/knowledge")
    chip = page.get_by_test_id("quick-entries").get_by_role("button", name=entry["title"])
    await chip.focus()
    await is_fit(page, "quick_list")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text(entry["title"])

    await page.goto(f"/cases/{case['number']}")
    await page.get_by_test_id("action-close_direct").click()
    await chip.wait_for()
    await is_fit(page, "quick_cite")
    await chip.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("cite")).to_contain_text(entry["title"])
    await expect(page.get_by_test_id("quick-entries")).to_have_count(0)
    await page.goto(f"/knowledge/{entry['id']}")
    await star.click()
    await expect(star).to_have_text("收藏")
