"""A case on its way from acceptance to archive, and what cannot be skipped on it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from crm.cases.details.table import DETAILS
from crm.cases.guards.table import GUARDS
from crm.cases.state import TRANSITIONS, Actor, CaseAction, Guard
from crm.units.models import Unit
from hotline.kernel.ids import uuid7
from tests.crm.city import CONSULT, CONTACT, REPLY, SATISFIED, CaseCity
from tests.crm.conftest import MORNING, Workspace
from tests.fakes.clock import FakeClock


@pytest.fixture
async def city(workspace: Workspace) -> CaseCity:
    city = CaseCity(workspace)
    await city.build()
    return city


def offered(case: dict[str, Any]) -> dict[str, str | None]:
    """What the server offers: None, or why not."""
    return {offer["action"]: offer["reason"] for offer in case["offers"]}


def allowed(case: dict[str, Any]) -> set[str]:
    return {action for action, reason in offered(case).items() if reason is None}


# --- the table ------------------------------------------------------------------------------------------


def test_every_guard_has_one_check_and_every_action_a_body() -> None:
    assert set(GUARDS) == set(Guard)
    by_person = {action for (_, action), row in TRANSITIONS.items() if row.by != {Actor.DEADLINE}}
    assert set(DETAILS) == by_person


# --- the whole way ---------------------------------------------------------------------------------------


@pytest.mark.clause(11)
async def test_from_acceptance_to_archive(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.in_callback()
    await workspace.move("callback", case_id, "record_callback", **SATISFIED)
    await workspace.move("callback", case_id, "close")
    case = await workspace.move("dispatcher", case_id, "archive")
    assert case["state"] == "archived"
    assert [step["action"] for step in case["steps"]] == [
        "submit",
        "approve",
        "dispatch",
        "sign",
        "reply",
        "schedule_callback",
        "record_callback",
        "close",
        "archive",
    ]
    assert [step["version"] for step in case["steps"]] == list(range(2, 11))
    assert case["offers"] == []
    assert [(one["role"], one["state"]) for one in case["assignments"]] == [("lead", "replied")]
    assert case["callbacks"][0]["detail"]["result"] == "satisfied"
    # The history alone rebuilds the state.
    state = "draft"
    for step in case["steps"]:
        assert step["source"] == state
        state = step["target"]
    assert state == case["state"]


async def test_the_number_opens_the_case_too(city: CaseCity) -> None:
    case = await city.workspace.get("agent1", f"/api/cases/{await city.submitted()}")
    assert (await city.workspace.get("agent1", f"/api/cases/{case['number']}"))["id"] == case["id"]


async def test_the_offers_are_what_each_person_may_do(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.submitted()
    assert allowed(await workspace.get("dispatcher", f"/api/cases/{case_id}")) == {
        "ask_info",
        "approve",
        "not_accept",
        "claim",
        "release",
        "terminate",
        "withdraw",
        "recuse",
        "link_duplicate",
        "add_to_cluster",
        "note_repeat",
    }
    assert allowed(await workspace.get("agent1", f"/api/cases/{case_id}")) == {"recuse", "note_repeat"}
    assert offered(await workspace.get("agent1", f"/api/cases/{case_id}"))["approve"] == "actor"


async def test_what_is_offered_as_refused_is_refused_with_that_reason(city: CaseCity) -> None:
    workspace = city.workspace
    draft = await workspace.post("agent1", "/api/cases", {"title": "题"})
    assert offered(draft)["submit"] == "incomplete"
    assert await workspace.move_refused("agent1", draft["id"], "submit") == ("case.refused", "incomplete")


# --- one request, one step -------------------------------------------------------------------------------


async def test_a_repeated_request_is_one_step(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.dispatched()
    request = {"request_id": uuid7(), "version": 4}
    answers = await asyncio.gather(*(workspace.try_move("bureau", case_id, "sign", **request) for _ in range(6)))
    assert {(status, body["state"], body["version"]) for status, body in answers} == {(200, "in_progress", 5)}
    other = await workspace.move_refused("bureau", case_id, "reply", **REPLY, **request)
    assert other == ("case.request_id", None)


async def test_a_second_signer_is_told_who_was_first(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.dispatched()
    answers = await asyncio.gather(
        *(workspace.try_move(who, case_id, "sign", version=4) for who in ("bureau", "bureau_head"))
    )
    assert sorted(status for status, _ in answers) == [200, 409]
    refused = next(body for status, body in answers if status == 409)
    assert (refused["error_id"], refused["version"]) == ("case.version_conflict", 5)
    assert [change["action"] for change in refused["changes"]] == ["sign"]
    assert refused["changes"][0]["by"] in ("bureau", "bureau_head")


async def test_two_people_never_work_on_one_case_of_the_pool(city: CaseCity, morning: FakeClock) -> None:
    workspace = city.workspace
    case_id = await city.submitted()
    await workspace.move("dispatcher", case_id, "claim")
    assert await workspace.move_refused("dispatcher2", case_id, "claim") == ("case.refused", "claimed")
    assert await workspace.move_refused("dispatcher2", case_id, "approve") == ("case.refused", "claimed")
    await morning.advance(timedelta(minutes=31))
    case = await workspace.move("dispatcher2", case_id, "claim")
    assert case["claimed_by"] == "id-dispatcher2"
    case = await workspace.move("dispatcher2", case_id, "approve")
    assert case["claimed_by"] is None


# --- review ----------------------------------------------------------------------------------------------


async def test_what_is_missing_is_asked_and_given(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.submitted()
    assert (await workspace.move_refused("dispatcher", case_id, "ask_info", reason=" "))[0] == "input.invalid"
    await workspace.move("dispatcher", case_id, "ask_info", reason="请补充地址")
    await workspace.patch("agent1", f"/api/cases/{case_id}", {"version": 3, "place": "海勃湾区"})
    case = await workspace.move("agent1", case_id, "give_info")
    assert (case["state"], case["place"]) == ("pending_review", "海勃湾区")


async def test_a_reviewer_corrects_the_case_and_the_history_shows_before_and_after(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.submitted()
    case = await workspace.patch("dispatcher", f"/api/cases/{case_id}", {"version": 2, "urgency": "urgent"})
    step = case["steps"][-1]
    assert (step["action"], step["detail"]) == (
        "edit",
        {"before": {"urgency": "normal"}, "after": {"urgency": "urgent"}},
    )
    await workspace.move("dispatcher", case_id, "approve")
    await city.dispatch(case_id)
    refused = await workspace.refused("dispatcher", "PATCH", f"/api/cases/{case_id}", {"version": 5, "title": "乙"})
    assert refused == (403, "case.not_yours")


async def test_a_reviewer_may_find_that_it_is_not_for_the_hotline(city: CaseCity) -> None:
    case_id = await city.submitted()
    body = {"reason": "b", "explanation": "已进入信访程序，已告知来电人"}
    assert (await city.workspace.move("dispatcher", case_id, "not_accept", **body))["state"] == "not_accepted"


# --- dispatch, return, designation -----------------------------------------------------------------------


@pytest.mark.clause(9)
async def test_the_unit_complained_of_never_handles_it(city: CaseCity) -> None:
    workspace = city.workspace
    complaint = {
        **CONSULT,
        "type": "complaint",
        "unit_complained_of_id": city.units["office"],
        "complaint_type": "效率",
        "demand": "尽快",
    }
    case_id = await city.approved(**complaint)
    for lead in ("office", "station"):
        refused = await workspace.move_refused("dispatcher", case_id, "dispatch", lead_unit_id=city.units[lead])
        assert refused == ("case.refused", "unit_complained_of")
    helper = {"lead_unit_id": city.units["bureau"], "assisting_unit_ids": [city.units["office"]]}
    assert (await workspace.move_refused("dispatcher", case_id, "dispatch", **helper))[1] == "unit_complained_of"
    await city.dispatch(case_id, "bureau")
    await workspace.move("bureau", case_id, "sign")
    below = {"unit_ids": [city.units["office"]]}
    assert (await workspace.move_refused("bureau", case_id, "sub_dispatch", **below))[1] == "unit_complained_of"
    # Nor do its people see it, nor those of the units below it.
    for who in ("office", "station"):
        assert await workspace.refused(who, "GET", f"/api/cases/{case_id}") == (403, "case.confidential")
        assert (await workspace.get(who, "/api/cases"))["items"] == []


async def test_a_unit_named_in_words_does_not_handle_its_own_complaint(city: CaseCity) -> None:
    fields = {"type": "report", "unit_complained_of": "税务局", "complaint_type": "态度", "demand": "查处"}
    case_id = await city.approved(**fields)
    refused = await city.workspace.move_refused("dispatcher", case_id, "dispatch", lead_unit_id=city.units["other"])
    assert refused == ("case.refused", "unit_complained_of")


async def test_returned_three_times_then_designated(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.approved()
    back = {"ground": "not_our_duty", "reason": "属税务事项", "legal_basis": "三定方案第三条"}
    for round, lead in enumerate(("bureau", "other", "bureau"), start=1):
        await city.dispatch(case_id, lead)
        await workspace.move(lead, case_id, "request_return", **back)
        case = await workspace.move("dispatcher", case_id, "accept_return", reason="属实")
        assert (case["state"], case["returns"], case["lead_unit_id"]) == ("pending_dispatch", round, None)
        assert await workspace.refused(lead, "GET", f"/api/cases/{case_id}") == (403, "case.confidential")
    named = {"lead_unit_id": city.units["other"]}
    assert (await workspace.move_refused("dispatcher", case_id, "dispatch", **named))[1] == "designation_needed"
    await city.dispatch(case_id, "other", designate=True)
    assert (await workspace.move_refused("other", case_id, "request_return", **back))[1] == "designated"
    assert offered(await workspace.get("other", f"/api/cases/{case_id}"))["request_return"] == "designated"


async def test_a_return_may_be_refused(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.dispatched()
    body = {"ground": "objection", "reason": "不属本局", "legal_basis": "条例第八条"}
    assert (await workspace.move_refused("bureau", case_id, "request_return", **{**body, "legal_basis": ""}))[0] == (
        "input.invalid"
    )
    await workspace.move("bureau", case_id, "request_return", **body)
    case = await workspace.move("dispatcher", case_id, "refuse_return", reason="属于本局职责")
    assert (case["state"], case["returns"], case["lead_unit_id"]) == ("dispatched", 0, city.units["bureau"])


@pytest.mark.parametrize("unit", ["00000000-0000-7000-8000-00000000dead", "closed"])
async def test_a_unit_that_is_closed_or_unknown_gets_nothing(city: CaseCity, unit: str) -> None:
    workspace = city.workspace
    if unit == "closed":
        unit = city.units["other"]
        async with workspace.database.transaction() as db:
            await db.execute(update(Unit).where(Unit.id == unit).values(active=False))
    case_id = await city.approved()
    refused = await workspace.move_refused("dispatcher", case_id, "dispatch", lead_unit_id=unit)
    assert refused == ("case.refused", "unit_unknown")


async def test_an_item_is_one_of_the_catalogue(city: CaseCity) -> None:
    workspace = city.workspace
    refused = await workspace.refused("agent1", "POST", "/api/cases", {**CONSULT, "item_id": uuid7()})
    assert refused == (422, "case.unknown_item")
    case_id = await city.approved()
    named = {"lead_unit_id": city.units["bureau"], "item_id": uuid7()}
    assert (await workspace.move_refused("dispatcher", case_id, "dispatch", **named))[0] == "case.unknown_item"


# --- handling --------------------------------------------------------------------------------------------


async def test_assisting_units_answer_to_the_lead(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed(assisting=("other",))
    case = await workspace.get("other", f"/api/cases/{case_id}")
    own = next(one for one in case["assignments"] if one["own"])
    assert own["role"] == "assist"
    assert (await workspace.move_refused("bureau", case_id, "reply", **REPLY))[1] == "units_outstanding"
    refused = await workspace.move_refused("other", case_id, "reply", **REPLY)
    assert refused == ("case.wrong_actor", "actor")
    answer = {"assignment_id": own["id"], "answer": "税务登记已核实。"}
    assert (await workspace.move_refused("other", case_id, "reply_assignment", **answer))[1] == "not_signed"
    await workspace.move("other", case_id, "sign_assignment", assignment_id=own["id"])
    await workspace.move("other", case_id, "reply_assignment", **answer)
    assert (await workspace.move_refused("other", case_id, "reply_assignment", **answer))[1] == "answered_already"
    assert (await workspace.move("bureau", case_id, "reply", **REPLY))["state"] == "replied"


async def test_a_case_is_passed_down_three_levels(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed()
    stranger = await workspace.move_refused("bureau", case_id, "sub_dispatch", unit_ids=[city.units["other"]])
    assert stranger == ("case.refused", "not_below")
    await workspace.move("bureau", case_id, "sub_dispatch", unit_ids=[city.units["office"]], advice="请核实")
    case = await workspace.get("office", f"/api/cases/{case_id}")
    own = next(one for one in case["assignments"] if one["unit_id"] == city.units["office"])
    down = {"assignment_id": own["id"], "unit_ids": [city.units["station"]]}
    assert (await workspace.move_refused("office", case_id, "sub_dispatch", **down))[1] == "not_signed"
    await workspace.move("office", case_id, "sign_assignment", assignment_id=own["id"])
    case = await workspace.move("office", case_id, "sub_dispatch", **down)
    tree = {one["unit_name"]: (one["role"], one["state"]) for one in case["assignments"]}
    assert tree == {
        "市场监督管理局": ("lead", "signed"),
        "海勃湾分局": ("sub", "signed"),
        "滨河市场监管所": ("sub", "dispatched"),
    }
    station = next(one for one in case["assignments"] if one["unit_id"] == city.units["station"])
    case = await workspace.move("station", case_id, "return_assignment", assignment_id=station["id"], reason="不在辖区")
    assert await workspace.refused("station", "GET", f"/api/cases/{case_id}") == (403, "case.confidential")
    # Another office of the bureau has never heard of it.
    assert await workspace.refused("other_office", "GET", f"/api/cases/{case_id}") == (403, "case.confidential")
    # A unit above sees and may act for those below.
    case = await workspace.move(
        "bureau", case_id, "reply_assignment", assignment_id=own["id"], answer="分局已上门核实。"
    )
    assert (await workspace.move("bureau", case_id, "reply", **REPLY))["state"] == "replied"


async def test_an_interim_reply_promises_a_next_date(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed()
    body = {
        "public_answer": "正在核实，三日内再答复。",
        "promised_at": (MORNING + timedelta(days=3)).isoformat(),
        "caller_informed": True,
    }
    past = {**body, "promised_at": MORNING.isoformat()}
    assert (await workspace.move_refused("bureau", case_id, "reply_interim", **past))[1] == "promised_in_past"
    silent = {**body, "caller_informed": False}
    assert (await workspace.move_refused("bureau", case_id, "reply_interim", **silent))[1] == "caller_not_informed"
    case = await workspace.move("bureau", case_id, "reply_interim", **body)
    assert case["state"] == "in_progress"
    assert case["promised_at"].startswith("2026-03-05T01:00")
    assert [reply["kind"] for reply in case["replies"]] == ["interim"]


async def test_an_extension_is_endorsed_then_granted_once(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed()
    ask = {"days": 2, "reason": "需现场勘查", "caller_informed": True}
    assert (await workspace.move_refused("bureau", case_id, "request_extension", **{**ask, "days": 11}))[0] == (
        "input.invalid"
    )
    untold = {**ask, "caller_informed": False}
    assert (await workspace.move_refused("bureau", case_id, "request_extension", **untold))[1] == "caller_not_informed"
    await workspace.move("bureau", case_id, "request_extension", **ask)
    grant = {"reason": "同意"}
    assert (await workspace.move_refused("dispatcher", case_id, "grant_extension", **grant))[1] == "not_endorsed"
    assert (await workspace.move_refused("bureau", case_id, "endorse_extension"))[0] == "case.wrong_actor"
    await workspace.move("bureau_head", case_id, "endorse_extension")
    case = await workspace.move("dispatcher", case_id, "grant_extension", **grant)
    assert (case["state"], case["extensions"], case["steps"][-1]["detail"]["days"]) == ("in_progress", 1, 2)
    assert (await workspace.move_refused("bureau", case_id, "request_extension", **ask))[1] == "extended_before"


async def test_an_extension_may_be_refused(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed()
    await workspace.move("bureau_head", case_id, "request_extension", days=2, reason="人手不足", caller_informed=True)
    case = await workspace.move("dispatcher", case_id, "refuse_extension", reason="理由不充分")
    assert (case["state"], case["extensions"]) == ("in_progress", 0)


async def test_suspended_time_stops_the_unit_too(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed()
    await workspace.move("dispatcher", case_id, "suspend", reason="等待法院裁定")
    assert (await workspace.move_refused("bureau", case_id, "reply", **REPLY))[1] == "suspended"
    assert (await workspace.move_refused("dispatcher", case_id, "suspend", reason="再次"))[1] == "suspended"
    await workspace.move("dispatcher", case_id, "resume", reason="裁定已下")
    assert (await workspace.move("bureau", case_id, "reply", **REPLY))["state"] == "replied"


@pytest.mark.clause(10)
async def test_a_reply_says_why_it_is_not_solved_and_how_the_caller_was_reached(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed()
    for change in (
        {"solved": False},
        {"beyond_duty": True},
        {"contact": {**CONTACT, "way": "none"}},
        {"public_answer": " "},
        {"internal_handling": ""},
    ):
        assert (await workspace.move_refused("bureau", case_id, "reply", **{**REPLY, **change}))[0] == "input.invalid"
    later = {**REPLY, "contact": {**CONTACT, "at": (MORNING + timedelta(days=1)).isoformat()}}
    assert (await workspace.move_refused("bureau", case_id, "reply", **later))[1] == "contact_in_future"


# --- callback --------------------------------------------------------------------------------------------


@pytest.mark.clause(11)
async def test_silence_never_counts_as_satisfied(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.in_callback()
    assert (await workspace.move_refused("callback", case_id, "close"))[1] == "callback_due"
    await workspace.move("callback", case_id, "record_callback", unit_contacted=True)
    assert (await workspace.move_refused("callback", case_id, "close"))[1] == "not_disposed"
    case = await workspace.move("callback", case_id, "close", disposition="来电人不愿评价，已电话说明。")
    assert case["state"] == "closed"


async def test_a_caller_who_is_not_reached_is_tried_three_times(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.in_callback()
    for _ in range(3):
        assert (await workspace.move_refused("callback", case_id, "close", disposition="无人接听"))[1] == "callback_due"
        await workspace.move("callback", case_id, "record_callback", not_reached="no_answer")
    assert (await workspace.move_refused("callback", case_id, "close"))[1] == "not_disposed"
    assert (await workspace.move("callback", case_id, "close", disposition="三次未接通，已发短信"))["state"] == "closed"


async def test_dissatisfied_it_goes_back_and_a_second_round_begins(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.in_callback()
    bad = {**SATISFIED, "solved": "no", "result": "dissatisfied"}
    await workspace.move("callback", case_id, "record_callback", **bad)
    assert (await workspace.move_refused("callback", case_id, "close"))[1] == "not_disposed"
    case = await workspace.move("callback", case_id, "order_rework", reason="问题未解决")
    assert (case["state"], case["round"], case["reworks"]) == ("rework", 2, 1)
    await workspace.move("bureau", case_id, "resume_work")
    await workspace.move("bureau", case_id, "reply", **REPLY)
    await workspace.move("dispatcher", case_id, "schedule_callback", fits_facts=True)
    # What was said in the first round is no answer to the second.
    assert (await workspace.move_refused("callback", case_id, "close"))[1] == "callback_due"
    await workspace.move("callback", case_id, "record_callback", **SATISFIED)
    assert (await workspace.move("callback", case_id, "close"))["state"] == "closed"
    case = await workspace.move("dispatcher", case_id, "reopen", reason="来电人提供新情况")
    assert (case["state"], case["round"], case["closed_at"]) == ("rework", 3, None)


async def test_a_reply_that_does_not_fit_goes_back_at_once(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.replied()
    assert (await workspace.move_refused("dispatcher", case_id, "schedule_callback", fits_facts=False))[1] == (
        "reply_unfit"
    )
    assert (await workspace.move("dispatcher", case_id, "order_rework", reason="答非所问"))["state"] == "rework"


async def test_who_declined_a_callback_is_not_called(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.replied(needs_callback=False)
    assert (await workspace.move_refused("dispatcher", case_id, "schedule_callback", fits_facts=True))[1] == (
        "callback_declined"
    )
    assert (await workspace.move("dispatcher", case_id, "close"))["state"] == "closed"
    other = await city.replied()
    assert (await workspace.move_refused("dispatcher", other, "close"))[1] == "callback_due"


# --- ends ------------------------------------------------------------------------------------------------


async def test_a_withdrawal_is_the_callers_own(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed()
    body = {"confirmed_by_caller": True, "confirmed_how": "03-02 10:00 电话核实", "pressed_by_unit": False}
    assert (await workspace.move_refused("dispatcher", case_id, "withdraw", **{**body, "pressed_by_unit": True}))[
        1
    ] == ("pressed")
    assert (await workspace.move_refused("dispatcher", case_id, "withdraw", **{**body, "confirmed_by_caller": False}))[
        1
    ] == "not_confirmed"
    case = await workspace.move("dispatcher", case_id, "withdraw", **body)
    assert (case["state"], case["assignments"][0]["state"]) == ("terminated", "ended")


async def test_a_termination_is_asked_in_writing_and_explained(city: CaseCity) -> None:
    case_id = await city.signed()
    body = {"ground": "not_cooperating", "request": "承办单位03-02书面申请", "explanation": "已告知来电人"}
    assert (await city.workspace.move("dispatcher", case_id, "terminate", **body))["state"] == "terminated"


# --- who sees what ---------------------------------------------------------------------------------------


async def test_a_unit_never_learns_who_reported(city: CaseCity) -> None:
    workspace = city.workspace
    hotel = await workspace.post("agent1", "/api/enterprises", {"name": "海勃湾酒店", "contacts": [{"name": "李娜"}]})
    fields = {"confidential": True, "contact_id": hotel["contacts"][0]["id"], "title": "李娜举报", "place": "其店内"}
    case_id = await city.submitted(**fields)
    assert (await workspace.move_refused("dispatcher", case_id, "approve"))[1] == "text_for_unit"
    await workspace.move("dispatcher", case_id, "approve", text_for_unit="有人反映窗口收费不开票。")
    await city.dispatch(case_id)
    seen = await workspace.get("bureau", f"/api/cases/{case_id}")
    told = str(seen)
    for secret in ("李娜", "海勃湾酒店", "13912345678", "其店内", hotel["id"]):
        assert secret not in told
    assert seen["content"] == "有人反映窗口收费不开票。"
    row = (await workspace.get("bureau", "/api/cases"))["items"][0]
    assert (row["title"], row["enterprise_name"]) == ("有人反映窗口收费不开票。", None)
    assert (await workspace.get("bureau", "/api/cases", search="举报"))["items"] == []
    assert (await workspace.get("bureau", "/api/cases", enterprise_id=hotel["id"]))["items"] == []
    assert ("bureau", "case.view_confidential") in workspace.audited()


async def test_an_anonymous_caller_is_hidden_from_units_alone(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.dispatched(anonymous=True)
    assert (await workspace.get("bureau", f"/api/cases/{case_id}"))["identity_hidden"]
    assert (await workspace.get("agent2", f"/api/cases/{case_id}"))["title"] == CONSULT["title"]


async def test_who_steps_aside_sees_it_no_more(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed()
    person = workspace.people["bureau"].user_id
    await workspace.move("dispatcher", case_id, "recuse", user_id=person, reason="与来电人是亲属")
    assert await workspace.refused("bureau", "GET", f"/api/cases/{case_id}") == (403, "case.confidential")
    assert (await workspace.get("bureau", "/api/cases"))["items"] == []
    assert await workspace.move_refused("bureau", case_id, "reply", **REPLY) == ("case.confidential", None)
    assert (await workspace.move("bureau_head", case_id, "reply", **REPLY))["state"] == "replied"


async def test_a_cycle_of_units_that_is_in_the_data_stops_nobody(city: CaseCity) -> None:
    """As somebody's hand in the database may have left it: the routes refuse one."""
    workspace = city.workspace
    case_id = await city.signed("office")
    async with workspace.database.transaction() as db:
        top, low = city.units["bureau"], city.units["office"]
        await db.execute(update(Unit).where(Unit.id == top).values(parent_id=low))
    assert (await workspace.get("office", f"/api/cases/{case_id}"))["number"]
    assert await workspace.refused("other", "GET", f"/api/cases/{case_id}") == (403, "case.confidential")
    assert (await workspace.move("office", case_id, "reply", **REPLY))["state"] == "replied"
    assert len(await workspace.get("supervisor", "/api/units")) >= 2


async def test_every_unit_tries_every_case(city: CaseCity) -> None:
    workspace = city.workspace
    mine = {key: await city.dispatched(key) for key in ("office", "other_office", "other")}
    for who in ("office", "other_office", "other", "station"):
        for key, case_id in mine.items():
            status, _ = await workspace.ask(who, "GET", f"/api/cases/{case_id}")
            assert status == (200 if who == key else 403), (who, key)
            if who != key:
                assert (await workspace.try_move(who, case_id, "sign"))[0] == 403
        shown = {row["id"] for row in (await workspace.get(who, "/api/cases"))["items"]}
        assert shown == ({mine[who]} if who in mine else set())
    above = {row["id"] for row in (await workspace.get("bureau", "/api/cases"))["items"]}
    assert above == {mine["office"], mine["other_office"]}


async def test_every_move_is_audited_and_of_a_confidential_case_without_words(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed(confidential=True)
    moves = [record for record in workspace.audits.records if record.action.startswith("case.")]
    assert [record.action for record in moves if record.action != "case.view_confidential"] == [
        "case.submit",
        "case.approve",
        "case.dispatch",
        "case.sign",
    ]
    assert "收费" not in str([record.detail for record in moves])
    assert all(record.target == case_id for record in moves)


async def test_a_text_of_one_word_is_a_text_too(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed(confidential=True)
    await workspace.move("dispatcher", case_id, "mark_hard", reason="wangwu")
    (marked,) = (record.detail["detail"] for record in workspace.audits.records if record.action == "case.mark_hard")
    assert marked == {"reason": {"begin": "", "length": 6}}


async def test_the_audit_log_cuts_long_texts_and_masks_numbers_in_them(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed()
    long = "回访电话13800001111，" + "已督促窗口。" * 50
    await workspace.move("bureau", case_id, "reply", **{**REPLY, "internal_handling": long})
    (reply,) = (record.detail["detail"] for record in workspace.audits.records if record.action == "case.reply")
    assert "13800001111" not in str(reply)
    assert reply["internal_handling"]["length"] == len(long)
    assert (reply["facts"], reply["contact"]["way"], reply["contact"]["by"]) == (True, "phone", "赵敏")


@pytest.mark.parametrize("action", list(DETAILS))
async def test_no_action_fails_on_an_empty_or_odd_body(city: CaseCity, action: CaseAction) -> None:
    workspace = city.workspace
    case_id = await city.signed()
    for body in (
        {},
        {"version": 10**30},
        {"assignment_id": "x"},
        {"unit_ids": [None]},
        {"reason": "\u202e"},
        {"days": -1},
    ):
        status, answer = await workspace.ask(
            "supervisor", "POST", f"/api/cases/{case_id}/{action.value.replace('_', '-')}", body
        )
        assert 400 <= status < 500, answer


async def test_helpers_are_offered_what_their_assignment_allows(city: CaseCity, workspace: Workspace) -> None:
    case_id = await city.signed(assisting=("other",))
    helping = offered(await workspace.get("other", f"/api/cases/{case_id}"))
    assert helping["sign_assignment"] is None
    assert helping["reply_assignment"] == "not_signed"
    assert helping["sub_dispatch"] == "not_signed"
    [one] = [row for row in (await workspace.get("other", f"/api/cases/{case_id}"))["assignments"] if row["own"]]
    await workspace.move("other", case_id, "sign_assignment", assignment_id=one["id"])
    helping = offered(await workspace.get("other", f"/api/cases/{case_id}"))
    assert helping["sign_assignment"] == "signed_already"
    assert helping["reply_assignment"] is None
    await workspace.move("other", case_id, "reply_assignment", assignment_id=one["id"], answer="已核实。")
    assert offered(await workspace.get("other", f"/api/cases/{case_id}"))["reply_assignment"] == "answered_already"


async def test_a_look_whether_a_case_changed_is_no_view_of_it(city: CaseCity, workspace: Workspace) -> None:
    case_id = await city.approved(confidential=True)
    views = workspace.audited()
    seen = await workspace.get("dispatcher", f"/api/cases/{case_id}/version")
    assert seen["version"] == 3
    assert workspace.audited() == views
    assert (await workspace.refused("other", "GET", f"/api/cases/{case_id}/version"))[0] == 403
