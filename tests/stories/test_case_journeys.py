"""From a phone call to the archive: what becomes of a caller's demand, by the people of the demo city."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from crm.limits.keeper import watch_key
from crm.limits.models import CaseDeadline
from hotline.kernel.db import Database
from hotline.kernel.models import JobRecord
from tests.phones.waiting import until
from tests.stories.city import City
from tests.stories.hall import (
    ACCUSATION,
    BINHE,
    HAIBOWAN,
    LAND,
    MARKET,
    RETURN,
    SATISFIED,
    TAX,
    Hall,
    contact,
    open_hall,
    reply,
)
from tests.stories.office import Office

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hall(the_office: Office) -> AsyncIterator[Hall]:
    async with open_hall(the_office.city, the_office) as hall:
        yield hall


# --- each type ------------------------------------------------------------------------------------------


@pytest.mark.clause(8)
async def test_a_question_is_answered_by_the_specialist_of_the_call(hall: Hall) -> None:
    case = await hall.draft(three_way=True, type="consult", title="执照延续", content="许可证快到期，如何延续？")
    cited = {"answer": "届满前三十个工作日内网上申请。", "consent": True}
    # The specialist spoke on another call.
    other = {**cited, "three_way_call_id": hall.call_id}
    assert await hall.refused("agent1", case, "close_direct", **other) == "answer_not_cited"
    cited["three_way_call_id"] = hall.three_way_call_id
    assert (await hall.move("agent1", case, "close_direct", **cited))["state"] == "closed_direct"


@pytest.mark.clause(7, 8, 9, 10, 11)
@pytest.mark.parametrize("kind", ["consult", "help", "suggestion", "complaint", "report", "praise"])
async def test_from_the_call_to_the_archive(hall: Hall, kind: str) -> None:
    fields: dict[str, Any] = {"unit_complained_of": "某窗口", **ACCUSATION} if kind in ("complaint", "report") else {}
    case = await hall.draft(type=kind, **fields)
    assert case["call_ids"] == [hall.call_id]
    await hall.move("agent1", case, "submit")
    await hall.move("dispatcher", case, "claim")
    await hall.move("dispatcher", case, "approve")
    await hall.dispatch(case, TAX, advice="请按时限答复。")
    assert await hall.sees("tax", case)
    assert not await hall.sees("market", case)
    await hall.move("tax", case, "sign")
    await hall.move("tax", case, "record_contact", contact=contact())
    await hall.move("tax", case, "reply", **reply())
    assert await hall.refused("dispatcher", case, "close", disposition="算了") == "callback_due"
    await hall.called_back(case)
    case = await hall.archived(case)
    assert case["callbacks"][0]["detail"]["result"] == "satisfied"


# --- not for a unit -------------------------------------------------------------------------------------


@pytest.mark.clause(6)
async def test_what_the_hotline_does_not_accept_is_explained(hall: Hall) -> None:
    for reason in "abcdefg":
        case = await hall.draft(type="help")
        said = {"reason": reason, "explanation": "已说明不予受理的原因", "channel": "12348" if reason in "ad" else ""}
        if reason in "ad":
            assert await hall.refused("agent1", case, "not_accept", **{**said, "channel": ""}) == "input.invalid"
        assert (await hall.move("agent1", case, "not_accept", **said))["state"] == "not_accepted"


@pytest.mark.clause(6)
async def test_an_emergency_is_passed_to_its_service_at_once(hall: Hall) -> None:
    case = await hall.draft(urgency="life_safety", content="")
    assert (await hall.move("agent1", case, "transfer_emergency", service="119"))["state"] == "emergency_transferred"


# --- returns, time, levels ------------------------------------------------------------------------------


@pytest.mark.clause(11)
async def test_returned_three_times_it_is_designated_and_stays(hall: Hall) -> None:
    case = await hall.approved(type="help")
    for lead, who in ((TAX, "tax"), (LAND, "land"), (TAX, "tax")):
        await hall.dispatch(case, lead)
        await hall.move(who, case, "request_return", **RETURN)
        await hall.move("dispatcher", case, "accept_return", reason="属实，改派")
        assert not await hall.sees(who, case)
    named = {"lead_unit_id": hall.units[MARKET]}
    assert await hall.refused("dispatcher", case, "dispatch", **named) == "designation_needed"
    await hall.dispatch(case, MARKET, designate=True, advice="三次退单，指定承办")
    assert await hall.refused("market", case, "request_return", **RETURN) == "designated"
    await hall.move("market", case, "sign")
    await hall.move("market", case, "reply", **reply())
    await hall.called_back(case)
    assert (await hall.archived(case))["returns"] == 3


@pytest.mark.clause(11)
async def test_an_extension_is_granted_once(hall: Hall) -> None:
    case = await hall.in_progress(type="help")
    asked = {"days": 5, "reason": "需会同财政核定", "caller_informed": True}
    assert (
        await hall.refused("market", case, "request_extension", **{**asked, "caller_informed": False})
        == "caller_not_informed"
    )
    await hall.move("market", case, "request_extension", **asked)
    assert await hall.refused("dispatcher", case, "grant_extension", reason="同意") == "not_endorsed"
    await hall.move("markethead", case, "endorse_extension")
    assert (await hall.move("dispatcher", case, "grant_extension", reason="同意"))["extensions"] == 1
    assert await hall.refused("market", case, "request_extension", **asked) == "extended_before"


async def test_an_extension_is_refused_and_the_work_goes_on(hall: Hall) -> None:
    case = await hall.in_progress(type="help")
    await hall.move("market", case, "request_extension", days=3, reason="人手不足", caller_informed=True)
    await hall.move("markethead", case, "endorse_extension")
    case = await hall.move("dispatcher", case, "refuse_extension", reason="当日可完成")
    assert (case["state"], case["extensions"]) == ("in_progress", 0)


@pytest.mark.clause(9, 11)
async def test_a_unit_that_stays_silent_is_urged_and_the_caller_called_back(hall: Hall, the_office: Office) -> None:
    case = await hall.in_progress(type="consult")
    assert await hall.refused("callback", case, "record_callback", **SATISFIED) == "callback_not_due"
    await ten_days_pass(the_office.city, case["id"])
    # Whatever schedules a job lets the runner look at all of them.
    await hall.move("agent1", await hall.draft(type="help"), "submit")

    async def overdue() -> Any:
        seen = await hall.people["callback"].get(f"/api/cases/{case['id']}")
        return "record_callback" in {offer["action"] for offer in seen["offers"] if offer["allowed"]}

    await until(overdue, what="the case is called back although there is no reply")
    listed = await hall.people["callback"].get("/api/worklists/to_call_back")
    assert case["id"] in [row["id"] for row in listed["items"]]
    tasks = await hall.people["supervisor"].get("/api/supervision-tasks", case_id=case["id"])
    assert [(task["unit_name"], task["state"]) for task in tasks["items"]] == [(MARKET, "issued")]
    urged = await hall.people["market"].get("/api/notices")
    assert case["number"] in [notice["subject_number"] for notice in urged["items"] if "超期" in notice["text_zh"]]
    await hall.move("callback", case, "record_callback", **{**SATISFIED, "solved": "no", "result": "dissatisfied"})
    # What the caller said before the answer closes nothing.
    await hall.move("market", case, "reply", **reply())
    await hall.called_back(case)
    await hall.archived(case)


async def ten_days_pass(city: City, case_id: str) -> None:
    """For this case alone: all that was set for it stands ten days earlier."""
    earlier = timedelta(days=10)
    database = Database(city.settings.database_url)
    await database.open()
    async with database.transaction() as db:
        for deadline in await db.scalars(select(CaseDeadline).where(CaseDeadline.case_id == case_id)):
            deadline.started_at -= earlier
            deadline.due_at -= earlier
        watch = (await db.scalars(select(JobRecord).where(JobRecord.key == watch_key(case_id)))).one()
        watch.run_at -= earlier
    await database.close()


@pytest.mark.clause(9)
async def test_it_is_passed_down_three_levels_and_answered_upwards(hall: Hall) -> None:
    case = await hall.in_progress(type="help")
    levels = ((HAIBOWAN, "haibowan"), (BINHE, "binhe"))
    own: list[str] = []
    passing = "market"
    for unit, who in levels:
        above = {"assignment_id": own[-1]} if own else {}
        case = await hall.move(passing, case, "sub_dispatch", unit_ids=[hall.units[unit]], advice="请核实", **above)
        own.append(next(one["id"] for one in case["assignments"] if one["unit_name"] == unit))
        await hall.move(who, case, "sign_assignment", assignment_id=own[-1])
        passing = who
    assert [one["unit_name"] for one in case["assignments"]] == [MARKET, HAIBOWAN, BINHE]
    assert await hall.refused("market", case, "reply", **reply()) == "units_outstanding"
    for who, assignment_id in (("binhe", own[1]), ("haibowan", own[0])):
        await hall.move(who, case, "reply_assignment", assignment_id=assignment_id, answer="已上门核实。")
    await hall.move("market", case, "reply", **reply())
    await hall.called_back(case)
    await hall.archived(case)


@pytest.mark.clause(10)
async def test_interim_answers_promise_the_next_date(hall: Hall) -> None:
    case = await hall.in_progress(type="help")
    for days in (3, 6):
        promised = (datetime.now(UTC) + timedelta(days=days)).isoformat()
        words = {"public_answer": "已采样送检。", "promised_at": promised, "caller_informed": True}
        case = await hall.move("market", case, "reply_interim", **words)
        assert datetime.fromisoformat(case["promised_at"]) == datetime.fromisoformat(promised)
    case = await hall.move("market", case, "reply", **reply())
    assert case["promised_at"] is None
    assert [one["kind"] for one in case["replies"]] == ["interim", "interim", "final"]


@pytest.mark.clause(11)
async def test_who_is_not_satisfied_gets_a_second_round(hall: Hall) -> None:
    case = await hall.in_progress(type="complaint", unit_complained_of="某窗口", **ACCUSATION)
    await hall.move("market", case, "reply", **reply())
    await hall.called_back(case, solved="no", result="dissatisfied", process="dissatisfied")
    assert await hall.refused("callback", case, "close") == "not_disposed"
    await hall.move("callback", case, "order_rework", reason="未解决，来电人不满意")
    await hall.move("market", case, "resume_work")
    await hall.move("market", case, "reply", **reply("已当面致歉并办结。"))
    await hall.called_back(case)
    case = await hall.archived(case)
    assert (case["reworks"], case["round"]) == (1, 2)


async def test_a_withdrawal_must_be_the_callers_own(hall: Hall) -> None:
    case = await hall.in_progress(type="help")
    asked = {"confirmed_by_caller": True, "confirmed_how": "热线回拨核实", "pressed_by_unit": True}
    assert await hall.refused("dispatcher", case, "withdraw", **asked) == "pressed"
    case = await hall.move("dispatcher", case, "withdraw", **{**asked, "pressed_by_unit": False})
    assert case["state"] == "terminated"
    assert not await hall.sees("market", case)


# --- whom it concerns -----------------------------------------------------------------------------------


async def test_a_confidential_reporter_stays_unknown_to_the_unit(hall: Hall) -> None:
    about = {"type": "report", "title": "举报无证排放", "content": "我是邻厂的老李，看见他们夜里排放。"}
    case = await hall.in_progress(**about, unit_complained_of="某化工厂", **ACCUSATION, confidential=True)
    seen = await hall.people["market"].get(f"/api/cases/{case['id']}")
    assert (seen["content"], seen["identity_hidden"], seen["call_ids"]) == ("有人反映问题。", True, [])
    text = str(seen)
    assert "老李" not in text
    assert hall.number not in text
    assert not await _opens(hall, "agent2", case)
    audited = await hall.people["auditor"].get("/api/audit", action="case.view_confidential", target=case["id"])
    assert "market" in [entry["username"] for entry in audited["items"]]


async def _opens(hall: Hall, who: str, case: Any) -> bool:
    async with hall.people[who].http.get(f"/api/cases/{case['id']}") as answer:
        return answer.status == 200


@pytest.mark.clause(5, 9)
async def test_a_complaint_goes_to_the_unit_above_the_one_complained_of(hall: Hall) -> None:
    about = {"type": "complaint", "unit_complained_of_id": hall.units[HAIBOWAN], **ACCUSATION}
    case = await hall.approved(**about)
    for unit in (HAIBOWAN, BINHE):
        assert await hall.refused("dispatcher", case, "dispatch", lead_unit_id=hall.units[unit]) == "unit_complained_of"
    await hall.dispatch(case, MARKET)
    await hall.move("market", case, "sign")
    assert await hall.refused("market", case, "sub_dispatch", unit_ids=[hall.units[HAIBOWAN]]) == "unit_complained_of"
    assert not await hall.sees("haibowan", case)
    assert not await hall.sees("binhe", case)
    await hall.move("market", case, "reply", **reply())
    await hall.called_back(case)
    await hall.archived(case)
