"""A specialist is brought in from the agent's page, in Chromium."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until
from tests.stories.city import City
from tests.stories.office import specialist_phone
from tests.web.conftest import go_to_work, window
from tests.web.test_agent_page import KNOWN, finish

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# The ringback tone is the only sound of the page that repeats every five seconds.
_LISTEN = """
  window.__ringback = [];
  for (const act of ["start", "stop"]) {
    const real = AudioBufferSourceNode.prototype[act];
    AudioBufferSourceNode.prototype[act] = function (...options) {
      if (this.loop && this.buffer.duration === 5) window.__ringback.push(act);
      return real.apply(this, options);
    };
  }
"""


@pytest_asyncio.fixture(loop_scope="session")
async def listening_page(browser: Browser, city: City) -> AsyncIterator[Page]:
    async with window(browser, city) as context:
        await context.add_init_script(_LISTEN)
        yield await context.new_page()


async def rests_on_the_talk(page: Page) -> bool:
    """Whether a direct answer may rest on what the specialist said, and so asks for the caller's consent."""
    await page.get_by_test_id("case-direct").click()
    await page.get_by_test_id("cite").wait_for()
    asked = await page.get_by_test_id("verdict-consent").count()
    await page.get_by_role("dialog").get_by_role("button", name="取消").click()
    await page.get_by_test_id("cite").wait_for(state="detached")
    return asked > 0


async def test_the_agent_hears_it_ring_and_may_answer_directly_after_a_reload(city: City, listening_page: Page) -> None:
    page = listening_page
    await go_to_work(page, city, "agent2")
    specialist = specialist_phone(city)
    async with PjsuaPhone.caller(city.asterisk, KNOWN) as caller, specialist:
        specialist.rings()
        await caller.call_and_wait()
        caller.press("1")
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("hang-up").wait_for()

        await page.get_by_test_id("threeway-start").click()
        person = page.locator("[data-testid^=specialist-]", has_text="陈志远")
        await person.locator("[data-testid^=consult-]").first.click()
        await specialist.wait_for("ringing")
        await page.wait_for_function("() => __ringback.join() === 'start'")
        specialist.answer()
        await page.get_by_test_id("threeway-merge").wait_for()
        assert await page.evaluate("() => __ringback") == ["start", "stop"]

        assert not await rests_on_the_talk(page)
        await page.get_by_test_id("threeway-merge").click()
        await page.get_by_test_id("threeway-leave").wait_for()
        assert await rests_on_the_talk(page)
        specialist.hang_up()
        await page.get_by_test_id("threeway-start").wait_for()
        await page.reload()
        assert await rests_on_the_talk(page)
        await page.get_by_test_id("hang-up").click()
        caller.hang_up()
    await finish(page)


async def test_the_caller_is_dropped_and_agent_and_specialist_talk_on(city: City, listening_page: Page) -> None:
    page = listening_page
    await go_to_work(page, city, "agent2")
    state = page.get_by_test_id("agent-state")
    running = page.get_by_test_id("threeway-running")
    specialist = specialist_phone(city)
    async with PjsuaPhone.caller(city.asterisk, KNOWN) as caller, specialist:
        specialist.answers()
        await caller.call_and_wait()
        caller.press("1")
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("threeway-start").click()
        person = page.locator("[data-testid^=specialist-]", has_text="陈志远")
        await person.locator("[data-testid^=consult-]").first.click()
        await page.get_by_test_id("threeway-merge").click()
        await page.get_by_test_id("threeway-drop-caller").click()
        await page.locator(".ant-modal-confirm-btns .ant-btn-primary").click()
        await expect(running).to_have_attribute("data-state", "without_caller")
        for refused in ("merge", "toggle", "cancel_consult"):
            await expect(page.get_by_test_id(f"threeway-{refused}")).to_have_count(0)
        await expect(page.get_by_test_id("hang-up")).to_be_visible()

        caller.hang_up()
        await until(lambda: _has_hung_up(city, "trunk"), what="the caller's channel is gone")
        await expect(state).to_have_attribute("data-state", "talking")
        await expect(running).to_have_attribute("data-state", "without_caller")

        await page.keyboard.press("F4")
        await specialist.wait_for("disconnected")
        await expect(state).to_have_attribute("data-state", "wrap_up")
    await finish(page)


async def _has_hung_up(city: City, endpoint: str) -> bool:
    return f"PJSIP/{endpoint}-" not in await city.asterisk.cli("core show channels concise")
