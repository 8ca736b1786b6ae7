"""The first log-in with somebody else's password, one's own account, and the second factor at the next log-in."""

from __future__ import annotations

import os

import pyotp
import pytest
from playwright.async_api import Browser, Page

from tests.stories.city import City
from tests.web.conftest import PHONE, log_in, window
from tests.web.pages import faults

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

GIVEN, OWN = "handed over once", "known to nobody else"


async def looks_right(page: Page, name: str) -> None:
    await page.wait_for_load_state("networkidle")
    if folder := os.environ.get("HOTLINE_PICTURES"):
        await page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    assert await faults(page) == [], name
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


async def give_name_and_password(page: Page, password: str) -> None:
    await page.goto("/account")
    await page.fill("input[autocomplete=username]", "newcomer")
    await page.fill("input[type=password]", password)
    await page.keyboard.press("Enter")


async def test_a_first_log_in_and_a_second_factor(city: City, browser: Browser) -> None:
    async with city.as_user("admin") as admin:
        await admin.post("/api/users", username="newcomer", name="新同事", password=GIVEN, roles=[])
    async with window(browser, city, size=PHONE) as context:
        page = await context.new_page()
        await give_name_and_password(page, GIVEN)
        await page.get_by_test_id("step-new_password").wait_for()
        await looks_right(page, "new-password-375")
        await page.get_by_test_id("new-password").fill(OWN)
        await page.get_by_test_id("repeat-password").fill(OWN)
        await page.get_by_test_id("step-submit").click()
        await page.get_by_test_id("account").wait_for()
        await looks_right(page, "account-375")
        await page.get_by_test_id("enrol").click()
        await page.get_by_test_id("ask-password").fill(OWN)
        await page.get_by_test_id("ask-password-ok").click()
        await page.get_by_test_id("qr").wait_for()
        secret = await page.get_by_test_id("totp-secret").inner_text()
        await looks_right(page, "enrol-375")
        used = pyotp.TOTP(secret).now()
        await page.get_by_test_id("code").fill(used)
        await page.get_by_test_id("confirm-code").click()
        recovery = await page.locator("[data-testid=recovery-codes] li code").first.inner_text()
        await page.get_by_test_id("codes-kept").click()
        await page.get_by_test_id("remove-factor").wait_for()
    async with window(browser, city) as context:
        page = await context.new_page()
        await give_name_and_password(page, OWN)
        await page.get_by_test_id("step-second_factor").wait_for()
        await looks_right(page, "code-1366")
        await page.get_by_test_id("code").fill(used)
        await page.get_by_test_id("step-submit").click()
        await page.get_by_role("alert").wait_for()
        await page.get_by_test_id("code").fill(recovery)
        await page.get_by_test_id("step-submit").click()
        await page.get_by_test_id("account").wait_for()
        await looks_right(page, "account-1366")
        assert await page.get_by_test_id("end-session").count() == 1
        await page.get_by_test_id("end-all").click()
        await page.get_by_test_id("confirm-ok").click()
        await page.locator("input[autocomplete=username]").wait_for()


async def test_the_account_page_opens_from_the_menu(city: City, page: Page) -> None:
    await log_in(page, city, "agent1")
    await page.get_by_test_id("account-menu").click()
    await page.locator(".ant-dropdown-menu-item").first.click()
    await page.get_by_test_id("account").wait_for()
    await looks_right(page, "account-agent")
