"""An agent on a live call answers from the knowledge base by the keyboard; what the case cites stays as it was read."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import update

from crm.knowledge.models import KnowledgeEntry
from hotline.accounts.offline import users_of
from hotline.kernel.clock import SystemClock
from hotline.kernel.ids import uuid7
from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import Api, City
from tests.web.conftest import go_to_work, log_in
from tests.web.test_agent_page import KNOWN, finish
from tests.web.test_knowledge_page import is_fit

pytestmark = [
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="session"),
]
FEWEST, MINUTE = 3, 60
READ, LATER = "夜市摊位先到街道备案，再登记小餐饮。", "改为网上备案。"


class CountedKeys:
    """The keyboard, counting what is pressed besides the words of the search."""

    def __init__(self, page: Page) -> None:
        self._keyboard = page.keyboard
        self.pressed = 0

    async def press(self, key: str) -> None:
        self.pressed += 1
        await self._keyboard.press(key)


async def act(city: City, who: str, entry_id: str, action: str, **more: Any) -> None:
    async with city.as_user(who) as api:
        await api.post(f"/api/knowledge/{entry_id}/{action}", version=await version_of(api, entry_id), **more)


async def version_of(api: Api, entry_id: str) -> int:
    return int((await api.get(f"/api/knowledge/{entry_id}"))["version"])


async def published(city: City, entry_id: str) -> None:
    await act(city, "market", entry_id, "submit")
    await act(city, "markethead", entry_id, "approve")
    await act(city, "knowledge", entry_id, "publish")


async def entry(city: City, **content: Any) -> str:
    entry_id = uuid7()
    async with city.as_user("market") as api:
        units = {unit["name"]: unit["id"] for unit in await api.get("/api/units")}
        words = {"kind": "procedure", "issuing_body": "市场监督管理局", **content}
        await api.post("/api/knowledge", id=entry_id, unit_id=units["市场监督管理局"], content=words)
    await published(city, entry_id)
    return entry_id


@pytest.mark.clause(4, 8)
async def test_an_agent_on_a_call_answers_by_the_keyboard_and_the_case_keeps_it(city: City, page: Page) -> None:
    content = {"title": "夜市摊位备案", "answer": READ}
    entry_id = await entry(city, **content)
    await go_to_work(page, city, "agent2")
    async with PjsuaPhone.caller(city.asterisk, KNOWN) as caller:
        await caller.call_and_wait()
        caller.press("1")
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("hang-up").wait_for()
        await page.get_by_test_id("case-type-consult").click()
        await page.get_by_test_id("case-title").fill("想在广场摆摊")
        await page.keyboard.press("Control+k")
        await expect(page.get_by_test_id("finder-search")).to_be_focused()
        await page.keyboard.type("夜市")
        await expect(page.get_by_test_id("finder-hit").first.locator("mark")).to_have_text("夜市")
        keys = CountedKeys(page)
        await expect(page.get_by_test_id("finder-entry").get_by_test_id("entry-answer")).to_have_text(READ)
        await keys.press("Enter")
        await expect(page.get_by_test_id("verdict-answer")).to_have_value(READ)
        await is_fit(page)
        assert keys.pressed <= FEWEST
        await page.get_by_test_id("verdict-confirm").click()
        await expect(page.get_by_test_id("case-another")).to_be_visible()
        number = await page.get_by_test_id("case-number").inner_text()
        await page.get_by_test_id("hang-up").click()
        caller.hang_up()
    await finish(page)

    await act(city, "market", entry_id, "revise")
    async with city.as_user("market") as api:
        content = (await api.get(f"/api/knowledge/{entry_id}"))["revision"] | {"answer": LATER}
        await api.put(f"/api/knowledge/{entry_id}/revision", version=await version_of(api, entry_id), content=content)
    await published(city, entry_id)
    await page.goto(f"/cases/{number}")
    await expect(page.get_by_test_id("step-close_direct")).to_contain_text(READ)
    await expect(page.get_by_test_id("step-cited")).to_contain_text("（第 1 版）")
    await page.get_by_test_id("step-cited").click()
    await expect(page.get_by_test_id("entry-answer")).to_have_text(READ)
    await is_fit(page)
    await page.get_by_test_id("cited-version").get_by_role("link").click()
    await expect(page.get_by_test_id("entry-answer")).to_have_text(LATER)
    # Withdrawn, it is still there for the case.
    await act(city, "markethead", entry_id, "withdraw", reason="已废止")
    await page.goto(f"/cases/{number}")
    await page.get_by_test_id("step-cited").click()
    await expect(page.get_by_test_id("entry-answer")).to_have_text(READ)


@pytest.mark.clause(4)
async def test_an_agent_finds_an_entry_no_more_within_a_minute_of_its_last_day(city: City, page: Page) -> None:
    today = SystemClock().now().date()
    entry_id = await entry(city, title="河灯展销摊位", answer="到街道办事处登记。", expires_on=f"{today:%Y-%m-%d}")
    await log_in(page, city, "agent2", "/knowledge?search=河灯展销")
    row = page.get_by_role("row").filter(has_text="河灯展销摊位")
    await expect(row).to_be_visible()
    async with users_of(city.asterisk.settings) as (_, database), database.transaction() as db:
        # As if midnight had passed.
        passed = {"expires_on": today - timedelta(days=1)}
        await db.execute(update(KnowledgeEntry).where(KnowledgeEntry.id == entry_id).values(passed))
    since = monotonic()
    while await row.count():
        assert monotonic() - since < MINUTE
        await page.reload()
        await page.get_by_role("table").or_(page.get_by_test_id("empty")).first.wait_for()
        await page.wait_for_load_state("networkidle")
    await page.goto(f"/knowledge/{entry_id}")
    await expect(page.get_by_text("没有这条知识")).to_be_visible()
