"""Log-in steps, sessions, lock-out, and roles that take two people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from hotline.accounts.attempts import Tally, count_attempt
from hotline.accounts.events import AccessChanged
from hotline.accounts.models import AuditEntry, PasswordState, User
from hotline.accounts.options import AccountOptions
from hotline.accounts.password_rules import check_password
from hotline.accounts.role_requests import split_roles
from hotline.accounts.roles import Role, conflict_of, needs_approval
from hotline.accounts.steps import LogInStep, next_step
from hotline.accounts.totp import hash_recovery_code, key_uri, matching_step, new_recovery_codes, qr_code
from hotline.kernel.db import Database
from hotline.kernel.errors import InvalidInputError
from hotline.kernel.gate import BACKGROUND
from hotline.kernel.http import EdgeOptions
from tests.fakes.clock import FakeClock
from tests.hotline.accounts import PASSWORD, Accounts
from tests.hotline.web import from_page

NEW = "a rather new password"
SECOND_FACTOR_FOR = frozenset({Role.SECURITY_ADMIN})


@pytest.fixture
async def accounts(any_database: Database, clock: FakeClock) -> AsyncIterator[Accounts]:
    edge = EdgeOptions(trusted_proxies=("127.0.0.1",))
    accounts = Accounts(any_database, clock, options=AccountOptions(attempts=3), edge=edge)
    await accounts.start()
    for name, role in (
        ("agent1", Role.AGENT),
        ("admin", Role.SYSTEM_ADMIN),
        ("admin2", Role.SYSTEM_ADMIN),
        ("security", Role.SECURITY_ADMIN),
        ("security2", Role.SECURITY_ADMIN),
        ("auditor", Role.AUDIT_ADMIN),
    ):
        await accounts.add(name, role, name=name)
    yield accounts
    await accounts.close()


async def id_of(accounts: Accounts, username: str) -> str:
    async with accounts.database.snapshot() as db:
        found = await db.scalar(select(User.id).where(User.username == username))
        assert found is not None
        return found


async def audited(accounts: Accounts, action: str) -> list[Any]:
    async with accounts.database.snapshot() as db:
        rows = await db.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id))
        return [row.detail for row in rows]


def reasons(accounts: Accounts) -> list[str]:
    return [event.reason for event in accounts.journal.events if isinstance(event, AccessChanged)]


def code(secret: str, clock: FakeClock) -> str:
    return pyotp.TOTP(secret).at(clock.now())


async def enrol(accounts: Accounts, clock: FakeClock, token: str) -> tuple[str, list[str], str]:
    """The secret, the recovery codes, and the session's new token."""
    _status, begun = await accounts.ask("POST", "/api/account/second-factor", token, {"password": PASSWORD})
    given = {"code": code(begun["secret"], clock)}
    status, body, token = await accounts.step("PUT", "/api/account/second-factor", token, given)
    assert (status, body["session"]["step"]) == (200, None)
    return begun["secret"], body["codes"], token


# --- roles ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "roles",
    [
        {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN},
        {Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN},
        {Role.SECURITY_ADMIN, Role.AUDIT_ADMIN},
        {Role.SYSTEM_ADMIN, Role.SUPERVISOR},
        {Role.SECURITY_ADMIN, Role.TELEPHONY_ADMIN},
        {Role.AUDIT_ADMIN, Role.AGENT},
    ],
)
def test_roles_that_must_not_combine(roles: set[Role]) -> None:
    assert conflict_of(roles) is not None


def test_roles_that_combine() -> None:
    for role in Role:
        assert conflict_of({role}) is None
    assert conflict_of({Role.SYSTEM_ADMIN, Role.TELEPHONY_ADMIN}) is None
    assert conflict_of({Role.AGENT, Role.QA, Role.SUPERVISOR}) is None


def test_a_removal_never_waits_and_a_role_that_sees_cases_does() -> None:
    held, wanted = frozenset({Role.AGENT, Role.QA}), frozenset({Role.QA, Role.KB_EDITOR, Role.SUPERVISOR})
    assert split_roles(held, wanted) == (frozenset({Role.QA, Role.KB_EDITOR}), frozenset({Role.SUPERVISOR}))
    assert not needs_approval(Role.TELEPHONY_ADMIN)
    assert needs_approval(Role.UNIT_HANDLER)


async def test_nobody_changes_their_own_access(accounts: Accounts) -> None:
    security = await accounts.log_in("security")
    own = f"/api/users/{await id_of(accounts, 'security')}"
    for method, path, body in (
        ("PUT", f"{own}/roles", {"roles": []}),
        ("PUT", f"{own}/password", {"password": NEW}),
        ("POST", f"{own}/unlock", None),
        ("POST", f"{own}/second-factor/reset", None),
    ):
        status, problem = await accounts.ask(method, path, security, body)
        assert (status, problem["error_id"]) == (403, "account.own")


async def test_a_system_administrator_creates_and_a_security_administrator_approves(accounts: Accounts) -> None:
    admin, admin2, security = [await accounts.log_in(name) for name in ("admin", "admin2", "security")]
    draft = {"username": "new", "name": "新", "password": PASSWORD, "roles": ["agent"]}
    _status, user = await accounts.ask("POST", "/api/users", admin, draft)
    assert (user["roles"], user["pending_roles"]) == ([], ["agent"])
    request = (await accounts.ask("GET", "/api/role-requests", security))[1]["items"][0]
    assert (request["roles"], request["requested_by_name"], request["may_approve"]) == (["agent"], "admin", True)
    path = f"/api/role-requests/{request['id']}/approve"
    assert (await accounts.ask("POST", path, admin, {}))[1]["error_id"] == "account.own"
    assert (await accounts.ask("POST", path, admin2, {}))[0] == 403
    assert (await accounts.ask("POST", path, security, {}))[1]["state"] == "approved"
    assert (await accounts.ask("POST", path, security, {}))[1]["error_id"] == "account.request_decided"
    assert (await accounts.ask("GET", f"/api/users/{user['id']}", admin))[1]["roles"] == ["agent"]
    (detail,) = await audited(accounts, "user.roles_approved")
    assert (detail["before"], detail["after"], detail["roles"]) == ([], ["agent"], ["agent"])
    assert reasons(accounts) == ["roles"]


async def test_roles_that_see_cases_take_two_people(accounts: Accounts) -> None:
    security, security2 = await accounts.log_in("security"), await accounts.log_in("security2")
    target = await id_of(accounts, "agent1")
    roles = {"roles": ["kb_editor", "supervisor"]}
    _status, user = await accounts.ask("PUT", f"/api/users/{target}/roles", security, roles)
    assert (user["roles"], user["pending_roles"]) == (["kb_editor"], ["supervisor"])
    (request,) = (await accounts.ask("GET", "/api/role-requests", security))[1]["items"]
    assert (request["may_approve"], request["may_refuse"]) == (False, True)
    path = f"/api/role-requests/{request['id']}"
    assert (await accounts.ask("POST", f"{path}/approve", security, {}))[0] == 403
    status, refused = await accounts.ask("POST", f"{path}/refuse", security2, {"reason": "不需要"})
    assert (status, refused["state"], refused["reason"]) == (200, "refused", "不需要")
    assert (await accounts.ask("GET", f"/api/users/{target}", security))[1]["pending_roles"] == []


async def test_nobody_approves_their_own_roles(accounts: Accounts) -> None:
    security, security2 = await accounts.log_in("security"), await accounts.log_in("security2")
    target = await id_of(accounts, "security2")
    assert (await accounts.ask("PUT", f"/api/users/{target}/roles", security, {"roles": ["audit_admin"]}))[0] == 200
    (request,) = (await accounts.ask("GET", "/api/role-requests", security))[1]["items"]
    status, _problem = await accounts.ask("POST", f"/api/role-requests/{request['id']}/approve", security2, {})
    assert status == 403


async def test_a_later_request_takes_the_place_of_one_that_waits(accounts: Accounts) -> None:
    security = await accounts.log_in("security")
    target = await id_of(accounts, "agent1")
    for roles in (["agent", "supervisor"], ["agent", "qa"]):
        await accounts.ask("PUT", f"/api/users/{target}/roles", security, {"roles": roles})
    items = (await accounts.ask("GET", "/api/role-requests", security))[1]["items"]
    assert [item["roles"] for item in items] == [["qa"]]


async def test_roles_that_do_not_combine_are_refused(accounts: Accounts) -> None:
    security = await accounts.log_in("security")
    path = f"/api/users/{await id_of(accounts, 'agent1')}/roles"
    status, problem = await accounts.ask("PUT", path, security, {"roles": ["agent", "audit_admin"]})
    assert (status, problem["error_id"]) == (409, "account.roles_conflict")


# --- passwords ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "elevenchars",
        "Password2026!!",
        "passwordpassword",
        "P@ssw0rd!!!!!",
        "aaaaaaaaaaaaaa",
        "1qaz2wsx3edc",
        "Agent1-at-work",
        "qwertyuiop12",
    ],
)
def test_passwords_that_are_refused(password: str) -> None:
    with pytest.raises(InvalidInputError):
        check_password(password, "agent1")


@pytest.mark.parametrize("password", ["correct horse battery", "门前大桥下游过一群鸭子啊", "k7fp-w3mz-xq9d"])
def test_passwords_that_are_good(password: str) -> None:
    check_password(password, "agent1")


async def test_none_of_the_last_five_passwords_is_used_again(accounts: Accounts) -> None:
    token, old = await accounts.log_in("agent1"), PASSWORD

    async def change(new: str) -> tuple[int, Any]:
        nonlocal old
        body = {"old_password": old, "new_password": new}
        status, answer = await accounts.ask("PUT", "/api/session/password", token, body)
        old = new if status == 200 else old
        return status, answer

    for number in range(4):
        assert (await change(f"{NEW} {number}"))[0] == 200
    assert (await change(PASSWORD))[1]["error_id"] == "account.password_reused"
    assert (await change(f"{NEW} 3"))[1]["error_id"] == "account.password_reused"
    assert (await change(f"{NEW} 4"))[0] == 200
    assert (await change(PASSWORD))[0] == 200


async def test_a_password_set_by_another_is_good_for_one_log_in(accounts: Accounts) -> None:
    await accounts.add("li.lei", Role.AGENT, state=PasswordState.ONE_TIME)
    status, body, token = await accounts.try_log_in("li.lei", PASSWORD)
    assert (status, body["step"], body["user"]["permissions"]) == (200, "new_password", [])
    for method, path in (("GET", "/api/account"), ("DELETE", "/api/account/sessions"), ("GET", "/api/users")):
        assert (await accounts.ask(method, path, token))[1]["error_id"] == "auth.step_left"
    assert (await accounts.ask("POST", "/api/account/second-factor", token, {}))[0] == 409
    assert (await accounts.try_log_in("li.lei", PASSWORD))[1]["error_id"] == "auth.password_used"
    for weak in (PASSWORD, "li.lei123456"):
        assert (await accounts.ask("PUT", "/api/session/password", token, {"new_password": weak}))[0] == 422
    status, body = await accounts.ask("PUT", "/api/session/password", token, {"new_password": NEW})
    assert (status, body["step"]) == (200, None)
    assert (await accounts.ask("GET", "/api/account", token))[0] == 200
    assert (await accounts.try_log_in("li.lei", NEW))[1]["step"] is None
    assert (await audited(accounts, "user.change_password")) == [{"before": "used", "after": "own"}]


async def test_a_log_in_left_half_done_is_over_soon(accounts: Accounts, clock: FakeClock) -> None:
    await accounts.add("li.lei", Role.AGENT, state=PasswordState.ONE_TIME)
    token = (await accounts.try_log_in("li.lei", PASSWORD))[2]
    await clock.advance(timedelta(minutes=16))
    assert (await accounts.ask("GET", "/api/session", token))[0] == 401


# --- sessions -------------------------------------------------------------------------------------------


async def test_an_administrators_session_ends_when_idle(accounts: Accounts, clock: FakeClock) -> None:
    agent, admin = await accounts.log_in("agent1"), await accounts.log_in("admin")
    for _ in range(3):
        await clock.advance(timedelta(minutes=25))
        assert (await accounts.ask("GET", "/api/session", admin))[0] == 200
    await clock.advance(timedelta(minutes=31))
    assert (await accounts.ask("GET", "/api/session", admin))[0] == 401
    assert (await accounts.ask("GET", "/api/session", agent))[0] == 200


async def test_sessions_are_listed_and_ended(accounts: Accounts) -> None:
    here, elsewhere = await accounts.log_in("agent1"), await accounts.log_in("agent1")
    listed = (await accounts.ask("GET", "/api/account", here))[1]["sessions"]
    assert sorted(one["current"] for one in listed) == [False, True]
    other = next(one["id"] for one in listed if not one["current"])
    foreign = (await accounts.ask("GET", "/api/account", await accounts.log_in("admin")))[1]["sessions"][0]["id"]
    assert (await accounts.ask("DELETE", f"/api/account/sessions/{foreign}", here))[0] == 404
    assert (await accounts.ask("DELETE", f"/api/account/sessions/{other}", here))[0] == 204
    assert (await accounts.ask("GET", "/api/session", elsewhere))[0] == 401
    assert (await accounts.ask("DELETE", "/api/account/sessions", here))[0] == 204
    assert (await accounts.ask("GET", "/api/session", here))[0] == 401
    assert reasons(accounts) == ["sessions_ended", "sessions_ended"]
    assert await audited(accounts, "session.end_all") == [{"before": 1, "after": 0}]


async def test_a_security_administrator_sees_and_ends_a_users_sessions(accounts: Accounts) -> None:
    one, two = await accounts.log_in("agent1"), await accounts.log_in("agent1")
    security = await accounts.log_in("security")
    path = f"/api/users/{await id_of(accounts, 'agent1')}"
    sessions = (await accounts.ask("GET", f"{path}/access", security))[1]["sessions"]
    left = (await accounts.ask("DELETE", f"{path}/sessions/{sessions[0]['id']}", security))[1]["sessions"]
    assert [session["id"] for session in left] == [sessions[1]["id"]]
    assert (await accounts.ask("DELETE", f"{path}/sessions", security))[1]["sessions"] == []
    for token in (one, two):
        assert (await accounts.ask("GET", "/api/session", token))[0] == 401


# --- lock-out -------------------------------------------------------------------------------------------


def test_attempts_are_counted_within_a_window() -> None:
    clock = FakeClock()
    now, window = clock.now(), timedelta(minutes=15)
    tally = Tally(0, None, None)
    for _ in range(3):
        assert not tally.refused
        tally = count_attempt(tally, now, most=3, window=window)
    assert (tally.failed, tally.locked_until) == (3, now + window)
    assert count_attempt(tally, now + window / 2, most=3, window=window).refused
    assert count_attempt(tally, now + window, most=3, window=window) == Tally(1, now + window, None)


async def test_unknown_browsers_lock_out_each_other_and_not_the_owner(accounts: Accounts) -> None:
    await accounts.log_in("agent1")
    for number in range(3):
        forwarded = {"X-Forwarded-For": f"10.0.0.{number}"}
        assert (await accounts.try_log_in("agent1", "wrong", **forwarded))[0] == 401
    status, body, _ = await accounts.try_log_in("agent1", PASSWORD, **{"X-Forwarded-For": "10.0.0.9"})
    assert (status, body["error_id"]) == (429, "auth.locked_out")
    assert (await accounts.try_log_in("agent1", PASSWORD))[0] == 200, "the network that logged in before"
    assert await audited(accounts, "user.locked_out") == [{"place": "unknown"}]


async def test_a_browser_that_logged_in_before_keeps_its_slot_on_any_network(accounts: Accounts) -> None:
    client, body = accounts.client, {"username": "agent1", "password": PASSWORD}
    client.session.cookie_jar.clear()
    answer = await client.post("/api/session", json=body, **from_page(client))
    device = answer.cookies["hotline_device"]
    assert device["httponly"]
    assert int(device["max-age"]) > 100 * 24 * 3600
    for _ in range(4):
        await accounts.try_log_in("agent1", "wrong", **{"X-Forwarded-For": "10.0.0.9"})
    client.session.cookie_jar.clear()
    headers = from_page(client, **{"X-Forwarded-For": "10.0.0.9"})
    headers["headers"]["Cookie"] = f"hotline_device={device.value}"
    stranger = {**headers["headers"], "Cookie": "hotline_device=made-up"}
    assert (await client.post("/api/session", json=body, headers=stranger)).status == 429
    assert (await client.post("/api/session", json=body, **headers)).status == 200


async def test_a_name_that_nobody_has_is_locked_out_the_same_way(accounts: Accounts) -> None:
    outcomes = [await accounts.try_log_in("nobody", "wrong") for _ in range(4)]
    assert [status for status, _, _ in outcomes] == [401, 401, 401, 429]
    assert outcomes[-1][1]["error_id"] == "auth.locked_out"


async def test_a_lock_is_seen_lifted_and_ends_by_itself(accounts: Accounts, clock: FakeClock) -> None:
    security = await accounts.log_in("security")
    path = f"/api/users/{await id_of(accounts, 'agent1')}"
    for _ in range(4):
        await accounts.try_log_in("agent1", "wrong")
    assert (await accounts.ask("GET", path, security))[1]["locked"] is True
    assert [lock["place"] for lock in (await accounts.ask("GET", f"{path}/access", security))[1]["locks"]] == [
        "unknown"
    ]
    assert (await accounts.ask("POST", f"{path}/unlock", security))[1]["locks"] == []
    assert await audited(accounts, "user.unlock") == [{"before": ["unknown"], "after": []}]
    assert (await accounts.try_log_in("agent1", PASSWORD))[0] == 200
    for _ in range(4):
        status = (await accounts.try_log_in("admin", "wrong"))[0]
    assert status == 429
    await clock.advance(timedelta(minutes=15))
    assert (await accounts.try_log_in("admin", PASSWORD))[0] == 200


# --- second factor --------------------------------------------------------------------------------------


def test_the_next_step() -> None:
    own, once = PasswordState.OWN, PasswordState.ONE_TIME
    for enrolled, given, state, required, step in (
        (False, False, own, False, None),
        (False, False, own, True, LogInStep.ENROLMENT),
        (False, False, once, True, LogInStep.NEW_PASSWORD),
        (True, False, once, True, LogInStep.SECOND_FACTOR),
        (True, True, once, True, LogInStep.NEW_PASSWORD),
        (True, True, own, True, None),
    ):
        assert next_step(enrolled=enrolled, code_given=given, password_state=state, required=required) is step


def test_codes_of_the_app(clock: FakeClock) -> None:
    secret = pyotp.random_base32()
    now, step = clock.now(), timedelta(seconds=30)
    present = int(now.timestamp()) // 30
    totp = pyotp.TOTP(secret)
    for shift in (-1, 0, 1):
        assert matching_step(secret, totp.at(now + shift * step), now) == present + shift
    assert matching_step(secret, totp.at(now + 2 * step), now) is None
    assert matching_step(secret, "٠٠٠٠٠٠", now) is None
    assert qr_code(key_uri(secret, "agent1")).startswith("data:image/svg+xml")


def test_recovery_codes_are_typed_freely() -> None:
    first, *others = new_recovery_codes()
    assert len({first, *others}) == 10
    assert hash_recovery_code(f" {first.upper().replace('-', ' ')} ") == hash_recovery_code(first)


async def test_a_log_in_with_a_second_factor(accounts: Accounts, clock: FakeClock) -> None:
    secret, recovery, enrolled = await enrol(accounts, clock, await accounts.log_in("agent1"))
    assert (await accounts.ask("GET", "/api/account", enrolled))[1]["second_factor"]["recovery_codes_left"] == 10
    _status, body, half = await accounts.try_log_in("agent1", PASSWORD)
    assert body["step"] == "second_factor"
    assert (await accounts.ask("GET", "/api/account", half))[1]["error_id"] == "auth.step_left"
    change = {"old_password": PASSWORD, "new_password": NEW}
    assert (await accounts.ask("PUT", "/api/session/password", half, change))[0] == 409
    replayed = {"code": code(secret, clock)}
    assert (await accounts.ask("POST", "/api/session/second-factor", half, replayed))[1][
        "error_id"
    ] == "auth.wrong_code"
    await clock.advance(timedelta(seconds=30))
    fresh = {"code": code(secret, clock)}
    status, body, whole = await accounts.step("POST", "/api/session/second-factor", half, fresh)
    assert (status, body["step"], whole != half) == (200, None, True)
    assert (await accounts.ask("GET", "/api/session", half))[0] == 401
    half = (await accounts.try_log_in("agent1", PASSWORD))[2]
    assert (await accounts.ask("POST", "/api/session/second-factor", half, {"code": recovery[0]}))[0] == 200
    half = (await accounts.try_log_in("agent1", PASSWORD))[2]
    assert (await accounts.ask("POST", "/api/session/second-factor", half, {"code": recovery[0]}))[0] == 422
    assert len(await audited(accounts, "session.second_factor_refused")) == 2


async def test_codes_are_guessed_a_few_times_only(accounts: Accounts, clock: FakeClock) -> None:
    secret, _recovery, _token = await enrol(accounts, clock, await accounts.log_in("agent1"))
    await clock.advance(timedelta(minutes=5))
    half = (await accounts.try_log_in("agent1", PASSWORD))[2]
    for _ in range(3):
        assert (await accounts.ask("POST", "/api/session/second-factor", half, {"code": "000000"}))[0] == 422
    right = {"code": code(secret, clock)}
    assert (await accounts.ask("POST", "/api/session/second-factor", half, right))[0] == 429
    assert await audited(accounts, "user.locked_out") == [{"place": "second_factor"}]


async def test_the_second_factor_is_reset_for_a_lost_phone(accounts: Accounts, clock: FakeClock) -> None:
    _secret, _recovery, token = await enrol(accounts, clock, await accounts.log_in("agent1"))
    security = await accounts.log_in("security")
    path = f"/api/users/{await id_of(accounts, 'agent1')}/second-factor/reset"
    assert (await accounts.ask("POST", path, security))[1]["second_factor"]["enrolled_at"] is None
    assert (await accounts.ask("GET", "/api/session", token))[0] == 401
    assert (await accounts.try_log_in("agent1", PASSWORD))[1]["step"] is None
    assert await audited(accounts, "user.reset_second_factor") == [{"before": True, "after": False}]


async def test_a_user_renews_codes_and_removes_the_factor_by_their_password(
    accounts: Accounts, clock: FakeClock
) -> None:
    _secret, recovery, token = await enrol(accounts, clock, await accounts.log_in("agent1"))
    path, own = "/api/account/second-factor", {"password": PASSWORD}
    assert (await accounts.ask("POST", f"{path}/remove", token, {"password": "wrong"}))[0] == 422
    codes = (await accounts.ask("POST", f"{path}/recovery-codes", token, own))[1]["codes"]
    assert not set(codes) & set(recovery)
    assert (await accounts.ask("POST", f"{path}/remove", token, own))[0] == 204
    assert (await accounts.try_log_in("agent1", PASSWORD))[1]["step"] is None


async def test_a_role_may_ask_for_the_second_factor(any_database: Database, clock: FakeClock) -> None:
    accounts = Accounts(any_database, clock, options=AccountOptions(second_factor_roles=SECOND_FACTOR_FOR))
    await accounts.start()
    await accounts.add("security", Role.SECURITY_ADMIN)
    _status, body, token = await accounts.try_log_in("security", PASSWORD)
    assert body["step"] == "enrolment"
    assert (await accounts.ask("GET", "/api/users", token))[0] == 403
    _secret, _codes, token = await enrol(accounts, clock, token)
    assert (await accounts.ask("GET", "/api/users", token))[0] == 200
    removal = await accounts.ask("POST", "/api/account/second-factor/remove", token, {"password": PASSWORD})
    assert removal[1]["error_id"] == "account.second_factor_required"
    await accounts.close()


async def test_what_a_page_asks_by_itself_does_not_keep_an_idle_session(accounts: Accounts, clock: FakeClock) -> None:
    await accounts.add("idle", Role.AUDIT_ADMIN)
    token = await accounts.log_in("idle")
    statuses = []
    for _ in range(4):
        await clock.advance(timedelta(minutes=10))
        request = from_page(accounts.client, token, **{BACKGROUND: "1"})
        async with accounts.client.get("/api/session", **request) as response:
            statuses.append(response.status)
    assert statuses == [200, 200, 401, 401]
