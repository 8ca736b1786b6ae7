"""The week's gaps: what agents searched in vain, and consult cases closed without citing an entry."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.knowledge_requests.gaps import kept_text
from crm.knowledge_requests.models import KnowledgeMiss
from hotline.kernel.ids import uuid7
from tests.crm.city import CONSULT, REPLY, SATISFIED, CaseCity
from tests.crm.conftest import Workspace
from tests.crm.test_knowledge_requests import RequestDesk
from tests.fakes.clock import FakeClock

GAPS = "/api/knowledge-gaps"


@pytest.mark.parametrize(
    ("search", "kept"),
    [
        ("共享厨房", "共享厨房"),
        ("  共享　 厨房 ", "共享 厨房"),
        ("ＡＢＣ 许可", "abc 许可"),
        ("2026年", "2026年"),
        ("13912345678 执照", None),
        ("139 1234", None),
        ("15030219900101123X", None),
        ("证", None),
        ("", None),
    ],
)
def test_what_is_kept_of_a_search(search: str, kept: str | None) -> None:
    assert kept_text(search) == kept


@pytest.fixture
async def desk(workspace: Workspace, morning: FakeClock) -> RequestDesk:
    city = CaseCity(workspace)
    await city.build()
    desk = RequestDesk(city, morning)
    await desk.open_accounts()
    return desk


async def missed(desk: RequestDesk, who: str, search: str) -> None:
    status, _ = await desk.workspace.ask(who, "POST", f"{GAPS}/searches", {"search": search})
    assert status == 204


async def test_searches_without_a_hit_are_counted_until_somebody_asks(desk: RequestDesk, morning: FakeClock) -> None:
    for search in ("共享厨房", "共享　厨房", "共享厨房", "139 1234 5678"):
        await missed(desk, "agent1", search)
    await missed(desk, "kb_editor", "编辑的检索")
    searches = (await desk.workspace.get("kb_editor", GAPS))["searches"]
    assert [(row["text"], row["count"]) for row in searches] == [("共享厨房", 2), ("共享 厨房", 1)]
    for who in ("agent1", "bureau"):
        assert (await desk.workspace.get(who, GAPS))["searches"] == [], who
    await desk.ask(miss_id=searches[0]["id"], question="共享厨房")
    left = (await desk.workspace.get("kb_editor", GAPS))["searches"]
    assert [row["text"] for row in left] == ["共享 厨房"]
    await morning.advance(timedelta(days=8))
    assert (await desk.workspace.get("kb_editor", GAPS))["searches"] == []
    # And a month later nothing of it is left.
    await morning.advance(timedelta(days=30))
    await missed(desk, "agent1", "夜间经济")
    async with desk.workspace.database.snapshot() as db:
        assert list(await db.scalars(select(KnowledgeMiss.text))) == ["夜间经济"]


async def test_consult_cases_closed_without_citing_are_their_units_gaps(desk: RequestDesk) -> None:
    city, workspace = desk.city, desk.workspace
    case_id = await city.in_callback()
    assert (await workspace.get("bureau", GAPS))["cases"] == []
    await workspace.move("callback", case_id, "record_callback", **SATISFIED)
    await workspace.move("callback", case_id, "close")
    (row,) = (await workspace.get("bureau", GAPS))["cases"]
    assert (row["id"], row["unit_name"]) == (case_id, "市场监督管理局")
    assert (await workspace.get("other", GAPS))["cases"] == []
    seen = await workspace.get("kb_editor", GAPS)
    assert (seen["cases"], seen["units"]) == ([], [{"unit_name": "市场监督管理局", "count": 1}])
    # Somebody asks for the entry: the gap is closed.
    request_id = await desk.ask("callback", case_id=case_id, proposal=REPLY["public_answer"])
    assert (await desk.read(request_id, "bureau"))["proposal"] == REPLY["public_answer"]
    assert (await workspace.get("bureau", GAPS))["cases"] == []


async def test_a_gap_does_not_hold_the_title_of_an_anonymous_case(desk: RequestDesk) -> None:
    city, workspace = desk.city, desk.workspace
    case_id = await city.in_callback(anonymous=True, title="王五来问办照材料")
    await workspace.move("callback", case_id, "record_callback", **SATISFIED)
    await workspace.move("callback", case_id, "close")
    for who in ("bureau", "supervisor"):
        (row,) = (await workspace.get(who, GAPS))["cases"]
        assert "王五" not in row["title"], who
        assert row["title"] == "有人反映窗口收费不开票。", who


async def test_what_cites_an_entry_is_no_gap(desk: RequestDesk) -> None:
    entry_id = await desk.published()
    case = await desk.workspace.post("agent1", "/api/cases", {**CONSULT, "id": uuid7()})
    cited = {"answer": "届满前申请延续。", "knowledge": [{"entry_id": entry_id, "number": 1}]}
    await desk.workspace.move("agent1", case["id"], "close_direct", **cited)
    assert (await desk.workspace.get("supervisor", GAPS))["cases"] == []


async def test_what_nobody_cites_for_90_days_is_listed(desk: RequestDesk, morning: FakeClock) -> None:
    entry_id = await desk.published()
    assert await desk.found("bureau", "", list="never_used") == []
    await morning.advance(timedelta(days=91))
    assert await desk.found("bureau", "", list="never_used") == [entry_id]
    assert await desk.found("agent1", "", list="never_used") == []


async def test_90_days_are_counted_in_the_hotlines_zone(desk: RequestDesk, morning: FakeClock) -> None:
    await morning.advance(timedelta(hours=15, minutes=30))
    # Half past midnight in Wuhai, the day before in UTC.
    entry_id = await desk.published()
    await morning.advance(timedelta(days=90))
    assert await desk.found("bureau", "", list="never_used") == []
    await morning.advance(timedelta(days=1))
    assert await desk.found("bureau", "", list="never_used") == [entry_id]


async def test_an_agent_says_once_of_each_version_whether_it_helped(desk: RequestDesk) -> None:
    entry_id, workspace = await desk.published(), desk.workspace
    path = f"/api/knowledge-ratings/{entry_id}"
    for helpful in (True, False, False):
        assert (await workspace.ask("agent1", "PUT", path, {"helpful": helpful}))[0] == 200
    seen = await workspace.get("agent1", path)
    assert seen == {"helpful": 0, "unhelpful": 1, "reports": 0, "mine": False}
    told = [one.detail for one in workspace.audits.records if one.action == "knowledge_rating.rate"]
    assert [(one["before"]["helpful"], one["after"]["helpful"]) for one in told] == [
        (None, True),
        (True, False),
        (False, False),
    ]
    assert await workspace.refused("bureau", "PUT", path, {"helpful": True}) == (403, "knowledge_request.actor")
    # The next version starts without the agent's word; the old ones count on.
    await desk.act("bureau", entry_id, "revise")
    await desk.act("bureau", entry_id, "submit")
    await desk.act("bureau_head", entry_id, "approve")
    await desk.act("kb_reviewer", entry_id, "publish")
    assert (await workspace.get("agent1", path))["mine"] is None
    await workspace.ask("agent1", "PUT", path, {"helpful": True})
    assert await workspace.get("bureau", path) == {"helpful": 1, "unhelpful": 1, "reports": 0, "mine": None}


async def test_what_is_often_called_wrong_is_listed_to_its_unit(desk: RequestDesk, morning: FakeClock) -> None:
    entry_id, other_id = await desk.published(), await desk.published(title="另一条")
    path = f"/api/knowledge-ratings/{entry_id}"
    await desk.workspace.ask("agent1", "PUT", path, {"helpful": False})
    assert (await desk.workspace.get("bureau", GAPS))["reported"] == []
    await desk.ask(kind="error", unit=None, entry_id=entry_id, entry_number=1)
    await desk.ask(kind="error", unit=None, entry_id=other_id, entry_number=1)
    for who in ("bureau", "kb_reviewer", "supervisor"):
        (row,) = (await desk.workspace.get(who, GAPS))["reported"]
        assert (row["id"], row["unhelpful"], row["reports"]) == (entry_id, 1, 1), who
    for who in ("other", "agent1"):
        assert (await desk.workspace.get(who, GAPS))["reported"] == [], who
    await morning.advance(timedelta(days=91))
    assert (await desk.workspace.get("bureau", GAPS))["reported"] == []
