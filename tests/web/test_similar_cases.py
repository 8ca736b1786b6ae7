"""Similar open cases beside the form, in Chromium, while a caller speaks."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from hotline.kernel.ids import uuid7
from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import City
from tests.web.conftest import go_to_work
from tests.web.test_agent_page import KNOWN, finish

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_typing_shows_the_similar_case_and_the_caller_is_told_the_progress(city: City, page: Page) -> None:
    async with city.as_user("agent3") as agent:
        case = await agent.post(
            "/api/cases",
            type="help",
            title="千里山园区变压器烧毁停电",
            content="园区变压器烧毁，多家企业停电停产。",
            place="千里山工业园",
            callback_number="13912340000",
        )
        case = await agent.post(f"/api/cases/{case['id']}/submit", version=case["version"], request_id=uuid7())
    await go_to_work(page, city, "agent2")
    async with PjsuaPhone.caller(city.asterisk, KNOWN) as caller:
        await caller.call_and_wait()
        caller.press("1")
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("hang-up").wait_for()
        await page.get_by_test_id("case-title").fill("园区变压器烧毁，什么时候来电")
        similar = page.get_by_test_id("similar-case").filter(has_text=case["spoken_number"])
        await expect(similar).to_contain_text("千里山园区变压器烧毁停电")
        await expect(similar).to_contain_text("内容相近")
        await expect(similar).to_contain_text("变压器")
        await similar.get_by_test_id("similar-repeat").click()
        await expect(page.get_by_test_id("repeat-message")).to_contain_text(case["spoken_number"])
        await page.get_by_test_id("repeat-confirm").click()
        await expect(page.get_by_test_id("case-another")).to_be_visible()
        await page.get_by_test_id("hang-up").click()
        caller.hang_up()
    await finish(page)
    async with city.as_user("agent3") as agent:
        noted = await agent.get(f"/api/cases/{case['id']}")
        assert noted["repeats"] == 1
        assert noted["steps"][-1]["action"] == "note_repeat"
        (call_id,) = noted["call_ids"]
        cases = await agent.get("/api/cases", call_id=call_id)
        assert {row["state"] for row in cases["items"]} == {"pending_review", "terminated"}
