"""The knowledge base in Chromium: a unit writes, its head and the hotline look it through, an agent answers from it."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import City
from tests.web.conftest import go_to_work, log_in, window
from tests.web.pages import NARROW, faults
from tests.web.test_agent_page import KNOWN, finish

pytestmark = [
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="session"),
]
TITLE = "网络餐饮店铺公示规定"
ANSWER = "网店首页要公示营业执照和食品经营许可证，变更后三个工作日内更新。"


async def is_fit(page: Page) -> None:
    assert await faults(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def written_by_the_unit(page: Page, city: City) -> None:
    await log_in(page, city, "market", "/knowledge")
    await page.get_by_test_id("entry-new").click()
    await page.get_by_test_id("entry-unit").click()
    await page.keyboard.type("市场监督管理局")
    await page.keyboard.press("Enter")
    await page.get_by_test_id("entry-title").fill(TITLE)
    await page.get_by_test_id("entry-details-field").fill(
        "## 依据\n\n- <b>不是标签</b>\n- [原文](https://example.gov.cn)"
    )
    await page.get_by_test_id("form-save").click()
    # Not complete yet: the page says what is missing.
    await expect(page.get_by_test_id("entry-submit")).to_be_disabled()
    await expect(page.get_by_test_id("entry-actions")).to_contain_text("答复口径")
    await page.get_by_test_id("entry-save").click()
    await page.get_by_test_id("entry-answer-field").fill(ANSWER)
    await page.get_by_test_id("entry-issuing").fill("市场监督管理局")
    await page.get_by_test_id("form-save").click()
    await expect(page.get_by_test_id("entry-answer")).to_have_text(ANSWER)
    await expect(page.locator(".entry-details")).to_contain_text("<b>不是标签</b>")
    await is_fit(page)
    await page.get_by_test_id("entry-submit").click()
    await expect(page.get_by_test_id("entry-submit")).to_have_count(0)


async def step(browser: Browser, city: City, who: str, address: str, action: str) -> None:
    async with window(browser, city, size=NARROW) as context:
        page = await context.new_page()
        await log_in(page, city, who, address)
        await page.get_by_test_id(f"entry-{action}").click()
        if action == "publish":
            await page.get_by_test_id("publish-confirm").click()
        await expect(page.get_by_test_id(f"entry-{action}")).to_have_count(0)
        await is_fit(page)


@pytest.mark.clause(4, 8)
async def test_an_agent_answers_from_what_a_unit_wrote(city: City, page: Page, browser: Browser) -> None:
    async with window(browser, city) as context:
        unit = await context.new_page()
        await written_by_the_unit(unit, city)
        address = unit.url.removeprefix(city.address)
    await step(browser, city, "markethead", address, "approve")
    await step(browser, city, "knowledge", address, "publish")

    await go_to_work(page, city, "agent2")
    async with PjsuaPhone.caller(city.asterisk, KNOWN) as caller:
        await caller.call_and_wait()
        caller.press("1")
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("hang-up").wait_for()
        await page.get_by_test_id("case-type-consult").click()
        await page.get_by_test_id("case-title").fill("网店要公示什么")
        # Before anything is searched: one click takes it.
        suggested = page.get_by_test_id("knowledge-suggested").first
        await expect(suggested).to_contain_text(TITLE)
        await suggested.get_by_test_id("knowledge-take").click()
        await expect(page.get_by_test_id("verdict-answer")).to_have_value(ANSWER)
        await page.keyboard.press("Escape")
        # Two characters, and the entry is read; one key, and it answers the case.
        await page.keyboard.press("Control+k")
        await expect(page.get_by_test_id("finder-search")).to_be_focused()
        await page.keyboard.type("餐饮")
        await expect(page.get_by_test_id("finder-entry").get_by_test_id("entry-answer")).to_have_text(ANSWER)
        await is_fit(page)
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("verdict-answer")).to_have_value(ANSWER)
        await expect(page.get_by_test_id("cite")).to_contain_text(TITLE)
        await page.get_by_role("dialog").get_by_role("button", name="取消").click()
        await page.get_by_test_id("case-direct").click()
        await page.get_by_test_id("cite").click()
        await expect(page.locator(".cite-option").first).to_contain_text(TITLE)
        await page.keyboard.type("餐饮")
        await expect(page.locator(".cite-option").first).to_contain_text(TITLE)
        await page.keyboard.press("Enter")
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("verdict-answer")).to_have_value(ANSWER)
        await page.get_by_test_id("verdict-confirm").click()
        await expect(page.get_by_test_id("case-another")).to_be_visible()
        await page.get_by_test_id("hang-up").click()
        caller.hang_up()
    await finish(page)
    record = await city.record_of(KNOWN)
    (case,) = (case for case in record["cases"] if case["title"] == "网店要公示什么")
    assert case["state"] == "closed_direct"
    await page.goto(f"/cases/{case['number']}")
    await expect(page.get_by_test_id("step-cited")).to_contain_text(f"{TITLE}（第 1 版）")
    await page.get_by_test_id("step-cited").click()
    await expect(page.get_by_test_id("entry-answer")).to_have_text(ANSWER)
    await page.goto(address)
    await expect(page.get_by_test_id("entry-citing")).to_contain_text(case["number"])
    await is_fit(page)
