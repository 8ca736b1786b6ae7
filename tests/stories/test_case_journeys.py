"""From a phone call to the archive: what becomes of a caller's demand, by the people of the demo city."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from hotline.kernel.ids import uuid7
from tests.stories.city import Api
from tests.stories.office import Office, new_number, off_duty

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

PEOPLE = (
    *("agent1", "agent2", "dispatcher", "callback", "supervisor", "auditor"),
    *("market", "markethead", "haibowan", "binhe", "social", "tax", "land"),
)
MARKET, TAX, LAND, SOCIAL = "市场监督管理局", "税务局", "自然资源局", "人力资源和社会保障局"
HAIBOWAN, BINHE = "海勃湾区市场监督管理局", "滨河市场监督管理所"
ACCUSATION = {"complaint_type": "办事效率", "demand": "尽快答复并说明原因"}
SATISFIED = {
    "unit_contacted": True,
    "solved": "yes",
    "result": "satisfied",
    "process": "satisfied",
    "agent": "satisfied",
}
RETURN = {"ground": "not_our_duty", "reason": "不属本局职责", "legal_basis": "部门三定方案"}


def contact() -> dict[str, Any]:
    return {"way": "phone", "at": datetime.now(UTC).isoformat(), "by": "承办人"}


def reply(answer: str = "已办结。") -> dict[str, Any]:
    words = {"public_answer": answer, "internal_handling": "已核实并督促窗口。"}
    return {"facts": True, "contact": contact(), "solved": True, **words}


class Hall:
    """Everybody at their pages, and the calls that were taken this morning."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.people: dict[str, Api] = {}
        self.units: dict[str, str] = {}
        self.number = new_number()
        self.call_id = ""
        self.three_way_call_id = ""

    async def draft(self, *, three_way: bool = False, **fields: Any) -> Any:
        """The case that agent1 writes for the call."""
        call_id = self.three_way_call_id if three_way else self.call_id
        words = {"title": "窗口办理慢", "content": "材料交了十天没有回音，请帮助催办。"}
        return await self.people["agent1"].post("/api/cases", call_id=call_id, **{**words, **fields})

    async def move(self, who: str, case: Any, action: str, **detail: Any) -> Any:
        status, answer = await self.attempt(who, case, action, **detail)
        assert status == 200, answer
        return answer

    async def refused(self, who: str, case: Any, action: str, **detail: Any) -> str:
        """The reason of an action that must be refused."""
        status, answer = await self.attempt(who, case, action, **detail)
        assert status >= 400, answer
        return str(answer.get("reason") or answer["error_id"])

    async def attempt(self, who: str, case: Any, action: str, **detail: Any) -> tuple[int, Any]:
        present = await self.people["supervisor"].get(f"/api/cases/{case['id']}")
        body = {"request_id": uuid7(), "version": present["version"], **detail}
        path = f"/api/cases/{case['id']}/{action.replace('_', '-')}"
        async with self.people[who].http.post(path, json=body) as answer:
            return answer.status, await answer.json()

    async def sees(self, who: str, case: Any) -> bool:
        async with self.people[who].http.get(f"/api/cases/{case['id']}") as answer:
            assert answer.status in (200, 403), answer.status
            listed = await self.people[who].get("/api/cases", limit=200)
            assert (case["id"] in [row["id"] for row in listed["items"]]) == (answer.status == 200)
            return answer.status == 200

    # --- the usual way ----------------------------------------------------------------------------------

    async def approved(self, **fields: Any) -> Any:
        case = await self.draft(**fields)
        await self.move("agent1", case, "submit")
        hidden = fields.get("confidential") or fields.get("anonymous")
        return await self.move("dispatcher", case, "approve", **({"text_for_unit": "有人反映问题。"} if hidden else {}))

    async def dispatch(self, case: Any, lead: str, **more: Any) -> Any:
        return await self.move("dispatcher", case, "dispatch", lead_unit_id=self.units[lead], **more)

    async def in_progress(self, lead: str = MARKET, who: str = "market", **fields: Any) -> Any:
        case = await self.approved(**fields)
        await self.dispatch(case, lead)
        return await self.move(who, case, "sign")

    async def called_back(self, case: Any, **said: Any) -> Any:
        """The reply is audited, and the caller reached."""
        await self.move("dispatcher", case, "schedule_callback", fits_facts=True)
        return await self.move("callback", case, "record_callback", **{**SATISFIED, **said})

    async def archived(self, case: Any) -> Any:
        await self.move("callback", case, "close")
        case = await self.move("dispatcher", case, "archive")
        state = "draft"
        for step in case["steps"]:
            assert step["source"] == state
            state = step["target"]
        assert state == case["state"] == "archived"
        assert case["offers"] == []
        return case


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hall(the_office: Office) -> AsyncIterator[Hall]:
    hall = Hall(the_office)
    await the_office.clear()
    async with contextlib.AsyncExitStack() as stack:
        for name in PEOPLE:
            hall.people[name] = await stack.enter_async_context(the_office.city.as_user(name))
        hall.units = {unit["name"]: unit["id"] for unit in await hall.people["agent1"].get("/api/units")}
        hall.three_way_call_id = await _take_call(the_office, new_number(), with_specialist=True)
        hall.call_id = await _take_call(the_office, hall.number)
        await the_office.city.asterisk.hang_up_all()
        yield hall


async def _take_call(office: Office, number: str, *, with_specialist: bool = False) -> str:
    """A caller comes by key 1, talks with agent 1001, and perhaps with a specialist too, and hangs up."""
    async with office.talk(number) as talk:
        if with_specialist:
            await talk.merged()
        talk.caller.hang_up()
        await talk.record()
        await off_duty(talk.workspace)
        call_id = talk.call_id
    await office.clear()
    return call_id


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


@pytest.mark.clause(7, 9, 10, 11)
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
    asked = {"days": 5, "reason": "需会同财政核定", "caller_told": True}
    assert (
        await hall.refused("market", case, "request_extension", **{**asked, "caller_told": False}) == "caller_not_told"
    )
    await hall.move("market", case, "request_extension", **asked)
    assert await hall.refused("dispatcher", case, "grant_extension", reason="同意") == "not_endorsed"
    await hall.move("markethead", case, "endorse_extension")
    assert (await hall.move("dispatcher", case, "grant_extension", reason="同意"))["extensions"] == 1
    assert await hall.refused("market", case, "request_extension", **asked) == "extended_before"


async def test_an_extension_is_refused_and_the_work_goes_on(hall: Hall) -> None:
    case = await hall.in_progress(type="help")
    await hall.move("market", case, "request_extension", days=3, reason="人手不足", caller_told=True)
    await hall.move("markethead", case, "endorse_extension")
    case = await hall.move("dispatcher", case, "refuse_extension", reason="当日可完成")
    assert (case["state"], case["extensions"]) == ("in_progress", 0)


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
        words = {"public_answer": "已采样送检。", "promised_at": promised, "caller_told": True}
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
