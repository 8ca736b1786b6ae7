"""One demand from the telephone to the archive, each step at the page of the person whose step it is."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import City
from tests.web.conftest import go_to_work, log_in, window
from tests.web.hall import REPLY, CityHall
from tests.web.pages import NARROW, choose, pick
from tests.web.test_agent_page import KNOWN, finish

pytestmark = [
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="session"),
]


async def open_form(page: Page, action: str) -> Locator:
    await page.get_by_test_id(f"action-{action}").click()
    return page.get_by_test_id(f"form-{action}")


async def is_in(page: Page, state: str) -> None:
    await expect(page.get_by_test_id("case-state")).to_have_text(state)


async def taken_by_phone(city: City, page: Page) -> dict[str, Any]:
    """An agent answers, writes down what the caller wants while they talk, and submits it."""
    await go_to_work(page, city, "agent2")
    async with PjsuaPhone.caller(city.asterisk, KNOWN) as caller:
        await caller.call_and_wait()
        caller.press("1")
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("hang-up").wait_for()
        await page.get_by_test_id("case-type-help").click()
        await page.get_by_test_id("case-title").fill("开业补贴四个月没有到账")
        await page.get_by_test_id("case-content").fill("三月申请开业补贴，材料齐全，至今没有到账。")
        await page.get_by_test_id("case-submit").click()
        await expect(page.get_by_test_id("case-another")).to_be_visible()
        await page.get_by_test_id("hang-up").click()
        caller.hang_up()
    await finish(page)
    record = await city.record_of(KNOWN)
    (case,) = (case for case in record["cases"] if case["title"] == "开业补贴四个月没有到账")
    return dict(case)


async def answered_by_the_unit(browser: Browser, city: City, number: str) -> None:
    """On the handler's own phone, from the list of the unit's cases."""
    async with window(browser, city, size=NARROW) as context:
        page = await context.new_page()
        await log_in(page, city, "hall-handler", "/cases?list=all")
        await page.get_by_test_id(f"case-{number}").click()
        bar = page.get_by_test_id("case-bar-primary")
        await bar.click()
        await is_in(page, "办理中")
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
        await form.get_by_test_id("action-send").click()
        await is_in(page, "已答复")


@pytest.mark.clause(7, 9, 10, 11)
async def test_a_demand_taken_by_phone_reaches_the_archive(hall: CityHall, page: Page, browser: Browser) -> None:
    city = hall.city
    case = await taken_by_phone(city, page)
    number = case["number"]
    await page.goto(f"/cases/{number}")
    await expect(page.get_by_test_id("course-call")).to_contain_text("1002")
    async with window(browser, city) as context:
        desk = await context.new_page()
        await log_in(desk, city, "hall-dispatcher", f"/cases/{number}")
        await desk.get_by_test_id("action-approve").click()
        await is_in(desk, "待派单")
        form = await open_form(desk, "dispatch")
        await choose(desk, "field-lead_unit_id", "海勃湾区财政局")
        await form.get_by_test_id("action-send").click()
        await is_in(desk, "已派单")

        await answered_by_the_unit(browser, city, number)

        await desk.reload()
        await expect(desk.get_by_test_id("public-answer")).to_contain_text(REPLY["public_answer"])
        form = await open_form(desk, "schedule_callback")
        await form.get_by_test_id("field-fits_facts").get_by_text("是").click()
        await form.get_by_test_id("action-send").click()
        await is_in(desk, "待回访")

        async with window(browser, city) as other:
            phone = await other.new_page()
            await log_in(phone, city, "hall-callback", f"/cases/{number}")
            form = await open_form(phone, "record_callback")
            await form.get_by_test_id("field-unit_contacted").get_by_text("是").click()
            await pick(phone, "field-solved", "已解决")
            for name in ("result", "process", "agent"):
                await pick(phone, f"field-{name}", "满意")
            await form.get_by_test_id("action-send").click()
            form = await open_form(phone, "close")
            await form.get_by_test_id("action-send").click()
            await is_in(phone, "已办结")

        await desk.reload()
        await desk.get_by_test_id("action-archive").click()
        await is_in(desk, "已归档")
        for step in (
            "submit",
            "approve",
            "dispatch",
            "sign",
            "reply",
            "schedule_callback",
            "record_callback",
            "close",
            "archive",
        ):
            await expect(desk.get_by_test_id(f"step-{step}")).to_have_count(1)
