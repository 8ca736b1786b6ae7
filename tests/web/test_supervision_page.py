"""Supervision in Chromium: a supervisor issues a task, the unit answers on a phone, and two supervisors end it."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.web.conftest import log_in, window
from tests.web.hall import CityHall
from tests.web.pages import NARROW, faults

pytestmark = [
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="session"),
]


async def is_fit(page: Page) -> None:
    assert await faults(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def answer(page: Page, action: str, text: str, *, unanswered: bool = False) -> None:
    await page.get_by_test_id(f"task-{action}").click()
    await page.get_by_test_id("task-text").fill(text)
    if unanswered:
        await page.get_by_role("checkbox").check()
    await page.get_by_test_id("task-confirm").click()
    await expect(page.get_by_test_id("task-text")).to_have_count(0)


async def test_a_unit_answers_a_supervision_task(hall: CityHall, page: Page, browser: Browser) -> None:
    case = await hall.dispatched()
    await log_in(page, hall.city, "supervisor", f"/cases/{case['number']}")
    card = page.get_by_test_id("case-supervision")
    await page.get_by_test_id("supervise").click()
    await page.get_by_test_id("issue-demand").fill("请三日内拨付到账。")
    await page.get_by_test_id("issue-confirm").click()
    await expect(card).to_contain_text("督办中")
    await page.get_by_test_id("ledger-enter").click()
    await page.get_by_test_id("enter-reason").fill("资金年底到位")
    await page.get_by_test_id("enter-confirm").click()
    await expect(page.get_by_test_id("case-ledger")).to_contain_text("资金年底到位")
    await is_fit(page)

    async with window(browser, hall.city, size=NARROW) as context:
        unit = await context.new_page()
        await log_in(unit, hall.city, "hall-handler", "/")
        await unit.get_by_test_id("work-supervision").click()
        await unit.get_by_role("link", name=case["number"]).click()
        await answer(unit, "ask_withdrawal", "已拨付，企业确认收到。")
        await expect(unit.get_by_test_id("task-drawer")).to_contain_text("申请撤销")
        await is_fit(unit)

    await page.goto("/supervision?state=withdrawal_requested")
    await page.locator("tbody tr[data-row-key]", has_text=case["number"]).click()
    await answer(page, "review", "情况属实。", unanswered=True)
    drawer = page.get_by_test_id("task-drawer")
    await expect(drawer).to_contain_text("已审核")
    # Whoever reviewed does not finish it too.
    await expect(drawer.get_by_test_id("task-finish")).to_have_count(0)
    await page.goto("/supervision?tab=ledger")
    await page.get_by_test_id(f"strike-{case['number']}").click()
    await page.get_by_test_id("confirm-reason").fill("补贴已到账")
    await page.get_by_test_id("confirm-ok").click()
    await expect(page.get_by_role("link", name=case["number"])).to_have_count(0)
