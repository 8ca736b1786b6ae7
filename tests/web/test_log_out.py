"""Logging out in one tab ends the others, and leaves nothing of the user's in the browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.stories.city import City
from tests.web.conftest import log_in

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

DRAFTS = "() => Object.keys(localStorage).filter((key) => key.startsWith('hotline.draft.'))"


async def test_a_log_out_reaches_every_tab_and_its_drafts(city: City, page: Page) -> None:
    await log_in(page, city, "agent2")
    other = await page.context.new_page()
    await other.goto("/calls")
    await expect(other.get_by_test_id("account-menu")).to_be_visible()
    user = await page.evaluate("async () => (await (await fetch('/api/session')).json()).user.id")
    # What a save that failed leaves behind.
    await other.evaluate(
        "(user) => localStorage.setItem(`hotline.draft.${user}.case`, "
        "JSON.stringify({ id: 'x', edits: {}, at: Date.now() }))",
        user,
    )
    assert await page.evaluate(DRAFTS)
    await page.get_by_test_id("account-menu").click()
    await page.get_by_role("menuitem", name="退出登录").click()
    leave = page.get_by_role("button", name="仍然退出")
    if await leave.count():
        await leave.click()
    await page.wait_for_url("**/login**")
    await other.wait_for_url("**/login**")
    assert await other.evaluate(DRAFTS) == []
