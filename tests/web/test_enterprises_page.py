"""The book of enterprises in Chromium, over the real service and the demo city."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.phones.waiting import until
from tests.stories.city import Api, City
from tests.stories.office import audit_of
from tests.web.conftest import log_in, window
from tests.web.pages import faults

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WINERY = "乌海市黄河湾葡萄酒业有限公司"
WRONG_DIGIT = "91350203M0001QKT19"


async def enterprise(api: Api, name: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get("/api/enterprises", search=name))["items"][0]
    return found


async def is_fit(page: Page, path: str) -> None:
    assert await faults(page) == [], path
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


async def test_the_list_is_searched_sorted_and_kept_in_the_address(city: City, page: Page) -> None:
    await log_in(page, city, "agent1", "/enterprises")
    row = page.get_by_role("link", name=WINERY)
    await row.wait_for()
    await is_fit(page, "/enterprises")
    search = page.get_by_test_id("enterprises-search")
    for text in ("葡萄 黄河湾", "huanghewan", "hhwptj", "91150302MA0H011K5A", "13904730001"):
        await search.fill(text)
        await page.wait_for_function("text => new URLSearchParams(location.search).get('search') === text", arg=text)
        await expect(page.locator("tbody tr[data-row-key]")).to_have_count(1)
        await expect(row).to_be_visible()
    # A key comes just when the address takes up the keys before it.
    await search.fill("")
    await search.press_sequentially("13904730001", delay=355)
    await expect(search).to_have_value("13904730001")
    await expect(page).to_have_url(re.compile(r"search=13904730001"))
    await page.reload()
    await expect(search).to_have_value("13904730001")
    await expect(page.locator("tbody tr[data-row-key]")).to_have_count(1)
    await page.get_by_test_id("table-clear").click()
    await page.get_by_role("columnheader", name="名称").click()
    await expect(page).to_have_url(re.compile(r"sort=name"))
    await search.fill("没有这家 企业")
    await expect(page.get_by_test_id("empty")).to_be_visible()
    await page.get_by_test_id("table-clear").click()
    await row.click()
    await expect(page.get_by_role("heading", level=1, name=WINERY)).to_be_visible()


async def test_one_page_shows_contacts_calls_and_cases(city: City, page: Page) -> None:
    async with city.as_user("supervisor") as api:
        winery = await enterprise(api, WINERY)
        await log_in(page, city, "supervisor", f"/enterprises/{winery['id']}")
        contact = page.get_by_test_id("contact").first
        await expect(contact).to_contain_text("139****0001")
        await is_fit(page, "contacts")
        await contact.get_by_test_id("contact-unmask").click()
        await page.get_by_test_id("confirm-ok").click()
        await expect(contact.get_by_test_id("whole-number").first).to_have_text("13904730001")
        audited = await audit_of(city, "contact.unmask")
        assert audited[0]["detail"]["enterprise_id"] == winery["id"]
        await page.get_by_role("tab", name="来电").click()
        await page.get_by_role("tab", name="工单").click()
        number = page.locator("tbody a.code").first
        await is_fit(page, "cases")
        await number.click()
        await expect(page.get_by_test_id("case-page")).to_be_visible()


async def test_an_agent_unmasks_nothing(city: City, page: Page) -> None:
    async with city.as_user("agent1") as api:
        winery = await enterprise(api, WINERY)
    await log_in(page, city, "agent1", f"/enterprises/{winery['id']}")
    await page.get_by_test_id("contact").first.wait_for()
    await expect(page.get_by_test_id("contact-unmask")).to_have_count(0)


async def test_a_code_that_fails_its_check_is_taken_after_a_confirmation(city: City, page: Page) -> None:
    await log_in(page, city, "agent1", "/enterprises")
    await page.get_by_test_id("enterprise-register").click()
    form = page.get_by_test_id("enterprise-drawer")
    await form.get_by_test_id("enterprise-name").fill("厦门旧照商贸有限公司")
    await form.get_by_test_id("enterprise-code").fill("150302190001010051")
    await form.get_by_test_id("form-save").click()
    await expect(form).to_contain_text("身份证号")
    await expect(form.get_by_test_id("confirm-code")).to_have_count(0)
    await form.get_by_test_id("enterprise-code").fill(WRONG_DIGIT)
    await form.get_by_test_id("form-save").click()
    await expect(form).to_contain_text("最后一位校验码不符")
    await form.get_by_test_id("confirm-code").check()
    await form.get_by_test_id("form-save").click()
    await expect(page.get_by_test_id("code-confirmed")).to_be_visible()
    await page.goto("/enterprises?code=confirmed")
    await expect(page.get_by_role("link", name="厦门旧照商贸有限公司")).to_be_visible()


async def test_what_was_typed_outlives_somebody_elses_change(city: City, page: Page) -> None:
    async with city.as_user("agent1") as api:
        made = await api.post("/api/enterprises", name="并发测试商贸有限公司", industry="零售")
        path = f"/api/enterprises/{made['id']}"
        await log_in(page, city, "agent1", f"/enterprises/{made['id']}")
        await page.get_by_test_id("enterprise-edit").click()
        form = page.get_by_test_id("enterprise-drawer")
        await form.get_by_test_id("enterprise-industry").fill("餐饮")
        await api.patch(path, version=1, name="改名后商贸有限公司")
        await form.get_by_test_id("form-save").click()
        await expect(form.get_by_test_id("changed-meanwhile")).to_contain_text("改名后商贸有限公司")
        await expect(form.get_by_test_id("enterprise-industry")).to_have_value("餐饮")
        # Leaving it now is asked about.
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="留在此页").click()
        await form.get_by_test_id("form-save").click()
        await expect(form).to_have_count(0)

        async def saved() -> bool:
            now = await api.get(path)
            return (now["name"], now["industry"]) == ("改名后商贸有限公司", "餐饮")

        await until(saved, what="both changes are stored")


async def test_a_contact_is_added_and_changed(city: City, page: Page) -> None:
    async with city.as_user("agent1") as api:
        made = await api.post("/api/enterprises", name="联系人测试商贸有限公司")
    await log_in(page, city, "agent1", f"/enterprises/{made['id']}")
    await expect(page.get_by_test_id("empty")).to_contain_text("还没有联系人")
    await page.get_by_test_id("contact-add").click()
    form = page.get_by_test_id("contact-drawer")
    await form.get_by_test_id("contact-name").fill("王强")
    await form.get_by_test_id("contact-number-0").fill("12")
    await form.get_by_test_id("form-save").click()
    await expect(form).to_contain_text("电话号码格式不正确")
    await form.get_by_test_id("contact-number-0").fill("1234567890123456789")
    await expect(form).not_to_contain_text("电话号码格式不正确")
    await form.get_by_test_id("form-save").click()
    await expect(form).to_contain_text("电话号码格式不正确")
    await form.get_by_test_id("contact-number-0").fill("13800001234")
    await is_fit(page, "contact form")
    await form.get_by_test_id("form-save").click()
    contact = page.get_by_test_id("contact")
    await expect(contact).to_contain_text("138****1234")
    await contact.get_by_test_id("contact-edit").click()
    await form.get_by_test_id("contact-role").fill("经理")
    await form.get_by_test_id("number-add").click()
    await form.get_by_test_id("contact-number-1").fill("0473-2991234")
    await form.get_by_test_id("form-save").click()
    await expect(contact).to_contain_text("经理")
    await expect(contact.locator("li")).to_have_count(2)


async def test_both_pages_fit_a_phone(city: City, browser: Browser) -> None:
    async with city.as_user("supervisor") as api:
        winery = await enterprise(api, WINERY)
    async with window(browser, city, size=(375, 812)) as context:
        page = await context.new_page()
        await log_in(page, city, "supervisor", "/enterprises")
        await page.get_by_role("link", name=WINERY).wait_for()
        await is_fit(page, "/enterprises")
        await page.goto(f"/enterprises/{winery['id']}")
        await page.get_by_test_id("contact").first.wait_for()
        await is_fit(page, "/enterprises/ID")
