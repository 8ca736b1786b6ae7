"""The calendar page: an unpublished year is loud, its days are clicked and saved, a limit explains itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.stories.city import City
from tests.web.conftest import log_in, window
from tests.web.pages import NARROW, faults

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PICTURES = os.environ.get("CALENDAR_PICTURES", "")
"""A folder, for whoever wants to look at the page."""


async def shoot(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


async def choose(page: Page, year: int) -> None:
    await page.get_by_test_id("calendar-year").click()
    await page.locator(".ant-select-item-option", has_text=str(year)).click()


async def test_a_limit_is_tried_and_explained(city: City, page: Page) -> None:
    await log_in(page, city, "supervisor", "/admin/calendar")
    await page.locator("input[type=datetime-local]").fill("2026-09-30T17:00")
    await page.get_by_test_id("calendar-try").click()
    result = page.get_by_test_id("calendar-result")
    await expect(result).to_contain_text("到期：2026-10-13 17:00:00")
    await expect(result).to_contain_text("5 个工作日，自 09-30 17:00 起；10-01…07 放假；10-10 调休上班")
    await shoot(page, "desk")


async def test_the_next_year_is_published_by_clicking_its_days(city: City, page: Page) -> None:
    await log_in(page, city, "supervisor", "/admin/calendar")
    await choose(page, 2027)
    await expect(page.get_by_test_id("calendar-unpublished")).to_contain_text("2027 年的调休安排尚未公布")
    await shoot(page, "unpublished")
    day = page.get_by_role("button", name="2027-03-06")
    await day.click()
    await day.click()
    await expect(day).to_have_accessible_name("2027-03-06 调休上班")
    await page.get_by_test_id("calendar-save").click()
    form = page.get_by_test_id("calendar-notice")
    await form.get_by_label("来源").fill("国办发明电〔2026〕1号")
    await form.get_by_label("全年调休安排已公布").check()
    await form.get_by_test_id("form-save").click()
    await expect(page.get_by_text("国办发明电〔2026〕1号")).to_be_visible()
    await expect(page.get_by_test_id("calendar-unpublished")).to_have_count(0)


async def test_on_a_phone_nothing_is_cut_off(browser: Browser, city: City) -> None:
    async with window(browser, city, size=NARROW) as context:
        page = await context.new_page()
        await log_in(page, city, "supervisor", "/admin/calendar")
        await page.get_by_test_id("calendar-grid").wait_for()
        await shoot(page, "phone")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await faults(page) == []
        await page.get_by_test_id("hours-new").click()
        await page.get_by_test_id("hours-form").wait_for()
        await shoot(page, "form")
