"""The same action on many cases: each moves whole, or says why not."""

from __future__ import annotations

from typing import Any

import pytest

from hotline.accounts.roles import Role
from hotline.kernel.ids import uuid7
from tests.crm.city import CaseCity
from tests.crm.conftest import Workspace


@pytest.fixture
async def city(workspace: Workspace) -> CaseCity:
    city = CaseCity(workspace)
    await city.build()
    return city


async def items(city: CaseCity, who: str, *case_ids: str) -> list[dict[str, Any]]:
    rows = {row["id"]: row for row in (await city.workspace.get(who, "/api/worklists/all"))["items"]}
    return [{"case_id": one, "version": rows[one]["version"], "request_id": uuid7()} for one in case_ids]


async def state(city: CaseCity, case_id: str) -> str:
    return str((await city.workspace.get("dispatcher", f"/api/cases/{case_id}"))["state"])


async def test_many_are_dispatched_to_one_unit_and_each_refusal_says_why(city: CaseCity) -> None:
    workspace = city.workspace
    good, accused = await city.approved(), await city.approved(unit_complained_of_id=city.units["bureau"])
    stale, wrong = await city.approved(), await city.submitted()
    other = await city.approved()
    await workspace.move("dispatcher2", other, "claim")
    asked = await items(city, "dispatcher", good, accused, stale, wrong, other)
    asked[2]["version"] -= 1
    unknown = {"case_id": uuid7(), "version": 1, "request_id": uuid7()}
    body: dict[str, Any] = {"items": [*asked, unknown]}
    body |= {"lead_unit_id": city.units["bureau"], "advice": "请依法办理"}
    outcomes = await workspace.post("dispatcher", "/api/bulk/dispatch", body)
    assert [one["done"] for one in outcomes] == [True, False, False, False, False, False]
    assert [one["error_id"] for one in outcomes[1:]] == [
        "case.refused",
        "case.version_conflict",
        "case.transition",
        "case.refused",
        "resource.not_found",
    ]
    assert [one["reason"] for one in outcomes][1] == "unit_complained_of"
    assert [await state(city, one) for one in (good, accused, stale, other)] == [
        "dispatched",
        *["pending_dispatch"] * 3,
    ]
    again = await workspace.post("dispatcher", "/api/bulk/dispatch", {**body, "items": body["items"][:1]})
    assert again[0]["done"], "sent again: done already"
    case = await workspace.get("dispatcher", f"/api/cases/{good}")
    assert [step["action"] for step in case["steps"]].count("dispatch") == 1
    assert [action for _, action in workspace.audited()].count("case.dispatch") == 1


async def test_bulk_urge_and_claim(city: CaseCity) -> None:
    workspace = city.workspace
    running, waiting = await city.signed(), await city.submitted()
    body = {"items": await items(city, "supervisor", running, waiting), "words": "请尽快"}
    assert [one["done"] for one in await workspace.post("supervisor", "/api/bulk/urge", body)] == [True, False]
    body = {"items": await items(city, "dispatcher", running, waiting)}
    assert [one["done"] for one in await workspace.post("dispatcher", "/api/bulk/claim", body)] == [False, True]


async def test_no_more_than_a_hundred_at_once(city: CaseCity) -> None:
    one = {"case_id": uuid7(), "version": 1, "request_id": uuid7()}
    for many in ([], [one] * 101):
        refused = await city.workspace.refused("dispatcher", "POST", "/api/bulk/claim", {"items": many})
        assert refused == (422, "input.invalid")


@pytest.mark.parametrize("role", list(Role))
async def test_which_role_acts_in_bulk(city: CaseCity, role: Role) -> None:
    """A role without the right to write is refused at the door, another by each case."""
    workspace = city.workspace
    somebody = workspace.hire("somebody", role)
    case_id = await city.approved()
    body = {"items": await items(city, "dispatcher", case_id), "lead_unit_id": city.units["bureau"]}
    status, answer = await workspace.ask("somebody", "POST", "/api/bulk/dispatch", body)
    if "case.write" not in somebody.permissions:
        assert status == 403
        return
    assert status == 200
    assert answer[0]["done"] == (role in (Role.DISPATCHER, Role.SUPERVISOR)), answer
