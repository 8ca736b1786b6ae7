"""Every route that manages access, against every role: who may, by the routes of the running service."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hotline.accounts.roles import Role
from hotline.kernel.db import Database
from tests.fakes.clock import FakeClock
from tests.hotline.accounts import Accounts

SYSTEM, SECURITY, AUDIT = Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN
MATRIX = {
    ("GET", "/api/audit"): {AUDIT},
    ("GET", "/api/audit/actions"): {AUDIT},
    ("GET", "/api/audit/export"): {AUDIT},
    ("GET", "/api/users"): {SYSTEM, SECURITY},
    ("POST", "/api/users"): {SYSTEM},
    ("GET", "/api/users/x"): {SYSTEM, SECURITY},
    ("POST", "/api/users/x/activate"): {SYSTEM},
    ("POST", "/api/users/x/deactivate"): {SYSTEM},
    ("PUT", "/api/users/x/organisation"): {SYSTEM},
    ("GET", "/api/organisations"): {SYSTEM, SECURITY},
    ("POST", "/api/organisations"): {SYSTEM},
    ("PATCH", "/api/organisations/x"): {SYSTEM},
    ("PUT", "/api/users/x/roles"): {SECURITY},
    ("GET", "/api/users/x/access"): {SECURITY},
    ("PUT", "/api/users/x/password"): {SECURITY},
    ("POST", "/api/users/x/unlock"): {SECURITY},
    ("POST", "/api/users/x/second-factor/reset"): {SECURITY},
    ("DELETE", "/api/users/x/sessions"): {SECURITY},
    ("DELETE", "/api/users/x/sessions/y"): {SECURITY},
    ("GET", "/api/role-requests"): {SYSTEM, SECURITY},
    ("POST", "/api/role-requests/x/approve"): {SYSTEM, SECURITY},
    ("POST", "/api/role-requests/x/refuse"): {SYSTEM, SECURITY},
    ("GET", "/api/account"): set(Role),
    ("DELETE", "/api/account/sessions/y"): set(Role),
    ("POST", "/api/account/second-factor"): set(Role),
    ("PUT", "/api/account/second-factor"): set(Role),
    ("POST", "/api/account/second-factor/remove"): set(Role),
    ("POST", "/api/account/second-factor/recovery-codes"): set(Role),
    ("POST", "/api/session/second-factor"): set(Role),
    ("PUT", "/api/session/password"): set(Role),
    ("GET", "/api/session"): set(Role),
    ("GET", "/api/session/administrators"): set(Role),
    # Last, for they end the session that asks.
    ("DELETE", "/api/session"): set(Role),
    ("DELETE", "/api/account/sessions"): set(Role),
}


@pytest.fixture
async def accounts(database: Database, clock: FakeClock) -> AsyncIterator[Accounts]:
    accounts = Accounts(database, clock)
    await accounts.start()
    yield accounts
    await accounts.close()


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_manage_access(accounts: Accounts, role: Role) -> None:
    await accounts.add("somebody", role)
    token = await accounts.log_in("somebody")
    allowed = set()
    for method, path in MATRIX:
        if path in ("/api/session", "/api/account/sessions") and method == "DELETE":
            token = await accounts.log_in("somebody")
        status, _body = await accounts.ask(method, path, token)
        assert status != 401, path
        if status != 403:
            allowed.add((method, path))
    assert allowed == {route for route, roles in MATRIX.items() if role in roles}


async def test_without_a_session_nothing_is_allowed(accounts: Accounts) -> None:
    for method, path in MATRIX:
        assert (await accounts.ask(method, path, ""))[0] == 401, path


def test_the_matrix_names_every_route(accounts: Accounts) -> None:
    asked = {(method, path.replace("/x", "/{id}").replace("/y", "/{id}")) for method, path in MATRIX}
    served = set()
    for route in accounts.app.router.routes():
        path = route.resource.canonical if route.resource else ""
        for name in ("user_id", "session_id", "request_id", "organisation_id"):
            path = path.replace(f"{{{name}}}", "{id}")
        if route.method != "HEAD" and path != "/api/openapi.json":
            served.add((route.method, path))
    assert served - asked == {("POST", "/api/session")}
