"""Supervision in Chromium: a supervisor issues a task, the unit answers on a phone, and two supervisors end it. Of a
knowledge entry whose review is late the service issues one.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import update

from crm.knowledge.models import KnowledgeEntry
from crm.knowledge.reminders import REMIND
from hotline.accounts.offline import users_of
from hotline.kernel.clock import SystemClock
from hotline.kernel.models import JobRecord
from tests.stories.city import City
from tests.web.conftest import log_in, window
from tests.web.hall import CityHall
from tests.web.pages import NARROW, faults
from tests.web.test_knowledge_live_call import entry

pytestmark = [
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="session"),
]


async def is_fit(page: Page) -> None:
    assert await faults(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def entry_late_for_its_review(city: City) -> str:
    """Its review was due yesterday, and the service looks for what is late."""
    entry_id = await entry(city, title="外摆经营备案", answer="到街道办事处备案。")
    today = SystemClock().now().date()
    async with users_of(city.asterisk.settings) as (_, database), database.transaction() as db:
        due = {"review_due_on": today - timedelta(days=1)}
        await db.execute(update(KnowledgeEntry).where(KnowledgeEntry.id == entry_id).values(due))
        await db.execute(update(JobRecord).where(JobRecord.kind == REMIND).values(run_at=SystemClock().now()))
    return entry_id


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


@pytest.mark.clause(4)
async def test_a_unit_reviews_an_entry_that_is_supervised(city: City, page: Page, browser: Browser) -> None:
    entry_id = await entry_late_for_its_review(city)
    await log_in(page, city, "supervisor", "/supervision")
    row = page.locator("tbody tr[data-row-key]", has_text="外摆经营备案")
    async with asyncio.timeout(60):
        while not await row.count():
            await page.reload()
            await page.get_by_role("table").or_(page.get_by_test_id("empty")).first.wait_for()
            await page.wait_for_load_state("networkidle")
    await expect(row).to_contain_text("知识逾期未复核")
    await is_fit(page)

    async with window(browser, city, size=NARROW) as context:
        unit = await context.new_page()
        await log_in(unit, city, "markethead", "/")
        await unit.get_by_test_id("work-supervision").click()
        await unit.locator(".list-card", has_text="外摆经营备案").click()
        await is_fit(unit)
        await unit.get_by_test_id("task-subject").click()
        await expect(unit.get_by_test_id("entry-supervision")).to_contain_text("督办中")
        await is_fit(unit)
        # One click reviews it, and the task waits for the hotline.
        await unit.get_by_test_id("entry-confirm").click()
        await expect(unit.get_by_test_id("entry-supervision")).to_contain_text("申请撤销")

    await page.goto("/supervision?state=withdrawal_requested")
    await row.click()
    await expect(page.get_by_test_id("task-drawer")).to_contain_text("下次复核日期")
    await answer(page, "review", "已复核。")
    await expect(page.get_by_test_id("task-drawer")).to_contain_text("已审核")
    await page.goto(f"/knowledge/{entry_id}")
    await expect(page.get_by_test_id("entry-supervision")).to_contain_text("已审核")
    await is_fit(page)
