"""Knowledge requests: an agent asks, the unit takes it and writes the entry, its publication closes the request."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm.knowledge_requests.drafting import prefilled
from crm.knowledge_requests.guards import REQUEST_GUARDS
from crm.knowledge_requests.models import KnowledgeRequest, KnowledgeRequestKind
from crm.knowledge_requests.service import REQUESTS_SWEEP
from crm.knowledge_requests.state import (
    REQUEST_MOVES,
    KnowledgeRequestAction,
    KnowledgeRequestGuard,
    KnowledgeRequestOutcome,
    KnowledgeRequestState,
)
from hotline.accounts.models import ROOT_ORGANISATION, User
from hotline.accounts.roles import Role
from hotline.kernel.ids import uuid7
from hotline.kernel.job_table import Job
from hotline.kernel.jobs import JobContext
from hotline.notices.models import NoticeRecord
from tests.crm.city import CONSULT, CaseCity
from tests.crm.conftest import Workspace
from tests.crm.test_knowledge import WRITTEN, KnowledgeDesk
from tests.fakes.clock import FakeClock

API = "/api/knowledge-requests"


class RequestDesk(KnowledgeDesk):
    """Who asks, in the city."""

    async def open_accounts(self) -> None:
        """Of the hotline's people too, since notices go to accounts."""
        for name, role in (
            ("agent1", Role.AGENT),
            ("supervisor", Role.SUPERVISOR),
            ("kb_reviewer", Role.KB_REVIEWER),
            ("kb_editor", Role.KB_EDITOR),
        ):
            await self.city.person(name, ROOT_ORGANISATION, role)

    async def ask(self, who: str = "agent1", unit: str | None = "bureau", **more: Any) -> str:
        body = {
            "id": uuid7(),
            "kind": "gap",
            "unit_id": self.city.units[unit] if unit else None,
            "question": "网店要不要公示执照？",
            **more,
        }
        return str((await self.workspace.post(who, API, body))["id"])

    async def read(self, request_id: str, who: str = "kb_reviewer") -> Any:
        return await self.workspace.get(who, f"{API}/{request_id}")

    async def step(self, who: str, request_id: str, action: str, **more: Any) -> Any:
        body = {"version": (await self.read(request_id))["version"], **more}
        return await self.workspace.post(who, f"{API}/{request_id}/{action}", body)

    async def step_refused(self, who: str, request_id: str, action: str, **more: Any) -> tuple[int, str]:
        body = {"version": (await self.read(request_id))["version"], **more}
        return await self.workspace.refused(who, "POST", f"{API}/{request_id}/{action}", body)

    async def listed(self, who: str, name: str = "waiting", **query: Any) -> list[str]:
        page = await self.workspace.get(who, API, list=name, **query)
        return [row["id"] for row in page["items"]]

    async def look_for_overdue(self) -> None:
        now = self.clock.now()
        job = Job(id="j", kind=REQUESTS_SWEEP, key=None, payload={}, run_at=now, attempts=1)
        context = JobContext(job=job, clock=self.clock, database=self.workspace.database)
        await self.workspace.crm.knowledge.requests.sweep(context)

    async def notices(self, kind: str) -> dict[str, str]:
        """Text by user name."""
        query = select(User.username, NoticeRecord.text_zh).join(User, User.id == NoticeRecord.user_id)
        async with self.workspace.database.snapshot() as db:
            return {name: text for name, text in await db.execute(query.where(NoticeRecord.kind == kind))}


@pytest.fixture
async def desk(workspace: Workspace, morning: FakeClock) -> RequestDesk:
    city = CaseCity(workspace)
    await city.build()
    desk = RequestDesk(city, morning)
    await desk.open_accounts()
    return desk


def test_every_guard_of_a_request_has_a_check_and_every_state_is_reached() -> None:
    assert REQUEST_GUARDS.keys() == set(KnowledgeRequestGuard)
    assert {guard for move in REQUEST_MOVES.values() for guard in move.guards} == set(KnowledgeRequestGuard)
    assert {action for _, action in REQUEST_MOVES} == set(KnowledgeRequestAction)
    assert {move.target for move in REQUEST_MOVES.values()} == set(KnowledgeRequestState)
    assert {state for state, _ in REQUEST_MOVES} == set(KnowledgeRequestState) - {KnowledgeRequestState.CLOSED}


def test_what_closes_a_request_names_its_outcome() -> None:
    closing = [move for move in REQUEST_MOVES.values() if move.target is KnowledgeRequestState.CLOSED]
    assert all(move.outcome for move in closing)
    assert {move.outcome for move in closing} == set(KnowledgeRequestOutcome) - {KnowledgeRequestOutcome.PUBLISHED}


def test_the_draft_has_the_question_as_its_title() -> None:
    request = KnowledgeRequest(kind=KnowledgeRequestKind.GAP, question=f"{'问' * 120}\n第二行", proposal="这样办。")
    content = prefilled(request, unit="市场监督管理局")
    assert (len(content.title), content.answer, content.issuing_body) == (100, "这样办。", "市场监督管理局")


@pytest.mark.clause(4)
async def test_a_gap_becomes_an_entry_and_its_maker_is_notified(desk: RequestDesk) -> None:
    request_id = await desk.ask(question="网店要不要公示执照？ 来电 13912345678", proposal="要在首页公示。")
    asked = await desk.read(request_id, "bureau")
    assert "13912345678" not in asked["question"]
    assert set(await desk.notices("knowledge_requested")) == {"bureau", "bureau_head"}
    taken = await desk.step("bureau", request_id, "take")
    assert (taken["state"], taken["taken_by_name"]) == ("taken", "bureau")
    answered = await desk.step("bureau", request_id, "answer")
    entry_id = answered["answer_id"]
    entry = await desk.workspace.get("bureau", f"/api/knowledge/{entry_id}")
    assert entry["unit_id"] == desk.city.units["bureau"]
    assert entry["revision"]["answer"] == "要在首页公示。"
    await desk.act("bureau", entry_id, "submit")
    await desk.act("bureau_head", entry_id, "approve")
    assert await desk.listed("agent1", "answered") == [request_id]
    await desk.act("kb_reviewer", entry_id, "publish")
    closed = await desk.read(request_id, "agent1")
    assert (closed["state"], closed["outcome"], closed["actions"]) == ("closed", "published", [])
    assert set(await desk.notices("knowledge_request_answered")) == {"agent1"}
    assert entry["title"] in (await desk.notices("knowledge_request_answered"))["agent1"]
    # A later version closes nothing again.
    await desk.act("bureau", entry_id, "revise")
    await desk.act("bureau", entry_id, "submit")
    await desk.act("bureau_head", entry_id, "approve")
    await desk.act("kb_reviewer", entry_id, "publish")
    assert (await desk.read(request_id))["version"] == closed["version"]


async def test_a_draft_given_up_leaves_the_request_to_its_unit(desk: RequestDesk, morning: FakeClock) -> None:
    request_id = await desk.ask(question="网店\t要不要公示执照？")
    await desk.step("bureau", request_id, "take")
    entry_id = (await desk.step("bureau", request_id, "answer"))["answer_id"]
    entry = await desk.workspace.get("bureau", f"/api/knowledge/{entry_id}")
    assert entry["title"] == "网店 要不要公示执照？"
    # What is not published is not shown to whoever may not read it.
    seen = await desk.read(request_id, "agent1")
    assert (seen["state"], seen["answer_id"], seen["answer_title"]) == ("answered", None, "")
    # Nor does it answer anybody.
    await morning.advance(timedelta(days=10))
    assert await desk.listed("kb_reviewer", "overdue") == [request_id]
    await desk.act("bureau", entry_id, "discard", reason="不归我们管")
    again = await desk.read(request_id)
    assert (again["state"], again["answer_id"], again["taken_by_name"]) == ("open", None, "")


async def test_an_error_report_goes_to_the_entrys_unit_and_revises_it(desk: RequestDesk) -> None:
    entry_id = await desk.published()
    report: dict[str, Any] = {
        "kind": "error",
        "entry_id": entry_id,
        "entry_number": 1,
        "question": "期限已改为六十日。",
    }
    request_id = await desk.ask(unit=None, **report)
    assert (await desk.read(request_id))["unit_id"] == desk.city.units["bureau"]
    await desk.step("bureau", request_id, "take")
    await desk.step("bureau", request_id, "answer", entry_id=entry_id)
    entry = await desk.workspace.get("bureau", f"/api/knowledge/{entry_id}")
    assert (entry["revision_state"], entry["revision"]["answer"]) == ("draft", WRITTEN["answer"])
    assert await desk.listed("bureau", "answered", entry_id=entry_id) == [request_id]
    body: dict[str, Any] = {"id": uuid7(), "kind": "error", "question": "不对"}
    assert (await desk.workspace.refused("agent1", "POST", API, body)) == (422, "input.invalid")
    body |= {"entry_id": entry_id, "entry_number": 2}
    assert (await desk.workspace.refused("agent1", "POST", API, body)) == (422, "knowledge_request.entry")


async def test_who_does_not_know_the_unit_asks_the_hotline_which_passes_it_on(desk: RequestDesk) -> None:
    request_id = await desk.ask(unit=None)
    assert set(await desk.notices("knowledge_requested")) == {"kb_editor", "kb_reviewer"}
    assert await desk.listed("bureau") == []
    unit = {"unit_id": desk.city.units["other"], "reason": "属税务"}
    assert await desk.step_refused("agent1", request_id, "pass-on", **unit) == (403, "knowledge_request.actor")
    assert (await desk.step_refused("kb_editor", request_id, "pass-on", reason="?"))[1] == "knowledge_request.unit"
    await desk.step("kb_editor", request_id, "pass-on", **unit)
    assert await desk.listed("other") == [request_id]
    assert "other" in await desk.notices("knowledge_requested")


async def test_a_published_entry_answers_it_as_it_is(desk: RequestDesk) -> None:
    entry_id, draft_id = await desk.published(), await desk.draft(title="草稿")
    request_id = await desk.ask()
    await desk.step("bureau", request_id, "take")
    assert (await desk.step_refused("bureau", request_id, "refer"))[1] == "knowledge_request.entry"
    assert (await desk.step_refused("bureau", request_id, "refer", entry_id=draft_id))[1] == "knowledge_request.entry"
    closed = await desk.step("bureau", request_id, "refer", entry_id=entry_id)
    assert (closed["outcome"], closed["answer_title"]) == ("referred", WRITTEN["title"])
    assert WRITTEN["title"] in (await desk.notices("knowledge_request_answered"))["agent1"]


async def test_the_hotline_agrees_when_a_unit_declines_or_sends_it_back(desk: RequestDesk) -> None:
    request_id = await desk.ask()
    assert (await desk.step_refused("bureau", request_id, "decline"))[0] == 422
    await desk.step("bureau", request_id, "decline", reason="个案，不宜入库。")
    assert set(await desk.notices("knowledge_request_declined")) == {"kb_reviewer"}
    assert await desk.step_refused("bureau", request_id, "agree") == (403, "knowledge_request.actor")
    back = await desk.step("kb_reviewer", request_id, "refuse", reason="问得很多，请入库。")
    assert (back["state"], back["reason"]) == ("open", "问得很多，请入库。")
    await desk.step("bureau", request_id, "decline", reason="法规未定。")
    closed = await desk.step("kb_reviewer", request_id, "agree")
    assert closed["outcome"] == "declined"
    assert set(await desk.notices("knowledge_request_closed")) == {"agent1"}


async def test_nobody_agrees_with_themselves(desk: RequestDesk) -> None:
    request_id = await desk.ask(unit=None)
    await desk.step("kb_reviewer", request_id, "decline", reason="重复。")
    assert await desk.step_refused("kb_reviewer", request_id, "agree") == (409, "knowledge_request.refused")


async def test_a_request_taken_by_another_is_taken_over_before_it_is_answered(desk: RequestDesk) -> None:
    request_id = await desk.ask()
    await desk.step("bureau", request_id, "take")
    assert await desk.step_refused("bureau_head", request_id, "answer") == (409, "knowledge_request.refused")
    await desk.step("bureau_head", request_id, "take")
    assert (await desk.step("bureau_head", request_id, "answer"))["state"] == "answered"
    again = await desk.step("bureau", request_id, "take")
    assert (again["state"], again["answer_id"]) == ("taken", None)


@pytest.mark.parametrize(("kind", "days"), [("gap", 2), ("error", 1), ("policy", 7)])
async def test_it_is_due_by_working_days(desk: RequestDesk, morning: FakeClock, kind: str, days: int) -> None:
    entry = {"entry_id": await desk.published()} if kind == "error" else {}
    shown = await desk.read(await desk.ask(kind=kind, **entry))
    # Monday 2026-03-02 09:00: the seventh working day is Wednesday of the next week.
    after = {1: 1, 2: 2, 7: 9}[days]
    assert shown["due_at"][:10] == (morning.now() + timedelta(days=after)).date().isoformat()
    assert f"{days} 个工作日" in shown["due_explained"]["zh"]


async def test_overdue_ones_are_listed_and_notified_of_once(desk: RequestDesk, morning: FakeClock) -> None:
    request_id = await desk.ask()
    await desk.look_for_overdue()
    assert await desk.notices("knowledge_request_overdue") == {}
    await morning.advance(timedelta(days=3))
    await desk.look_for_overdue()
    await desk.look_for_overdue()
    notified = await desk.notices("knowledge_request_overdue")
    assert set(notified) == {"bureau", "bureau_head", "kb_reviewer", "supervisor"}
    assert await desk.listed("supervisor", "overdue") == [request_id]
    assert (await desk.workspace.get("bureau", f"{API}/counts"))["overdue"] == 1
    # Passed on, the next unit has its own time.
    await desk.step("kb_editor", request_id, "pass-on", unit_id=desk.city.units["other"], reason="属税务")
    assert await desk.listed("supervisor", "overdue") == []


async def test_units_see_their_own_and_agents_what_they_made(desk: RequestDesk) -> None:
    request_id = await desk.ask(unit="office")
    seen = {
        **dict.fromkeys(("agent1", "office", "bureau", "kb_editor", "kb_reviewer", "supervisor"), True),
        **dict.fromkeys(("agent2", "other", "other_office", "qa"), False),
    }
    for who, sees in seen.items():
        assert (await desk.listed(who) == [request_id]) is sees, who
        status, _ = await desk.workspace.ask(who, "GET", f"{API}/{request_id}")
        assert (status == 200) is sees, who
    take = {"version": 1}
    assert await desk.workspace.refused("other", "POST", f"{API}/{request_id}/take", take) == (
        404,
        "resource.not_found",
    )
    assert await desk.step_refused("agent1", request_id, "take") == (403, "knowledge_request.actor")
    assert await desk.step_refused("supervisor", request_id, "take") == (403, "knowledge_request.actor")
    body = {"id": uuid7(), "kind": "gap", "question": "问题"}
    assert await desk.workspace.refused("bureau", "POST", API, body) == (403, "knowledge_request.actor")


async def test_its_maker_withdraws_it_while_nobody_has_it(desk: RequestDesk) -> None:
    request_id = await desk.ask()
    assert await desk.step_refused("kb_reviewer", request_id, "withdraw") == (403, "knowledge_request.actor")
    assert (await desk.step("agent1", request_id, "withdraw"))["outcome"] == "withdrawn"
    assert (await desk.step_refused("bureau", request_id, "take"))[1] == "knowledge_request.transition"


async def test_a_request_sent_twice_is_one_and_the_second_step_is_a_conflict(desk: RequestDesk) -> None:
    body = {"id": uuid7(), "kind": "gap", "question": "网店", "unit_id": desk.city.units["bureau"]}
    assert await desk.workspace.post("agent1", API, body) == await desk.workspace.post("agent1", API, body)
    assert (await desk.workspace.refused("agent2", "POST", API, body))[0] == 409
    path = f"{API}/{body['id']}/take"
    await desk.workspace.post("bureau", path, {"version": 1})
    conflict = (409, "knowledge_request.version_conflict")
    assert await desk.workspace.refused("bureau_head", "POST", path, {"version": 1}) == conflict


async def test_the_case_is_named_to_whoever_may_open_it(desk: RequestDesk) -> None:
    case = await desk.workspace.post("agent1", "/api/cases", {**CONSULT, "confidential": True})
    request_id = await desk.ask(case_id=case["id"])
    assert (await desk.read(request_id, "agent1"))["case_number"] == case["number"]
    assert (await desk.read(request_id, "bureau"))["case_number"] == ""
    body = {"id": uuid7(), "kind": "gap", "question": "问题", "case_id": case["id"]}
    assert (await desk.workspace.refused("agent2", "POST", API, body))[0] in (403, 404)


async def test_each_step_of_a_request_is_audited(desk: RequestDesk, workspace: Workspace) -> None:
    request_id = await desk.ask()
    await desk.step("bureau", request_id, "take")
    records = [record for record in workspace.audits.records if record.target == request_id]
    assert [record.action for record in records] == ["knowledge_request.make", "knowledge_request.take"]
    assert records[0].detail["after"]["kind"] == "gap"
    assert records[1].detail["before"]["state"] == "open"
    assert records[1].detail["after"]["state"] == "taken"
