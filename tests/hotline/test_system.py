"""/api/system and /api/roles: who may read them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hotline.accounts.roles import Role
from hotline.app.settings import Settings
from hotline.app.system import role_routes, system_routes
from hotline.kernel.db import Database
from hotline.kernel.health import HealthChecks
from tests.fakes.clock import FakeClock
from tests.hotline.accounts import Accounts

OPERATORS = {Role.SYSTEM_ADMIN, Role.TELEPHONY_ADMIN}


@pytest.fixture
async def accounts(database: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Accounts]:
    settings = Settings(home=tmp_path)
    accounts = Accounts(database, clock, more=[system_routes(HealthChecks(clock), settings), role_routes()])
    await accounts.start()
    yield accounts
    await accounts.close()


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_see_health_settings_and_roles(accounts: Accounts, role: Role) -> None:
    await accounts.add("somebody", role)
    token = await accounts.log_in("somebody")
    expected = 200 if role in OPERATORS else 403
    for path in ("/api/system/health", "/api/system/settings"):
        assert (await accounts.ask("GET", path, token))[0] == expected, path
        assert (await accounts.ask("GET", path, ""))[0] == 401, path
    status, roles = await accounts.ask("GET", "/api/roles", token)
    assert status == 200
    assert {one["role"] for one in roles} == set(Role)
