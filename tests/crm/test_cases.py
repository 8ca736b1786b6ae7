from __future__ import annotations

import asyncio
import hashlib
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import damm

from crm.cases.fields import missing
from crm.cases.models import CaseType
from crm.cases.numbering import case_number, next_number, spoken
from crm.cases.references import CaseReferences
from hotline.accounts.roles import Role
from hotline.kernel.db import Database
from hotline.kernel.ids import uuid7
from tests.crm.calls import Party
from tests.crm.conftest import Workspace
from tests.fakes.clock import FakeClock

WHOLE = {
    "type": "complaint",
    "title": "办照拖延",
    "content": "材料已交两周仍未办理。",
    "unit_complained_of": "某区市场监督管理局",
    "complaint_type": "办事效率",
    "demand": "尽快办理并说明原因",
    "callback_number": "13912345678",
}


# --- what it must say ------------------------------------------------------------------------------------


def written(**fields: Any) -> Any:
    empty = dict.fromkeys(("title", "content", "unit_complained_of", "complaint_type", "demand"), "")
    return SimpleNamespace(**{"type": None, **empty, **fields})


@pytest.mark.clause(5, 9)
def test_a_complaint_and_a_report_name_unit_kind_content_and_demand() -> None:
    for kind in ("complaint", "report"):
        lacking = missing(written(type=kind, title="题"), reachable=True)
        assert lacking == ("content", "unit_complained_of", "complaint_type", "demand")


def test_a_question_needs_less_but_a_way_to_answer_it() -> None:
    assert missing(written(type="consult", title="题", content="文"), reachable=False) == ("callback_number",)


def test_a_reporter_may_stay_anonymous() -> None:
    assert "callback_number" not in missing(written(type="report"), reachable=False)


@given(st.sampled_from([None, *CaseType]), st.booleans(), st.text(" \t", max_size=3))
def test_blank_is_missing(kind: CaseType | None, reachable: bool, blank: str) -> None:
    lacking = missing(written(type=kind, title=blank, content=blank), reachable=reachable)
    assert {"title", "content"} <= set(lacking)


# --- numbers ---------------------------------------------------------------------------------------------


@given(st.dates(date(2026, 1, 1), date(2099, 1, 1)), st.integers(1, 9_999_999), st.data())
def test_a_number_is_distinguished_from_one_with_a_slip(day: date, count: int, data: st.DataObject) -> None:
    number = case_number(day, count)
    assert damm.is_valid(number)
    assert spoken(number).replace("-", "") == number
    place = data.draw(st.integers(0, len(number) - 1))
    digit = data.draw(st.sampled_from("0123456789").filter(lambda d: d != number[place]))
    assert not damm.is_valid(number[:place] + digit + number[place + 1 :])


def test_numbers_of_a_day_differ_past_the_five_digits() -> None:
    day = date(2026, 3, 2)
    assert len({case_number(day, count) for count in range(99_990, 100_010)}) == 20


async def test_numbers_are_unique_under_concurrency(any_database: Database) -> None:
    day = date(2026, 3, 2)

    async def take() -> str:
        async with any_database.transaction() as db:
            number = await next_number(db, day)
            await asyncio.sleep(0)
            return number

    numbers = await asyncio.gather(*(take() for _ in range(40)))
    assert sorted(numbers) == sorted(case_number(day, count) for count in range(1, 41))


async def test_numbers_follow_the_calendar_of_the_city(workspace: Workspace, morning: FakeClock) -> None:
    first = await workspace.post("agent1", "/api/cases", {})
    await morning.advance(timedelta(hours=14, minutes=59))  # 23:59 in Wuhai, 15:59 UTC
    second = await workspace.post("agent1", "/api/cases", {})
    await morning.advance(timedelta(minutes=1))
    third = await workspace.post("agent1", "/api/cases", {})
    assert [case["spoken_number"][:-2] for case in (first, second, third)] == [
        "260302-00001",
        "260302-00002",
        "260303-00001",
    ]


# --- drafts ----------------------------------------------------------------------------------------------


async def test_a_draft_is_opened_saved_and_submitted(workspace: Workspace) -> None:
    call_id = uuid7()
    workspace.calls.parties[call_id] = Party(caller_number="13912345678")
    case = await workspace.post("agent1", "/api/cases", {"call_id": call_id})
    assert (case["state"], case["version"], case["call_ids"]) == ("draft", 1, [call_id])
    assert case["missing"] == ["type", "title", "content"]
    path = f"/api/cases/{case['id']}"
    case = await workspace.patch("agent1", path, {"version": 1, "type": "complaint", "title": "办照拖延"})
    assert case["missing"] == ["content", "unit_complained_of", "complaint_type", "demand"]
    status, problem = await workspace.try_move("agent1", case["id"], "submit")
    assert (status, problem["error_id"], problem["reason"]) == (409, "case.refused", "incomplete")
    assert "demand" in problem["detail"]
    case = await workspace.patch("agent1", path, {"version": 2, **WHOLE})
    assert case["missing"] == []
    case = await workspace.move("agent1", case["id"], "submit")
    assert (case["state"], case["version"], case["missing"]) == ("pending_review", 4, [])
    assert [(step["action"], step["by"]) for step in case["steps"]] == [("submit", "id-agent1")]


async def test_two_windows_on_one_draft_notice_each_other(workspace: Workspace) -> None:
    case = await workspace.post("agent1", "/api/cases", {})
    path = f"/api/cases/{case['id']}"
    await workspace.patch("agent1", path, {"version": 1, "title": "甲"})
    status, problem = await workspace.ask("agent1", "PATCH", path, {"version": 1, "title": "乙"})
    assert (status, problem["error_id"], problem["version"]) == (409, "case.version_conflict", 2)
    # The first answer got lost and the page sends the same again: nothing to merge.
    assert (await workspace.patch("agent1", path, {"version": 1, "title": "甲"}))["version"] == 2


async def test_of_many_saves_of_one_version_one_wins(workspace: Workspace) -> None:
    case = await workspace.post("agent1", "/api/cases", {})
    path = f"/api/cases/{case['id']}"
    answers = await asyncio.gather(
        *(workspace.ask("agent1", "PATCH", path, {"version": 1, "title": f"第{n}"}) for n in range(8))
    )
    assert sorted(status for status, _ in answers) == [200] + [409] * 7


async def test_a_request_sent_twice_opens_one_case(workspace: Workspace) -> None:
    body = {"id": uuid7(), "call_id": uuid7(), "title": "甲"}
    first = await workspace.post("agent1", "/api/cases", body)
    assert (await workspace.post("agent1", "/api/cases", body))["number"] == first["number"]
    assert await workspace.refused("agent2", "POST", "/api/cases", body) == (409, "state.conflict")


async def test_requests_sent_at_once_open_one_case(workspace: Workspace) -> None:
    body = {"id": uuid7(), "call_id": uuid7(), "title": "甲"}
    cases = await asyncio.gather(*(workspace.post("agent1", "/api/cases", body) for _ in range(6)))
    assert {(case["id"], case["number"], *case["call_ids"]) for case in cases} == {
        (body["id"], cases[0]["number"], body["call_id"])
    }
    later = await workspace.post("agent1", "/api/cases", {})
    assert int(later["spoken_number"][7:12]) == int(cases[0]["spoken_number"][7:12]) + 1  # No number was lost.


async def test_a_call_is_linked_once_by_requests_sent_at_once(workspace: Workspace) -> None:
    case, call_id = await workspace.post("agent1", "/api/cases", {}), uuid7()
    path = f"/api/cases/{case['id']}/calls"
    linked = await asyncio.gather(*(workspace.post("agent1", path, {"call_id": call_id}) for _ in range(6)))
    assert [case["call_ids"] for case in linked] == [[call_id]] * 6


@pytest.mark.parametrize("number", ["", "anonymous"])
async def test_a_call_without_a_number_is_no_way_to_reach_the_caller(workspace: Workspace, number: str) -> None:
    hidden, shown = uuid7(), uuid7()
    workspace.calls.parties = {hidden: Party(caller_number=number), shown: Party(caller_number="13912345678")}
    fields = {**WHOLE, "callback_number": "", "call_id": hidden}
    case = await workspace.post("agent1", "/api/cases", fields)
    assert case["missing"] == ["callback_number"]
    assert await workspace.move_refused("agent1", case["id"], "submit") == ("case.refused", "incomplete")
    case = await workspace.post("agent1", f"/api/cases/{case['id']}/calls", {"call_id": shown})
    assert case["missing"] == []
    assert (await workspace.move("agent1", case["id"], "submit"))["state"] == "pending_review"


async def test_another_agents_draft_is_read_but_not_written(workspace: Workspace) -> None:
    case = await workspace.post("agent1", "/api/cases", WHOLE)
    path = f"/api/cases/{case['id']}"
    assert (await workspace.get("agent1", path))["callback_number"] == "13912345678"
    assert (await workspace.get("agent2", path))["callback_number"] == "139****5678"
    assert await workspace.refused("agent2", "PATCH", path, {"version": 1, "title": "乙"}) == (403, "case.not_yours")
    assert await workspace.move_refused("agent2", case["id"], "submit") == ("case.wrong_actor", "actor")
    assert (await workspace.patch("supervisor", path, {"version": 1, "title": "丙"}))["title"] == "丙"
    assert (await workspace.post("supervisor", f"{path}/unmask"))["callback_number"] == "13912345678"
    assert workspace.audited() == [
        ("agent2", "access.refused"),
        ("agent2", "access.refused"),
        ("supervisor", "case.edit"),
        ("supervisor", "case.unmask"),
    ]


async def test_half_a_callback_number_is_saved_but_not_submitted(workspace: Workspace) -> None:
    case = await workspace.post("agent1", "/api/cases", {**WHOLE, "callback_number": "139123"})
    assert case["missing"] == ["callback_number"]
    refused = await workspace.refused(
        "agent1", "PATCH", f"/api/cases/{case['id']}", {"version": 1, "callback_number": "x"}
    )
    assert refused == (422, "input.invalid")
    assert await workspace.move_refused("agent1", case["id"], "submit") == ("case.refused", "incomplete")


async def test_a_submitted_case_is_no_longer_written(workspace: Workspace) -> None:
    case = await workspace.post("agent1", "/api/cases", WHOLE)
    path = f"/api/cases/{case['id']}"
    await workspace.move("agent1", case["id"], "submit")
    assert await workspace.refused("agent1", "PATCH", path, {"version": 2, "title": "乙"}) == (409, "case.not_editable")
    assert await workspace.move_refused("agent1", case["id"], "submit") == ("case.transition", None)


async def test_a_contact_brings_its_enterprise_and_must_belong_to_it(workspace: Workspace) -> None:
    hotel = await workspace.post("agent1", "/api/enterprises", {"name": "海勃湾酒店", "contacts": [{"name": "李娜"}]})
    bank = await workspace.post("agent1", "/api/enterprises", {"name": "草原银行"})
    contact = hotel["contacts"][0]["id"]
    case = await workspace.post("agent1", "/api/cases", {"contact_id": contact})
    assert (case["enterprise_id"], case["enterprise_name"]) == (hotel["id"], "海勃湾酒店")
    other = {"version": 1, "enterprise_id": bank["id"]}
    refused = await workspace.refused("agent1", "PATCH", f"/api/cases/{case['id']}", other)
    assert refused == (422, "case.unknown_caller")
    nobody = await workspace.refused("agent1", "POST", "/api/cases", {"enterprise_id": uuid7()})
    assert nobody == (422, "case.unknown_caller")
    both = {**other, "contact_id": None}
    assert (await workspace.patch("agent1", f"/api/cases/{case['id']}", both))["enterprise_name"] == "草原银行"


# --- verdicts --------------------------------------------------------------------------------------------


@pytest.mark.clause(6)
@pytest.mark.parametrize("reason", list("abcdefg"))
async def test_a_demand_is_not_accepted_for_a_reason_and_explained(workspace: Workspace, reason: str) -> None:
    case = await workspace.post("agent1", "/api/cases", {})
    body = {"reason": reason, "explanation": "已向来电人说明"}
    if reason in "ad":
        assert (await workspace.move_refused("agent1", case["id"], "not_accept", **body))[0] == "input.invalid"
        body["channel"] = "12348 法律援助" if reason == "a" else "110"
    silent = {**body, "explanation": " "}
    assert (await workspace.move_refused("agent1", case["id"], "not_accept", **silent))[0] == "input.invalid"
    case = await workspace.move("agent1", case["id"], "not_accept", **body)
    assert case["state"] == "not_accepted"
    assert case["steps"][-1]["detail"]["reason"] == reason


async def test_an_emergency_needs_nothing_but_the_service(workspace: Workspace) -> None:
    case = await workspace.post("agent1", "/api/cases", {})
    refused = await workspace.move_refused("agent1", case["id"], "transfer_emergency", service="12306")
    assert refused == ("input.invalid", None)
    case = await workspace.move("agent1", case["id"], "transfer_emergency", service="119")
    assert (case["state"], case["steps"][-1]["detail"]) == ("emergency_transferred", {"service": "119"})


@pytest.mark.clause(8)
async def test_a_direct_answer_cites_a_three_way_call_of_the_case(workspace: Workspace) -> None:
    call_id, other = uuid7(), uuid7()
    case = await workspace.post("agent1", "/api/cases", {"call_id": call_id})
    answer = {"answer": "可在窗口当日办结", "three_way_call_id": call_id, "consent": True}

    async def refused(**change: Any) -> Any:
        return await workspace.move_refused("agent1", case["id"], "close_direct", **{**answer, **change})

    uncited = ("case.refused", "answer_not_cited")
    assert await refused() == uncited  # nobody was brought in
    workspace.calls.three_ways |= {call_id, other}
    assert await refused(three_way_call_id=other) == uncited
    assert await refused(consent=False) == uncited
    status, problem = await workspace.try_move(
        "agent1", case["id"], "close_direct", answer="见知识库", knowledge=[{"entry_id": uuid7(), "number": 1}]
    )
    assert (status, problem["reason"]) == (409, "answer_not_cited")
    assert "is not published any more" in problem["detail"]
    case = await workspace.move("agent1", case["id"], "close_direct", **answer)
    assert case["state"] == "closed_direct"


# --- who sees what ---------------------------------------------------------------------------------------


async def test_every_view_of_a_confidential_case_is_audited(workspace: Workspace) -> None:
    case = await workspace.post("agent1", "/api/cases", {**WHOLE, "confidential": True})
    path = f"/api/cases/{case['id']}"
    for other in ("agent2", "qa"):
        assert await workspace.refused(other, "GET", path) == (403, "case.confidential")
    await workspace.get("agent1", path)
    await workspace.get("supervisor", path)
    assert workspace.audited() == [
        ("agent2", "access.refused"),
        ("qa", "access.refused"),
        ("agent1", "case.view_confidential"),
        ("supervisor", "case.view_confidential"),
    ]


async def test_lists_hide_what_is_confidential(workspace: Workspace) -> None:
    hotel = await workspace.post("agent1", "/api/enterprises", {"name": "海勃湾酒店"})
    body = {**WHOLE, "confidential": True, "enterprise_id": hotel["id"]}
    await workspace.post("agent1", "/api/cases", body)
    shown = (await workspace.get("supervisor", "/api/cases"))["items"]
    assert [(row["title"], row["enterprise_id"], row["enterprise_name"]) for row in shown] == [("", None, None)]
    assert (await workspace.get("supervisor", "/api/cases", search="拖延"))["items"] == []
    assert (await workspace.get("agent2", "/api/cases"))["items"] == []


async def test_a_units_people_see_no_case_before_dispatch(workspace: Workspace) -> None:
    case = await workspace.post("agent1", "/api/cases", WHOLE)
    assert (await workspace.get("handler", "/api/cases"))["items"] == []
    assert await workspace.refused("handler", "GET", f"/api/cases/{case['id']}") == (403, "case.confidential")
    assert await workspace.move_refused("handler", case["id"], "submit") == ("case.confidential", None)
    assert await workspace.refused("handler", "POST", "/api/cases", {}) == (403, "auth.forbidden")


@pytest.mark.parametrize("role", list(Role))
async def test_no_role_writes_without_its_permission(workspace: Workspace, role: Role) -> None:
    person = workspace.hire("somebody", role)
    status, _ = await workspace.ask("somebody", "POST", "/api/cases", {})
    if "case.write" not in person.permissions:
        assert status == 403


async def test_the_list_filters_and_pages(workspace: Workspace) -> None:
    hotel = await workspace.post("agent1", "/api/enterprises", {"name": "海勃湾酒店"})
    call_id = uuid7()
    one = await workspace.post("agent1", "/api/cases", {**WHOLE, "call_id": call_id, "enterprise_id": hotel["id"]})
    two = await workspace.post(
        "agent2", "/api/cases", {"title": "开办咨询", "content": "要哪些材料", "type": "consult", "urgency": "urgent"}
    )
    await workspace.move("agent1", one["id"], "submit")

    async def ids(**query: Any) -> list[str]:
        return [row["id"] for row in (await workspace.get("agent1", "/api/cases", **query))["items"]]

    assert await ids() == [two["id"], one["id"]]
    assert await ids(state="pending_review") == [one["id"]]
    assert await ids(enterprise_id=hotel["id"]) == [one["id"]]
    assert await ids(call_id=call_id) == [one["id"]]
    assert await ids(urgency="urgent") == await ids(type="consult") == await ids(search="开办") == [two["id"]]
    assert await ids(mine="true") == [one["id"]]
    assert await ids(search="开办　材料") == await ids(search="材料 开\u200b办") == [two["id"]]
    assert await ids(search=f"{one['number']} 开办") == await ids(search="开办 贷款") == []
    assert await ids(search=f"{two['number'][:8]} 开办") == [two["id"]]
    assert await ids(search=one["spoken_number"].replace("-", " ")) == [one["id"]]
    assert await ids(search=one["number"]) == await ids(search=one["spoken_number"]) == [one["id"]]
    assert await ids(open="false") == []
    assert await ids(since="2026-03-03T00:00:00Z") == []
    first = await workspace.get("agent1", "/api/cases", limit=1)
    second = await workspace.get("agent1", "/api/cases", limit=1, cursor=first["next"])
    assert [first["items"][0]["id"], second["items"][0]["id"], second["next"]] == [two["id"], one["id"], None]
    assert second["items"][0]["enterprise_name"] == "海勃湾酒店"


async def test_the_list_of_an_enterprise_holds_no_confidential_case_but_ones_own(workspace: Workspace) -> None:
    hotel = await workspace.post("agent1", "/api/enterprises", {"name": "海勃湾酒店"})
    secret = await workspace.post("agent1", "/api/cases", {**WHOLE, "confidential": True, "enterprise_id": hotel["id"]})
    for who, seen in (("supervisor", []), ("agent2", []), ("agent1", [secret["id"]])):
        found = await workspace.get(who, "/api/cases", enterprise_id=hotel["id"])
        assert [row["id"] for row in found["items"]] == seen


async def test_an_unreadable_call_is_linked_to_nothing(workspace: Workspace) -> None:
    case = await workspace.post("agent1", "/api/cases", {})
    call_id = uuid7()
    workspace.calls.not_readable.add(call_id)
    refused = await workspace.refused("agent1", "POST", f"/api/cases/{case['id']}/calls", {"call_id": call_id})
    assert refused == (403, "case.call_not_yours")


async def test_a_later_call_is_linked_once_by_id_or_number(workspace: Workspace) -> None:
    case = await workspace.post("agent1", "/api/cases", {})
    call_id = uuid7()
    for key in (case["number"], case["id"]):
        linked = await workspace.post("agent2", f"/api/cases/{key}/calls", {"call_id": call_id})
    assert linked["call_ids"] == [call_id]
    assert workspace.audited().count(("agent2", "case.link_call")) == 1


async def test_the_call_log_names_its_cases_and_no_confidential_title(workspace: Workspace) -> None:
    call_id = uuid7()
    for confidential in (False, True):
        await workspace.post("agent1", "/api/cases", {**WHOLE, "call_id": call_id, "confidential": confidential})
    async with workspace.database.snapshot() as db:
        found = await CaseReferences().of_calls(db, [call_id, uuid7()])
    assert [(case.title, case.state) for case in found[call_id]] == [("办照拖延", "draft"), ("", "draft")]
    assert list(found) == [call_id]


async def test_a_call_of_a_confidential_case_is_closed_to_those_who_may_not_open_it(workspace: Workspace) -> None:
    call_id, other = uuid7(), uuid7()
    await workspace.post("agent1", "/api/cases", {**WHOLE, "call_id": call_id, "confidential": True})
    await workspace.post("agent1", "/api/cases", {**WHOLE, "call_id": other})
    async with workspace.database.snapshot() as db:
        for who, closed in (("agent1", set()), ("agent2", {call_id}), ("supervisor", set())):
            assert await CaseReferences().closed_to(db, [call_id, other], workspace.people[who]) == closed


# --- what the audit log holds ---------------------------------------------------------------------------


async def test_an_edit_is_audited_with_before_and_after(workspace: Workspace) -> None:
    case = await workspace.post("agent1", "/api/cases", {**WHOLE, "callback_number": "13912345678"})
    path = f"/api/cases/{case['id']}"
    long = "请回电13800001111。" + "补贴没有到账" * 40
    case = await workspace.patch("supervisor", path, {"version": 1, "content": long, "urgency": "urgent"})
    await workspace.patch("supervisor", path, {"version": 2, "callback_number": "13700002222"})
    edit, number = (record.detail for record in workspace.audits.records if record.action == "case.edit")
    assert edit["before"] == {"content": WHOLE["content"], "urgency": "normal"}
    assert edit["after"]["urgency"] == "urgent"
    assert edit["after"]["content"]["length"] == len(long)
    assert edit["after"]["content"]["sha256"] == hashlib.sha256(long.encode()).hexdigest()
    assert number == {"before": {"callback_number": "139****5678"}, "after": {"callback_number": "137****2222"}}
    assert "13800001111" not in str(edit)


async def test_of_a_confidential_case_the_audit_log_shows_no_text(workspace: Workspace) -> None:
    case = await workspace.post("agent1", "/api/cases", {**WHOLE, "confidential": True})
    path = f"/api/cases/{case['id']}"
    await workspace.patch("supervisor", path, {"version": 1, "title": "举报某局长"})
    await workspace.patch("supervisor", path, {"version": 2, "confidential": False})
    records = [record for record in workspace.audits.records if record.action != "case.view_confidential"]
    assert [(record.username, record.action) for record in records] == [
        ("supervisor", "case.edit"),
        ("supervisor", "case.edit"),
        ("supervisor", "case.unset_confidential"),
    ]
    assert records[0].detail["after"]["title"]["length"] == 5
    assert records[1].detail == {"before": {"confidential": True}, "after": {"confidential": False}}
    assert "局长" not in str(records)


async def test_what_a_writer_types_is_audited_when_it_is_submitted(workspace: Workspace) -> None:
    call_id = uuid7()
    workspace.calls.parties[call_id] = Party(caller_number="13912345678")
    case = await workspace.post("agent1", "/api/cases", {**WHOLE, "call_id": call_id})
    path = f"/api/cases/{case['id']}"
    await workspace.patch("agent1", path, {"version": 1, "title": "办照拖延很久"})
    assert workspace.audited() == []
    await workspace.patch("agent1", path, {"version": 2, "urgency": "urgent"})
    await workspace.move("agent1", case["id"], "submit")
    assert workspace.audited() == [("agent1", "case.edit"), ("agent1", "case.submit")]
    assert workspace.audits.records[-1].detail["after"]["title"] == "办照拖延很久"


async def test_digits_are_a_number_and_what_was_changed_is_found_anew(workspace: Workspace) -> None:
    made = await workspace.post("agent1", "/api/cases", {"title": "供暖 5000 元", "content": "水管爆裂"})

    async def found(text: str) -> list[str]:
        return [row["id"] for row in (await workspace.get("agent1", "/api/cases", search=text))["items"]]

    assert await found("水管") == await found("管") == await found(made["number"][:9]) == [made["id"]]
    assert await found("5000") == await found("管道") == await found('"管" OR *') == []
    body = {"version": made["version"], "content": "路灯不亮"}
    await workspace.patch("agent1", f"/api/cases/{made['id']}", body)
    assert await found("水管") == []
    assert await found("路灯 供暖") == [made["id"]]
