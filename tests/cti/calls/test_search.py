"""Finding calls, and who may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cti.calls.numbers import search_digits, searched_digits
from cti.ports import CaseReference
from hotline.kernel.ids import uuid7
from tests.cti.calls.callers import CallStory
from tests.cti.calls.conftest import House

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class CallTown:
    """A few calls, a minute apart: `mobile` answered by 1001, `landline` by 1002, `queue` abandoned, `menu` too."""

    def __init__(self) -> None:
        self.mobile = CallStory(uuid7(), MORNING, number="+8613912345678", name="李雷")
        self.landline = CallStory(uuid7(), MORNING + timedelta(minutes=1), number="0473-2991001", name="Han MeiMei")
        self.queue = CallStory(uuid7(), MORNING + timedelta(minutes=2), number="13900000001")
        self.menu = CallStory(uuid7(), MORNING + timedelta(minutes=3), number="", name="100%_\\")

    async def calls(self, house: House) -> None:
        await house.happens(
            *self.mobile.simple("1001"),
            *self.landline.simple("1002"),
            self.landline.consults(),
            self.queue.arrives(),
            self.queue.queues(queue="public"),
            self.queue.rings(3, "1001", "public"),
            self.queue.ends(8),
            self.menu.arrives(),
            self.menu.ends(2),
        )

    def name_of(self, call_id: str) -> str:
        return next(name for name, call in vars(self).items() if call.call_id == call_id)


@pytest.fixture
async def town(house: House) -> CallTown:
    town = CallTown()
    await town.calls(house)
    return town


async def found(house: House, town: CallTown, who: str = "supervisor", **query: Any) -> list[str]:
    page = await house.get(who, "/api/calls", **query)
    return [town.name_of(row["call_id"]) for row in page["items"]]


async def test_the_newest_comes_first(house: House, town: CallTown) -> None:
    assert await found(house, town) == ["menu", "queue", "landline", "mobile"]


async def test_calls_of_a_day_are_counted(house: House, town: CallTown) -> None:
    day = {"from": MORNING.isoformat(), "to": (MORNING + timedelta(days=1)).isoformat(), "limit": 1}
    assert (await house.get("supervisor", "/api/calls", **day))["total"] == 4
    assert (await house.get("supervisor", "/api/calls", **day, outcome="answered"))["total"] == 2
    year = {**day, "to": (MORNING + timedelta(days=365)).isoformat()}
    assert (await house.get("supervisor", "/api/calls", **year))["total"] is None


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("13912345678", ["mobile"]),
        ("+86 139 1234 5678", ["mobile"]),
        ("5678", ["mobile"]),
        ("1391234", ["mobile"]),
        ("0473-2991001", ["landline"]),
        ("2991001", ["landline"]),
        ("001", ["queue", "landline"]),
        ("8604732991001", ["landline"]),
        ("139", ["queue", "mobile"]),
        ("李雷", ["landline", "mobile"]),  # one's name, and the contact's at the other's enterprise
        ("han mei", ["landline"]),
        ("蒙西煤业", ["landline", "mobile"]),
        ("煤业 MEI", ["landline"]),
        ("煤业　李雷", ["landline", "mobile"]),
        ("李雷 酒店", []),
        ("蒙西 5678", ["mobile"]),
        ("\u202a13912345678\u202c", ["mobile"]),
        ("100%_\\", ["menu"]),
        ("%", ["menu"]),
        ("__", []),
        ("99999", []),
    ],
)
async def test_search(house: House, town: CallTown, search: str, expected: list[str]) -> None:
    assert await found(house, town, search=search) == expected


async def test_search_by_call_id(house: House, town: CallTown) -> None:
    assert await found(house, town, search=town.queue.call_id.upper()) == ["queue"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"queue": "public"}, ["queue"]),
        ({"agent": "1001"}, ["queue", "mobile"]),
        ({"agent": "1002"}, ["landline"]),
        ({"outcome": "answered"}, ["landline", "mobile"]),
        ([("outcome", "abandoned_menu"), ("outcome", "abandoned_queue")], ["menu", "queue"]),
        ({"survey": "1"}, ["landline", "mobile"]),
        ({"survey": "5"}, []),
        ({"enterprise_id": "e-1", "agent": "1002"}, ["landline"]),
        ({"specialist_id": "s-1"}, ["landline"]),
        ({"specialist_id": "s-2"}, []),
        ({"from": "2026-03-02T01:01:00Z", "to": "2026-03-02T01:03:00Z"}, ["queue", "landline"]),
        ({"from": "2026-03-02T09:02:00+08:00"}, ["menu", "queue"]),
    ],
)
async def test_filters(house: House, town: CallTown, query: Any, expected: list[str]) -> None:
    assert house.client is not None
    status, page = await house.ask("supervisor", "GET", "/api/calls", **(query if isinstance(query, dict) else {}))
    if isinstance(query, list):
        path = "/api/calls?" + "&".join(f"{key}={value}" for key, value in query)
        status, page = await house.ask("supervisor", "GET", path)
    assert status == 200
    assert [town.name_of(row["call_id"]) for row in page["items"]] == expected


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-03-02T01:00:00"},
        {"from": "2026-03-03T00:00:00Z", "to": "2026-03-02T00:00:00Z"},
        {"outcome": "great"},
        {"survey": "6"},
        {"limit": "0"},
        {"cursor": "x"},
        {"colour": "red"},
    ],
)
async def test_what_makes_no_sense_is_refused(lite: House, query: dict[str, str]) -> None:
    status, problem = await lite.ask("supervisor", "GET", "/api/calls", **query)
    assert status == 422, problem


async def test_pages_follow_each_other_while_calls_come_in(house: House, town: CallTown) -> None:
    first = await house.get("supervisor", "/api/calls", limit=2)
    late = CallStory(uuid7(), MORNING + timedelta(minutes=10))
    await house.happens(late.arrives())
    second = await house.get("supervisor", "/api/calls", limit=2, cursor=first["next"])
    shown = [town.name_of(row["call_id"]) for page in (first, second) for row in page["items"]]
    assert shown == ["menu", "queue", "landline", "mobile"]
    assert second["next"] is None


async def test_rows_show_cases_and_a_masked_number(house: House, town: CallTown) -> None:
    case = CaseReference(id="c-1", number="202603020001", title="煤矿用电", state="draft")
    house.cases.references[town.mobile.call_id] = [case]
    row = next(row for row in (await house.get("qa", "/api/calls"))["items"] if row["case_numbers"])
    assert (row["case_numbers"], row["caller_number"]) == (["202603020001"], "+86139****5678")
    detail = await house.get("qa", f"/api/calls/{town.mobile.call_id}")
    assert detail["cases"] == [{"id": "c-1", "number": "202603020001", "title": "煤矿用电", "state": "draft"}]


async def test_a_row_distinguishes_a_browsers_call_from_a_withheld_number(house: House) -> None:
    await house.happens(CallStory(uuid7(), MORNING, number="", entry="web").arrives())
    (row,) = (await house.get("supervisor", "/api/calls"))["items"]
    assert (row["caller_number"], row["entry"]) == ("", "web")


# --- who may see what -----------------------------------------------------------------------------------


async def test_an_agent_sees_the_calls_at_their_own_phone(house: House, town: CallTown) -> None:
    assert await found(house, town, "agent1") == ["queue", "mobile"]
    assert await found(house, town, "agent2") == ["landline"]
    assert await found(house, town, "agent1", agent="1002") == []
    status, problem = await house.ask("agent1", "GET", f"/api/calls/{town.landline.call_id}")
    assert (status, problem["error_id"]) == (404, "call.not_found")


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("139", ["queue", "mobile"]),
        ("5678", ["mobile"]),
        ("13912345678", ["mobile"]),
        ("1391", []),
        ("45678", []),
        ("1391234567", []),
        ("李 1391234567", []),
        ("李 45678", []),
        ("李 5678", ["mobile"]),
    ],
)
async def test_a_search_shows_no_hidden_digit(house: House, town: CallTown, search: str, expected: list[str]) -> None:
    assert await found(house, town, "qa", search=search) == expected


async def test_hidden_numbers_cannot_be_tried_out(lite: House) -> None:
    for last in range(60):
        await lite.get("qa", "/api/calls", search=f"1391234{last:04}")
    status, problem = await lite.ask("qa", "GET", "/api/calls", search="１３９１２３４５６７８")
    assert (status, problem["error_id"]) == (429, "rate.limited")
    await lite.get("qa", "/api/calls", search="酒店")
    await lite.get("qa", "/api/calls", agent="1001")
    await lite.get("supervisor", "/api/calls", search="13912345678")


async def test_a_number_sent_as_the_callers_name_is_masked_too(house: House) -> None:
    await house.happens((call := CallStory(uuid7(), MORNING, number="13912345678", name="13912345678")).arrives())
    detail = await house.get("supervisor", f"/api/calls/{call.call_id}")
    assert (detail["caller_number"], detail["caller_name"]) == ("139****5678", "139****5678")


async def test_a_call_is_known_to_whom_it_rings_before_any_row_is_written(lite: House) -> None:
    call = CallStory(uuid7(), MORNING)
    for event in (call.arrives(), call.rings(3, "1001")):
        lite.bus.publish(event)
    assert await knowing(lite, call.call_id) == ["agent1", "qa", "supervisor"]


async def test_a_call_that_rang_unseen_is_known_to_whose_phone_it_is_at(lite: House) -> None:
    """The service was away at the ring: presence has the call from Asterisk, the log not yet."""
    await lite.happens((call := CallStory(uuid7(), MORNING)).arrives())
    lite.numbers.calls["id-agent2"] = call.call_id
    assert await knowing(lite, call.call_id) == ["agent2", "qa", "supervisor"]


async def test_a_call_that_never_was_is_known_to_nobody(lite: House) -> None:
    assert await knowing(lite, uuid7()) == []


async def knowing(house: House, call_id: str) -> list[str]:
    """Who may know of this call."""
    async with house.database.snapshot() as db:
        return sorted([n for n, who in house.people.items() if await house.calls.known_to(db, call_id, who)])


async def test_a_reader_who_is_no_agent_has_no_calls(house: House, town: CallTown) -> None:
    house.numbers.agents.clear()
    assert await found(house, town, "agent1") == []


async def test_unmasking_needs_the_right_and_is_audited(house: House, town: CallTown) -> None:
    path = f"/api/calls/{town.mobile.call_id}/unmask"
    assert (await house.ask("agent1", "POST", path))[0] == 403
    status, answer = await house.ask("supervisor", "POST", path)
    assert (status, answer) == (200, {"caller_number": "+8613912345678"})
    assert [(r.username, r.action, r.target) for r in house.audits.records] == [
        ("agent1", "access.refused", "POST /api/calls/{call_id}/unmask"),
        ("supervisor", "call.unmask", town.mobile.call_id),
    ]


async def test_a_call_that_is_not_there(lite: House) -> None:
    for call_id in ("nonsense", uuid7(), "..%2f..%2fetc"):
        assert (await lite.ask("supervisor", "GET", f"/api/calls/{call_id}"))[0] == 404


# --- for crm --------------------------------------------------------------------------------------------


async def test_the_party_of_a_call_that_is_just_coming_in(house: House) -> None:
    call = CallStory(uuid7(), MORNING)
    house.bus.publish(call.arrives())
    house.bus.publish(call.is_known())
    async with house.database.snapshot() as db:
        party = await house.calls.party(db, call.call_id)
        assert party is not None
        assert (party.caller_number, party.enterprise_id, party.contact_id) == ("+8613912345678", "e-1", "c-1")
        assert await house.calls.party(db, uuid7()) is None


async def test_earlier_calls_of_a_number_or_an_enterprise(house: House, town: CallTown) -> None:
    async with house.database.snapshot() as db:

        async def earlier(
            number: str, enterprise_id: str | None = None, excluding: str = "", limit: int = 5
        ) -> list[str]:
            calls = await house.calls.earlier(
                db,
                number=number,
                enterprise_ids=[enterprise_id] if enterprise_id else [],
                excluding=excluding,
                limit=limit,
            )
            return [town.name_of(call.call_id) for call in calls]

        assert await earlier("13912345678") == ["mobile"]
        assert await earlier("13912345678", "e-1") == ["landline", "mobile"]
        assert await earlier("13912345678", "e-1", limit=1) == ["landline"]
        assert await earlier("13912345678", excluding=town.mobile.call_id) == []
        assert await earlier("") == []


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("+8613912345678", "13912345678"),
        ("8613912345678", "13912345678"),
        ("008613912345678", "13912345678"),
        ("013912345678", "13912345678"),
        ("0473-2991001", "4732991001"),
        ("+86 473 2991001", "4732991001"),
        ("12345", "12345"),
        ("１３９", "139"),
        ("anonymous", ""),
        ("٣", ""),
        ("9" * 300, "9" * 64),
    ],
)
def test_how_numbers_are_kept_for_searching(number: str, digits: str) -> None:
    assert search_digits(number) == digits


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("12", "", ""),
        ("3M 公司", "", ""),
        ("(0473) 299", "473299", "0473299"),
        ("0012", "", "0012"),
        ("", "", ""),
    ],
)
def test_what_is_searched_as_a_number(text: str, begins: str, ends: str) -> None:
    assert searched_digits(text) == (begins, ends)
