"""A unit and its organisation: named, placed and in use alike; and when a unit may be closed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from crm.cases.models import Assignment, AssignmentState, Case
from crm.units.models import Unit
from crm.units.routes import specialist_routes, unit_routes
from hotline.accounts.models import ROOT_ORGANISATION, Organisation, OrganisationKind
from hotline.accounts.organisation_schemas import OrganisationChange, OrganisationDraft
from hotline.accounts.organisations import Organisations
from hotline.accounts.roles import Permission, Role
from hotline.kernel.errors import ConflictError, InvalidInputError
from tests.crm.conftest import Workspace
from tests.crm.test_roster import account_at
from tests.crm.test_units import a_unit

P = Permission
ONE = "/api/units/{unit_id}"
SPECIALIST = f"{ONE}/specialists/{{specialist_id}}"
MATRIX = {
    ("GET", "/api/units"): P.UNIT_READ,
    ("GET", ONE): P.UNIT_READ,
    ("GET", f"{ONE}/people"): P.UNIT_READ,
    ("GET", f"{ONE}/roster"): P.UNIT_READ,
    ("GET", "/api/specialists"): P.UNIT_READ,
    ("GET", "/api/specialists/{specialist_id}"): P.UNIT_READ,
    ("POST", "/api/units"): P.UNIT_WRITE,
    ("PATCH", ONE): P.UNIT_WRITE,
    ("POST", f"{ONE}/specialists"): P.UNIT_READ,
    ("PATCH", SPECIALIST): P.UNIT_READ,
    ("PUT", f"{SPECIALIST}/roster"): P.UNIT_READ,
}
FOR_ALL = ("/api/units", f"{ONE}/roster", "/api/specialists", "/api/specialists/{specialist_id}")
KEEPERS_ALONE = set(MATRIX) - {("GET", path) for path in FOR_ALL}
"""Also those whose permission is to read ask for more: to keep the units, or to belong to this one."""


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_read_and_keep_units(workspace: Workspace, role: Role) -> None:
    person = workspace.hire("somebody", role)
    for method, path in MATRIX:
        address = path.format(unit_id="none", specialist_id="none")
        body = {"version": 1, "weekly": []} if path.endswith("roster") else _body(method, path)
        status, _ = await workspace.ask("somebody", method, address, body)
        allowed = P.UNIT_READ in person.permissions
        if (method, path) in KEEPERS_ALONE:
            allowed = P.UNIT_WRITE in person.permissions
        if path.endswith("people"):
            allowed = P.UNIT_READ in person.permissions and bool({P.UNIT_WRITE, P.USER_READ} & person.permissions)
        assert (status == 403) is not allowed, (method, path)
        assert await workspace.refused("nobody", method, address) == (401, "auth.required")


def _body(method: str, path: str) -> dict[str, Any] | None:
    if method == "GET":
        return None
    if path.endswith("specialists"):
        return {"name": "甲", "phones": [{"label": "手机", "kind": "external", "number": "13904732101"}]}
    return {"version": 1} if method == "PATCH" else {}


def test_the_matrix_names_every_route(workspace: Workspace) -> None:
    served = [*unit_routes(workspace.crm.units), *specialist_routes(workspace.crm.units)]
    assert {(route.method, route.path): route.permission for route in served} == MATRIX


async def offices(workspace: Workspace) -> dict[str, tuple[str | None, bool]]:
    """Each organisation by name: the name of the one above, and whether it is in use."""
    async with workspace.database.snapshot() as db:
        rows = (await db.scalars(select(Organisation))).all()
    names = {row.id: row.name for row in rows}
    return {row.name: (names.get(row.parent_id or ""), row.active) for row in rows if row.id != ROOT_ORGANISATION}


async def root(workspace: Workspace) -> str:
    async with workspace.database.snapshot() as db:
        row = await db.get(Organisation, ROOT_ORGANISATION)
        assert row is not None
        return row.name


async def test_the_organisation_follows_its_unit(workspace: Workspace) -> None:
    top = await workspace.post("supervisor", "/api/units", a_unit())
    child = await workspace.post("supervisor", "/api/units", {"name": "乌达分局", "parent_id": top["id"]})
    assert await offices(workspace) == {
        "市场监督管理局": (await root(workspace), True),
        "乌达分局": ("市场监督管理局", True),
    }
    path = f"/api/units/{child['id']}"
    await workspace.patch("supervisor", path, {"version": 1, "name": "乌达区局", "parent_id": None})
    assert (await offices(workspace))["乌达区局"] == (await root(workspace), True)
    await workspace.patch("supervisor", path, {"version": 2, "active": False})
    assert (await offices(workspace))["乌达区局"] == (await root(workspace), False)
    await workspace.patch("supervisor", path, {"version": 3, "active": True})
    assert (await offices(workspace))["乌达区局"][1]


async def test_an_organisation_of_the_units_name_is_taken_over(workspace: Workspace) -> None:
    async with workspace.database.transaction() as db:
        draft = OrganisationDraft(name="税务局", kind=OrganisationKind.UNIT, parent_id=ROOT_ORGANISATION)
        known = await Organisations().create(db, draft)
        vendor = draft.model_copy(update={"name": "外包公司", "kind": OrganisationKind.VENDOR})
        await Organisations().create(db, vendor)
    unit = await workspace.post("supervisor", "/api/units", a_unit(name="税务局"))
    assert unit["organisation_id"] == known.id
    refused = await workspace.refused("supervisor", "POST", "/api/units", a_unit(name="外包公司"))
    assert refused == (409, "organisation.name_taken")


async def test_the_unit_follows_its_organisation(workspace: Workspace) -> None:
    top = await workspace.post("supervisor", "/api/units", a_unit())
    child = await workspace.post("supervisor", "/api/units", {"name": "乌达分局"})
    organisations = Organisations(workspace.crm.units)

    async def change(**fields: Any) -> None:
        async with workspace.database.transaction() as db:
            view = await organisations.view(db, child["organisation_id"])
            await organisations.update(db, view.id, OrganisationChange(version=view.version, **fields))

    await change(name="乌达区局", parent_id=top["organisation_id"])
    unit = await workspace.get("supervisor", f"/api/units/{child['id']}")
    assert (unit["name"], unit["parent_id"], unit["version"]) == ("乌达区局", top["id"], 2)
    await change(active=False)
    assert (await workspace.get("supervisor", f"/api/units/{child['id']}"))["active"] is False
    with pytest.raises(InvalidInputError):
        await change(name="x", parent_id=child["organisation_id"])
    await change(active=True, parent_id=ROOT_ORGANISATION)
    unit = await workspace.get("supervisor", f"/api/units/{child['id']}")
    assert (unit["active"], unit["parent_id"]) == (True, None)


async def test_a_unit_with_open_cases_or_units_below_is_not_closed(workspace: Workspace) -> None:
    top = await workspace.post("supervisor", "/api/units", a_unit())
    child = await workspace.post("supervisor", "/api/units", {"name": "乌达分局", "parent_id": top["id"]})
    path = f"/api/units/{top['id']}"
    status, answer = await workspace.ask("supervisor", "PATCH", path, {"version": 1, "active": False})
    assert (status, answer["error_id"]) == (409, "unit.in_use")
    assert "0 open cases and 1 units" in answer["detail"]
    below = f"/api/units/{child['id']}"
    await workspace.patch("supervisor", below, {"version": 1, "active": False})
    now = datetime(2026, 3, 2, tzinfo=UTC)
    async with workspace.database.transaction() as db:
        db.add(Case(id="c", number="n", created_by="u", created_at=now, updated_at=now))
        await db.flush()
        row = Assignment(case_id="c", unit_id=top["id"], role="lead", state=AssignmentState.SIGNED, assigned_by="u")
        row.assigned_at = now
        db.add(row)
    status, answer = await workspace.ask("supervisor", "PATCH", path, {"version": 1, "active": False})
    assert (status, answer["error_id"]) == (409, "unit.in_use")
    assert "1 open cases and 0 units" in answer["detail"]
    async with workspace.database.transaction() as db:
        organisations = Organisations(workspace.crm.units)
        view = await organisations.view(db, top["organisation_id"])
        with pytest.raises(ConflictError):
            await organisations.update(db, view.id, OrganisationChange(version=view.version, active=False))
        await db.rollback()
    async with workspace.database.transaction() as db:
        found = await db.get(Assignment, row.id)
        assert found is not None
        found.state = AssignmentState.REPLIED
    await workspace.patch("supervisor", path, {"version": 1, "active": False})
    assert await workspace.refused("supervisor", "PATCH", below, {"version": 2, "active": True}) == (409, "unit.in_use")


async def test_a_unit_whose_users_are_active_is_not_closed(workspace: Workspace) -> None:
    unit = await workspace.post("supervisor", "/api/units", a_unit())
    await account_at(workspace, unit, "official", Role.UNIT_HANDLER)
    refused = await workspace.refused(
        "supervisor", "PATCH", f"/api/units/{unit['id']}", {"version": 1, "active": False}
    )
    assert refused == (409, "organisation.in_use")


async def test_a_unit_without_an_organisation_gets_one_with_its_next_change(workspace: Workspace) -> None:
    async with workspace.database.transaction() as db:
        db.add(Unit(id="old", name="老单位"))
        await db.flush()
        db.add(Unit(id="below", name="老单位下级", parent_id="old"))
    changed = await workspace.patch("supervisor", "/api/units/below", {"version": 1, "name": "下级"})
    assert changed["organisation_id"]
    assert (await offices(workspace))["下级"] == ("老单位", True)
