"""/portal/progress: a caller reads how their case stands, on a phone and on a desktop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.stories.city import City
from tests.stories.hall import AskedCase, open_hall
from tests.web.conftest import DESK, window
from tests.web.pages import NARROW, faults

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SCRIPT = "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>{{7*7}} javascript:hacked()"
WORDS = {
    "zh": ("已有阶段性答复", "{at.year}年{at.month}月{at.day}日", "市场监督管理局"),
    "en": ("Interim answer given", "{at:%B} {at.day}, {at.year}", "市场监督管理局"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asked(the_city: City) -> AsyncIterator[AskedCase]:
    async with open_hall(the_city) as hall:
        yield await hall.promised(SCRIPT)


async def is_fit(page: Page) -> None:
    assert await faults(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def ask(page: Page, code: str) -> None:
    await page.get_by_test_id("progress-code").fill(code)
    await page.get_by_test_id("progress-ask").click()


@pytest.mark.parametrize("size", [NARROW, DESK], ids=["375", "1366"])
@pytest.mark.parametrize("language", WORDS)
async def test_a_caller_reads_how_the_case_stands(
    city: City, browser: Browser, asked: AskedCase, language: str, size: tuple[int, int]
) -> None:
    # A browser in whose zone the promised moment is another day than in the hotline's.
    async with window(browser, city, size=size, zone="America/New_York") as context:
        page = await context.new_page()
        await page.goto(f"/portal/progress?n={asked.number}")
        if language == "en":
            await page.get_by_role("button", name="English").click()
        await expect(page.get_by_test_id("progress-number")).to_have_value(asked.number)
        await is_fit(page)
        await ask(page, asked.wrong_code)
        await expect(page.get_by_test_id("progress-trouble")).to_be_visible()
        await expect(page.get_by_test_id("progress-found")).to_have_count(0)
        await is_fit(page)
        await ask(page, f"{asked.code[:4]} {asked.code[4:]}")
        found = page.get_by_test_id("progress-found")
        state, date, unit = WORDS[language]
        await expect(page.get_by_test_id("progress-state")).to_have_text(state)
        await expect(found.locator(".portal-promised time")).to_have_text(date.format(at=asked.promised))
        await expect(found).to_contain_text(unit)
        await expect(page.get_by_test_id("progress-trouble")).to_have_count(0)
        await expect(page.get_by_test_id("progress-answer")).to_have_text(SCRIPT)
        assert await page.get_by_test_id("progress-answer").locator("*").count() == 0
        assert await page.evaluate("window.hacked") is None
        await is_fit(page)
        assert asked.code not in page.url


async def test_what_is_no_number_is_refused_and_what_stands_in_the_address_is_no_markup(
    city: City, browser: Browser
) -> None:
    async with window(browser, city, size=NARROW) as context:
        page = await context.new_page()
        await page.goto("/portal/progress?n=%3Cscript%3E12%3C/script%3E")
        await expect(page.get_by_test_id("progress-number")).to_have_value("12")
        await ask(page, "1")
        await expect(page.get_by_test_id("progress-trouble")).to_be_visible()
        await is_fit(page)
