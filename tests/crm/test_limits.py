"""Deadlines start, stop, move and run out with the case they belong to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm.catalogue.models import CatalogueItem
from crm.limits.amounts import whole_days, worktime
from crm.limits.profiles import LimitTable, shipped_limits
from crm.limits.state import LimitStep, ProfileName
from crm.supervision.models import SupervisionTask
from hotline.kernel.ids import uuid7
from hotline.kernel.workcalendar import WorkTime
from tests.crm.city import CONSULT, CONTACT, REPLY, SATISFIED, CaseCity
from tests.crm.conftest import MORNING, Workspace
from tests.crm.deadlines import deadline, notices_of, open_kinds, pass_time, rows_of, wuhai
from tests.fakes.clock import FakeClock

HELP: dict[str, Any] = {**CONSULT, "type": "help"}
INTERIM = {"public_answer": "正在核实。", "caller_informed": True}
BACK = {"ground": "not_our_duty", "reason": "属税务事项", "legal_basis": "三定方案第三条"}


@pytest.fixture
async def city(workspace: Workspace) -> CaseCity:
    city = CaseCity(workspace)
    await city.build()
    return city


# --- the table -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "step", "type", "urgency", "amount"),
    [
        ("enterprise", "close", "consult", "normal", "2d"),
        ("general", "close", "consult", "normal", "3d"),
        ("enterprise", "close", "complaint", "urgent", "5d"),
        ("general", "close", "report", "normal", "15d"),
        ("enterprise", "sign", "help", "normal", "4h"),
        ("enterprise", "sign", "help", "life_safety", "15min"),
        ("general", "sign", "help", "normal", "1d"),
        ("enterprise", "contact", "help", "normal", "1h"),
        ("enterprise", "interim", "help", "normal", "3d"),
        ("general", "return", "help", "normal", "24h"),
    ],
)
def test_the_narrowest_row_applies(profile: str, step: str, type: str, urgency: str, amount: str) -> None:
    found = LimitTable(shipped_limits()).find(ProfileName(profile), LimitStep(step), type=type, urgency=urgency)
    assert found is not None
    assert found.amount == amount
    assert found.source


def test_a_consult_has_no_interim_limit_and_every_other_step_has_one() -> None:
    table = LimitTable(shipped_limits())
    for profile in ProfileName:
        for step in LimitStep:
            found = table.find(profile, step, type="consult", urgency="normal")
            assert (found is None) == (step is LimitStep.INTERIM)


def test_amounts_are_read() -> None:
    assert worktime("15min") == WorkTime(minutes=15)
    assert worktime("5d") == WorkTime(days=5)
    assert (whole_days("5d"), whole_days("24h"), whole_days("4h")) == (5, 3, 0)
    with pytest.raises(ValueError, match="amount"):
        worktime("5")


# --- with each move --------------------------------------------------------------------------------------


@pytest.mark.clause(9, 11)
async def test_the_handling_clock_runs_from_dispatch(city: CaseCity, morning: FakeClock) -> None:
    workspace = city.workspace
    case_id = await city.approved(**HELP)
    assert await open_kinds(workspace, case_id) == {"dispatch": wuhai("2026-03-02 13:00")}
    await morning.advance(timedelta(hours=1))
    await city.dispatch(case_id)
    assert await open_kinds(workspace, case_id) == {
        "sign": wuhai("2026-03-02 14:00"),
        "return": wuhai("2026-03-03 10:00"),
        "interim": wuhai("2026-03-05 10:00"),
        "close": wuhai("2026-03-09 10:00"),
    }
    await morning.advance(timedelta(hours=2))
    case = await workspace.move("bureau", case_id, "sign")
    assert (case["next_due_kind"], case["next_due_at"]) == ("contact", "2026-03-02T05:00:00Z")
    close = deadline(case, "close")
    assert (close["elapsed_minutes"], close["signed_elapsed_minutes"]) == (120, 0)
    assert close["light"] == "green"
    assert close["explanation"]["zh"] == "5 个工作日，自 03-02 10:00 起"
    assert (close["source"], close["law"]) == ("中山", "")
    lead = case["assignments"][0]
    assert lead["due_at"] == "2026-03-09T02:00:00Z"
    met = {row.kind: row.state for row in await rows_of(workspace, case_id)}
    assert (met["dispatch"], met["sign"], met["return"]) == ("met", "met", "cancelled")


async def test_the_list_shows_the_light(city: CaseCity, morning: FakeClock) -> None:
    workspace = city.workspace
    case_id = await city.submitted()

    async def light() -> str:
        rows = (await workspace.get("dispatcher", "/api/cases"))["items"]
        return str(next(row["light"] for row in rows if row["id"] == case_id))

    assert await light() == "green"
    await morning.advance(timedelta(hours=3, minutes=45))
    assert await light() == "yellow"
    await morning.advance(timedelta(minutes=30))
    assert await light() == "red"


async def test_the_whole_way_leaves_no_deadline_open(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.in_callback()
    assert set(await open_kinds(workspace, case_id)) == {"callback"}
    await workspace.move("callback", case_id, "record_callback", **SATISFIED)
    assert set(await open_kinds(workspace, case_id)) == {"follow_up"}
    case = await workspace.move("callback", case_id, "close")
    assert (case["next_due_at"], await open_kinds(workspace, case_id)) == (None, {})
    assert {row.state for row in await rows_of(workspace, case_id)} == {"met", "cancelled"}


@pytest.mark.clause(10)
async def test_an_interim_reply_sets_the_date_that_the_caller_was_told(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed(**HELP)
    await workspace.move("bureau", case_id, "record_contact", contact=CONTACT)
    promised = MORNING + timedelta(days=2)
    case = await workspace.move("bureau", case_id, "reply_interim", **INTERIM, promised_at=promised.isoformat())
    assert (case["next_due_kind"], deadline(case, "promised")["amount"]) == ("promised", None)
    assert deadline(case, "interim")["state"] == "met"
    case = await workspace.move("bureau", case_id, "reply", **REPLY)
    assert deadline(case, "promised")["state"] == "met"


async def test_time_on_hold_over_a_weekend_does_not_count(city: CaseCity, morning: FakeClock) -> None:
    workspace = city.workspace
    case_id = await city.signed(**HELP)
    await workspace.move("bureau", case_id, "record_contact", contact=CONTACT)
    await morning.advance(wuhai("2026-03-06 16:30") - morning.now())
    case = await workspace.move("dispatcher", case_id, "suspend", reason="等待法院裁定")
    assert (case["next_due_at"], deadline(case, "close")["state"]) == (None, "paused")
    assert deadline(case, "close")["light"] == "grey"
    await morning.advance(wuhai("2026-03-09 10:00") - morning.now())
    case = await workspace.move("dispatcher", case_id, "resume", reason="裁定已下")
    # Two working hours stood still: one on Friday, one on Monday.
    assert deadline(case, "close")["due_at"] == "2026-03-09T03:00:00Z"
    assert "不计" in deadline(case, "close")["explanation"]["zh"]


async def test_an_extension_moves_the_deadline_and_is_never_longer_than_the_limit(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed(**HELP)
    ask = {"reason": "需现场勘查", "caller_informed": True}
    refused = await workspace.move_refused("bureau_head", case_id, "request_extension", days=6, **ask)
    assert refused == ("case.refused", "extension_too_long")
    await workspace.move("bureau_head", case_id, "request_extension", days=5, **ask)
    case = await workspace.move("dispatcher", case_id, "grant_extension", reason="同意")
    assert deadline(case, "close")["due_at"] == "2026-03-16T01:00:00Z"
    assert case["assignments"][0]["due_at"] == "2026-03-16T01:00:00Z"


@pytest.mark.clause(9, 11)
async def test_a_statutory_limit_overrides_the_profile(city: CaseCity) -> None:
    workspace = city.workspace
    parent = uuid7()
    async with workspace.database.transaction() as db:
        db.add(
            CatalogueItem(
                id=parent,
                code="01",
                name="企业登记",
                limit_amount=3,
                limit_unit="working_day",
                limit_basis="市场主体登记管理条例第十九条",
            )
        )
        await db.flush()
        child = uuid7()
        db.add(CatalogueItem(id=child, code="0101", name="设立登记", parent_id=parent))
    case_id = await city.approved(**HELP)
    case = await city.dispatch(case_id, item_id=child)
    close = deadline(case, "close")
    assert (close["amount"], close["law"]) == ("3d", "市场主体登记管理条例第十九条")
    assert close["due_at"] == "2026-03-05T01:00:00Z"


async def test_a_sub_dispatch_has_its_own_clocks(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed(assisting=("other",), **HELP)
    by = wuhai("2026-03-04 12:00")
    await workspace.move("bureau", case_id, "sub_dispatch", unit_ids=[city.units["office"]], due_at=by.isoformat())
    case = await workspace.get("dispatcher", f"/api/cases/{case_id}")
    due = {one["unit_name"]: one["due_at"] for one in case["assignments"]}
    assert due["海勃湾分局"] == "2026-03-04T04:00:00Z"
    assert due["税务局"] == "2026-03-05T01:00:00Z"
    own = next(one for one in case["assignments"] if one["unit_name"] == "海勃湾分局")
    await workspace.move("office", case_id, "sign_assignment", assignment_id=own["id"])
    await workspace.move("office", case_id, "reply_assignment", assignment_id=own["id"], answer="已核实")
    states = {row.kind: row.state for row in await rows_of(workspace, case_id) if row.assignment_id == own["id"]}
    assert states == {"sub_sign": "met", "sub_answer": "met"}


async def test_a_designated_unit_has_no_time_to_return_it(city: CaseCity) -> None:
    case_id = await city.approved()
    await city.dispatch(case_id, designate=True, advice="由热线指定")
    assert "return" not in await open_kinds(city.workspace, case_id)


async def test_closed_time_after_reopening_does_not_count(city: CaseCity, morning: FakeClock) -> None:
    workspace = city.workspace
    case_id = await city.in_callback(**HELP)
    await workspace.move("callback", case_id, "record_callback", **SATISFIED)
    await workspace.move("callback", case_id, "close")
    await morning.advance(timedelta(days=14))
    case = await workspace.move("dispatcher", case_id, "reopen", reason="来电人提供新情况")
    # Ten working days stood still: the five of the limit run from there.
    assert deadline(case, "close")["due_at"] == "2026-03-23T01:00:00Z"
    assert case["next_due_kind"] == "close"


async def test_a_refused_return_gives_no_more_time_to_return_it(city: CaseCity, morning: FakeClock) -> None:
    workspace = city.workspace
    case_id = await city.dispatched()
    await morning.advance(timedelta(hours=2))
    await workspace.move("bureau", case_id, "request_return", **BACK)
    assert "sign" not in await open_kinds(workspace, case_id)
    await morning.advance(timedelta(hours=23))
    await workspace.move("dispatcher", case_id, "refuse_return", reason="属于本局职责")
    kinds = await open_kinds(workspace, case_id)
    assert (kinds["sign"], "return" in kinds) == (wuhai("2026-03-03 14:00"), False)
    assert (await workspace.move_refused("bureau", case_id, "request_return", **BACK))[1] == "return_limit"


# --- when time runs out ------------------------------------------------------------------------------------


async def test_past_the_sign_limit_it_counts_as_signed(city: CaseCity, morning: FakeClock) -> None:
    workspace = city.workspace
    case_id = await city.dispatched(**HELP)
    await pass_time(workspace, morning, wuhai("2026-03-02 13:01"))
    case = await workspace.get("dispatcher", f"/api/cases/{case_id}")
    step = case["steps"][-1]
    assert (case["state"], step["action"], step["by"]) == ("in_progress", "count_as_signed", "")
    assert deadline(case, "sign")["state"] == "missed"
    assert case["next_due_kind"] == "contact"
    people = workspace.people
    notified = await notices_of(workspace, case_id)
    assert {user for kind, user in notified if kind == "signed_by_default"} >= {people["bureau"].user_id}
    await pass_time(workspace, morning, wuhai("2026-03-02 13:30"))
    assert await notices_of(workspace, case_id) == notified


async def test_two_days_of_downtime_are_caught_up_in_order_and_once(city: CaseCity, morning: FakeClock) -> None:
    workspace = city.workspace
    case_id = await city.dispatched(type="consult")
    await pass_time(workspace, morning, wuhai("2026-03-04 09:30"))
    case = await workspace.get("dispatcher", f"/api/cases/{case_id}")
    assert [step["action"] for step in case["steps"]].count("count_as_signed") == 1
    kinds = list(dict.fromkeys(kind for kind, _ in await notices_of(workspace, case_id) if kind != "assigned"))
    # Not signed, then overdue: no stale reminder of a deadline that has passed.
    assert kinds[:2] == ["signed_by_default", "overdue"]
    assert set(kinds[2:]) <= {"escalated", "supervision", "callback_due"}
    assert set(await open_kinds(workspace, case_id)) == {"contact", "close", "callback"}
    async with workspace.database.snapshot() as db:
        tasks = (await db.scalars(select(SupervisionTask).where(SupervisionTask.case_id == case_id))).all()
    assert [(task.cause, task.unit_id) for task in tasks] == [("overdue", city.units["bureau"])]
    before = await notices_of(workspace, case_id)
    await pass_time(workspace, morning, wuhai("2026-03-04 09:40"))
    assert await notices_of(workspace, case_id) == before


@pytest.mark.clause(10, 11)
async def test_a_callback_is_recorded_when_the_limit_expired_without_a_reply(
    city: CaseCity, morning: FakeClock
) -> None:
    workspace = city.workspace
    case_id = await city.signed(type="consult")
    path = f"/api/cases/{case_id}"
    assert await workspace.move_refused("callback", case_id, "record_callback", **SATISFIED) == (
        "case.refused",
        "callback_not_due",
    )
    await pass_time(workspace, morning, wuhai("2026-03-04 09:30"))
    listed = await workspace.get("callback", "/api/worklists/to_call_back")
    assert [row["id"] for row in listed["items"]] == [case_id]
    case = await workspace.get("callback", path)
    allowed = {one["action"] for one in case["offers"] if one["allowed"]}
    assert allowed & {"record_callback", "order_rework", "close"} == {"record_callback"}
    await workspace.move("callback", case_id, "record_callback", not_reached="busy")
    assert "callback" in await open_kinds(workspace, case_id)
    case = await workspace.move("callback", case_id, "record_callback", **SATISFIED)
    assert (case["state"], deadline(case, "callback")["state"]) == ("in_progress", "met")
    assert set(await open_kinds(workspace, case_id)) == {"contact", "close"}
    assert (await workspace.get("callback", "/api/worklists/to_call_back"))["items"] == []
    # What was said while the unit was silent is no word on its reply.
    await workspace.move("bureau", case_id, "reply", **REPLY)
    await workspace.move("dispatcher", case_id, "schedule_callback", fits_facts=True)
    assert await workspace.move_refused("callback", case_id, "close") == ("case.refused", "callback_due")
    assert "callback" in await open_kinds(workspace, case_id)
    await workspace.move("callback", case_id, "record_callback", **SATISFIED)
    assert (await workspace.move("callback", case_id, "close"))["state"] == "closed"


async def test_a_return_nobody_decides_on_counts_as_accepted(city: CaseCity, morning: FakeClock) -> None:
    workspace = city.workspace
    case_id = await city.dispatched()
    await workspace.move("bureau", case_id, "request_return", **BACK)
    await pass_time(workspace, morning, wuhai("2026-03-03 09:01"))
    case = await workspace.get("dispatcher", f"/api/cases/{case_id}")
    assert (case["state"], case["returns"], case["lead_unit_id"]) == ("pending_dispatch", 1, None)
    assert set(await open_kinds(workspace, case_id)) == {"dispatch"}


async def test_reminders_come_48_and_24_hours_before(city: CaseCity, morning: FakeClock) -> None:
    workspace = city.workspace
    case_id = await city.signed(**HELP)
    await workspace.move("bureau", case_id, "record_contact", contact=CONTACT)
    await workspace.move(
        "bureau", case_id, "reply_interim", **INTERIM, promised_at=wuhai("2026-03-20 09:00").isoformat()
    )

    async def kinds() -> list[str]:
        notified = await notices_of(workspace, case_id)
        return list(dict.fromkeys(kind for kind, _ in notified if kind != "assigned"))

    await pass_time(workspace, morning, wuhai("2026-03-07 09:01"))
    assert await kinds() == ["due_soon_48h"]
    await pass_time(workspace, morning, wuhai("2026-03-08 09:01"))
    assert await kinds() == ["due_soon_48h", "due_soon_24h"]
    await pass_time(workspace, morning, wuhai("2026-03-09 09:01"))
    assert (await kinds())[2] == "overdue"


async def test_a_closed_case_is_archived_by_itself(city: CaseCity, morning: FakeClock) -> None:
    workspace = city.workspace
    case_id = await city.in_callback()
    await workspace.move("callback", case_id, "record_callback", **SATISFIED)
    await workspace.move("callback", case_id, "close")
    await pass_time(workspace, morning, MORNING + timedelta(days=29))
    assert (await workspace.get("dispatcher", f"/api/cases/{case_id}"))["state"] == "closed"
    await pass_time(workspace, morning, MORNING + timedelta(days=30, minutes=1))
    assert (await workspace.get("dispatcher", f"/api/cases/{case_id}"))["state"] == "archived"
