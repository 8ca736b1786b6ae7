"""Keeping the knowledge base in Chromium: two people in one revision, and the tree of categories."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.stories.city import City
from tests.web.conftest import log_in, window
from tests.web.pages import NARROW, faults

pytestmark = [
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_what_is_typed_survives_another_ones_save(city: City, page: Page, browser: Browser) -> None:
    await page.clock.install()
    await log_in(page, city, "market", "/knowledge/new")
    await page.get_by_test_id("entry-unit").click()
    await page.keyboard.type("市场监督管理局")
    await page.keyboard.press("Enter")
    await page.get_by_test_id("entry-title").fill("电梯使用登记")
    await page.get_by_test_id("form-save").click()
    await page.get_by_test_id("entry-save").click()
    await page.get_by_test_id("entry-answer-field").fill("三十日内到区局登记。")
    address = page.url.removeprefix(city.address)
    async with window(browser, city, size=NARROW) as context:
        other = await context.new_page()
        await log_in(other, city, "markethead", address)
        await other.get_by_test_id("entry-save").click()
        await other.get_by_test_id("entry-title").fill("电梯使用登记办理")
        await other.get_by_test_id("entry-answer-field").fill("先备齐检验报告。")
        await other.get_by_test_id("form-save").click()
        await expect(other.get_by_test_id("entry-answer")).to_have_text("先备齐检验报告。")

    # The network was away for a minute; the entry is read again.
    await page.context.set_offline(True)
    await page.clock.fast_forward(60_000)
    async with page.expect_response(lambda response: response.url.endswith(address)):
        await page.context.set_offline(False)
    await expect(page.get_by_test_id("entry-answer-field")).to_have_value("三十日内到区局登记。")

    await page.get_by_test_id("form-save").click()
    await expect(page.get_by_test_id("entry-overtaken")).to_contain_text("先备齐检验报告。")
    await expect(page.get_by_test_id("entry-answer-field")).to_have_value("三十日内到区局登记。")
    await expect(page.get_by_test_id("entry-title")).to_have_value("电梯使用登记办理")
    assert await faults(page) == []
    await page.get_by_test_id("form-save").click()
    await expect(page.get_by_test_id("entry-answer")).to_have_text("三十日内到区局登记。")
    await expect(page.locator("h1")).to_have_text("电梯使用登记办理")


async def test_reviewers_keep_the_categories(city: City, page: Page) -> None:
    await log_in(page, city, "knowledge", "/knowledge")
    await page.get_by_test_id("categories-open").click()
    drawer = page.get_by_test_id("categories")
    await drawer.get_by_test_id("category-new").click()
    await drawer.get_by_test_id("category-name").fill("检验检测")
    await drawer.get_by_test_id("form-save").click()
    await drawer.get_by_role("button", name="检验检测").click()
    await drawer.get_by_test_id("category-name").fill("检验检测机构")
    await drawer.get_by_role("switch").click()
    await drawer.get_by_test_id("form-save").click()
    await expect(drawer.locator("li", has_text="检验检测机构")).to_contain_text("停用")
    assert await faults(page) == []
