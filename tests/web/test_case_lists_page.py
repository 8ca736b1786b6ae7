"""The work lists and the home page in Chromium, over the real service and the demo city."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from hotline.kernel.ids import uuid7
from tests.stories.city import Api, City
from tests.web.conftest import log_in, window
from tests.web.pages import NARROW, faults

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PICTURES = os.environ.get("HOTLINE_PICTURES")


async def picture(page: Page, name: str) -> None:
    """For whoever looks: into the directory that HOTLINE_PICTURES names."""
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png")


async def move(api: Api, case: dict[str, Any], action: str, **detail: Any) -> dict[str, Any]:
    body = {"version": case["version"], "request_id": uuid7(), **detail}
    moved: dict[str, Any] = await api.post(f"/api/cases/{case['id']}/{action}", **body)
    return moved


async def submitted(city: City, title: str) -> dict[str, Any]:
    async with city.as_user("agent1") as api:
        fields = {"type": "consult", "title": title, "content": "开饭店要哪些证？", "callback_number": "13912345678"}
        return await move(api, await api.post("/api/cases", **fields), "submit")


async def is_fit(page: Page) -> None:
    assert await faults(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_dispatcher_finds_filters_and_claims_the_next_case(city: City, page: Page) -> None:
    case = await submitted(city, "夜市摊位如何办照")
    await log_in(page, city, "dispatcher", "/")
    work = page.get_by_test_id("work-to_review")
    await expect(work).to_contain_text("待审核")
    await is_fit(page)
    await picture(page, "home-dispatcher")
    await work.click()
    await expect(page).to_have_url(re.compile(r"/cases\?list=to_review"))
    row = page.get_by_test_id(f"case-{case['number']}")
    await row.wait_for()
    await is_fit(page)
    await picture(page, "list-dispatcher")
    await page.get_by_test_id("case-search").fill("夜市摊位")
    await expect(page).to_have_url(re.compile("search="))
    await expect(page.locator("tbody tr[data-row-key]")).to_have_count(1)
    await page.locator("tbody tr[data-row-key]").focus()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(case["number"]))
    await page.goto("/cases?list=to_review")
    await page.get_by_test_id("claim-next").click()
    await expect(page).to_have_url(re.compile(r"/cases/\d"))
    async with city.as_user("dispatcher") as api:
        mine = (await api.get("/api/worklists/claimed"))["items"]
    # The demo city's dispatcher has claimed one that is to be dispatched.
    assert len([row for row in mine if row["state"] == "pending_review"]) == 1


async def test_many_are_dispatched_with_a_report(city: City, page: Page) -> None:
    async with city.as_user("dispatcher") as api:
        for title in ("批量一", "批量二"):
            await move(api, await submitted(city, title), "approve")
    await log_in(page, city, "dispatcher", "/cases?list=to_dispatch&search=批量")
    await expect(page.locator("tbody tr[data-row-key]")).to_have_count(2)
    await page.get_by_role("checkbox", name="选择本页").check()
    await page.get_by_test_id("bulk-dispatch").click()
    await page.get_by_role("combobox", name="承办单位").click()
    await page.keyboard.press("Enter")
    await page.get_by_test_id("bulk-run").click()
    await expect(page.get_by_test_id("bulk-report")).to_contain_text("成功 2 件")
    await picture(page, "bulk-report")
    await page.get_by_test_id("bulk-close").click()
    await expect(page.get_by_test_id("empty")).to_be_visible()


async def test_a_view_is_saved_and_opened_by_its_address(city: City, page: Page) -> None:
    await log_in(page, city, "supervisor", "/cases?list=all&type=help&sort=-updated")
    await page.get_by_test_id("views").click()
    await page.get_by_test_id("view-name").fill("求助")
    await page.get_by_test_id("view-save").click()
    link = page.get_by_role("link", name="求助", exact=True)
    await link.wait_for()
    await is_fit(page)
    await picture(page, "views")
    assert await link.get_attribute("href") == "/cases?list=all&type=help&sort=-updated"


async def test_the_list_on_a_phone_is_of_cards(city: City, browser: Browser) -> None:
    case = await submitted(city, "手机上看")
    async with window(browser, city, size=NARROW) as context:
        page = await context.new_page()
        await log_in(page, city, "dispatcher", "/cases?list=to_review&sort=-created")
        card = page.get_by_test_id(f"case-{case['number']}")
        await expect(card).to_contain_text("手机上看")
        await is_fit(page)
        await picture(page, "list-phone")
        await page.goto("/cases?list=extension_requests&search=没有这样的工单")
        await page.get_by_test_id("empty").wait_for()
        await is_fit(page)
        await picture(page, "list-phone-empty")
