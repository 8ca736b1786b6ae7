"""The case page: a dispatcher, a unit's handler on a phone, a callback agent, and two who act at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.web.conftest import log_in, window
from tests.web.hall import REPLY, WRITTEN, CityHall
from tests.web.pages import NARROW, choose, faults, pick

pytestmark = [
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="session"),
]

PICTURES = os.environ.get("HL_PICTURES")
"""A folder for screenshots, where somebody wants to look at them."""


async def look(page: Page, name: str) -> None:
    """The page is whole: nothing wider than the window, no fault that axe finds."""
    await page.get_by_test_id("case-page").wait_for()
    await page.wait_for_load_state("networkidle")
    if PICTURES:
        await page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    assert await faults(page) == [], name


async def test_a_dispatcher_approves_and_dispatches(hall: CityHall, page: Page) -> None:
    case = await hall.submitted()
    await log_in(page, hall.city, "hall-dispatcher", f"/cases/{case['number']}")
    await expect(page.get_by_test_id("case-state")).to_have_text("待审核")
    await look(page, "review-1366")
    await page.get_by_test_id("action-approve").click()
    await expect(page.get_by_test_id("case-state")).to_have_text("待派单")
    await page.get_by_test_id("action-dispatch").click()
    form = page.get_by_test_id("form-dispatch")
    await form.get_by_test_id("action-send").click()
    await expect(form.locator(".ant-form-item-explain-error")).to_have_count(1)
    await choose(page, "field-lead_unit_id", "海勃湾区财政局")
    await form.get_by_test_id("field-advice").fill("请一周内答复。")
    await look(page, "dispatch-1366")
    await form.get_by_test_id("action-send").dblclick()
    await expect(page.get_by_test_id("case-state")).to_have_text("已派单")
    await expect(page.get_by_test_id("assignment")).to_contain_text("海勃湾区财政局")
    await expect(page.get_by_test_id("step-dispatch")).to_have_count(1)
    async with hall.city.as_user("hall-dispatcher") as api:
        steps = (await api.get(f"/api/cases/{case['id']}"))["steps"]
    assert [step["action"] for step in steps].count("dispatch") == 1


async def test_a_handler_signs_and_replies_on_a_phone(hall: CityHall, browser: Browser) -> None:
    case = await hall.dispatched()
    async with window(browser, hall.city, size=NARROW) as context:
        page = await context.new_page()
        await log_in(page, hall.city, "hall-handler", f"/cases/{case['number']}")
        await look(page, "unit-375")
        bar = page.get_by_test_id("case-bar-primary")
        await expect(bar).to_be_in_viewport()
        await bar.click()
        await expect(page.get_by_test_id("case-state")).to_have_text("办理中")
        await expect(bar).to_have_text("答复")
        await bar.click()
        form = page.get_by_test_id("form-reply")
        await form.get_by_test_id("field-facts").get_by_text("是").click()
        await pick(page, "field-way", "电话")
        await form.locator("#reply_contact_at").fill("2026-11-30 09:00")
        await page.keyboard.press("Enter")
        await form.get_by_test_id("field-by").fill("赵敏")
        await form.get_by_test_id("field-solved").get_by_text("是").click()
        await form.get_by_test_id("field-public_answer").fill(REPLY["public_answer"])
        await form.get_by_test_id("field-internal_handling").fill(REPLY["internal_handling"])
        await look(page, "reply-375")
        await form.get_by_test_id("action-send").click()
        await expect(form.locator(".ant-form-item-explain-error")).to_have_count(1)  # The office has not answered.
        await form.get_by_test_id("field-alone_reason").fill("协办单位另行答复。")
        await form.get_by_test_id("action-send").click()
        await expect(page.get_by_test_id("case-state")).to_have_text("已答复")
        await expect(page.get_by_test_id("public-answer")).to_contain_text("补贴已发放")
        await look(page, "replied-375")


async def test_a_callback_agent_records_and_closes(hall: CityHall, page: Page) -> None:
    case = await hall.in_callback()
    await log_in(page, hall.city, "hall-callback", f"/cases/{case['number']}")
    await expect(page.get_by_test_id("refused-close")).to_contain_text("要先回访")
    await page.get_by_test_id("action-record_callback").click()
    form = page.get_by_test_id("form-record_callback")
    await form.get_by_test_id("field-unit_contacted").get_by_text("是").click()
    await pick(page, "field-solved", "已解决")
    for name in ("result", "process", "agent"):
        await pick(page, f"field-{name}", "满意")
    await look(page, "callback-1366")
    await form.get_by_test_id("action-send").click()
    await expect(page.get_by_test_id("step-record_callback")).to_contain_text("已解决")
    await page.get_by_test_id("action-close").click()
    await page.get_by_test_id("form-close").get_by_test_id("action-send").click()
    await expect(page.get_by_test_id("case-state")).to_have_text("已办结")
    await look(page, "closed-1366")


async def test_who_was_overtaken_sees_by_whom_and_keeps_the_words(hall: CityHall, page: Page) -> None:
    case = await hall.submitted()
    await hall.move("hall-dispatcher", case["id"], "approve")
    await log_in(page, hall.city, "hall-dispatcher", f"/cases/{case['number']}")
    await page.get_by_test_id("action-mark_hard").click()
    form = page.get_by_test_id("form-mark_hard")
    await form.get_by_test_id("field-reason").fill("三个单位都说不归自己管")
    await page.reload()
    await page.get_by_test_id("action-mark_hard").click()
    await expect(form.get_by_test_id("field-reason")).to_have_value("三个单位都说不归自己管")
    await hall.move("hall-dispatcher2", case["id"], "claim")
    await hall.move("hall-dispatcher2", case["id"], "release")
    await form.get_by_test_id("action-send").click()
    changed = page.get_by_test_id("case-changed")
    await expect(changed).to_contain_text("郑派单")
    await expect(changed).to_contain_text("认领")
    await expect(form.get_by_test_id("field-reason")).to_have_value("三个单位都说不归自己管")
    await look(page, "conflict-1366")
    await form.get_by_test_id("action-send").click()
    await expect(page.get_by_test_id("step-mark_hard")).to_contain_text("三个单位都说不归自己管")


async def test_a_unit_learns_nothing_of_a_hidden_caller(hall: CityHall, browser: Browser) -> None:
    case = await hall.dispatched(confidential=True)
    async with window(browser, hall.city, size=NARROW) as context:
        page = await context.new_page()
        await log_in(page, hall.city, "hall-handler", f"/cases/{case['number']}")
        subject = page.get_by_test_id("case-subject")
        await expect(subject).to_contain_text("有企业反映补贴迟发")
        await expect(subject).not_to_contain_text("1234")
        await expect(subject).not_to_contain_text(str(WRITTEN["demand"]))
        await look(page, "hidden-375")


async def test_an_empty_case_and_one_that_is_not_there(hall: CityHall, page: Page) -> None:
    async with hall.city.as_user("agent1") as api:
        case = await api.post("/api/cases", title="")
    await log_in(page, hall.city, "agent1", f"/cases/{case['id']}")
    await page.wait_for_url(f"**/cases/{case['number']}")
    await expect(page.get_by_test_id("refused-submit")).to_contain_text("必填")
    await look(page, "empty-1366")
    await page.goto("/cases/2611300000000")
    await expect(page.locator(".failed")).to_be_visible()
