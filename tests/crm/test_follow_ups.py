"""Closing a consult case that a unit or a specialist answered asks what the knowledge base needs."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from crm.knowledge.content import MOST_OF_ANSWER, MOST_OF_DETAILS, KnowledgeContent
from crm.knowledge_requests.drafting import amended
from crm.knowledge_requests.models import CaseFollowUp
from crm.units.models import Specialist
from hotline.kernel.ids import uuid7
from tests.crm.city import CONSULT, REPLY, SATISFIED, CaseCity
from tests.crm.conftest import Workspace
from tests.crm.test_knowledge import WRITTEN
from tests.crm.test_knowledge_gaps import GAPS
from tests.crm.test_knowledge_requests import API, RequestDesk
from tests.fakes.clock import FakeClock

QUESTION = "开饭店要哪些证？"


@pytest.fixture
async def desk(workspace: Workspace, morning: FakeClock) -> RequestDesk:
    city = CaseCity(workspace)
    await city.build()
    desk = RequestDesk(city, morning)
    await desk.open_accounts()
    return desk


def test_an_amendment_stands_after_the_answer_once() -> None:
    content = KnowledgeContent.model_validate(WRITTEN)
    more = amended(content, "补充一句。")
    assert more.answer == f"{WRITTEN['answer']}\n补充一句。"
    assert amended(more, "补充一句。") == more
    assert amended(content, "") == content


def test_an_amendment_without_room_goes_into_the_details() -> None:
    full = KnowledgeContent.model_validate({**WRITTEN, "answer": "答" * MOST_OF_ANSWER})
    more = amended(full, "补充一句。")
    assert (more.answer, more.details) == (full.answer, f"{WRITTEN['details']}\n\n补充一句。")
    whole = full.model_copy(update={"details": "详" * MOST_OF_DETAILS})
    assert amended(whole, "补充一句。") == whole


async def closed(desk: RequestDesk, follow_up: dict[str, Any] | None, **fields: Any) -> Any:
    """The case, answered by the unit, called back and closed."""
    case_id = await desk.city.in_callback(**fields)
    await desk.workspace.move("callback", case_id, "record_callback", **SATISFIED)
    return await desk.workspace.move("callback", case_id, "close", follow_up=follow_up)


async def kept(desk: RequestDesk, case_id: str) -> tuple[str, str | None]:
    async with desk.workspace.database.snapshot() as db:
        row = (await db.scalars(select(CaseFollowUp).where(CaseFollowUp.case_id == case_id))).one()
        return row.need, row.request_id


@pytest.mark.clause(4)
async def test_a_new_entry_is_drafted_from_what_the_unit_answered(desk: RequestDesk) -> None:
    asked = {"need": "new", "question": f"{QUESTION} 13912345678", "proposal": REPLY["public_answer"]}
    case = await closed(desk, asked)
    need, request_id = await kept(desk, case["id"])
    assert (need, request_id is not None) == ("new", True)
    assert request_id
    assert case["steps"][-1]["detail"]["follow_up"] == {"need": "new", "request_id": request_id}
    request = await desk.read(request_id, "bureau")
    assert (request["kind"], request["unit_name"], request["case_number"]) == ("gap", "市场监督管理局", case["number"])
    assert "13912345678" not in request["question"]
    assert "knowledge_request.make" in [record.action for record in desk.workspace.audits.records]
    assert (await desk.workspace.get("bureau", GAPS))["cases"] == []
    await desk.step("bureau", request_id, "take")
    entry_id = (await desk.step("bureau", request_id, "answer"))["answer_id"]
    entry = await desk.workspace.get("bureau", f"/api/knowledge/{entry_id}")
    assert entry["revision"]["answer"] == REPLY["public_answer"]


@pytest.mark.clause(4)
async def test_an_entry_is_amended_by_what_the_unit_answered(desk: RequestDesk) -> None:
    entry_id = await desk.published()
    asked = {"need": "amend", "question": QUESTION, "proposal": "网上也能办。", "entry_id": entry_id, "entry_number": 1}
    case = await closed(desk, asked)
    need, request_id = await kept(desk, case["id"])
    assert need == "amend"
    assert request_id
    request = await desk.step("bureau", request_id, "take")
    assert (request["kind"], request["entry_id"], request["entry_number"]) == ("amend", entry_id, 1)
    answered = await desk.step("bureau", request_id, "answer", entry_id=entry_id)
    assert answered["answer_id"] == entry_id
    entry = await desk.workspace.get("bureau", f"/api/knowledge/{entry_id}")
    assert entry["revision"]["answer"] == f"{WRITTEN['answer']}\n网上也能办。"
    assert entry["published"]["answer"] == WRITTEN["answer"]


async def test_that_nothing_is_needed_is_kept_and_is_no_gap(desk: RequestDesk) -> None:
    case = await closed(desk, {"need": "none"})
    assert await kept(desk, case["id"]) == ("none", None)
    assert case["steps"][-1]["detail"]["follow_up"] == {"need": "none"}
    assert await desk.listed("kb_editor") == []
    assert (await desk.workspace.get("bureau", GAPS))["cases"] == []
    assert (await desk.workspace.get("kb_editor", GAPS))["units"] == []


async def test_a_case_closed_again_keeps_the_last_answer(desk: RequestDesk) -> None:
    case = await closed(desk, {"need": "none"})
    case_id, move = case["id"], desk.workspace.move
    await move("dispatcher", case_id, "reopen", reason="来电人补充了新情况。")
    await move("bureau", case_id, "resume_work")
    await move("bureau", case_id, "reply", **REPLY)
    await move("dispatcher", case_id, "schedule_callback", fits_facts=True)
    await move("callback", case_id, "record_callback", **SATISFIED)
    await move("callback", case_id, "close", follow_up={"need": "new", "question": QUESTION})
    need, request_id = await kept(desk, case_id)
    assert need == "new"
    assert request_id in await desk.listed("bureau")


async def test_one_that_is_not_asked_stays_a_gap(desk: RequestDesk) -> None:
    case = await closed(desk, None)
    assert [row["id"] for row in (await desk.workspace.get("bureau", GAPS))["cases"]] == [case["id"]]


@pytest.mark.parametrize(
    "follow_up",
    [
        {"need": "new"},
        {"need": "amend", "question": QUESTION},
        {"need": "perhaps"},
        {"need": "new", "question": "\x00\x01"},
        {"need": "amend", "question": QUESTION, "entry_id": "0" * 36},
    ],
)
async def test_what_cannot_be_followed_closes_nothing(desk: RequestDesk, follow_up: dict[str, Any]) -> None:
    case_id = await desk.city.in_callback()
    await desk.workspace.move("callback", case_id, "record_callback", **SATISFIED)
    status, _ = await desk.workspace.try_move("callback", case_id, "close", follow_up=follow_up)
    assert status == 422
    assert (await desk.workspace.get("callback", f"/api/cases/{case_id}"))["state"] == "callback"


async def test_only_a_consult_case_is_followed_up(desk: RequestDesk) -> None:
    case_id = await desk.city.in_callback(type="suggestion", demand="多开一个窗口")
    await desk.workspace.move("callback", case_id, "record_callback", **SATISFIED)
    refused = await desk.workspace.move_refused("callback", case_id, "close", follow_up={"need": "none"})
    assert refused == ("knowledge_request.follow_up", None)


async def specialist_of(desk: RequestDesk, unit: str) -> str:
    row = Specialist(id=uuid7(), unit_id=desk.city.units[unit], name="赵敏", position=0)
    async with desk.workspace.database.transaction() as db:
        db.add(row)
    return row.id


@pytest.mark.clause(3, 4, 8)
async def test_what_a_specialist_said_in_the_call_goes_to_the_specialists_unit(desk: RequestDesk) -> None:
    call_id, workspace = uuid7(), desk.workspace
    workspace.calls.three_ways.add(call_id)
    workspace.calls.specialists[call_id] = [await specialist_of(desk, "bureau")]
    case = await workspace.post("agent1", "/api/cases", {**CONSULT, "call_id": call_id})
    answer = {"answer": "带身份证到窗口当日办结。", "three_way_call_id": call_id, "consent": True}
    done = await workspace.move(
        "agent1", case["id"], "close_direct", **answer, follow_up={"need": "new", "question": QUESTION}
    )
    assert done["state"] == "closed_direct"
    (row,) = (await workspace.get("bureau", API, list="waiting"))["items"]
    assert (row["proposal"], row["unit_name"]) == (answer["answer"], "市场监督管理局")
    await desk.step("bureau", row["id"], "take")
    entry_id = (await desk.step("bureau", row["id"], "answer"))["answer_id"]
    entry = await workspace.get("bureau", f"/api/knowledge/{entry_id}")
    assert (entry["revision"]["title"], entry["revision"]["answer"]) == (QUESTION, answer["answer"])


async def test_an_answer_of_a_confidential_case_is_not_taken_over(desk: RequestDesk) -> None:
    call_id, workspace = uuid7(), desk.workspace
    workspace.calls.three_ways.add(call_id)
    case = await workspace.post("agent1", "/api/cases", {**CONSULT, "call_id": call_id, "confidential": True})
    answer = {"answer": "您的举报已收到。", "three_way_call_id": call_id, "consent": True}
    asked = {"need": "new", "question": QUESTION}
    await workspace.move("agent1", case["id"], "close_direct", **answer, follow_up=asked)
    # Nobody knows whose specialist it was: the hotline's knowledge editors pass it on.
    (row,) = (await workspace.get("kb_editor", API, list="waiting"))["items"]
    assert (row["proposal"], row["unit_id"]) == ("", None)
