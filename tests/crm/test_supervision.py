"""Supervision tasks from issued to done, and the ledger of unsolved cases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm.cases import repository as cases
from crm.cases.visibility import HOTLINE_STAFF
from crm.supervision.guards import SUPERVISION_GUARDS
from crm.supervision.models import SupervisionCause, SupervisionTask
from crm.supervision.state import SUPERVISION_MOVES, SupervisionAction, SupervisionGuard, SupervisionState
from hotline.accounts.roles import Permission, Role
from hotline.kernel.ids import uuid7
from hotline.notices.models import NoticeRecord
from tests.crm.city import CONSULT, REPLY, SATISFIED, CaseCity
from tests.crm.conftest import MORNING, Workspace

TASKS = "/api/supervision-tasks"
DUE = (MORNING + timedelta(days=1)).isoformat()


@pytest.fixture
async def city(workspace: Workspace) -> CaseCity:
    city = CaseCity(workspace)
    await city.build()
    workspace.hire("supervisor2", Role.SUPERVISOR)
    return city


def order(city: CaseCity, case_id: str, unit: str = "bureau", **more: Any) -> dict[str, Any]:
    demand = {"demand": "三日内答复来电人", "due_at": DUE}
    return {"id": uuid7(), "case_id": case_id, "unit_id": city.units[unit], **demand, **more}


async def issued(city: CaseCity) -> dict[str, Any]:
    task: dict[str, Any] = await city.workspace.post("supervisor", TASKS, order(city, await city.signed()))
    return task


def act(task: dict[str, Any], action: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return f"{TASKS}/{task['id']}/{action}", {"version": task["version"], "text": "已办理", **more}


# --- the table ------------------------------------------------------------------------------------------


def test_every_guard_has_one_check_and_done_is_the_end() -> None:
    assert set(SUPERVISION_GUARDS) == set(SupervisionGuard)
    assert not [state for state, _ in SUPERVISION_MOVES if state is SupervisionState.DONE]
    assert {action for _, action in SUPERVISION_MOVES} == set(SupervisionAction)


# --- the way of a task ----------------------------------------------------------------------------------


async def test_from_issued_to_done(city: CaseCity) -> None:
    workspace = city.workspace
    task = await issued(city)
    assert (task["state"], task["actions"]) == ("issued", [])
    (mine,) = (await workspace.get("bureau", TASKS))["items"]
    assert mine["actions"] == ["ask_withdrawal"]
    task = await workspace.post("bureau", *act(task, "ask-withdrawal", text="已约谈窗口，今日办结"))
    assert task["state"] == "withdrawal_requested"
    status, refused = await workspace.ask("dispatcher", "POST", *act(task, "review"))
    assert (status, refused["error_id"], refused["reason"]) == (409, "supervision.refused", "not_answered")
    await workspace.move("bureau", task["case_id"], "reply", **REPLY)
    task = await workspace.post("supervisor", *act(task, "review", text="属实"))
    assert (task["state"], task["actions"]) == ("reviewed", ["send_back"]), "who reviewed does not finish"
    _, refused = await workspace.ask("supervisor", "POST", *act(task, "finish"))
    assert (refused["error_id"], refused["reason"]) == ("supervision.refused", "own_review")
    assert (await workspace.get("bureau", f"{TASKS}/{task['id']}"))["review"] == ""
    task = await workspace.post("supervisor2", *act(task, "finish"))
    assert (task["state"], task["actions"]) == ("done", [])
    assert (await workspace.get("bureau", f"{TASKS}/{task['id']}"))["review"] == "属实"
    actions = [action for _, action in workspace.audited() if action.startswith("supervision.")]
    assert actions == [f"supervision.{name}" for name in ("issue", "ask_withdrawal", "review", "finish")]
    assert (await workspace.get("supervisor", TASKS, open="true"))["items"] == []


async def test_what_was_not_enough_goes_back_to_the_unit(city: CaseCity) -> None:
    workspace = city.workspace
    task = await workspace.post("bureau", *act(await issued(city), "ask-withdrawal"))
    task = await workspace.post("dispatcher", *act(task, "send-back", text="未见整改"))
    assert task["state"] == "issued"
    assert (await workspace.get("bureau", f"{TASKS}/{task['id']}"))["review"] == "未见整改"
    task = await workspace.post("bureau", *act(task, "ask-withdrawal"))
    task = await workspace.post("dispatcher", *act(task, "review", text="另案处理，不等答复", unanswered=True))
    assert task["state"] == "reviewed"
    stale = {**task, "version": task["version"] - 1}
    assert (await workspace.refused("supervisor", "POST", *act(stale, "finish")))[1] == "supervision.version"
    assert (await workspace.refused("supervisor", "POST", *act(task, "ask-withdrawal")))[1] == "supervision.transition"
    assert (await workspace.refused("dispatcher", "POST", *act(task, "finish")))[1] == "supervision.actor"


async def test_the_unit_is_notified_once(city: CaseCity) -> None:
    workspace = city.workspace
    body = order(city, await city.signed())
    first, again = await workspace.post("supervisor", TASKS, body), await workspace.post("supervisor", TASKS, body)
    assert first["id"] == again["id"]
    async with workspace.database.snapshot() as db:
        kinds = (await db.scalars(select(NoticeRecord.kind).where(NoticeRecord.kind == "supervision"))).all()
        assert len((await db.scalars(select(SupervisionTask))).all()) == 1
    assert len(kinds) <= 2, "the unit's handler and head, each once"


async def test_an_escalation_issues_one_task(city: CaseCity) -> None:
    workspace, case_id = city.workspace, await city.signed()
    for _ in range(2):
        async with workspace.database.transaction() as db:
            case = await cases.case(db, case_id)
            assert case is not None
            await workspace.crm.supervision.issue(db, case, SupervisionCause.OVERDUE, key="deadline-1")
    (task,) = (await workspace.get("bureau", TASKS))["items"]
    assert (task["cause"], task["issued_by_name"]) == ("overdue", "")


# --- who ------------------------------------------------------------------------------------------------


async def test_a_unit_sees_its_own_tasks_alone(city: CaseCity) -> None:
    workspace = city.workspace
    task = await issued(city)
    for who in ("other", "other_head", "office", "station"):
        assert (await workspace.get(who, TASKS))["items"] == [], who
        assert (await workspace.refused(who, "GET", f"{TASKS}/{task['id']}"))[0] == 404, who
        assert (await workspace.refused(who, "POST", *act(task, "ask-withdrawal")))[0] == 404, who
    wrong = order(city, task["case_id"], "other")
    assert (await workspace.refused("supervisor", "POST", TASKS, wrong))[1] == "supervision.unit"


@pytest.mark.parametrize("hidden", ["anonymous", "confidential"])
async def test_a_unit_reads_its_own_text_instead_of_a_hidden_callers_title(city: CaseCity, hidden: str) -> None:
    workspace = city.workspace
    fields: dict[str, Any] = {hidden: True}
    case_id = await city.signed(**fields)
    await workspace.post("supervisor", TASKS, order(city, case_id))
    await workspace.post("supervisor", "/api/unsolved-cases", {"case_id": case_id, "reason": "明年改造"})
    for path in (TASKS, "/api/unsolved-cases"):
        titles = [(await workspace.get(who, path))["items"][0]["title"] for who in ("bureau", "supervisor")]
        assert titles == ["有人反映窗口收费不开票。", CONSULT["title"] if hidden == "anonymous" else ""], path


@pytest.mark.parametrize("role", list(Role))
async def test_which_role_may_what_in_supervision(city: CaseCity, role: Role) -> None:
    workspace = city.workspace
    somebody = workspace.hire("somebody", role)
    task = await issued(city)
    reads, writes = (right in somebody.permissions for right in (Permission.CASE_READ, Permission.CASE_WRITE))
    for path in (TASKS, "/api/unsolved-cases"):
        assert ((await workspace.ask("somebody", "GET", path))[0] == 200) == reads, (role, path)
    status, _ = await workspace.ask("somebody", "POST", TASKS, order(city, task["case_id"]))
    assert (status == 201) == (role is Role.SUPERVISOR)
    for action in ("ask-withdrawal", "send-back", "review", "finish"):
        status, _ = await workspace.ask("somebody", "POST", *act(task, action))
        sees = writes and role in HOTLINE_STAFF
        assert status in ((403, 409) if sees else (403, 404)), (role, action, status)
    entry = {"case_id": task["case_id"], "reason": "x"}
    status, _ = await workspace.ask("somebody", "POST", "/api/unsolved-cases", entry)
    assert (status == 201) == (role in (Role.SUPERVISOR, Role.DISPATCHER)), (role, status)


# --- the ledger -----------------------------------------------------------------------------------------


async def closed_unsolved(city: CaseCity) -> str:
    case_id = await city.in_callback()
    await city.workspace.move("callback", case_id, "record_callback", **SATISFIED | {"solved": "no"})
    await city.workspace.move("callback", case_id, "close", disposition="列入明年改造计划")
    return case_id


async def test_a_case_closed_unsolved_enters_the_ledger_and_is_struck_off_once(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await closed_unsolved(city)
    (entry,) = (await workspace.get("supervisor", "/api/unsolved-cases"))["items"]
    assert (entry["case_id"], entry["reason"], entry["entered_by_name"]) == (case_id, "回访时来电人表示未解决。", "")
    again = {"case_id": case_id, "kind": "planned", "reason": "明年改造", "planned_for": "2027-06-01"}
    assert (await workspace.refused("dispatcher", "POST", "/api/unsolved-cases", again))[1] == "ledger.entered"
    path, strike = f"/api/unsolved-cases/{entry['id']}/strike-off", {"version": entry["version"], "reason": "已改造"}
    assert (await workspace.refused("agent1", "POST", path, strike))[1] == "supervision.actor"
    struck = await workspace.post("supervisor", path, strike)
    assert struck["struck_off_reason"] == "已改造"
    assert (await workspace.refused("supervisor", "POST", path, strike))[1] == "ledger.struck_off"
    assert (await workspace.get("supervisor", "/api/unsolved-cases"))["items"] == []
    assert len((await workspace.get("supervisor", "/api/unsolved-cases", open="false"))["items"]) == 1
    for of, found in ((case_id, 1), (uuid7(), 0)):
        rows = (await workspace.get("supervisor", "/api/unsolved-cases", open="false", case_id=of))["items"]
        assert len(rows) == found
    reopened = await workspace.post("dispatcher", "/api/unsolved-cases", again)
    assert (reopened["id"], reopened["planned_for"], reopened["struck_off_at"]) == (entry["id"], "2027-06-01", None)


async def test_a_case_closed_solved_enters_no_ledger(city: CaseCity) -> None:
    case_id = await city.in_callback()
    await city.workspace.move("callback", case_id, "record_callback", **SATISFIED)
    await city.workspace.move("callback", case_id, "close")
    assert (await city.workspace.get("supervisor", "/api/unsolved-cases"))["items"] == []
