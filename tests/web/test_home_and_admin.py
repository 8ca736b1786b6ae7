"""Each role's home page, and the way to the administrators' pages: work or words, never a refusal."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from hotline.accounts.offline import users_of
from hotline.accounts.roles import Role
from tests.stories.city import City
from tests.web.conftest import PHONE, log_in, window
from tests.web.test_english import speaks_english

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PASSWORD = "seven quiet herons wade"


async def add_user(city: City, username: str, *roles: Role) -> None:
    async with users_of(city.asterisk.settings) as (accounts, database):
        password_hash = await accounts.hash_password(PASSWORD)
        async with database.transaction() as db:
            await accounts.create_user(db, username=username, name=username, password_hash=password_hash, roles=roles)
    city.passwords[username] = PASSWORD


async def log_in_anew(page: Page, city: City, username: str) -> None:
    await page.context.clear_cookies()
    await log_in(page, city, username, "/")


async def test_every_role_sees_work_at_home(city: City, page: Page) -> None:
    for role in Role:
        username = f"home-{role.value.replace('_', '-')}"
        await add_user(city, username, role)
        await log_in_anew(page, city, username)
        main = page.locator("#main")
        if role is Role.AGENT:
            await page.wait_for_url("**/calls")  # Has no agent's number yet.
        else:
            await expect(page.get_by_test_id("home")).to_be_visible()
            assert await page.locator("[data-testid^=home-]").count() > 0, role
        await expect(main).not_to_contain_text("没有权限")
        await page.wait_for_load_state("networkidle")
        assert await page.locator(".failed").count() == 0, role


async def test_without_a_role_one_reads_who_gives_one(city: City, page: Page) -> None:
    await add_user(city, "home-nobody")
    await log_in_anew(page, city, "home-nobody")
    await expect(page.get_by_test_id("no-role")).to_be_visible()
    await expect(page.get_by_test_id("administrators")).to_contain_text("安全管理员")
    await page.goto("/admin/agents")
    await expect(page.get_by_test_id("administrators")).to_contain_text("安全管理员")


async def test_the_rail_opens_and_leads_on_a_phone(browser: Browser, city: City) -> None:
    async with window(browser, city, size=PHONE) as context:
        page = await context.new_page()
        await log_in(page, city, "admin", "/")
        await page.get_by_test_id("rail-toggle").click()
        await page.get_by_test_id("nav-agents").click()
        await page.wait_for_url("**/admin/agents")


async def test_the_keyboard_goes_through_a_list(city: City, page: Page) -> None:
    await log_in(page, city, "admin", "/admin/agents")
    rows = page.locator("tr[data-row-key]")
    await rows.first.focus()
    await page.keyboard.press("ArrowDown")
    await expect(rows.nth(1)).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/admin/agents/1002")
    await expect(page.get_by_test_id("agent-drawer")).to_be_visible()


async def test_an_administrators_pages_read_english(city: City, page: Page) -> None:
    await log_in(page, city, "admin", "/admin/health")
    await page.get_by_role("button", name="English").click()
    await speaks_english(page, "Users", "Agents", "Health", "All in order")
    await page.goto("/admin/settings")
    await speaks_english(page, "Comes from", "Default", "http.port")
    await page.goto("/admin/roles")
    await speaks_english(page, "System administrator", "Take calls in the workspace")
