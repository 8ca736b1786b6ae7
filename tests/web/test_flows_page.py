"""A telephony admin changes what callers hear, in Chromium, while calls run; and goes back by one click."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.stories.city import City
from tests.stories.office import Office, nodes
from tests.web.conftest import log_in, window
from tests.web.pages import NARROW, faults

pytestmark = [
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="session"),
]
ADDRESS = "/flows/enterprise"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def callers(the_city: City) -> AsyncIterator[Office]:
    """The call log and callers' phones, without agents."""
    async with Office(the_city) as office:
        yield office


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def as_shipped(city: City) -> AsyncIterator[None]:
    """The other tests of this city find the flow as it was."""
    yield
    async with city.as_user("admin") as api:
        flow = await api.get("/api/flows/enterprise")
        live = flow["in_force"][0]["number"]
        if live != 1:
            await api.post("/api/flows/enterprise/publications", number=1, live=live, reason="测试结束")
        shipped = await api.get("/api/flows/enterprise/versions/1")
        draft = {"version": flow["draft"]["version"], "document": shipped["document"]}
        await api.put("/api/flows/enterprise/draft", **draft)


async def type_into(page: Page, old: str, new: str) -> None:
    """Change the flow's text as somebody who replaces a piece of it."""
    text = await page.get_by_test_id("flow-text").input_value()
    assert old in text
    await page.get_by_test_id("flow-text").fill(text.replace(old, new, 1))


async def opened_as_text(page: Page, city: City) -> None:
    await log_in(page, city, "admin", f"{ADDRESS}?form=text")
    await page.get_by_test_id("flow-text").wait_for()


async def serves(callers: Office, version: int, by_key: str) -> None:
    """A new call, of which key 2 leads to `by_key`."""
    async with callers.caller() as caller:
        await callers.comes_to(caller, "menu")
        caller.press("2")
        call = await callers.comes_to(caller, by_key)
        assert call["flow_version"] == version


async def test_the_next_caller_hears_the_change_and_a_running_call_does_not(
    city: City, page: Page, callers: Office
) -> None:
    await opened_as_text(page, city)
    await expect(page.get_by_test_id("in-force-live")).to_contain_text("版本 1")
    async with callers.caller() as before:
        await callers.comes_to(before, "menu")
        await type_into(page, "'2': to-public", "'2': english")
        await page.get_by_test_id("draft-save").click()
        await page.get_by_test_id("flow-publish").click()
        await expect(page.get_by_test_id("flow-differences")).to_contain_text("branches.2")
        await page.get_by_test_id("publish-note").fill("外商来电试行")
        await page.get_by_test_id("publish-confirm").click()
        # A test case of the flow says that 2 leads to a person.
        await page.get_by_test_id("publish-despite-tests").check()
        await page.get_by_test_id("publish-confirm").click()
        await expect(page.get_by_test_id("in-force-live")).to_contain_text("外商来电试行")
        live = int((await page.get_by_test_id("in-force-live").inner_text()).split("版本 ")[1].split()[0])

        async with callers.caller() as after:
            await callers.comes_to(after, "menu")
            after.press("2")
            call = await callers.comes_to(after, "english-menu")
            assert call["flow_version"] == live
        before.press("2")
        call = await callers.comes_to(before, "public-queue")
        assert call["flow_version"] == 1
        assert "english" not in nodes(call)

    await page.get_by_test_id("tab-versions").click()
    await page.get_by_test_id("put-in-force-1").click()
    await page.get_by_test_id("confirm-reason").fill("来电者听不懂")
    await page.get_by_test_id("confirm-ok").click()
    await expect(page.get_by_test_id("in-force-live")).to_contain_text("来电者听不懂")
    await serves(callers, 1, "public-queue")


async def test_two_admins_lose_nothing(city: City, page: Page, browser: Browser) -> None:
    await opened_as_text(page, city)
    async with window(browser, city) as context:
        other = await context.new_page()
        await opened_as_text(other, city)
        await type_into(other, "label: 主菜单", "label: 第一层菜单")
        await other.get_by_test_id("draft-save").click()
        await expect(other.get_by_test_id("draft-save")).to_be_disabled()
    await type_into(page, "label: 欢迎语", "label: 问候")
    await page.get_by_test_id("draft-save").click()
    await expect(page.get_by_test_id("draft-overtaken")).to_contain_text("已并入")
    await expect(page.get_by_test_id("flow-text")).to_have_value(has("label: 第一层菜单", "label: 问候"))
    await page.get_by_test_id("draft-save").click()
    await expect(page.get_by_test_id("draft-save")).to_be_disabled()
    await expect(page.get_by_test_id("draft-overtaken")).to_have_count(0)


def has(*parts: str) -> re.Pattern[str]:
    return re.compile("".join(f"(?=[\\s\\S]*{re.escape(part)})" for part in parts))


async def test_what_is_wrong_is_said_at_its_line_and_is_not_published(city: City, page: Page) -> None:
    await opened_as_text(page, city)
    await type_into(page, "silence: to-person", "silence: to-nobody")
    problems = page.get_by_test_id("flow-problems")
    await expect(problems).to_contain_text("to-nobody")
    await page.get_by_test_id("draft-save").click()
    await expect(page.get_by_test_id("draft-save")).to_be_disabled()
    await expect(page.get_by_test_id("flow-publish")).to_be_disabled()
    await type_into(page, "nodes:", "nodes: [")
    await expect(problems).to_contain_text("YAML")
    await page.get_by_test_id("draft-save").click()
    await expect(page.locator(".ant-message")).to_be_visible()
    assert "nodes: [" in await page.get_by_test_id("flow-text").input_value(), "what was typed stays"
    await page.get_by_test_id("draft-discard").click()


@pytest.mark.parametrize("tab", ["", "?form=text", "?tab=replays", "?tab=versions", "?tab=history", "?tab=numbers"])
async def test_the_pages_are_fit_for_a_phone(city: City, browser: Browser, tab: str) -> None:
    async with window(browser, city, size=NARROW) as context:
        page = await context.new_page()
        await log_in(page, city, "admin", ADDRESS + tab)
        await page.get_by_test_id("flow-now").wait_for()
        await page.wait_for_load_state("networkidle")
        assert await faults(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_todays_calls_are_taken_through_the_draft(city: City, page: Page, callers: Office) -> None:
    async with callers.caller() as caller:
        await callers.comes_to(caller, "menu")
        caller.press("9")
        await callers.comes_to(caller, "menu")
    await opened_as_text(page, city)
    await type_into(page, "'2': to-public", "'2': english")
    await page.get_by_test_id("draft-save").click()
    await page.get_by_test_id("tab-replays").click()
    await page.locator(".replay-form .ant-picker").click()
    await page.get_by_text("今天", exact=True).first.click()
    await page.get_by_test_id("replay-start").click()
    await expect(page.get_by_test_id("replay-state")).to_contain_text("完成", timeout=60_000)
    await expect(page.get_by_test_id("replay-result")).to_contain_text("有改动的环节")
    assert await faults(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
