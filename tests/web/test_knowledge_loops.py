"""What a unit or a specialist answered comes to the knowledge base, in Chromium: it is asked as the case is closed."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import City
from tests.stories.office import specialist_phone
from tests.web.conftest import go_to_work, log_in, window
from tests.web.hall import REPLY, CityHall
from tests.web.pages import NARROW
from tests.web.test_agent_page import KNOWN, finish
from tests.web.test_knowledge_page import is_fit

pytestmark = [
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="session"),
]
QUESTION = "露营地要办哪些手续"
ANSWER = "先到属地所登记，再办食品经营许可。"


async def drafted(browser: Browser, city: City, who: str, question: str, answer: str) -> None:
    """The unit takes the request, and its draft begins with question and answer."""
    async with window(browser, city, size=NARROW) as context:
        page = await context.new_page()
        await log_in(page, city, who, "/knowledge/requests")
        await page.get_by_text(question).first.click()
        await page.get_by_test_id("request-take").click()
        await page.get_by_test_id("request-answer").click()
        await page.get_by_test_id("entry-save").click()
        await expect(page.get_by_test_id("entry-title")).to_have_value(question)
        await expect(page.get_by_test_id("entry-answer-field")).to_have_value(answer)
        await is_fit(page)


@pytest.mark.clause(3, 4, 8)
async def test_what_the_specialist_said_in_the_call_becomes_a_draft(city: City, page: Page, browser: Browser) -> None:
    await go_to_work(page, city, "agent2")
    specialist = specialist_phone(city)
    async with PjsuaPhone.caller(city.asterisk, KNOWN) as caller, specialist:
        specialist.answers()
        await caller.call_and_wait()
        caller.press("1")
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("threeway-start").click()
        person = page.locator("[data-testid^=specialist-]", has_text="陈志远")
        await person.locator("[data-testid^=consult-]").first.click()
        await page.get_by_test_id("threeway-merge").click()
        await page.get_by_test_id("threeway-leave").wait_for()
        await page.get_by_test_id("case-type-consult").click()
        await page.get_by_test_id("case-title").fill(QUESTION)
        await page.get_by_test_id("case-direct").click()
        await page.get_by_test_id("verdict-answer").fill(ANSWER)
        await page.get_by_test_id("verdict-consent").check()
        # It is asked, not offered: without an answer the case stays open.
        await page.get_by_test_id("verdict-confirm").click()
        await expect(page.get_by_role("dialog")).to_contain_text("请选择一项")
        await page.get_by_test_id("follow-up").get_by_text("需要新知识").click()
        await expect(page.get_by_test_id("follow-up-question")).to_have_value(QUESTION)
        await is_fit(page)
        await page.get_by_test_id("verdict-confirm").click()
        await expect(page.get_by_test_id("case-another")).to_be_visible()
        number = await page.get_by_test_id("case-number").inner_text()
        await page.get_by_test_id("hang-up").click()
        caller.hang_up()
    await finish(page)
    await page.goto(f"/cases/{number}")
    await page.get_by_test_id("step-follow-up").get_by_text("需要新知识").click()
    await expect(page.get_by_test_id("request")).to_contain_text(ANSWER)
    await expect(page.get_by_test_id("request")).to_contain_text("市场监督管理局")
    await drafted(browser, city, "market", QUESTION, ANSWER)


async def closes(page: Page, case: str) -> None:
    """The form that closes the case, and asks."""
    await page.goto(f"/cases/{case}")
    await page.get_by_test_id("action-close").click()
    await page.get_by_test_id("action-send").click()
    await expect(page.get_by_test_id("form-close")).to_contain_text("请选择一项")


@pytest.mark.clause(4)
async def test_closing_what_a_unit_answered_asks_for_an_entry(hall: CityHall, page: Page, browser: Browser) -> None:
    cases = []
    for title in ("开业补贴何时发放", "补贴申请要哪些材料"):
        case = await hall.in_callback(type="consult", title=title)
        said = {"unit_contacted": True, "solved": "yes", "result": "satisfied", "process": "satisfied"}
        await hall.move("hall-callback", case["id"], "record_callback", **said, agent="satisfied")
        cases.append(case["number"])
    await log_in(page, hall.city, "hall-callback")

    await closes(page, cases[0])
    await page.get_by_test_id("follow-up").get_by_text("不需要").click()
    await page.get_by_test_id("action-send").click()
    await expect(page.get_by_test_id("step-follow-up")).to_contain_text("不需要")

    await closes(page, cases[1])
    await page.get_by_test_id("follow-up").get_by_text("需要补充已有知识").click()
    await page.get_by_test_id("action-send").click()
    await expect(page.get_by_test_id("form-close")).to_contain_text("请选择要补充的知识")
    await page.get_by_test_id("follow-up").get_by_text("需要新知识").click()
    await expect(page.get_by_test_id("follow-up-question")).to_have_value("补贴申请要哪些材料")
    await expect(page.get_by_test_id("follow-up-proposal")).to_have_value(REPLY["public_answer"])
    await is_fit(page)
    await page.get_by_test_id("action-send").click()
    await page.get_by_test_id("step-follow-up").get_by_text("需要新知识").click()
    await expect(page.get_by_test_id("request")).to_contain_text("海勃湾区财政局")
    await drafted(browser, hall.city, "hall-handler", "补贴申请要哪些材料", REPLY["public_answer"])
