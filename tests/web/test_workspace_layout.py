"""In every state of a call each button of the workspace can be clicked: nothing lies over it, at both usual sizes."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import City
from tests.stories.office import KNOWN, specialist_phone
from tests.web.conftest import go_to_work
from tests.web.test_agent_page import finish

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SIZES = ({"width": 1366, "height": 768}, {"width": 1280, "height": 720})
EVERYWHERE, PHONE_COLUMN = ".workspace button, .top button", ".workspace-left button, .top button, .devices button"

_COVERED = """
  (selector) => {
    const covered = [];
    for (const button of document.querySelectorAll(selector)) {
      if (!button.checkVisibility() || button.disabled) continue;
      button.scrollIntoView({ block: "nearest" });
      const { left, top, width, height } = button.getBoundingClientRect();
      const hit = document.elementFromPoint(left + width / 2, top + height / 2);
      if (button.contains(hit)) continue;
      covered.push(`${button.innerText || button.ariaLabel}: ${hit?.outerHTML.slice(0, 80)}`);
    }
    return covered;
  }
"""


async def nothing_covered(page: Page, state: str, buttons: str = EVERYWHERE) -> None:
    await page.locator(".ant-modal-wrap").first.wait_for(state="hidden")  # One just closed fades out.
    for size in SIZES:
        await page.set_viewport_size(size)  # type: ignore[arg-type]
        assert await page.evaluate(_COVERED, buttons) == [], (state, size)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (state, size)


async def test_no_button_is_covered_in_any_state_of_a_call(city: City, page: Page) -> None:
    await go_to_work(page, city, "agent2")
    await nothing_covered(page, "ready")
    specialist = specialist_phone(city)
    async with PjsuaPhone.caller(city.asterisk, KNOWN) as caller, specialist:
        specialist.rings()
        await caller.call_and_wait()
        caller.press("1")
        await page.get_by_test_id("answer").wait_for()
        await page.get_by_test_id("enterprise-card").wait_for()
        await nothing_covered(page, "ringing")
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("hang-up").wait_for()
        await nothing_covered(page, "talking")

        await page.get_by_test_id("phone-devices").click()
        await page.locator(".devices .level-bar").wait_for()
        await nothing_covered(page, "talking, devices open", PHONE_COLUMN)
        await page.keyboard.press("Escape")
        await page.locator(".devices").wait_for(state="detached")
        await page.get_by_test_id("toggle-keypad").click()
        await nothing_covered(page, "talking, keypad open")
        await page.get_by_test_id("toggle-keypad").click()

        await page.get_by_test_id("threeway-start").click()
        person = page.locator("[data-testid^=specialist-]", has_text="陈志远")
        await person.locator("[data-testid^=consult-]").first.click()
        await specialist.wait_for("ringing")
        await page.get_by_test_id("threeway-running").wait_for()
        await nothing_covered(page, "specialist rings")
        specialist.answer()
        await page.get_by_test_id("threeway-merge").wait_for()
        await nothing_covered(page, "consulting")
        await page.get_by_test_id("threeway-merge").click()
        await page.get_by_test_id("threeway-drop-caller").wait_for()
        await nothing_covered(page, "merged")
        specialist.hang_up()
        await page.get_by_test_id("threeway-start").wait_for()

        await page.get_by_test_id("hang-up").click()
        await page.get_by_test_id("finish-wrap-up").wait_for()
        await nothing_covered(page, "wrap-up")
        caller.hang_up()
    await finish(page)
