"""Role x route of the book of enterprises."""

from __future__ import annotations

import pytest

from crm.enterprises.routes import enterprise_routes
from hotline.accounts.roles import Permission, Role
from tests.crm.conftest import Workspace

P = Permission
ONE = "/api/enterprises/{enterprise_id}"
CONTACT = f"{ONE}/contacts/{{contact_id}}"
MATRIX = {
    ("GET", "/api/enterprises"): P.ENTERPRISE_READ,
    ("GET", ONE): P.ENTERPRISE_READ,
    ("POST", "/api/enterprises"): P.ENTERPRISE_WRITE,
    ("PATCH", ONE): P.ENTERPRISE_WRITE,
    ("POST", f"{ONE}/contacts"): P.ENTERPRISE_WRITE,
    ("PATCH", CONTACT): P.ENTERPRISE_WRITE,
    ("POST", f"{CONTACT}/unmask"): P.NUMBER_UNMASK,
}


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_read_write_and_unmask(workspace: Workspace, role: Role) -> None:
    person = workspace.hire("somebody", role)
    for (method, path), permission in MATRIX.items():
        address = path.format(enterprise_id="none", contact_id="none")
        status, _ = await workspace.ask("somebody", method, address, {} if method != "GET" else None)
        assert (status == 403) is (permission not in person.permissions), (method, path)
        assert await workspace.refused("nobody", method, address) == (401, "auth.required")


def test_the_matrix_names_every_route(workspace: Workspace) -> None:
    routes = enterprise_routes(workspace.crm.enterprises)
    assert {(route.method, route.path): route.permission for route in routes} == MATRIX
