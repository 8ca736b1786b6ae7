"""Knowledge requests in Chromium: what an agent does not find, the unit writes, and the next search finds."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.stories.city import City
from tests.web.conftest import log_in, window
from tests.web.pages import NARROW
from tests.web.test_knowledge_page import is_fit, step

pytestmark = [
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="session"),
]
SEARCH = "共享厨房"
QUESTION = "共享厨房能不能办食品经营许可？"
ANSWER = "可以，按一址多证办理，由平台统一提供场所证明。"


async def asked_by_the_agent(page: Page, city: City) -> None:
    async with page.expect_response("**/api/knowledge-gaps/searches") as counted:
        await log_in(page, city, "agent2", f"/knowledge?search={SEARCH}")
    assert (await counted.value).ok
    await page.get_by_test_id("ask-gap").click()
    await expect(page.get_by_test_id("ask-question")).to_have_value(SEARCH)
    await page.get_by_test_id("ask-question").fill(QUESTION)
    await page.get_by_test_id("ask-unit").click()
    await page.keyboard.type("市场监督管理局")
    await page.keyboard.press("Enter")
    await page.get_by_test_id("ask-send").click()
    await expect(page.get_by_test_id("ask-send")).to_have_count(0)
    await page.get_by_test_id("requests-link").click()
    await expect(page.get_by_role("row").filter(has_text=QUESTION)).to_be_visible()
    await is_fit(page)


async def written_for_it(browser: Browser, city: City) -> str:
    """The entry's address."""
    async with window(browser, city, size=NARROW) as context:
        page = await context.new_page()
        await log_in(page, city, "market", "/knowledge/requests")
        await page.get_by_text(QUESTION).click()
        await page.get_by_test_id("request-take").click()
        await is_fit(page)
        await page.get_by_test_id("request-answer").click()
        await page.get_by_test_id("entry-save").click()
        await expect(page.get_by_test_id("entry-title")).to_have_value(QUESTION)
        await page.get_by_test_id("entry-answer-field").fill(ANSWER)
        await page.get_by_test_id("form-save").click()
        await page.get_by_test_id("entry-submit").click()
        await expect(page.get_by_test_id("entry-submit")).to_have_count(0)
        return page.url.removeprefix(city.address)


@pytest.mark.clause(4, 8)
async def test_what_an_agent_did_not_find_the_next_search_finds(city: City, page: Page, browser: Browser) -> None:
    await asked_by_the_agent(page, city)
    address = await written_for_it(browser, city)
    await step(browser, city, "markethead", address, "approve")
    await step(browser, city, "knowledge", address, "publish")

    async with window(browser, city, size=NARROW) as context:
        gaps = await context.new_page()
        await log_in(gaps, city, "knowledge", "/knowledge/requests?tab=gaps")
        await expect(gaps.get_by_test_id("gaps")).to_contain_text(SEARCH)
        await is_fit(gaps)

    await page.goto(f"/knowledge?search={SEARCH}")
    await expect(page.get_by_role("row").filter(has_text=QUESTION)).to_be_visible()
    await page.goto("/knowledge/requests?list=made_by_me")
    await expect(page.get_by_role("row").filter(has_text=QUESTION)).to_contain_text("已入库")
    await page.get_by_test_id("bell").click()
    await page.get_by_text(f"您提出的知识需求已有答复：{QUESTION}").click()
    await expect(page.get_by_test_id("request")).to_contain_text("已入库")
    await page.get_by_test_id("request").get_by_role("link", name=QUESTION).click()
    await expect(page.get_by_test_id("entry-answer")).to_have_text(ANSWER)
    await page.get_by_test_id("rate-helpful").click()
    await expect(page.get_by_test_id("rate-helpful")).to_have_text("有用 1")
    await is_fit(page)
