"""A specialist's page and a unit's duty in Chromium: painted with the mouse, by keys and by taps, read by others."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from hotline.kernel.ids import uuid7
from tests.stories.city import City
from tests.web.conftest import DESK, log_in, window
from tests.web.pages import NARROW, faults

pytestmark = [
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="session"),
]

PICTURES = os.environ.get("SPECIALIST_PICTURES", "")
"""A folder, for whoever wants to look at the pages."""


async def is_fit(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True, animations="disabled")
    assert await faults(page) == [], name
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


@pytest_asyncio.fixture(loop_scope="session")
async def unit(city: City) -> dict[str, Any]:
    """With two specialists, who have no roster yet and whose switch is off."""
    phones = [
        {"label": "值班手机", "kind": "external", "number": "13904732101"},
        {"label": "办公电话", "kind": "external", "number": "04732990112"},
    ]
    people = [
        {
            "name": name,
            "title": "科长",
            "answerable_scope": "货运从业资格、\n车辆年审",
            "on_duty": False,
            "phones": phones,
        }
        for name in ("塔娜", "苏和")
    ]
    async with city.as_user("supervisor") as api:
        made: dict[str, Any] = await api.post("/api/units", name=f"交通局{uuid7()[-8:]}", specialists=people)
        return made


def address(unit: dict[str, Any], at: int = 0) -> str:
    return f"/units/specialists/{unit['specialists'][at]['id']}"


def cell(page: Page, weekday: int, clock: str) -> Locator:
    hours, minutes = clock.split(":")
    return page.locator(f'[data-cell="{weekday}-{int(hours) * 2 + int(minutes) // 30}"]')


async def drag(page: Page, start: Locator, end: Locator) -> None:
    await start.hover()
    await page.mouse.down()
    await end.hover()
    await page.mouse.up()


async def weekly(city: City, unit: dict[str, Any], at: int = 0) -> list[str]:
    async with city.as_user("supervisor") as api:
        read: dict[str, Any] = await api.get(f"/api/units/{unit['id']}")
    roster = read["specialists"][at]["roster"] or {"weekly": []}
    return [f"{one['weekday']} {one['start']}-{one['end']}" for one in roster["weekly"]]


async def test_a_roster_is_painted_and_saved(city: City, page: Page, unit: dict[str, Any]) -> None:
    await log_in(page, city, "supervisor", f"/units/{unit['id']}")
    await page.get_by_test_id("unit-drawer").get_by_role("link", name="塔娜", exact=True).click()
    await expect(page.get_by_test_id("specialist-facts")).to_contain_text("不在岗")
    await expect(page.get_by_test_id("specialist-phones").locator("li").first).to_contain_text("13904732101")
    await expect(page.get_by_test_id("no-roster")).to_be_visible()
    await is_fit(page, "empty")
    await page.get_by_test_id("roster-edit").click()
    await drag(page, cell(page, 0, "08:30"), cell(page, 0, "11:30"))
    await expect(cell(page, 0, "09:00")).to_have_attribute("aria-selected", "true")
    await expect(cell(page, 0, "09:00")).to_have_accessible_name("周一 09:00–09:30 值班")
    await expect(cell(page, 1, "09:00")).to_have_attribute("aria-selected", "false")
    await page.get_by_test_id("roster-copy").click()
    # By keys: the whole of the night from Saturday to Sunday morning.
    await cell(page, 5, "22:00").focus()
    await page.keyboard.press("Space")
    for key in ("Shift+ArrowRight",) * 3:
        await page.keyboard.press(key)
    await expect(cell(page, 5, "23:30")).to_be_focused()
    await drag(page, cell(page, 6, "00:00"), cell(page, 6, "05:30"))
    # What is on is taken away by the same stroke.
    await drag(page, cell(page, 4, "11:00"), cell(page, 4, "11:30"))
    await is_fit(page, "editing")
    await page.get_by_test_id("form-save").click()
    await expect(page.get_by_test_id("roster-grid")).to_have_count(0)
    days = [f"{day} 08:30-12:00" for day in range(4)]
    assert await weekly(city, unit) == [*days, "4 08:30-11:00", "5 22:00-06:00"]
    await expect(page.get_by_test_id("week").locator(".week-bar")).to_have_count(7)
    await page.get_by_test_id("week-later").click()
    await expect(page.get_by_test_id("week").locator(".week-bar")).to_have_count(7)
    await is_fit(page, "roster")


async def test_unsaved_hours_are_asked_about_and_others_changes_are_kept(
    city: City, page: Page, unit: dict[str, Any]
) -> None:
    await log_in(page, city, "supervisor", f"{address(unit)}?edit")
    await cell(page, 2, "10:00").click()
    await page.get_by_test_id("nav-units").click()
    await page.locator(".ant-modal-confirm .ant-btn").filter(has_text="留").first.click()
    other, own = (f"/api/units/{unit['id']}/specialists/{one['id']}" for one in reversed(unit["specialists"]))
    async with city.as_user("supervisor") as api:
        # Somebody else of the unit is changed meanwhile: that does not stand in the way.
        await api.patch(other, version=1, title="副科长")
    await page.get_by_test_id("form-save").click()
    await expect(page.get_by_test_id("roster-grid")).to_have_count(0)
    assert await weekly(city, unit) == ["2 10:00-10:30"]
    await page.get_by_test_id("roster-edit").click()
    await cell(page, 3, "10:00").click()
    async with city.as_user("supervisor") as api:
        shift = {"weekday": 0, "start": "08:10", "end": "09:00"}
        await api.put(f"{own}/roster", version=3, weekly=[shift])
    await page.get_by_test_id("form-save").click()
    await expect(page.locator("form").get_by_role("alert")).to_contain_text("别人刚刚改过")
    await expect(cell(page, 3, "10:00")).to_have_attribute("aria-selected", "true")
    assert await weekly(city, unit) == ["0 08:10-09:00"]


async def test_on_a_phone_cells_are_tapped_and_days_stand_side_by_side(
    city: City, browser: Browser, unit: dict[str, Any]
) -> None:
    async with window(browser, city, size=NARROW, touch=True) as context:
        page = await context.new_page()
        await log_in(page, city, "supervisor", f"{address(unit)}?edit")
        for clock in ("09:00", "09:30"):
            await cell(page, 1, clock).tap()
        await cell(page, 1, "09:00").tap()
        await is_fit(page, "editing-375")
        await page.get_by_test_id("form-save").click()
        await expect(page.get_by_test_id("roster-grid")).to_have_count(0)
        assert await weekly(city, unit) == ["1 09:30-10:00"]
        await is_fit(page, "roster-375")
        await page.goto(f"/units/{unit['id']}/roster")
        await expect(page.get_by_test_id("specialists-count")).to_contain_text("现有 2 名")
        await is_fit(page, "unit-375")


async def test_hours_with_nobody_stand_out(city: City, page: Page, unit: dict[str, Any]) -> None:
    path = f"/api/units/{unit['id']}/specialists/{unit['specialists'][0]['id']}"
    async with city.as_user("supervisor") as api:
        shift = {"weekday": 0, "start": "08:00", "end": "20:00"}
        await api.put(f"{path}/roster", version=1, weekly=[shift])
    await log_in(page, city, "agent2", "/units")
    await page.goto(f"/units/{unit['id']}/roster")
    monday = page.get_by_test_id("week").locator("section").first
    gaps = ["无人值班 00:00–08:00", "无人值班 20:00–24:00"]
    await expect(monday.locator(".nobody li")).to_have_text(gaps)
    await is_fit(page, "unit")
    await page.goto(address(unit))
    await expect(page.get_by_test_id("specialist-facts")).to_contain_text("值班手机")
    await expect(page.get_by_test_id("specialist-facts")).not_to_contain_text("13904732101")
    await expect(page.get_by_test_id("roster-edit")).to_have_count(0)


@pytest.mark.parametrize("size", [DESK, NARROW], ids=["desk", "phone"])
async def test_a_specialist_opens_their_own_page_from_home(city: City, browser: Browser, size: tuple[int, int]) -> None:
    async with window(browser, city, size=size) as context:
        page = await context.new_page()
        await log_in(page, city, "specialist", "/")
        await expect(page.get_by_test_id("own-duty")).to_contain_text("生态环境局")
        await is_fit(page, f"home-{size[0]}")
        await page.get_by_test_id("own-duty").click()
        await expect(page.get_by_role("heading", name="魏东")).to_be_visible()
        await expect(page.get_by_test_id("specialist-facts")).to_contain_text("您本人")
        await expect(page.get_by_test_id("specialist-phones")).to_contain_text("13904732501")
        await expect(page.get_by_test_id("roster-edit")).to_have_count(0)
        await is_fit(page, f"own-{size[0]}")
