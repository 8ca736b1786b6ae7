"""The knowledge base: a unit writes, its head looks it through, the hotline publishes, an agent finds and cites."""

from __future__ import annotations

import asyncio
from datetime import datetime, time, timedelta
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from crm.knowledge.content import KnowledgeContent, missing_of
from crm.knowledge.guards import KNOWLEDGE_GUARDS
from crm.knowledge.models import KnowledgeEntry, KnowledgeReview
from crm.knowledge.publishing import SWEEP
from crm.knowledge.state import (
    ENTRY_MOVES,
    REVISION_MOVES,
    KnowledgeAction,
    KnowledgeGuard,
    KnowledgeState,
    RevisionState,
)
from hotline.accounts.roles import Role
from hotline.kernel.ids import uuid7
from hotline.kernel.job_table import Job
from hotline.kernel.jobs import JobContext
from hotline.kernel.models import JobRecord
from tests.crm.city import CONSULT, CaseCity
from tests.crm.conftest import Workspace
from tests.crm.deadlines import running_jobs
from tests.fakes.clock import FakeClock

WUHAI = ZoneInfo("Asia/Shanghai")

WRITTEN: dict[str, Any] = {
    "title": "食品经营许可证延续",
    "kind": "service_item",
    "answer": "届满前九十个至三十个工作日内，在网上提出延续申请。",
    "details": "## 材料\n\n1. 申请书\n2. 许可证副本",
    "issuing_body": "市场监督管理局",
    "keywords": ["许可证到期"],
    "synonyms": ["卫生许可证"],
}


def test_every_guard_has_a_check() -> None:
    assert KNOWLEDGE_GUARDS.keys() == set(KnowledgeGuard)
    used = {guard for move in (*REVISION_MOVES.values(), *ENTRY_MOVES.values()) for guard in move.guards}
    assert used == set(KnowledgeGuard)


def test_no_action_stands_in_both_tables_and_every_state_is_left_and_reached() -> None:
    revising = {action for _, action in REVISION_MOVES}
    assert revising.isdisjoint(action for _, action in ENTRY_MOVES)
    assert {state for state, _ in REVISION_MOVES} == set(RevisionState)
    reached = {move.revision for move in REVISION_MOVES.values()} | {RevisionState.SCHEDULED}
    assert reached >= set(RevisionState)


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({}, ()),
        ({"answer": ""}, ("answer",)),
        ({"kind": "law_and_policy"}, ("document_number",)),
        ({"scope": "specialist"}, ("specialist_ids",)),
        (
            {"kind": "incentive", "incentive": {"beneficiaries": "小微企业", "conditions": "正常纳税"}},
            ("incentive.fulfilled_within", "incentive.address", "incentive.phone"),
        ),
    ],
)
def test_a_submission_needs_what_its_kind_needs(change: dict[str, Any], missing: tuple[str, ...]) -> None:
    assert missing_of(KnowledgeContent.model_validate({**WRITTEN, **change})) == missing


class KnowledgeDesk:
    """Who writes and publishes, in the city."""

    def __init__(self, city: CaseCity, clock: FakeClock) -> None:
        self.city, self.clock = city, clock
        self.workspace = city.workspace
        self.workspace.hire("kb_editor", Role.KB_EDITOR)
        self.workspace.hire("kb_reviewer", Role.KB_REVIEWER)

    async def draft(self, who: str = "bureau", unit: str | None = "bureau", **content: Any) -> str:
        entry_id = uuid7()
        body = {"id": entry_id, "unit_id": self.city.units[unit] if unit else None, "content": {**WRITTEN, **content}}
        await self.workspace.post(who, "/api/knowledge", body)
        return entry_id

    async def version(self, entry_id: str) -> int:
        return int((await self.workspace.get("kb_reviewer", f"/api/knowledge/{entry_id}"))["version"])

    async def act(self, who: str, entry_id: str, action: str, **more: Any) -> Any:
        body = {"version": await self.version(entry_id), **more}
        return await self.workspace.post(who, f"/api/knowledge/{entry_id}/{action}", body)

    async def refused(self, who: str, entry_id: str, action: str, **more: Any) -> tuple[int, str]:
        body = {"version": await self.version(entry_id), **more}
        return await self.workspace.refused(who, "POST", f"/api/knowledge/{entry_id}/{action}", body)

    async def published(self, **content: Any) -> str:
        entry_id = await self.draft(**content)
        await self.act("bureau", entry_id, "submit")
        await self.act("bureau_head", entry_id, "approve")
        await self.act("kb_reviewer", entry_id, "publish")
        return entry_id

    async def found(self, who: str, search: str, **query: Any) -> list[str]:
        page = await self.workspace.get(who, "/api/knowledge", search=search, **query)
        return [row["id"] for row in page["items"]]

    async def sweep(self) -> None:
        now = self.clock.now()
        job = Job(id="j", kind=SWEEP, key=None, payload={}, run_at=now, attempts=1)
        context = JobContext(job=job, clock=self.clock, database=self.workspace.database)
        await self.workspace.crm.knowledge.publishing.sweep(context)


@pytest.fixture
async def desk(workspace: Workspace, morning: FakeClock) -> KnowledgeDesk:
    city = CaseCity(workspace)
    await city.build()
    return KnowledgeDesk(city, morning)


@pytest.mark.clause(4)
async def test_an_entry_goes_from_the_unit_to_the_agent(desk: KnowledgeDesk) -> None:
    entry_id = await desk.draft()
    assert await desk.found("agent1", "许可证") == []
    assert (await desk.workspace.refused("agent1", "GET", f"/api/knowledge/{entry_id}"))[0] == 404
    submitted = await desk.act("bureau", entry_id, "submit")
    assert (submitted["state"], submitted["revision_state"]) == ("unpublished", "unit_review")
    assert await desk.refused("bureau", entry_id, "approve") == (403, "knowledge.actor")
    assert await desk.refused("other_head", entry_id, "approve") == (404, "resource.not_found")
    approved = await desk.act("bureau_head", entry_id, "approve")
    assert approved["revision_state"] == "editor_review"
    assert await desk.refused("bureau_head", entry_id, "publish") == (403, "knowledge.actor")
    published = await desk.act("kb_reviewer", entry_id, "publish")
    assert (published["state"], published["revision_state"], published["number"]) == ("published", "none", 1)
    assert await desk.found("agent1", "许可证") == [entry_id]
    shown = await desk.workspace.get("agent1", f"/api/knowledge/{entry_id}")
    assert shown["published"]["answer"] == WRITTEN["answer"]
    assert (shown["revision"], shown["versions"], shown["offers"], shown["remark"]) == (None, [], [], "")


async def test_who_wrote_it_does_not_look_it_through(desk: KnowledgeDesk) -> None:
    entry_id = await desk.draft(who="bureau_head")
    await desk.act("bureau_head", entry_id, "submit")
    assert await desk.refused("bureau_head", entry_id, "approve") == (409, "knowledge.refused")
    own = await desk.draft(who="kb_editor", unit=None)
    await desk.act("kb_editor", own, "submit")
    assert await desk.refused("kb_editor", own, "approve") == (409, "knowledge.refused")
    await desk.act("kb_reviewer", own, "approve")
    assert (await desk.act("kb_reviewer", own, "publish"))["state"] == "published"


async def test_the_head_submits_and_approves_what_another_wrote(desk: KnowledgeDesk) -> None:
    entry_id = await desk.draft()
    await desk.act("bureau_head", entry_id, "submit")
    assert (await desk.act("bureau_head", entry_id, "approve"))["revision_state"] == "editor_review"


@pytest.mark.parametrize("number", ["0", "-1", "2", "9" * 30])
async def test_a_version_that_never_was_is_not_found(desk: KnowledgeDesk, number: str) -> None:
    entry_id = await desk.published()
    path = f"/api/knowledge/{entry_id}/versions/{number}"
    assert await desk.workspace.refused("agent1", "GET", path) == (404, "resource.not_found")


async def test_what_is_incomplete_is_not_submitted(desk: KnowledgeDesk) -> None:
    entry_id = await desk.draft(answer="", kind="law_and_policy")
    seen = await desk.workspace.get("bureau", f"/api/knowledge/{entry_id}")
    assert seen["missing"] == ["answer", "document_number"]
    assert {"action": "submit", "refused_by": "complete"} in seen["offers"]
    assert await desk.refused("bureau", entry_id, "submit") == (409, "knowledge.refused")


async def test_it_is_sent_back_with_a_reason_and_nothing_is_lost(desk: KnowledgeDesk) -> None:
    entry_id = await desk.draft()
    await desk.act("bureau", entry_id, "submit")
    assert await desk.refused("bureau_head", entry_id, "send-back") == (422, "input.invalid")
    back = await desk.act("bureau_head", entry_id, "send-back", reason="请写明受理窗口。")
    assert (back["revision_state"], back["remark"]) == ("draft", "请写明受理窗口。")
    assert back["revision"]["details"] == WRITTEN["details"]


async def test_the_second_of_two_writers_is_told_and_overwrites_nothing(desk: KnowledgeDesk) -> None:
    entry_id = await desk.draft()
    path = f"/api/knowledge/{entry_id}/revision"
    first = {"version": 1, "content": {**WRITTEN, "answer": "第一位写的。"}}
    status, _ = await desk.workspace.ask("bureau", "PUT", path, first)
    assert status == 200
    second = {"version": 1, "content": {**WRITTEN, "answer": "第二位写的。"}}
    assert await desk.workspace.refused("bureau_head", "PUT", path, second) == (409, "knowledge.version_conflict")
    assert (await desk.workspace.get("bureau", f"/api/knowledge/{entry_id}"))["revision"]["answer"] == "第一位写的。"


async def test_a_draft_sent_twice_is_one_entry(desk: KnowledgeDesk) -> None:
    body = {"id": uuid7(), "unit_id": desk.city.units["bureau"], "content": WRITTEN}
    first = await desk.workspace.post("bureau", "/api/knowledge", body)
    again = await desk.workspace.post("bureau", "/api/knowledge", body)
    assert first == again
    assert (await desk.workspace.refused("bureau_head", "POST", "/api/knowledge", body))[0] == 409


async def test_a_later_revision_is_the_next_version_and_the_old_one_stays(desk: KnowledgeDesk) -> None:
    entry_id = await desk.published()
    await desk.act("bureau", entry_id, "revise")
    changed = {**WRITTEN, "answer": "改为届满前三十个工作日内申请。"}
    path = f"/api/knowledge/{entry_id}/revision"
    await desk.workspace.ask("bureau", "PUT", path, {"version": await desk.version(entry_id), "content": changed})
    # Agents go on reading what is published.
    assert (await desk.workspace.get("agent1", f"/api/knowledge/{entry_id}"))["published"] == {
        **KnowledgeContent.model_validate(WRITTEN).stored()
    }
    await desk.act("bureau", entry_id, "submit")
    await desk.act("bureau_head", entry_id, "approve")
    now = await desk.act("kb_reviewer", entry_id, "publish")
    assert [row["number"] for row in now["versions"]] == [2, 1]
    old = await desk.workspace.get("agent1", f"/api/knowledge/{entry_id}/versions/1")
    assert old["content"]["answer"] == WRITTEN["answer"]
    restored = await desk.act("bureau", entry_id, "revise", number=1)
    assert restored["revision"]["answer"] == WRITTEN["answer"]
    gone = await desk.act("bureau", entry_id, "discard", reason="不必恢复")
    assert (gone["revision"], gone["state"], gone["number"]) == (None, "published", 2)


async def test_a_draft_that_was_never_published_is_given_up_and_taken_up(desk: KnowledgeDesk) -> None:
    entry_id = await desk.draft()
    gone = await desk.act("bureau", entry_id, "discard", reason="重复")
    assert (gone["state"], gone["revision_state"]) == ("withdrawn", "none")
    again = await desk.act("bureau", entry_id, "revise")
    assert again["revision"]["title"] == WRITTEN["title"]


async def test_it_expires_after_its_last_day_and_is_found_no_more(desk: KnowledgeDesk, morning: FakeClock) -> None:
    last = morning.now().date() + timedelta(days=1)
    entry_id = await desk.published(expires_on=last.isoformat())
    await desk.sweep()
    assert await desk.found("agent1", "许可证") == [entry_id]
    await morning.advance(timedelta(days=2))
    await desk.sweep()
    assert await desk.found("agent1", "许可证") == []
    assert await desk.found("bureau", "许可证", list="retired") == [entry_id]
    assert (await desk.workspace.get("agent1", f"/api/knowledge/{entry_id}/versions/1"))["number"] == 1
    await desk.act("bureau", entry_id, "revise")
    await desk.act("bureau", entry_id, "submit")
    await desk.act("bureau_head", entry_id, "approve")
    assert await desk.refused("kb_reviewer", entry_id, "publish") == (409, "knowledge.refused")


async def swept(desk: KnowledgeDesk) -> None:
    """Return when no sweep is due."""
    assert desk.workspace.jobs
    due = select(func.count()).where(JobRecord.kind == SWEEP, JobRecord.run_at <= desk.clock.now())
    give_up = monotonic() + 20
    while monotonic() < give_up:
        desk.workspace.jobs.changed.set()
        await asyncio.sleep(0.02)
        async with desk.workspace.database.snapshot() as db:
            if not await db.scalar(due):
                return
    raise AssertionError("the sweep that is due is not done")


async def test_expiry_hides_it_within_a_minute_of_midnight(desk: KnowledgeDesk, morning: FakeClock) -> None:
    """The service's own jobs do, by the hotline's midnight."""
    today = morning.now().astimezone(WUHAI).date()
    entry_id = await desk.published(expires_on=today.isoformat())
    midnight = datetime.combine(today + timedelta(days=1), time(), tzinfo=WUHAI)
    async with running_jobs(desk.workspace, morning):
        await morning.advance(midnight - morning.now() - timedelta(seconds=1))
        await swept(desk)
        assert await desk.found("agent1", "许可证") == [entry_id]
        for _ in range(12):
            await morning.advance(timedelta(seconds=5))
            await swept(desk)
        # A minute is over; in real time the last job may still be at work.
        give_up = monotonic() + 20
        while await desk.found("agent1", "许可证"):
            assert monotonic() < give_up
            await asyncio.sleep(0.02)
    assert await desk.found("bureau", "许可证", list="retired") == [entry_id]


async def test_it_is_published_at_its_moment_once(desk: KnowledgeDesk, morning: FakeClock) -> None:
    entry_id = await desk.draft()
    await desk.act("bureau", entry_id, "submit")
    await desk.act("bureau_head", entry_id, "approve")
    at = (morning.now() + timedelta(hours=2)).isoformat()
    waiting = await desk.act("kb_reviewer", entry_id, "publish", publish_at=at)
    assert (waiting["state"], waiting["revision_state"]) == ("unpublished", "scheduled")
    await desk.sweep()
    assert await desk.found("agent1", "许可证") == []
    await morning.advance(timedelta(hours=3))
    await desk.sweep()
    await desk.sweep()
    seen = await desk.workspace.get("kb_reviewer", f"/api/knowledge/{entry_id}")
    assert (seen["state"], [row["number"] for row in seen["versions"]]) == ("published", [1])
    assert seen["versions"][0]["published_by_name"] or seen["published_at"]


async def test_what_is_withdrawn_does_not_come_back_by_its_schedule(desk: KnowledgeDesk, morning: FakeClock) -> None:
    entry_id = await desk.published()
    await desk.act("bureau", entry_id, "revise")
    await desk.act("bureau", entry_id, "submit")
    await desk.act("bureau_head", entry_id, "approve")
    at = (morning.now() + timedelta(hours=2)).isoformat()
    await desk.act("kb_reviewer", entry_id, "publish", publish_at=at)
    gone = await desk.act("kb_reviewer", entry_id, "withdraw", reason="政策废止")
    assert (gone["state"], gone["revision_state"], gone["publish_at"]) == ("withdrawn", "editor_review", None)
    await morning.advance(timedelta(hours=3))
    await desk.sweep()
    assert await desk.found("agent1", "许可证") == []
    assert (await desk.act("kb_reviewer", entry_id, "publish"))["state"] == "published"


async def test_an_entry_that_cannot_be_published_holds_up_no_other(desk: KnowledgeDesk, morning: FakeClock) -> None:
    at = (morning.now() + timedelta(hours=2)).isoformat()
    entries = [await desk.draft(), await desk.draft(), await desk.published(expires_on="2026-03-02")]
    for entry_id in entries[:2]:
        await desk.act("bureau", entry_id, "submit")
        await desk.act("bureau_head", entry_id, "approve")
        await desk.act("kb_reviewer", entry_id, "publish", publish_at=at)
    async with desk.workspace.database.transaction() as db:
        broken = {"title": "一", "kind": "of another program"}
        await db.execute(update(KnowledgeEntry).where(KnowledgeEntry.id == entries[0]).values(revision=broken))
    await morning.advance(timedelta(days=1))
    await desk.sweep()
    async with desk.workspace.database.snapshot() as db:
        states = [(await db.get_one(KnowledgeEntry, entry_id)).state for entry_id in entries]
    assert states == ["unpublished", "published", "expired"]
    assert await desk.found("agent1", "许可证") == [entries[1]]


async def test_what_is_confirmed_twice_was_reviewed_once(desk: KnowledgeDesk, morning: FakeClock) -> None:
    entry_id = await desk.published()
    await morning.advance(timedelta(days=80))
    for _ in range(3):
        await desk.act("bureau_head", entry_id, "confirm")
    async with desk.workspace.database.snapshot() as db:
        assert await db.scalar(select(func.count()).select_from(KnowledgeReview)) == 1


async def test_a_draft_that_an_entry_refers_to_is_not_named_to_whoever_may_not_read_it(desk: KnowledgeDesk) -> None:
    secret = await desk.draft(who="other", unit="other", title="未公布的政策")
    entry_id = await desk.published(related_ids=[secret])
    for who, names in (("agent1", []), ("bureau", []), ("kb_editor", ["未公布的政策"])):
        seen = await desk.workspace.get(who, f"/api/knowledge/{entry_id}")
        assert [one["name"] for one in seen["subjects"]] == names, who


async def test_a_review_is_due_and_confirmed(desk: KnowledgeDesk, morning: FakeClock) -> None:
    entry_id = await desk.published()
    assert await desk.found("bureau", "", list="review_due") == []
    await morning.advance(timedelta(days=91))
    assert await desk.found("bureau_head", "", list="review_due") == [entry_id]
    assert (await desk.workspace.get("bureau_head", "/api/knowledge/counts"))["review_due"] == 1
    await desk.act("bureau_head", entry_id, "confirm")
    assert await desk.found("bureau_head", "", list="review_due") == []


async def test_a_unit_sees_the_revisions_of_its_own(desk: KnowledgeDesk) -> None:
    entry_id = await desk.draft(who="office", unit="office")
    for who, seen in (("bureau", True), ("office", True), ("other_office", False), ("other", False), ("agent1", False)):
        assert (await desk.found(who, "", list="drafts") == [entry_id]) is seen, who
    body = {"id": uuid7(), "unit_id": desk.city.units["bureau"], "content": WRITTEN}
    assert await desk.workspace.refused("office", "POST", "/api/knowledge", body) == (422, "knowledge.unit")


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("许可证", True),
        ("卫生许可", True),
        ("spjy", True),
        ("shipinjing", True),
        ("延续 副本", True),
        ("延续 烟草", False),
    ],
)
async def test_every_word_is_found(desk: KnowledgeDesk, search: str, found: bool) -> None:
    entry_id = await desk.published()
    assert await desk.found("agent1", search) == ([entry_id] if found else [])


async def test_odd_searches_find_nothing_and_harm_nothing(desk: KnowledgeDesk) -> None:
    await desk.published()
    for search in ('"', "*", "许可证 AND", "NEAR(", "' OR 1=1", "%", "。", "-", "许" * 200):
        assert await desk.found("agent1", search) == [], search


@pytest.mark.clause(8)
async def test_a_consult_case_is_closed_by_what_it_cites(desk: KnowledgeDesk) -> None:
    workspace = desk.workspace
    entry_id = await desk.published()
    case = await workspace.post("agent1", "/api/cases", CONSULT)
    cited = {"answer": "届满前申请延续。", "knowledge": [{"entry_id": entry_id, "number": 1}]}
    wrong = {**cited, "knowledge": [{"entry_id": entry_id, "number": 2}]}
    assert (await workspace.move_refused("agent1", case["id"], "close_direct", **wrong))[1] == "answer_not_cited"
    closed = await workspace.move("agent1", case["id"], "close_direct", **cited)
    assert closed["state"] == "closed_direct"
    step = closed["steps"][-1]
    assert step["detail"]["knowledge"] == [{"entry_id": entry_id, "number": 1, "title": WRITTEN["title"]}]
    assert (await workspace.get("agent1", f"/api/knowledge/{entry_id}"))["uses"] == 1
    # A later change does not alter what the case cites.
    await desk.act("bureau_head", entry_id, "withdraw", reason="已废止")
    kept = await workspace.get("agent1", f"/api/knowledge/{entry_id}/versions/1")
    assert kept["content"]["answer"] == WRITTEN["answer"]
    other = await workspace.post(
        "agent1", "/api/cases", {"type": "consult", "title": "许可证", "content": "如何延续？"}
    )
    assert (await workspace.move_refused("agent1", other["id"], "close_direct", **cited))[1] == "answer_not_cited"


@pytest.mark.clause(4)
async def test_what_only_a_specialist_answers_is_not_cited_by_an_agent(desk: KnowledgeDesk) -> None:
    unit = desk.city.units["bureau"]
    named = {"name": "陈志远", "phones": [{"label": "办公", "kind": "external", "number": "13900000001"}]}
    (specialist,) = (await desk.workspace.post("supervisor", f"/api/units/{unit}/specialists", named))["specialists"]
    entry_id = await desk.published(scope="specialist", specialist_ids=[specialist["id"]])
    case = await desk.workspace.post(
        "agent1", "/api/cases", {"type": "consult", "title": "许可证", "content": "延续？"}
    )
    cited = {"answer": "按专员口径。", "knowledge": [{"entry_id": entry_id, "number": 1}]}
    refused = await desk.workspace.move_refused("agent1", case["id"], "close_direct", **cited)
    assert refused == ("case.refused", "answer_not_cited")


@pytest.mark.parametrize(
    "change",
    [
        {"source": "javascript:alert(1)"},
        {"title": "a\u202eb"},
        {"effective_on": "2026-03-02", "expires_on": "2026-03-01"},
        {"expires_on": "9999-12-31"},
        {"keywords": ["x"] * 51},
        {"category_id": uuid7()},
        {"item_ids": [uuid7()]},
        {"related_ids": [uuid7()]},
        {"specialist_ids": [uuid7()]},
        {"unknown": 1},
        {"answer": "x" * 2001},
    ],
)
async def test_what_cannot_be_is_refused(desk: KnowledgeDesk, change: dict[str, Any]) -> None:
    body = {"id": uuid7(), "unit_id": desk.city.units["bureau"], "content": {**WRITTEN, **change}}
    status, error_id = await desk.workspace.refused("bureau", "POST", "/api/knowledge", body)
    assert (status, error_id) in ((422, "input.invalid"), (422, "knowledge.reference"))


async def test_categories_make_a_tree(desk: KnowledgeDesk) -> None:
    workspace = desk.workspace
    top = await workspace.post("kb_reviewer", "/api/knowledge-categories", {"name": "开办企业"})
    under = await workspace.post("kb_reviewer", "/api/knowledge-categories", {"name": "许可", "parent_id": top["id"]})
    path = f"/api/knowledge-categories/{top['id']}"
    cycle = {"version": 1, "parent_id": under["id"]}
    assert await workspace.refused("kb_reviewer", "PATCH", path, cycle) == (422, "knowledge.category")
    close = {"version": 1, "active": False}
    assert await workspace.refused("kb_reviewer", "PATCH", path, close) == (409, "knowledge.category_conflict")
    assert (await workspace.refused("bureau_head", "POST", "/api/knowledge-categories", {"name": "x"}))[0] == 403
    entry_id = await desk.published(category_id=under["id"])
    assert await desk.found("agent1", "", category_id=top["id"]) == [entry_id]


async def test_each_step_is_audited_with_before_and_after(desk: KnowledgeDesk, workspace: Workspace) -> None:
    entry_id = await desk.published()
    actions = [record.action for record in workspace.audits.records if record.target == entry_id]
    assert actions == [f"knowledge.{action}" for action in ("create", "submit", "approve", "publish")]
    last = workspace.audits.records[-1].detail
    unit = {"unit_id": desk.city.units["bureau"]}
    assert last["before"] == {
        "state": KnowledgeState.UNPUBLISHED,
        "revision_state": RevisionState.EDITOR_REVIEW,
        **unit,
    }
    assert last["after"] == {"state": KnowledgeState.PUBLISHED, "revision_state": RevisionState.NONE, **unit}
    assert KnowledgeAction.PUBLISH.value in actions[-1]
    await desk.act("bureau", entry_id, "revise")
    begun = workspace.audits.records[-1].detail
    assert (begun["before"]["revision_state"], begun["after"]["revision_state"]) == ("none", "draft")
    # Files are not changed by what a body names, and no audit says so.
    changed = {
        "version": await desk.version(entry_id),
        "content": {**WRITTEN, "region": "乌达区", "attachment_ids": [uuid7()]},
    }
    assert (await workspace.ask("bureau", "PUT", f"/api/knowledge/{entry_id}/revision", changed))[0] == 200
    saved = workspace.audits.records[-1].detail
    assert (saved["before"], saved["after"]) == ({"region": ""}, {"region": "乌达区"})


@pytest.mark.clause(4)
async def test_whoever_wrote_any_of_it_approves_and_publishes_nothing(desk: KnowledgeDesk) -> None:
    entry_id = await desk.draft(who="bureau_head")
    path = f"/api/knowledge/{entry_id}/revision"
    changed = {"version": 1, "content": {**WRITTEN, "answer": "经办人改过。"}}
    assert (await desk.workspace.ask("bureau", "PUT", path, changed))[0] == 200
    await desk.act("bureau", entry_id, "submit")
    # Wrote the first draft, though not the last word.
    assert await desk.refused("bureau_head", entry_id, "approve") == (409, "knowledge.refused")
    own = await desk.draft(who="kb_reviewer", unit=None)
    changed = {"version": 1, "content": {**WRITTEN, "answer": "编辑改过。"}}
    await desk.workspace.ask("kb_editor", "PUT", f"/api/knowledge/{own}/revision", changed)
    await desk.act("kb_editor", own, "submit")
    assert await desk.refused("kb_reviewer", own, "approve") == (409, "knowledge.refused")
    desk.workspace.hire("second_reviewer", Role.KB_REVIEWER)
    await desk.act("second_reviewer", own, "approve")
    assert await desk.refused("kb_reviewer", own, "publish") == (409, "knowledge.refused")
    await desk.act("second_reviewer", own, "publish")
    # The next revision is somebody else's.
    await desk.act("kb_editor", own, "revise")
    await desk.act("kb_editor", own, "submit")
    assert (await desk.act("kb_reviewer", own, "approve"))["revision_state"] == "editor_review"


async def test_a_reviewer_gives_an_entry_to_another_unit(desk: KnowledgeDesk, workspace: Workspace) -> None:
    entry_id = await desk.published()
    other = desk.city.units["other"]
    assert await desk.refused("kb_reviewer", entry_id, "reassign", unit_id=other) == (422, "input.invalid")
    moved = {"unit_id": other, "reason": "职能划转"}
    assert await desk.refused("bureau_head", entry_id, "reassign", **moved) == (403, "knowledge.actor")
    wrong = {**moved, "unit_id": uuid7()}
    assert await desk.refused("kb_reviewer", entry_id, "reassign", **wrong) == (422, "knowledge.unit")
    assert (await desk.act("kb_reviewer", entry_id, "reassign", **moved))["unit_name"] == "税务局"
    detail = workspace.audits.records[-1].detail
    assert (detail["before"]["unit_id"], detail["after"]["unit_id"]) == (desk.city.units["bureau"], other)
    assert detail["reason"] == "职能划转"
    assert await desk.refused("bureau", entry_id, "revise") == (403, "knowledge.actor")
    assert (await desk.act("other", entry_id, "revise"))["revision_state"] == "draft"


@pytest.mark.clause(8)
async def test_an_entry_shows_which_cases_cite_it(desk: KnowledgeDesk) -> None:
    workspace = desk.workspace
    entry_id = await desk.published()
    cited = {"answer": "届满前申请延续。", "knowledge": [{"entry_id": entry_id, "number": 1}]}
    numbers = []
    for confidential in (False, True):
        case = await workspace.post("agent1", "/api/cases", {**CONSULT, "confidential": confidential})
        await workspace.move("agent1", case["id"], "close_direct", **cited)
        numbers.append(case["number"])
    path = f"/api/knowledge/{entry_id}/cases"
    seen = await workspace.get("agent1", path)
    assert [row["number"] for row in seen["items"]] == [numbers[1], numbers[0]]
    assert (seen["items"][0]["entry_version"], seen["total"], seen["of_current"]) == (1, 2, 2)
    assert [row["number"] for row in (await workspace.get("agent2", path))["items"]] == [numbers[0]]
    # Units and knowledge editors open no such case: counted alone.
    for who in ("bureau", "kb_reviewer"):
        hidden = await workspace.get(who, path)
        assert (hidden["items"], hidden["total"]) == ([], 2), who
    await desk.act("bureau", entry_id, "revise")
    await desk.act("bureau", entry_id, "submit")
    await desk.act("bureau_head", entry_id, "approve")
    await desk.act("kb_reviewer", entry_id, "publish")
    assert (await workspace.get("agent1", path))["of_current"] == 0


async def test_supervisors_see_what_is_late_for_review(desk: KnowledgeDesk, morning: FakeClock) -> None:
    entry_id = await desk.published()
    await morning.advance(timedelta(days=91))
    assert await desk.found("supervisor", "", list="review_due") == [entry_id]
    assert await desk.found("agent1", "", list="review_due") == []
