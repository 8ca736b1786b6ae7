"""Who is notified of what happens to a case."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from crm.casenotices.service import unit_members
from hotline.accounts.models import ROOT_ORGANISATION, User
from hotline.accounts.roles import Role
from hotline.kernel.ids import uuid7
from hotline.notices.models import NoticeRecord, OutgoingMessage
from tests.crm.calls import Party
from tests.crm.city import CONSULT, REPLY, CaseCity
from tests.crm.conftest import PUBLIC_URL, Workspace

AGREED: dict[str, Any] = {"sms_agreed": True}
RETURN: dict[str, Any] = {"ground": "not_our_duty", "reason": "属税务局职责。", "legal_basis": "三定方案"}
EXTENSION: dict[str, Any] = {"days": 2, "reason": "需要检测。", "caller_informed": True}
INTERIM: dict[str, Any] = {
    "public_answer": "正在核查。",
    "promised_at": "2026-03-09T09:00:00Z",
    "caller_informed": True,
}
WITHDRAWAL: dict[str, Any] = {"confirmed_by_caller": True, "confirmed_how": "回电核实。"}


@pytest.fixture
async def city(workspace: Workspace) -> CaseCity:
    """With a dispatcher, a supervisor and an agent in the accounts too, since notices go to accounts."""
    city = CaseCity(workspace)
    await city.build()
    for name, role in (("agent1", Role.AGENT), ("dispatcher", Role.DISPATCHER), ("supervisor", Role.SUPERVISOR)):
        await city.person(name, ROOT_ORGANISATION, role)
    return city


async def notices(city: CaseCity, kind: str) -> dict[str, str]:
    """Text by user name."""
    query = (
        select(User.username, NoticeRecord.text_zh)
        .join(User, User.id == NoticeRecord.user_id)
        .where(NoticeRecord.kind == kind)
    )
    async with city.workspace.database.snapshot() as db:
        return {name: text for name, text in await db.execute(query)}


async def messages(city: CaseCity) -> list[OutgoingMessage]:
    async with city.workspace.database.snapshot() as db:
        return list(await db.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id)))


async def number_of(city: CaseCity, case_id: str) -> Any:
    return (await city.workspace.get("supervisor", f"/api/cases/{case_id}"))["number"]


# --- within the house and the units ------------------------------------------------------------------------


async def test_the_units_of_a_dispatch_are_notified_and_nobody_else(city: CaseCity) -> None:
    case_id = await city.dispatched("bureau", assisting=("other",))
    assert set(await notices(city, "assigned")) == {"bureau", "bureau_head"}
    assert set(await notices(city, "assisting")) == {"other", "other_head"}
    text = (await notices(city, "assigned"))["bureau"]
    assert await number_of(city, case_id) in text
    assert CONSULT["title"] not in text


async def test_a_designated_unit_reads_that_it_may_not_return_it(city: CaseCity) -> None:
    case_id = await city.approved()
    await city.dispatch(case_id, designate=True, advice="指定办理。")
    assert "不得退回" in (await notices(city, "designated"))["bureau"]
    assert not await notices(city, "assigned")


async def test_a_unit_below_is_notified_of_its_share(city: CaseCity) -> None:
    case_id = await city.signed()
    await city.workspace.move("bureau", case_id, "sub_dispatch", unit_ids=[city.units["office"]])
    assert "office" in await notices(city, "assigned")


async def test_a_return_goes_to_dispatchers_and_its_decision_to_the_unit(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.dispatched()
    await workspace.move("bureau", case_id, "request_return", **RETURN)
    asked = await notices(city, "return_requested")
    assert set(asked) == {"dispatcher"}
    assert "市场监督管理局" in asked["dispatcher"]
    assert "非本单位职责" in asked["dispatcher"]
    assert RETURN["reason"] not in asked["dispatcher"]
    await workspace.move("dispatcher", case_id, "refuse_return", reason="属该单位职责。")
    assert set(await notices(city, "return_refused")) == {"bureau", "bureau_head"}
    await workspace.move("bureau", case_id, "request_return", **RETURN)
    await workspace.move("dispatcher", case_id, "accept_return", reason="同意。")
    assert set(await notices(city, "returned")) == {"bureau", "bureau_head"}


async def test_an_extension_goes_the_same_way(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed()
    await workspace.move("bureau_head", case_id, "request_extension", **EXTENSION)
    assert "2 个工作日" in (await notices(city, "extension_requested"))["dispatcher"]
    await workspace.move("dispatcher", case_id, "refuse_extension", reason="无必要。")
    assert set(await notices(city, "extension_refused")) == {"bureau", "bureau_head"}


async def test_a_reply_goes_to_dispatchers_a_rework_to_the_unit(city: CaseCity) -> None:
    case_id = await city.replied()
    assert set(await notices(city, "reply_to_audit")) == {"dispatcher"}
    await city.workspace.move("dispatcher", case_id, "order_rework", reason="未解决。")
    assert set(await notices(city, "rework")) == {"bureau", "bureau_head"}


async def test_an_urge_is_counted_to_the_unit(city: CaseCity) -> None:
    case_id = await city.signed()
    await city.workspace.move("agent1", case_id, "urge")
    await city.workspace.move("agent1", case_id, "urge")
    query = select(NoticeRecord.text_zh).where(NoticeRecord.kind == "urged").order_by(NoticeRecord.id)
    async with city.workspace.database.snapshot() as db:
        texts = set(await db.scalars(query))
    assert {text.partition("第 ")[2][0] for text in texts} == {"1", "2"}


async def test_what_is_missing_is_asked_of_the_agent_alone(city: CaseCity) -> None:
    case_id = await city.submitted()
    await city.workspace.move("dispatcher", case_id, "ask_info", reason="请补充地址。")
    assert set(await notices(city, "info_needed")) == {"agent1"}


async def test_a_pressed_withdrawal_is_refused_and_the_supervisor_knows_once(city: CaseCity) -> None:
    case_id = await city.signed()
    request = {"request_id": uuid7(), **WITHDRAWAL, "pressed_by_unit": True}
    for _ in range(2):
        assert await city.workspace.move_refused("dispatcher", case_id, "withdraw", **request) == (
            "case.refused",
            "pressed",
        )
    assert "要求来电人撤单" in (await notices(city, "escalated"))["supervisor"]
    assert (await city.workspace.get("dispatcher", f"/api/cases/{case_id}"))["state"] == "in_progress"


async def test_a_free_withdrawal_ends_the_case_without_a_notice(city: CaseCity) -> None:
    case_id = await city.signed()
    case = await city.workspace.move("dispatcher", case_id, "withdraw", **WITHDRAWAL, pressed_by_unit=False)
    assert case["state"] == "terminated"
    assert not await notices(city, "escalated")
    assert ("dispatcher", "case.withdraw") in city.workspace.audited()


async def test_a_move_that_fails_notifies_nobody(city: CaseCity) -> None:
    case_id = await city.dispatched()
    await city.workspace.move_refused("bureau", case_id, "reply", **REPLY)
    assert not await notices(city, "reply_to_audit")


async def test_members_are_those_who_handle_cases_for_the_unit_now(city: CaseCity) -> None:
    async with city.workspace.database.transaction() as db:
        assert len(await unit_members(db, [city.units["bureau"]])) == 2
        head = (await db.scalars(select(User).where(User.username == "bureau_head"))).one()
        head.active = False
        handler = (await db.scalars(select(User).where(User.username == "bureau"))).one()
        handler.roles = [Role.SPECIALIST]
        await db.flush()
        assert await unit_members(db, [city.units["bureau"]]) == []


# --- the caller --------------------------------------------------------------------------------------------


async def test_a_caller_who_agreed_gets_number_link_and_code(city: CaseCity) -> None:
    case_id = await city.submitted(**AGREED)
    case = await city.workspace.get("agent1", f"/api/cases/{case_id}")
    [sms] = await messages(city)
    assert (sms.kind, sms.recipient) == ("case_accepted", "+8613912345678")
    assert sms.link == f"{PUBLIC_URL}/portal/progress?n={case['number']} 查询码 {case['query_code']}"
    assert case["number"] in sms.text
    # What pages show of it holds neither the way in nor the code.
    assert case["query_code"] not in sms.text
    assert case["query_code"] not in sms.link.partition(" ")[0]


async def test_who_did_not_agree_gets_nothing(city: CaseCity) -> None:
    await city.replied()
    assert await messages(city) == []


@pytest.mark.parametrize("number", ["0473-2991001", "12345", "95588"])
async def test_a_number_that_takes_no_sms_gets_none(city: CaseCity, number: str) -> None:
    await city.submitted(**AGREED, callback_number=number)
    assert await messages(city) == []


async def test_without_a_number_to_call_back_the_calls_own_is_used(city: CaseCity) -> None:
    call_id = uuid7()
    city.workspace.calls.parties[call_id] = Party(caller_number="013900001111")
    await city.submitted(**AGREED, callback_number="", call_id=call_id)
    assert [sms.recipient for sms in await messages(city)] == ["+8613900001111"]


async def test_each_thing_the_caller_is_told_is_one_sms(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed(**AGREED)
    await workspace.move("bureau", case_id, "reply_interim", **INTERIM)
    await workspace.move("bureau_head", case_id, "request_extension", **EXTENSION)
    await workspace.move("dispatcher", case_id, "grant_extension", reason="同意。")
    await workspace.move("bureau", case_id, "reply", **REPLY)
    await workspace.move("dispatcher", case_id, "schedule_callback", fits_facts=True)
    sent = await messages(city)
    assert [sms.kind for sms in sent] == ["case_accepted", "interim_reply", "extension_announced", "replied"]
    assert "2026-03-09 17:00" in sent[1].text
    assert all(REPLY["public_answer"] not in sms.text for sms in sent)


async def test_what_happened_once_is_told_once_though_it_is_asked_for_twice(city: CaseCity) -> None:
    case_id = await city.signed(**AGREED)
    request = {"request_id": uuid7(), "version": 5, **REPLY}
    for _ in range(3):
        await city.workspace.try_move("bureau", case_id, "reply", **request)
    assert [sms.kind for sms in await messages(city)] == ["case_accepted", "replied"]


async def test_the_consent_is_on_record(city: CaseCity) -> None:
    case = await city.workspace.post("agent1", "/api/cases", {**CONSULT, **AGREED})
    assert case["sms_agreed"] is True
    await city.workspace.patch("agent1", f"/api/cases/{case['id']}", {"version": 1, "sms_agreed": False})
    edits = [record.detail for record in city.workspace.audits.records if record.action == "case.edit"]
    assert edits[-1] == {"before": {"sms_agreed": True}, "after": {"sms_agreed": False}}
