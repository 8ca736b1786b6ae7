"""The figures of the knowledge base, for whoever publishes it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.stories.city import City
from tests.web.conftest import DESK, log_in
from tests.web.pages import NARROW, faults

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PICTURES = os.environ.get("KNOWLEDGE_PICTURES", "")
"""A folder, for whoever wants to look at the page."""


@pytest.mark.timeout(180)
async def test_each_figure_says_what_it_is_made_of(city: City, page: Page) -> None:
    await log_in(page, city, "knowledge", "/knowledge")
    panel = page.get_by_test_id("knowledge-figures")
    await panel.locator("summary").focus()
    await page.keyboard.press("Enter")
    reviewed = panel.get_by_test_id("figure-reviewed")
    await expect(reviewed).to_contain_text("÷")
    await expect(reviewed).to_contain_text("时段内到期的")
    for name in ("direct", "times", "gaps"):
        await expect(panel.get_by_test_id(f"figure-{name}")).to_be_visible()
    await panel.get_by_text("近 90 天").click()
    await expect(panel.get_by_test_id("figure-direct")).to_be_visible()
    for width, height in (NARROW, DESK):
        await page.set_viewport_size({"width": width, "height": height})
        await expect(panel.get_by_test_id("figure-direct")).to_be_visible()
        if PICTURES:
            await page.screenshot(path=Path(PICTURES) / f"figures_{width}.png")
        assert await faults(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
