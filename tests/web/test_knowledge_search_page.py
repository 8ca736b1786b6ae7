"""The search of the knowledge base in Chromium: corrections, facets, marks, and words that mean the same."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.stories.city import City
from tests.web.conftest import log_in, window
from tests.web.pages import NARROW
from tests.web.test_knowledge_page import is_fit

pytestmark = [
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="session"),
]


async def search(page: Page, text: str) -> None:
    box = page.get_by_test_id("entry-search")
    await box.fill(text)
    await box.press("Enter")


async def test_the_list_says_how_a_search_was_answered_and_is_narrowed(city: City, page: Page) -> None:
    await log_in(page, city, "knowledge", "/knowledge")
    await search(page, "食品经营许可正")
    await expect(page.get_by_test_id("search-corrected")).to_contain_text("食品经营许可证")
    await expect(page.locator("td mark").first).to_have_text("食品经营许可证")
    await is_fit(page)
    await search(page, "许可")
    value = page.get_by_test_id("facet-kind").first
    await value.click()
    await expect(page.get_by_test_id("facet-kind").first).to_have_attribute("aria-pressed", "true")
    assert "kind=" in page.url
    await page.get_by_test_id("facet-kind").first.press("Enter")
    await expect(page.get_by_test_id("facet-kind").first).to_have_attribute("aria-pressed", "false")
    await search(page, "食品经营许可证和烟草证一起办能不能打折")
    await expect(page.get_by_test_id("search-nearest")).to_be_visible()


async def test_on_a_phone_the_search_fits(city: City, browser: Browser) -> None:
    async with window(browser, city, size=NARROW) as context:
        page = await context.new_page()
        await log_in(page, city, "knowledge", "/knowledge?search=许可")
        await expect(page.get_by_test_id("facet-kind").first).to_be_visible()
        await is_fit(page)


async def test_words_that_mean_the_same_are_kept_in_a_drawer(city: City, page: Page) -> None:
    await log_in(page, city, "knowledge", "/knowledge?search=摆摊证")
    meant = page.locator("td mark").filter(has_text="食品经营许可证")
    await expect(meant).to_have_count(0)
    await page.get_by_test_id("synonyms-open").click()
    await page.get_by_test_id("synonyms-new").click()
    await page.get_by_test_id("synonym-words").click()
    await page.keyboard.type("摆摊证，食品经营许可证，")
    await page.get_by_test_id("form-save").click()
    await expect(page.get_by_test_id("synonyms")).to_contain_text("摆摊证 = 食品经营许可证")
    await page.keyboard.press("Escape")
    await expect(meant.first).to_be_visible()
    await page.get_by_test_id("synonyms-open").click()
    await page.get_by_role("button", name="摆摊证 = 食品经营许可证").click()
    await page.get_by_test_id("synonyms-remove").click()
    await page.get_by_test_id("confirm-ok").click()
    await expect(page.get_by_test_id("synonyms")).not_to_contain_text("摆摊证")
