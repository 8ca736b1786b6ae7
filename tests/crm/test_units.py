from __future__ import annotations

import asyncio
from typing import Any

import pytest

from crm.units.directory import SpecialistNumbers, UnitDirectory
from tests.crm.conftest import NumberOfOneAgent, Workspace, trunk_of


def specialist(name: str, *phones: tuple[str, str]) -> dict[str, Any]:
    rung = phones or (("internal", "6001"),)
    return {
        "name": name,
        "title": "科长",
        "answerable_scope": "企业开办、变更、注销",
        "phones": [{"label": f"电话{n}", "kind": kind, "number": number} for n, (kind, number) in enumerate(rung)],
    }


def directory_of(workspace: Workspace, *prefixes: str, agent: str = "1001") -> UnitDirectory:
    return UnitDirectory(workspace.database, trunk_of(*prefixes), NumberOfOneAgent(agent), workspace.crm.units.rosters)


def a_unit(count: int = 3, name: str = "市场监督管理局") -> dict[str, Any]:
    return {"name": name, "specialists": [specialist(f"专员{n}") for n in range(count)]}


async def test_units_are_listed_with_phones_but_no_number(workspace: Workspace) -> None:
    await workspace.post("supervisor", "/api/units", a_unit())
    units = await workspace.get("agent1", "/api/units")
    assert [unit["name"] for unit in units] == ["市场监督管理局"]
    first = units[0]["specialists"][0]
    assert first["phones"] == [{"label": "电话0", "kind": "internal"}]
    assert first["answerable_scope"] == "企业开办、变更、注销"
    assert "6001" not in str(units)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("", {"市场监督管理局": 3, "税务局": 2}),
        ("监督 市场", {"市场监督管理局": 3}),
        ("税务 专员1\u200b", {"税务局": 1}),
        ("专员1　变更", {"市场监督管理局": 1, "税务局": 1}),
        ("税务 专员2", {}),
    ],
)
async def test_every_word_of_a_search_fits_the_unit_or_the_specialist(
    workspace: Workspace, search: str, expected: dict[str, int]
) -> None:
    await workspace.post("supervisor", "/api/units", a_unit())
    await workspace.post("supervisor", "/api/units", a_unit(2, "税务局"))
    units = await workspace.get("agent1", "/api/units", search=search)
    assert {unit["name"]: len(unit["specialists"]) for unit in units} == expected


@pytest.mark.clause(4)
async def test_a_unit_names_no_more_than_five(workspace: Workspace) -> None:
    unit = await workspace.post("supervisor", "/api/units", a_unit(5))
    assert unit["warnings"] == []
    path = f"/api/units/{unit['id']}/specialists"
    assert await workspace.refused("supervisor", "POST", path, specialist("第六")) == (409, "unit.too_many_specialists")
    refused = await workspace.refused("supervisor", "POST", "/api/units", a_unit(6, "税务局"))
    assert refused == (409, "unit.too_many_specialists")
    gone = unit["specialists"][0]["id"]
    await workspace.patch("supervisor", f"{path}/{gone}", {"version": 1, "active": False})
    unit = await workspace.post("supervisor", path, specialist("第六"))
    assert [item["active"] for item in unit["specialists"]] == [False, True, True, True, True, True]
    assert len((await workspace.get("agent1", "/api/units"))[0]["specialists"]) == 5
    back = await workspace.refused("supervisor", "PATCH", f"{path}/{gone}", {"version": 3, "active": True})
    assert back == (409, "unit.too_many_specialists")


@pytest.mark.clause(4)
async def test_a_unit_with_fewer_than_three_continues_with_a_warning(workspace: Workspace) -> None:
    unit = await workspace.post("supervisor", "/api/units", a_unit(2))
    assert unit["warnings"] == ["unit.too_few_specialists"]


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("internal", "6001&PJSIP/trunk"),
        ("internal", "1"),
        ("internal", "６００１"),
        ("internal", "+6001"),
        ("external", "0473 2991001"),
        ("external", "++86139"),
        ("external", "139,1"),
        ("external", "12\n"),
        ("other", "6001"),
    ],
)
async def test_nothing_but_digits_is_ever_dialled(workspace: Workspace, kind: str, number: str) -> None:
    body = {"name": "税务局", "specialists": [specialist("张", (kind, number))]}
    assert await workspace.refused("supervisor", "POST", "/api/units", body) == (422, "input.invalid")


async def test_phones_are_replaced_as_a_list_and_duty_is_switched(workspace: Workspace) -> None:
    unit = await workspace.post("supervisor", "/api/units", a_unit())
    path = f"/api/units/{unit['id']}/specialists/{unit['specialists'][1]['id']}"
    phones = [
        {"label": "手机", "kind": "external", "number": "+8613912345678"},
        {"label": "座机", "kind": "internal", "number": "6002"},
    ]
    changed = await workspace.patch("supervisor", path, {"version": 1, "phones": phones, "on_duty": False})
    assert changed["specialists"][1]["phones"] == phones
    assert (await workspace.get("agent1", "/api/units"))[0]["specialists"][1]["on_duty"] is False
    dialled = await directory_of(workspace).phone(unit["specialists"][1]["id"], 1)
    assert dialled is not None
    assert (dialled.number, dialled.internal, dialled.on_duty) == ("6002", True, False)
    stale = await workspace.refused("supervisor", "PATCH", path, {"version": 1, "on_duty": True})
    assert stale == (409, "unit.version_conflict")


async def test_who_has_an_internal_phone_is_reported_with_the_unit(workspace: Workspace) -> None:
    unit = await workspace.post("supervisor", "/api/units", a_unit())
    name = unit["specialists"][0]["name"]
    async with workspace.database.snapshot() as db:
        assert await SpecialistNumbers().holder(db, "6001") == f"{name} ({unit['name']})"
        assert await SpecialistNumbers().holder(db, "1001") is None


async def test_a_unit_is_renamed_and_retired(workspace: Workspace) -> None:
    unit = await workspace.post("supervisor", "/api/units", a_unit())
    await workspace.post("supervisor", "/api/units", a_unit(name="税务局"))
    path = f"/api/units/{unit['id']}"
    taken = await workspace.refused("supervisor", "PATCH", path, {"version": 1, "name": "税务局"})
    assert taken == (409, "unit.name_taken")
    await workspace.patch("supervisor", path, {"version": 1, "name": "市监局"})
    await workspace.patch("supervisor", path, {"version": 2, "active": False})
    assert [row["name"] for row in await workspace.get("agent1", "/api/units")] == ["税务局"]
    assert workspace.events() == []


async def test_only_who_keeps_the_units_sees_numbers_and_writes(workspace: Workspace) -> None:
    unit = await workspace.post("supervisor", "/api/units", a_unit())
    path = f"/api/units/{unit['id']}"
    assert (await workspace.get("supervisor", path))["specialists"][0]["phones"][0]["number"] == "6001"
    for method, where in (("GET", path), ("POST", "/api/units"), ("PATCH", path)):
        assert await workspace.refused("agent1", method, where, a_unit()) == (403, "auth.forbidden")


async def test_a_phone_is_dialled_by_specialist_and_place(workspace: Workspace) -> None:
    body = {"name": "税务局", "specialists": [specialist("张", ("internal", "6002"), ("external", "13912345678"))]}
    unit = await workspace.post("supervisor", "/api/units", body)
    who = unit["specialists"][0]["id"]
    find = directory_of(workspace).phone
    first, second = await find(who, 0), await find(who, 1)
    assert first is not None
    assert (first.name, first.unit_name, first.number, first.internal) == ("张", "税务局", "6002", True)
    assert second is not None
    assert (second.number, second.internal) == ("13912345678", False)
    for unknown in ((who, 2), (who, -1), ("nobody", 0)):
        assert await find(*unknown) is None
    await workspace.patch("supervisor", f"/api/units/{unit['id']}", {"version": 1, "active": False})
    assert await find(who, 0) is None


# --- whom they ring -------------------------------------------------------------------------------------


ABROAD = ("external", "0012125550123")
AN_AGENTS = ("internal", "1001")


@pytest.mark.parametrize(
    ("phone", "refusal"),
    [(ABROAD, (422, "unit.number_not_allowed")), (AN_AGENTS, (409, "unit.phone_in_use"))],
)
async def test_no_phone_is_kept_that_rings_somebody_else_or_abroad(
    workspace: Workspace, phone: tuple[str, str], refusal: tuple[int, str]
) -> None:
    unit = await workspace.post("supervisor", "/api/units", a_unit())
    bad, path = specialist("张", ("internal", "6002"), phone), f"/api/units/{unit['id']}/specialists"
    assert (
        await workspace.refused("supervisor", "POST", "/api/units", {"name": "税务局", "specialists": [bad]}) == refusal
    )
    assert await workspace.refused("supervisor", "POST", path, bad) == refusal
    change = {"version": 1, "phones": bad["phones"]}
    path += f"/{unit['specialists'][0]['id']}"
    assert await workspace.refused("supervisor", "PATCH", path, change) == refusal
    assert await workspace.get("supervisor", f"/api/units/{unit['id']}") == unit


async def test_whose_number_it_is_is_reported(workspace: Workspace) -> None:
    body = {"name": "税务局", "specialists": [specialist("张", AN_AGENTS)]}
    _, problem = await workspace.ask("supervisor", "POST", "/api/units", body)
    assert problem["detail"] == (
        "电话0: 1001 reaches agent 1001 (王芳), so three-way calls would ring them instead; "
        "give the specialist's phone another number."
    )


async def test_a_number_kept_before_it_was_forbidden_is_not_dialled(workspace: Workspace) -> None:
    body = {"name": "税务局", "specialists": [specialist("张", ("external", "01012345678"), ("internal", "6002"))]}
    unit = await workspace.post("supervisor", "/api/units", body)
    find = directory_of(workspace, "+86473").phone
    outside, inside = await find(unit["specialists"][0]["id"], 0), await find(unit["specialists"][0]["id"], 1)
    assert outside is not None
    assert inside is not None
    assert (outside.allowed, inside.allowed) == (False, True)


async def test_an_internal_phone_that_an_agent_has_by_now_is_not_dialled(workspace: Workspace) -> None:
    body = {"name": "税务局", "specialists": [specialist("张", ("internal", "6002"), ("internal", "6003"))]}
    who = (await workspace.post("supervisor", "/api/units", body))["specialists"][0]["id"]
    find = directory_of(workspace, agent="6002").phone
    taken, own = await find(who, 0), await find(who, 1)
    assert taken is not None
    assert own is not None
    assert (taken.allowed, own.allowed) == (False, True)


async def test_who_is_rung_is_audited_as_it_was_and_as_it_is(workspace: Workspace) -> None:
    unit = await workspace.post("supervisor", "/api/units", a_unit(1))
    one = unit["specialists"][0]
    path = f"/api/units/{unit['id']}"
    phone = {"label": "手机", "kind": "external", "number": "13904732101"}
    await workspace.patch("supervisor", f"{path}/specialists/{one['id']}", {"version": 1, "phones": [phone]})
    await workspace.patch("supervisor", path, {"version": 2, "name": "市监局"})
    unit = await workspace.post("supervisor", f"{path}/specialists", specialist("李"))
    made, moved, named, added = workspace.audits.records
    kept = {"name": "专员0", "on_duty": True, "roster": None, "active": True, "phones": one["phones"]} | {
        "user_id": None
    }
    after = {"name": "市场监督管理局", "parent_id": None, "active": True, "specialists": {one["id"]: kept}}
    assert (made.action, made.target, made.detail) == ("unit.create", unit["id"], {"after": after})
    assert (moved.action, moved.target, moved.username) == ("specialist.change", one["id"], "supervisor")
    assert moved.detail == {
        "unit_id": unit["id"],
        "before": {"phones": one["phones"]},
        "after": {"phones": [phone]},
    }
    assert (named.action, named.detail) == (
        "unit.change",
        {"before": {"name": "市场监督管理局"}, "after": {"name": "市监局"}},
    )
    assert (added.action, added.target) == ("specialist.create", unit["specialists"][1]["id"])
    assert added.detail["after"]["phones"][0]["number"] == "6001"


async def test_units_form_a_tree_without_cycles(workspace: Workspace) -> None:
    office = await workspace.post("supervisor", "/api/units", a_unit(name="市场监督管理局"))
    team = await workspace.post("supervisor", "/api/units", {**a_unit(name="登记科"), "parent_id": office["id"]})
    listed = {unit["name"]: unit["parent_id"] for unit in await workspace.get("agent1", "/api/units")}
    assert listed == {"市场监督管理局": None, "登记科": office["id"]}
    path = f"/api/units/{office['id']}"
    for parent in (office["id"], team["id"]):
        body = {"version": 1, "parent_id": parent}
        assert await workspace.refused("supervisor", "PATCH", path, body) == (422, "unit.cycle")
    body = {"version": 1, "parent_id": "nowhere"}
    assert await workspace.refused("supervisor", "PATCH", path, body) == (422, "unit.parent_not_found")
    renamed = await workspace.patch("supervisor", f"/api/units/{team['id']}", {"version": 1, "name": "注册科"})
    assert renamed["parent_id"] == office["id"]
    alone = await workspace.patch("supervisor", f"/api/units/{team['id']}", {"version": 2, "parent_id": None})
    assert alone["parent_id"] is None


async def test_two_moves_at_once_make_no_cycle_of_units(workspace: Workspace) -> None:
    one, two = [await workspace.post("supervisor", "/api/units", a_unit(name=name)) for name in ("甲局", "乙局")]
    answers = await asyncio.gather(
        workspace.ask("supervisor", "PATCH", f"/api/units/{one['id']}", {"version": 1, "parent_id": two["id"]}),
        workspace.ask("supervisor", "PATCH", f"/api/units/{two['id']}", {"version": 1, "parent_id": one["id"]}),
    )
    assert sorted(status for status, _ in answers) == [200, 422]


async def test_closed_units_are_listed_and_opened_again_by_who_keeps_them(workspace: Workspace) -> None:
    unit = await workspace.post("supervisor", "/api/units", a_unit())
    await workspace.patch("supervisor", f"/api/units/{unit['id']}", {"version": 1, "active": False})
    assert await workspace.get("agent1", "/api/units") == []
    assert await workspace.refused("agent1", "GET", "/api/units?active=false") == (403, "auth.forbidden")
    (closed,) = await workspace.get("supervisor", "/api/units", active="false")
    assert closed["id"] == unit["id"]
    await workspace.patch("supervisor", f"/api/units/{unit['id']}", {"version": 2, "active": True})
    assert [one["id"] for one in await workspace.get("agent1", "/api/units")] == [unit["id"]]
    assert await workspace.get("supervisor", "/api/units", active="false") == []


async def test_the_phones_of_those_on_duty_ring_in_the_units_order(workspace: Workspace) -> None:
    body = a_unit(3)
    rung = [
        [("internal", "6001"), ("external", "04731112222")],
        [("internal", "6002")],
        [("internal", "6003"), ("external", "01012345678"), ("external", "04732223333")],
    ]
    body["specialists"] = [specialist(f"专员{n}", *phones) for n, phones in enumerate(rung)]
    unit = await workspace.post("supervisor", "/api/units", body)
    ids = [one["id"] for one in unit["specialists"]]
    # The rules have changed since: no other city, and 6003 is an agent's now.
    directory = directory_of(workspace, "+86473", agent="6003")
    found = [(phone.endpoint, ids.index(phone.owner)) for phone in await directory.on_duty(unit["id"])]
    first, last = "PJSIP/04731112222@trunk", "PJSIP/04732223333@trunk"
    assert found == [("PJSIP/6001", 0), (first, 0), ("PJSIP/6002", 1), (last, 2)]
    path = f"/api/units/{unit['id']}/specialists/{ids[0]}"
    await workspace.patch("supervisor", path, {"version": 1, "on_duty": False})
    assert [phone.endpoint for phone in await directory.on_duty(unit["id"])] == ["PJSIP/6002", last]
    assert await directory.on_duty("nowhere") == []


@pytest.mark.parametrize(
    ("number", "endpoint"),
    [
        ("110", "PJSIP/110@trunk"),
        ("122", "PJSIP/122@trunk"),
        ("04732223333", "PJSIP/04732223333@trunk"),
        ("12345", None),
        ("17951", None),
        ("0012125550123", None),
    ],
)
async def test_a_flow_calls_what_the_rules_allow_and_the_emergency_numbers(
    workspace: Workspace, number: str, endpoint: str | None
) -> None:
    assert directory_of(workspace, "+86473").outside(number) == endpoint
