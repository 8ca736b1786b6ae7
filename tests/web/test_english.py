"""The agent's page and the call log in English: what the page itself says is English everywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import City
from tests.web.conftest import go_to_work, window

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# What is said in Chinese, in words, hints or names for screen readers, but for people's and enterprises' own names,
# the words of the call flow, values of settings, and the way to the other language.
_CHINESE = """
  () => {
    const data = "[lang='zh-CN'], .agent-who, [data-testid=account-menu], [data-testid=call-path], .timeline, " +
      ".cell-caller, .earlier-who, .detail-head, .setting-value";
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
      if (element.closest(data) || ["STYLE", "SCRIPT", "NOSCRIPT"].includes(element.tagName)) continue;
      const said = node.nodeType === Node.TEXT_NODE
        ? [node.data]
        : ["title", "placeholder", "aria-label", "alt"].map((name) => element.getAttribute(name) ?? "");
      found.push(...said.filter((text) => /[\\u4e00-\\u9fff]/.test(text)));
    }
    if (/[\\u4e00-\\u9fff]/.test(document.title)) found.push(document.title);
    return found;
  }
"""


async def speaks_english(page: Page, *labels: str) -> None:
    for label in labels:
        await expect(page.get_by_text(label).filter(visible=True).first).to_be_visible()
    assert await page.evaluate(_CHINESE) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest_asyncio.fixture(loop_scope="session")
async def english_page(browser: Browser, city: City) -> AsyncIterator[Page]:
    async with window(browser, city, locale="en-US") as context:
        yield await context.new_page()


async def test_an_english_agent_reads_no_chinese_from_ring_to_log(city: City, english_page: Page) -> None:
    page = english_page
    await page.goto("/workspace")
    await page.get_by_role("button", name="English").click()
    await speaks_english(page, "Log in", "User name", "Password")
    await go_to_work(page, city, "agent3")
    await speaks_english(page, "Ready", "Pause", "Sign out", "Phone is ready", "Waiting for a call")
    await page.get_by_test_id("phone-devices").click()
    await speaks_english(page, "Microphone", "Speaker", "Ringer", "Try the ring")
    await page.keyboard.press("Escape")
    async with PjsuaPhone.caller(city.asterisk, "13800994003") as caller:
        await caller.call_and_wait()
        caller.press("00")
        await page.get_by_test_id("answer").wait_for()
        await speaks_english(page, "Incoming call", "Answer", "Reject", "Ringing")
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("hang-up").wait_for()
        await page.get_by_test_id("toggle-keypad").click()
        await speaks_english(page, "Hold", "Mute", "Hang up", "Bring in a specialist", "Who is calling", "Case")
        await page.get_by_test_id("hang-up").click()
        await page.get_by_test_id("finish-wrap-up").wait_for()
        await speaks_english(page, "Wrap-up", "Finish, go ready", "Extend")
        caller.hang_up()
    await page.get_by_test_id("finish-wrap-up").click()
    await page.get_by_test_id("sign-out").click()
    await page.get_by_test_id("sign-in").click()
    await speaks_english(page, "Sign in to the workspace", "Browser", "Desk phone")
    await page.goto("/calls")
    await speaks_english(page, "Calls", "Outcome", "Rating", "Waited")
    await page.get_by_test_id("filter-outcome").click()
    await speaks_english(page, "Voicemail", "Left in the menu")
    await page.locator("[data-testid^=call-0]").first.click()
    await speaks_english(page, "This account may not play recordings")
