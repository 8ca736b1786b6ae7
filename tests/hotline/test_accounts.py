from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from hotline.accounts.audit import AuditLog
from hotline.accounts.events import AccessChanged
from hotline.accounts.feature import AccountFeature
from hotline.accounts.models import ROOT_ORGANISATION, AuditEntry, User, UserSession
from hotline.accounts.options import AccountOptions
from hotline.accounts.passwords import Passwords
from hotline.accounts.roles import ROLE_PERMISSIONS, Permission, Role, permissions_of
from hotline.kernel.db import Database
from hotline.kernel.http import EdgeOptions
from tests.fakes.clock import FakeClock
from tests.hotline.accounts import PASSWORD, Accounts, FixedKey, cheap_passwords


@pytest.fixture
async def accounts(any_database: Database, clock: FakeClock) -> AsyncIterator[Accounts]:
    accounts = Accounts(any_database, clock)
    await accounts.start()
    await accounts.add("agent1", Role.AGENT)
    await accounts.add("admin", Role.SYSTEM_ADMIN)
    await accounts.add("security", Role.SECURITY_ADMIN)
    await accounts.add("auditor", Role.AUDIT_ADMIN)
    yield accounts
    await accounts.close()


@pytest.fixture
async def lite(database: Database, clock: FakeClock) -> AsyncIterator[Accounts]:
    """The same on SQLite alone, with few attempts allowed."""
    options = AccountOptions(attempts=3, attempts_by_address="8 per 1 hour")
    accounts = Accounts(database, clock, options=options, edge=EdgeOptions(trusted_proxies=("127.0.0.1",)))
    await accounts.start()
    await accounts.add("agent1", Role.AGENT)
    yield accounts
    await accounts.close()


async def audit(database: Database) -> list[tuple[str, str, Any]]:
    async with database.snapshot() as db:
        entries = await db.scalars(select(AuditEntry).order_by(AuditEntry.at, AuditEntry.id))
        return [(entry.username, entry.action, entry.detail) for entry in entries]


async def test_a_log_in_opens_a_session(accounts: Accounts) -> None:
    status, body, token = await accounts.try_log_in("  Agent1 ", PASSWORD)
    assert status == 200
    assert body["user"]["username"] == "agent1"
    assert body["user"]["roles"] == ["agent"]
    assert "workspace.use" in body["user"]["permissions"]
    assert await accounts.ask("GET", "/api/session", token) == (200, body)
    assert await audit(accounts.database) == [("agent1", "session.open", {})]


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(database: Database, clock: FakeClock) -> None:
    accounts = Accounts(database, clock, edge=EdgeOptions(public_url="https://12345.example"))
    await accounts.start()
    await accounts.add("agent1", Role.AGENT)
    response = await accounts.client.post(
        "/api/session",
        json={"username": "agent1", "password": PASSWORD},
        headers={"Origin": "https://12345.example", "X-Requested-With": "hotline"},
    )
    cookie = response.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Secure", "Path=/"} <= set(cookie.split("; "))
    await accounts.close()


async def test_the_token_is_not_in_the_database(accounts: Accounts) -> None:
    token = await accounts.log_in("agent1")
    async with accounts.database.snapshot() as db:
        stored = (await db.scalars(select(UserSession))).one()
        user = (await db.scalars(select(User).where(User.username == "agent1"))).one()
    assert token not in repr(vars(stored))
    assert user.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("username", "password"),
    [("agent1", "wrong"), ("nobody", PASSWORD), ("", ""), ("a\u0001b", "x"), ("王" * 256, "x"), ("agent1", "错" * 256)],
)
async def test_wrong_credentials_all_look_the_same(accounts: Accounts, username: str, password: str) -> None:
    status, body, token = await accounts.try_log_in(username, password)
    assert (status, body["error_id"], token) == (401, "auth.wrong_credentials", "")


async def test_an_unknown_name_is_not_kept(accounts: Accounts) -> None:
    await accounts.try_log_in("my-password-by-mistake", "x")
    assert await audit(accounts.database) == [("", "session.refused", {})]


class CountingHasher(PasswordHasher):
    checked = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.checked += 1
        return super().verify(hash, password)


async def test_an_unknown_user_costs_a_hash_too() -> None:
    hasher = CountingHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords = Passwords(hasher)
    assert not await passwords.check("x", None)
    assert hasher.checked == 1
    passwords.close()


class SlowHasher(PasswordHasher):
    """Once told to, does not come to an end before `go`."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.slow, self.at_work, self.go = False, threading.Event(), threading.Event()

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self._work()
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self._work()
        return super().verify(hash, password)

    def _work(self) -> None:
        if self.slow:
            self.at_work.set()
            self.go.wait(30)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/session", {"username": "admin", "password": PASSWORD}),
        ("PUT", "/api/session/password", {"old_password": PASSWORD, "new_password": "another long one"}),
        ("POST", "/api/users", {"username": "new", "name": "新", "password": PASSWORD, "roles": ["agent"]}),
        ("PUT", "/api/users/{id}/password", {"password": "another long one"}),
        ("POST", "/api/account/second-factor", {"password": PASSWORD}),
    ],
)
async def test_nobody_waits_to_write_while_a_password_is_hashed(
    database: Database, clock: FakeClock, method: str, path: str, body: dict[str, Any]
) -> None:
    hasher = SlowHasher()
    accounts = Accounts(database, clock, passwords=Passwords(hasher))
    await accounts.start()
    user = await accounts.add("agent1", Role.AGENT)
    await accounts.add("admin", Role.SYSTEM_ADMIN)
    await accounts.add("security", Role.SECURITY_ADMIN)
    token = await accounts.log_in("security" if "{id}" in path else "admin")
    hasher.slow = True
    asked = asyncio.create_task(accounts.ask(method, path.replace("{id}", user.id), token, body))
    try:
        assert await asyncio.to_thread(hasher.at_work.wait, 5)
        async with asyncio.timeout(2), database.transaction() as db:
            await db.execute(select(User))
    finally:
        hasher.go.set()
    assert (await asked)[0] < 300
    await accounts.close()


async def test_only_so_many_hashes_wait() -> None:
    passwords = cheap_passwords()
    results = await asyncio.gather(*(passwords.check("x", None) for _ in range(100)), return_exceptions=True)
    assert 40 <= sum(result is False for result in results) < 100
    passwords.close()


async def test_one_address_gets_only_so_many_attempts(lite: Accounts) -> None:
    outcomes = [(await lite.try_log_in(f"guess{number}", "x"))[0] for number in range(9)]
    assert outcomes == [401] * 8 + [429]
    assert (await lite.try_log_in("agent1", PASSWORD, **{"X-Forwarded-For": "10.1.1.1"}))[0] == 200


async def test_a_session_lives_by_its_use_and_ends_at_last(accounts: Accounts, clock: FakeClock) -> None:
    token = await accounts.log_in("agent1")
    await clock.advance(timedelta(hours=11))
    assert (await accounts.ask("GET", "/api/session", token))[0] == 200
    await clock.advance(timedelta(hours=11))
    assert (await accounts.ask("GET", "/api/session", token))[0] == 200
    await clock.advance(timedelta(hours=12, seconds=1))
    assert (await accounts.ask("GET", "/api/session", token))[0] == 401


async def test_a_session_does_not_live_forever_by_use(accounts: Accounts, clock: FakeClock) -> None:
    token = await accounts.log_in("agent1")
    for _ in range(20):
        await clock.advance(timedelta(hours=8))
        assert (await accounts.ask("GET", "/api/session", token))[0] == 200
    await clock.advance(timedelta(hours=8))
    assert (await accounts.ask("GET", "/api/session", token))[0] == 401


async def test_old_sessions_are_cleared_away(accounts: Accounts, clock: FakeClock) -> None:
    await accounts.log_in("agent1")
    await clock.advance(timedelta(days=1))
    await accounts.log_in("agent1")
    async with accounts.database.snapshot() as db:
        assert len((await db.scalars(select(UserSession))).all()) == 1


async def test_logging_out_ends_the_session(accounts: Accounts) -> None:
    token = await accounts.log_in("agent1")
    assert (await accounts.ask("DELETE", "/api/session", token))[0] == 204
    assert (await accounts.ask("GET", "/api/session", token))[0] == 401
    assert [event.payload()["reason"] for event in accounts.journal.events] == ["logged_out"]


async def test_ones_own_password_ends_the_other_sessions(accounts: Accounts) -> None:
    here, elsewhere = await accounts.log_in("agent1"), await accounts.log_in("agent1")
    change = {"old_password": "wrong", "new_password": "another long one"}
    status, body = await accounts.ask("PUT", "/api/session/password", here, change)
    assert (status, body["error_id"]) == (422, "input.invalid")
    change["old_password"] = PASSWORD
    assert (await accounts.ask("PUT", "/api/session/password", here, change))[0] == 200
    assert (await accounts.ask("GET", "/api/session", here))[0] == 200
    assert (await accounts.ask("GET", "/api/session", elsewhere))[0] == 401
    await accounts.log_in("agent1", "another long one")


async def test_a_wrong_old_password_is_audited(accounts: Accounts) -> None:
    token = await accounts.log_in("agent1")
    change = {"old_password": "wrong", "new_password": "another long one"}
    assert (await accounts.ask("PUT", "/api/session/password", token, change))[0] == 422
    assert (await audit(accounts.database))[-1] == ("agent1", "user.own_password_wrong", {})


async def test_old_passwords_are_guessed_a_few_times_only(accounts: Accounts) -> None:
    token = await accounts.log_in("agent1")
    change = {"old_password": "wrong", "new_password": "another long one"}
    for _ in range(10):
        assert (await accounts.ask("PUT", "/api/session/password", token, change))[0] == 422
    change["old_password"] = PASSWORD
    assert (await accounts.ask("PUT", "/api/session/password", token, change))[0] == 429


async def test_users_are_managed_and_each_step_is_audited(accounts: Accounts) -> None:
    admin, security = await accounts.log_in("admin"), await accounts.log_in("security")
    draft = {"username": "Zhang.San", "name": " 张三 ", "password": PASSWORD, "roles": []}
    status, user = await accounts.ask("POST", "/api/users", admin, draft)
    assert (status, user["username"], user["name"], user["roles"]) == (201, "zhang.san", "张三", [])
    status, body = await accounts.ask("POST", "/api/users", admin, draft)
    assert (status, body["error_id"]) == (409, "account.username_taken")
    path = f"/api/users/{user['id']}"
    assert (await accounts.ask("PUT", f"{path}/roles", security, {"roles": ["kb_editor"]}))[0] == 200
    assert (await accounts.ask("PUT", f"{path}/password", security, {"password": "a new password"}))[0] == 204
    assert (await accounts.try_log_in("zhang.san", "a new password"))[1]["step"] == "new_password"
    assert (await accounts.ask("POST", f"{path}/deactivate", admin))[1]["active"] is False
    assert (await accounts.try_log_in("zhang.san", "a new password"))[0] == 401
    assert (await accounts.ask("POST", f"{path}/activate", admin))[1]["active"] is True

    managed = [entry for entry in await audit(accounts.database) if entry[1].startswith("user.")]
    assert managed == [
        ("admin", "user.create", {"username": "zhang.san", "organisation_id": ROOT_ORGANISATION, "roles": []}),
        ("security", "user.set_roles", {"before": [], "after": ["kb_editor"]}),
        ("security", "user.set_password", {"before": "one_time", "after": "one_time"}),
        ("admin", "user.deactivate", {"before": True, "after": False}),
        ("admin", "user.activate", {"before": False, "after": True}),
    ]
    reasons = [event.reason for event in accounts.journal.events if isinstance(event, AccessChanged)]
    assert reasons == ["roles", "password", "deactivated", "activated"]


async def test_users_are_found_by_name(accounts: Accounts) -> None:
    admin = await accounts.log_in("admin")
    await accounts.add("li.si", Role.AGENT, name="李四")
    _status, page = await accounts.ask("GET", "/api/users?search=李", admin)
    assert [user["username"] for user in page["items"]] == ["li.si"]
    _status, page = await accounts.ask("GET", "/api/users?search=四%20%20LI", admin)
    assert [user["username"] for user in page["items"]] == ["li.si"]
    _status, page = await accounts.ask("GET", "/api/users?search=李%20admin", admin)
    assert page["items"] == []
    _status, page = await accounts.ask("GET", "/api/users?search=%25", admin)
    assert page["items"] == []
    _status, page = await accounts.ask("GET", "/api/users?limit=2", admin)
    assert [user["username"] for user in page["items"]] == ["admin", "agent1"]
    assert page["next"]


@pytest.mark.parametrize("last", ["admin", "security"])
async def test_the_last_administrator_stays(accounts: Accounts, last: str) -> None:
    admin = await accounts.log_in("admin")
    user_id = (await accounts.ask("GET", f"/api/users?search={last}", admin))[1]["items"][0]["id"]
    status, problem = await accounts.ask("POST", f"/api/users/{user_id}/deactivate", admin)
    assert (status, problem["error_id"]) == (409, "account.last_administrator")
    assert (await accounts.ask("GET", "/api/users", admin))[0] == 200


async def test_the_last_administrator_keeps_the_role(accounts: Accounts) -> None:
    security = await accounts.log_in("security")
    user_id = (await accounts.ask("GET", "/api/users?search=admin", security))[1]["items"][0]["id"]
    status, problem = await accounts.ask("PUT", f"/api/users/{user_id}/roles", security, {"roles": ["agent"]})
    assert (status, problem["error_id"]) == (409, "account.last_administrator")


@pytest.mark.parametrize(
    "change",
    [
        {"password": "short"},
        {"password": "x" * 257},
        {"roles": ["king"]},
        {"username": "two words"},
        {"username": ""},
        {"name": " "},
        {"admin": True},
    ],
)
async def test_a_user_that_does_not_fit_is_refused(accounts: Accounts, change: dict[str, Any]) -> None:
    admin = await accounts.log_in("admin")
    draft = {"username": "new", "name": "新", "password": PASSWORD, "roles": ["agent"], **change}
    status, body = await accounts.ask("POST", "/api/users", admin, draft)
    assert (status, body["error_id"]) == (422, "input.invalid")
    assert "x" * 257 not in repr(body)


async def test_an_agent_manages_nobody(accounts: Accounts) -> None:
    agent = await accounts.log_in("agent1")
    for method, path in (("GET", "/api/users"), ("GET", "/api/audit"), ("POST", "/api/users/x/deactivate")):
        assert (await accounts.ask(method, path, agent))[0] == 403
    assert (await accounts.ask("GET", "/api/users/nobody", await accounts.log_in("admin")))[0] == 404


async def test_the_audit_log_is_read_by_filter(accounts: Accounts, clock: FakeClock) -> None:
    auditor = await accounts.log_in("auditor")
    await clock.advance(timedelta(minutes=1))
    since = clock.now().isoformat().replace("+00:00", "Z")
    await accounts.log_in("agent1")
    _status, page = await accounts.ask("GET", "/api/audit", auditor)
    assert [(entry["username"], entry["action"]) for entry in page["items"]] == [
        ("agent1", "session.open"),
        ("auditor", "session.open"),
    ]
    _status, page = await accounts.ask("GET", f"/api/audit?from={since}&action=session.open", auditor)
    assert [(entry["username"], entry["address"]) for entry in page["items"]] == [("agent1", "127.0.0.1")]
    assert page["items"][0]["at"] == since


async def test_the_database_refuses_to_change_the_audit_log(accounts: Accounts) -> None:
    await accounts.log_in("agent1")
    for statement in (update(AuditEntry).values(username="x"), delete(AuditEntry)):
        with pytest.raises(DBAPIError, match="append-only"):
            async with accounts.database.transaction() as db:
                await db.execute(statement)


async def test_a_busy_database_does_not_end_a_session(clock: FakeClock, lite: Accounts) -> None:
    token = await lite.log_in("agent1")
    impatient = Database(str(lite.database.url), busy_timeout=timedelta(milliseconds=50))
    await impatient.open()
    service = AccountFeature(impatient, clock, AuditLog(clock), key=FixedKey(), passwords=cheap_passwords())
    await clock.advance(timedelta(hours=2))
    async with lite.database.transaction():
        principal = await service.sessions.principal_for(token)
    assert principal is not None
    assert principal.username == "agent1"
    service.close()
    await impatient.close()


def test_every_role_has_permissions_and_every_permission_a_role() -> None:
    assert set(ROLE_PERMISSIONS) == set(Role)
    assert permissions_of(Role) == set(Permission)


async def test_a_user_without_a_role_learns_who_can_give_one(accounts: Accounts) -> None:
    await accounts.add("root", Role.SYSTEM_ADMIN, name="赵敏")
    await accounts.add("boss", Role.SUPERVISOR, name="钱进")
    await accounts.add("newcomer")
    token = await accounts.log_in("newcomer")
    status, body = await accounts.ask("GET", "/api/session/administrators", token)
    names = [one["name"] for one in body]
    assert status == 200
    assert "赵敏" in names
    assert "钱进" not in names
