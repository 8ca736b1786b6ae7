"""Each role's work lists: what stands in them, for whom, counted and paged."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from crm.cases.models import Case
from crm.limits.models import CaseDeadline
from crm.limits.state import DeadlineKind
from crm.worklists.rules import RULES, WorkListName
from hotline.accounts.roles import Permission, Role, permissions_of
from hotline.kernel.ids import uuid7
from tests.crm.city import REPLY, SATISFIED, CaseCity
from tests.crm.conftest import MORNING, Workspace
from tests.fakes.clock import FakeClock
from tests.hotline.web import from_page


@pytest.fixture
async def city(workspace: Workspace) -> CaseCity:
    city = CaseCity(workspace)
    await city.build()
    return city


async def ids(city: CaseCity, who: str, name: str, **query: Any) -> list[str]:
    page = await city.workspace.get(who, f"/api/worklists/{name}", **query)
    return [row["id"] for row in page["items"]]


async def counts(city: CaseCity, who: str) -> dict[str, int | None]:
    return {row["name"]: row["count"] for row in await city.workspace.get(who, "/api/worklists")}


async def put(city: CaseCity, case_id: str, **values: Any) -> None:
    async with city.workspace.database.transaction() as db:
        await db.execute(update(Case).where(Case.id == case_id).values(**values))


RETURN = {"ground": "not_our_duty", "reason": "非本局职责", "legal_basis": "三定方案"}


# --- what stands where --------------------------------------------------------------------------------


async def test_a_dispatchers_lists(city: CaseCity) -> None:
    workspace = city.workspace
    review, asked = await city.submitted(), await city.submitted()
    await workspace.move("dispatcher", asked, "ask_info", reason="地点不明")
    waiting, returning, returned = await city.approved(), await city.dispatched(), await city.dispatched()
    for case_id in (returning, returned):
        await workspace.move("bureau", case_id, "request_return", **RETURN)
    await workspace.move("dispatcher", returned, "accept_return", reason="同意")
    extending, replied = await city.signed(), await city.replied()
    await put(city, extending, state="extension_requested")
    await workspace.move("dispatcher", waiting, "claim")
    expected = {
        "to_review": {review},
        "need_info": {asked},
        "to_dispatch": {waiting, returned},
        "returned": {returned},
        "return_requests": {returning},
        "extension_requests": {extending},
        "to_audit": {replied},
        "claimed": {waiting},
    }
    for name, cases in expected.items():
        assert set(await ids(city, "dispatcher", name)) == cases, name
    assert await counts(city, "dispatcher") == {name: len(cases) for name, cases in expected.items()} | {"all": None}
    assert await ids(city, "dispatcher2", "claimed") == []


async def test_a_callback_agents_lists(city: CaseCity, morning: FakeClock) -> None:
    workspace = city.workspace
    fresh, unreached, reached = [await city.in_callback() for _ in range(3)]
    await workspace.move("callback", unreached, "record_callback", not_reached="no_answer")
    await workspace.move("callback", reached, "record_callback", **SATISFIED)
    expired, late = await city.signed(), await city.signed()
    await put(city, fresh, next_due_at=MORNING + timedelta(hours=3), next_due_kind="callback")
    await put(city, expired, next_due_at=MORNING - timedelta(hours=1), next_due_kind="close")
    await callback_due(city, expired)
    await put(city, late, next_due_at=MORNING - timedelta(hours=1), next_due_kind="contact")
    assert await ids(city, "callback", "to_call_back") == [expired, fresh], "the oldest limit first"
    assert set(await ids(city, "callback", "tried_today")) == {unreached, reached}
    assert await ids(city, "callback", "not_reached") == [unreached]
    await morning.advance(timedelta(days=1))
    assert unreached in await ids(city, "callback", "to_call_back"), "tried yesterday"
    assert await ids(city, "callback", "tried_today") == []


async def callback_due(city: CaseCity, case_id: str) -> None:
    """As the watch has it when a unit stays silent past its limit."""
    async with city.workspace.database.transaction() as db:
        db.add(
            CaseDeadline(
                id=uuid7(),
                case_id=case_id,
                kind=DeadlineKind.CALLBACK,
                started_at=MORNING - timedelta(hours=1),
                due_at=MORNING + timedelta(hours=7),
                amount="8h",
                hours="enterprise",
            )
        )


async def test_a_units_lists(city: CaseCity) -> None:
    workspace = city.workspace
    unsigned, signed = await city.dispatched(), await city.signed()
    soon, late, again, done = [await city.signed() for _ in range(4)]
    await put(city, soon, next_due_at=MORNING + timedelta(hours=5))
    await put(city, late, next_due_at=MORNING - timedelta(hours=5))
    await workspace.move("bureau", done, "reply", **REPLY)
    await workspace.move("bureau", again, "reply", **REPLY)
    await workspace.move("dispatcher", again, "order_rework", reason="未解决")
    helping = await city.signed("other", assisting=("bureau",))
    for case_id in (unsigned, signed, again, helping):
        await put(city, case_id, next_due_at=MORNING + timedelta(days=30))
    expected = {
        "to_sign": {unsigned},
        "in_progress": {signed, soon, late},
        "due_soon": {soon},
        "overdue": {late},
        "rework": {again},
        "assisting": {helping},
        "replied": {done},
    }
    for name, cases in expected.items():
        assert set(await ids(city, "bureau", name)) == cases, name
    assert await counts(city, "bureau") == {name: len(cases) for name, cases in expected.items()} | {"all": None}


async def test_what_a_unit_passed_on_stands_with_the_one_below(city: CaseCity) -> None:
    case_id = await city.signed()
    await city.workspace.move("bureau", case_id, "sub_dispatch", unit_ids=[city.units["office"]])
    assert await ids(city, "office", "assisting") == [case_id]
    assert await ids(city, "office", "in_progress") == [], "the lead is above"
    assert await ids(city, "other_office", "assisting") == []


async def test_a_supervisors_lists(city: CaseCity) -> None:
    late, urged, escalated, hard, mass = [await city.signed() for _ in range(5)]
    await put(city, late, next_due_at=MORNING - timedelta(hours=5))
    await city.workspace.move("agent1", urged, "urge")
    await put(city, escalated, reworks=3)
    await city.workspace.move("dispatcher", hard, "mark_hard", reason="涉及三家单位")
    await put(city, mass, mass=True)
    expected = {"overdue": late, "urged": urged, "escalated": escalated, "hard": hard, "mass": mass}
    for name, case_id in expected.items():
        assert await ids(city, "supervisor", name) == [case_id], name
    found = await counts(city, "supervisor")
    assert {name: found[name] for name in expected} == dict.fromkeys(expected, 1)


async def test_an_agents_lists_hold_their_own_cases_alone(city: CaseCity) -> None:
    workspace = city.workspace
    draft = (await workspace.post("agent1", "/api/cases", {}))["id"]
    back, running = await city.submitted(), await city.signed()
    await workspace.move("dispatcher", back, "ask_info", reason="地点不明")
    assert await ids(city, "agent1", "drafts") == [draft]
    assert await ids(city, "agent1", "sent_back") == [back]
    assert await ids(city, "agent1", "open") == [running]
    assert await counts(city, "agent2") == {"drafts": 0, "sent_back": 0, "open": 0, "all": None}


# --- who sees what ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
async def test_which_role_opens_which_list(workspace: Workspace, role: Role) -> None:
    workspace.hire("somebody", role)
    reads = Permission.CASE_READ in permissions_of([role])
    for name in WorkListName:
        status, _ = await workspace.ask("somebody", "GET", f"/api/worklists/{name}")
        assert (status == 200) == (reads and role in RULES[name].roles), (role, name, status)
        status, _ = await workspace.ask("somebody", "GET", f"/api/worklists/{name}/export")
        assert (status == 200) == (reads and role in RULES[name].roles), (role, name, status)
        status, answer = await workspace.ask(
            "somebody", "POST", f"/api/worklists/{name}/claim-next", {"request_id": uuid7()}
        )
        assert (status == 200) == (role in RULES[name].roles and RULES[name].pool), (role, name, status, answer)
    status, answer = await workspace.ask("somebody", "GET", "/api/worklists")
    assert (status == 200) == reads
    if reads:
        assert [row["name"] for row in answer] == [name for name, rule in RULES.items() if role in rule.roles]


async def test_a_unit_never_sees_or_counts_anothers_case(city: CaseCity) -> None:
    """Each list of each unit, against cases of another unit that stand in every list of theirs."""
    await test_a_units_lists(city)
    await city.workspace.move(
        "bureau", (await ids(city, "bureau", "in_progress"))[0], "sub_dispatch", unit_ids=[city.units["office"]]
    )
    for who in ("other", "other_head"):
        theirs = await counts(city, who)
        assert theirs == dict.fromkeys(theirs, 0) | {"in_progress": 1, "all": None}, who
        for name in theirs:
            assert len(await ids(city, who, name)) == (1 if name in ("in_progress", "all") else 0), (who, name)
    for who in ("other_office", "station"):
        theirs = await counts(city, who)
        assert theirs == dict.fromkeys(theirs, 0) | {"all": None}, who
        for name in theirs:
            assert await ids(city, who, name) == [], (who, name)
            assert await ids(city, who, name, unit_id=city.units["bureau"]) == []


async def test_a_complaint_about_a_unit_is_not_in_its_lists(city: CaseCity) -> None:
    case_id = await city.signed("bureau")
    await city.workspace.move("bureau", case_id, "sub_dispatch", unit_ids=[city.units["station"]])
    assert await ids(city, "station", "assisting") == [case_id]
    await put(city, case_id, unit_complained_of_id=city.units["office"])
    assert await ids(city, "bureau", "in_progress") == [case_id], "the superior unit handles it"
    assert await ids(city, "station", "assisting") == []
    assert (await counts(city, "station"))["assisting"] == 0


async def test_lists_do_not_reveal_who_is_hidden(city: CaseCity) -> None:
    workspace = city.workspace
    draft = {"name": "河套饭店", "kind": "individual_business"}
    enterprise = await workspace.post("agent1", "/api/enterprises", draft)
    case_id = await city.signed(anonymous=True, enterprise_id=enterprise["id"], title="饭店投诉窗口")
    (row,) = (await workspace.get("bureau", "/api/worklists/in_progress"))["items"]
    assert (row["title"], row["enterprise_name"]) == ("有人反映窗口收费不开票。", None)
    assert await ids(city, "bureau", "all", enterprise_id=enterprise["id"]) == []
    assert await ids(city, "bureau", "all", search="饭店") == []
    assert await ids(city, "dispatcher", "all", enterprise_id=enterprise["id"], search="饭店") == [case_id]


async def test_whoever_stepped_aside_has_the_case_in_no_list(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed()
    assert await ids(city, "bureau", "in_progress") == [case_id]
    await workspace.move(
        "dispatcher", case_id, "recuse", user_id=workspace.people["bureau"].user_id, reason="当事人亲属"
    )
    assert await ids(city, "bureau", "in_progress") == []
    assert (await counts(city, "bureau"))["in_progress"] == 0
    assert await ids(city, "bureau_head", "in_progress") == [case_id]


# --- filters, sorting, pages --------------------------------------------------------------------------


async def test_filters(city: CaseCity) -> None:
    workspace = city.workspace
    consult = await city.signed()
    help_ = await city.dispatched("office", type="help", urgency="urgent", title="路灯不亮")
    await put(city, help_, mass=True, next_due_at=MORNING + timedelta(hours=2))
    await put(city, consult, next_due_at=MORNING - timedelta(hours=2))
    for query, found in (
        ({"type": "help"}, {help_}),
        ({"state": "in_progress"}, {consult}),
        ({"urgency": "urgent"}, {help_}),
        ({"flag": "mass"}, {help_}),
        ({"unit_id": city.units["bureau"]}, {consult, help_}),
        ({"unit_id": city.units["office"]}, {help_}),
        ({"due": "overdue"}, {consult}),
        ({"due": "soon"}, {help_}),
        ({"due": "none"}, set()),
        ({"due_since": MORNING.isoformat()}, {help_}),
        ({"created_before": MORNING.isoformat()}, set()),
        ({"dispatched_since": MORNING.isoformat()}, {consult, help_}),
        ({"claimed": "nobody"}, {consult, help_}),
        ({"claimed": "me"}, set()),
        ({"search": "路灯"}, {help_}),
        ({"channel": "media"}, set()),
    ):
        assert set(await ids(city, "dispatcher", "all", **query)) == found, query
    assert (await workspace.ask("dispatcher", "GET", "/api/worklists/all?sort=password"))[0] == 422


@pytest.mark.parametrize("sort", ["due", "-due", "created", "-created", "updated", "-updated"])
async def test_each_case_is_on_one_page_in_the_order_asked_for(city: CaseCity, morning: FakeClock, sort: str) -> None:
    dues: dict[str, Any] = {}
    for hours in (5, None, 1, None, 3, 1):
        case_id = await city.submitted()
        dues[case_id] = None if hours is None else MORNING + timedelta(hours=hours)
        await put(city, case_id, next_due_at=dues[case_id])
        await morning.advance(timedelta(minutes=1))
    for limit in (1, 2, 4, 200):
        found: list[str] = []
        query: dict[str, Any] = {"sort": sort, "limit": limit}
        while True:
            page = await city.workspace.get("dispatcher", "/api/worklists/to_review", **query)
            found += [row["id"] for row in page["items"]]
            if page["next"] is None:
                break
            query["cursor"] = page["next"]
        assert sorted(found) == sorted(dues), (sort, limit)
        if sort in ("due", "-due"):
            dated = [dues[case_id] for case_id in found if dues[case_id]]
            assert [dues[case_id] for case_id in found[len(dated) :]] == [None, None], "without a deadline: last"
            assert dated == sorted(dated, reverse=sort == "-due")
        else:
            assert found == (list(dues)[::-1] if sort.startswith("-") else list(dues))


# --- claiming -----------------------------------------------------------------------------------------


async def test_the_next_case_is_the_most_pressing_that_nobody_has(city: CaseCity) -> None:
    first, second = await city.submitted(), await city.submitted()
    await put(city, second, next_due_at=MORNING + timedelta(hours=1))

    async def claim(who: str) -> str | None:
        answer = await city.workspace.post(who, "/api/worklists/to_review/claim-next", {"request_id": uuid7()})
        return answer["id"]  # type: ignore[no-any-return]

    assert await claim("dispatcher") == second
    assert await claim("dispatcher") == second, "what is claimed already comes first"
    assert await claim("dispatcher2") == first
    await city.workspace.move("dispatcher", second, "approve")
    assert await claim("dispatcher") is None
    assert ("dispatcher", "case.claim") in city.workspace.audited()


# --- export -------------------------------------------------------------------------------------------


async def test_an_export_holds_what_is_seen_and_is_audited(city: CaseCity) -> None:
    workspace = city.workspace
    await city.submitted(title="=HYPERLINK(1)")
    accused = {"type": "report", "demand": "查处", "unit_complained_of": "某局", "complaint_type": "态度"}
    await city.submitted(title="举报", confidential=True, **accused)
    await city.signed()
    assert workspace.client is not None
    url = "/api/worklists/to_review/export?format=csv&columns=number&columns=title&sort=created"
    async with workspace.client.get(url, **from_page(workspace.client, "dispatcher")) as response:
        text = (await response.read()).decode("utf-8-sig")
    heading, plain, hidden = csv.reader(io.StringIO(text))
    assert heading == ["工单号 number", "标题 title"]
    assert plain[1] == "'=HYPERLINK(1)"
    assert hidden[1] == "", "a confidential case shows no title"
    (record,) = [record for record in workspace.audits.records if record.action == "case.export"]
    assert (record.target, record.detail["rows"], record.detail["format"]) == ("to_review", 2, "csv")
