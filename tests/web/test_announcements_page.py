"""A supervisor switches an announcement on and the menus off, and both again as they were."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.stories.city import City
from tests.web.conftest import log_in, window
from tests.web.pages import NARROW, faults

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PICTURES = os.environ.get("ANNOUNCEMENT_PICTURES", "")
"""A folder, for whoever wants to look at the page."""


async def shoot(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


async def test_an_announcement_and_the_menus_are_switched_and_switched_back(city: City, page: Page) -> None:
    await log_in(page, city, "supervisor", "/flows/announcements")
    await expect(page.get_by_test_id("empty")).to_be_visible()
    await shoot(page, "empty")
    await page.get_by_test_id("announcement-new").click()
    form = page.get_by_test_id("announcement-form")
    await form.get_by_label("专题").fill("来电多")
    await form.get_by_label("语音").fill("topic-many-calls")
    await form.get_by_label("内容").fill("当前来电较多，等候时间可能较长，请您谅解。")
    await form.get_by_test_id("form-save").click()
    card = page.get_by_test_id("announcement")
    await card.get_by_test_id("announcement-on").click()
    await page.get_by_test_id("switch-ok").click()
    await expect(card).to_contain_text("正在播放")
    await page.get_by_test_id("menu-off").click()
    await page.get_by_test_id("switch-ok").click()
    await expect(page.get_by_test_id("menu-switch")).to_contain_text("已跳过菜单")
    await shoot(page, "on")
    async with city.as_user("admin") as api:
        board = await api.get("/api/announcements")
    assert board["menu"]["no_menu"]
    await page.get_by_test_id("menu-on").click()
    await card.get_by_test_id("announcement-off").click()
    await expect(card).to_contain_text("未开启")
    await expect(page.get_by_test_id("menu-switch")).to_contain_text("正常播放菜单")


async def test_on_a_phone_nothing_is_cut_off(browser: Browser, city: City) -> None:
    async with window(browser, city, size=NARROW) as context:
        page = await context.new_page()
        await log_in(page, city, "supervisor", "/flows/announcements")
        await expect(page.get_by_test_id("menu-switch")).to_be_visible()
        await shoot(page, "narrow")
        assert await faults(page) == []
