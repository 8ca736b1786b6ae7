"""What the audit log learns by itself: refusals, locked log-ins, who reads it; its export and its way to syslog."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from hotline.accounts.audit import AuditLog
from hotline.accounts.models import AuditEntry
from hotline.accounts.options import AccountOptions
from hotline.accounts.roles import Role
from hotline.accounts.syslog import SYSLOG_DROPPED, SyslogForwarder, format_rfc5424
from hotline.app.settings import Settings
from hotline.cli.main import app
from hotline.kernel.db import Database
from hotline.kernel.errors import HotlineError
from hotline.kernel.http import AuditRecord
from hotline.kernel.migrate import upgrade
from hotline.kernel.repeated_audit import MOST_WINDOWS, OTHERS, RepeatedAudit
from tests.fakes.clock import FakeClock
from tests.hotline.accounts import Accounts
from tests.phones.waiting import until

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def accounts(database: Database, clock: FakeClock) -> AsyncIterator[Accounts]:
    accounts = Accounts(database, clock, options=AccountOptions(attempts=2))
    await accounts.start()
    await accounts.add("agent1", Role.AGENT)
    await accounts.add("auditor", Role.AUDIT_ADMIN)
    yield accounts
    await accounts.close()


async def entries(database: Database, *actions: str) -> list[AuditEntry]:
    async with database.snapshot() as db:
        found = select(AuditEntry).where(AuditEntry.action.in_(actions)).order_by(AuditEntry.at, AuditEntry.id)
        return list(await db.scalars(found))


def record(action: str = "access.refused", *, user_id: str | None = "u-1", address: str = "10.0.0.1") -> AuditRecord:
    return AuditRecord(
        user_id=user_id, username="wang", action=action, target="GET /api/users", address=address, detail={}
    )


# --- what may repeat ------------------------------------------------------------------------------------


async def test_refusals_are_written_at_once_and_then_once_a_minute_with_their_count(
    accounts: Accounts, clock: FakeClock
) -> None:
    agent = await accounts.log_in("agent1")
    for _ in range(50):
        assert (await accounts.ask("GET", "/api/users", agent))[0] == 403
    assert (await accounts.ask("GET", "/api/users/somebody", agent))[0] == 403
    found = await entries(accounts.database, "access.refused")
    assert [(e.username, e.target, e.detail["count"]) for e in found] == [
        ("agent1", "GET /api/users", 1),
        ("agent1", "GET /api/users/{user_id}", 1),
    ]
    assert found[0].detail["permission"] == "user.read"
    await clock.advance(MINUTE)
    assert (await accounts.ask("GET", "/api/users", agent))[0] == 403
    assert [e.detail["count"] for e in await entries(accounts.database, "access.refused")] == [1, 1, 50]


async def test_what_was_counted_is_written_when_the_minute_or_the_service_ends(
    database: Database, clock: FakeClock
) -> None:
    repeated = RepeatedAudit(database, AuditLog(clock), clock)
    for _ in range(3):
        await repeated.note(record())
    await repeated.flush()
    assert len(await entries(database, "access.refused")) == 1
    await clock.advance(MINUTE)
    await repeated.flush()
    await repeated.note(record())
    await repeated.close()
    await repeated.close()
    assert [e.detail["count"] for e in await entries(database, "access.refused")] == [1, 2, 1]


async def test_ever_new_addresses_are_counted_together_in_the_end(database: Database, clock: FakeClock) -> None:
    repeated = RepeatedAudit(database, AuditLog(clock), clock)
    for number in range(MOST_WINDOWS + 20):
        await repeated.note(
            record("session.rate_limited", user_id=None, address=f"10.1.{number // 256}.{number % 256}")
        )
    await repeated.close()
    found = await entries(database, "session.rate_limited")
    assert len(found) == MOST_WINDOWS + 2
    assert sum(e.detail["count"] for e in found if e.target == OTHERS) == 20


async def test_what_the_database_does_not_take_is_written_later(clock: FakeClock, database: Database) -> None:
    repeated = RepeatedAudit(database, AuditLog(clock), clock)
    await database.close()
    await repeated.note(record())
    await database.open()
    await repeated.close()
    assert [e.detail["count"] for e in await entries(database, "access.refused")] == [1]


async def test_a_locked_log_in_is_audited(accounts: Accounts) -> None:
    for _ in range(2):
        assert (await accounts.try_log_in("agent1", "wrong password"))[0] == 401
    for _ in range(5):
        assert (await accounts.try_log_in("agent1", "wrong password"))[0] == 429
    locked = await entries(accounts.database, "session.locked")
    assert [(e.username, e.address, e.detail) for e in locked] == [("agent1", "127.0.0.1", {"count": 1})]


async def test_a_rate_limited_log_in_is_audited_without_the_name_that_nobody_has(
    database: Database, clock: FakeClock
) -> None:
    accounts = Accounts(database, clock, options=AccountOptions(attempts_by_address="1 per minute"))
    await accounts.start()
    for status in (401, 429):
        assert (await accounts.try_log_in("my secret password", "x"))[0] == status
    found = await entries(database, "session.rate_limited")
    assert [(e.username, e.user_id, e.address) for e in found] == [("", None, "127.0.0.1")]
    await accounts.close()


# --- reading and exporting ------------------------------------------------------------------------------


async def test_who_reads_the_log_is_in_it(accounts: Accounts) -> None:
    auditor = await accounts.log_in("auditor")
    for _ in range(3):
        assert (await accounts.ask("GET", "/api/audit?action=session.open", auditor))[0] == 200
    found = await entries(accounts.database, "audit.read")
    assert [(e.username, e.detail) for e in found] == [("auditor", {"filters": {"action": "session.open"}, "count": 1})]


async def test_the_log_is_exported_as_lines_however_long_it_is(accounts: Accounts, clock: FakeClock) -> None:
    auditor = await accounts.log_in("auditor")
    log = AuditLog(clock)
    async with accounts.database.transaction() as db:
        for number in range(450):
            await log.command_line(db, "test.many", f"line\n{number}")
    status, text = await accounts.ask("GET", "/api/audit/export?action=test.many", auditor)
    lines = [json.loads(line) for line in text.splitlines()]
    assert status == 200
    assert len({line["target"] for line in lines}) == 450
    assert (await accounts.ask("GET", "/api/audit/export?limit=3", auditor))[0] == 422
    exported = await entries(accounts.database, "audit.export")
    assert [e.detail for e in exported] == [{"filters": {"action": "test.many"}}]


async def test_the_actions_are_listed_once_each(accounts: Accounts) -> None:
    await accounts.log_in("agent1")
    auditor = await accounts.log_in("auditor")
    assert (await accounts.ask("GET", "/api/audit/actions", auditor))[1] == {"items": ["session.open"]}


def test_the_command_line_exports_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    asyncio.run(upgrade(Settings(home=tmp_path).database_url))
    made = CliRunner().invoke(app, ["audit", "export"])
    again = CliRunner().invoke(app, ["audit", "export", "--action", "audit.export"])
    assert made.exit_code == again.exit_code == 0
    first, second = ([json.loads(line) for line in run.output.splitlines()] for run in (made, again))
    assert [one["address"] for one in first] == ["command line"]
    assert second[0]["detail"] == {"filters": {"action": "audit.export"}}
    bad = CliRunner().invoke(app, ["audit", "export", "--from", "yesterday"])
    assert (bad.exit_code, str(getattr(bad.exception, "detail", bad.output))[:4]) == (1, "from")


# --- syslog ---------------------------------------------------------------------------------------------


def entry(target: str = "u-1") -> AuditEntry:
    clock = FakeClock()
    return AuditEntry(
        id="e-1", at=clock.now(), user_id="u-1", username="王芳", action="user.create", target=target,
        address="10.0.0.1", detail={"name": "two\nlines"},
    )  # fmt: skip


def test_a_line_is_rfc_5424_and_one_line() -> None:
    line = format_rfc5424(entry(), hostname="box one", process=7)
    head, _, message = line.partition(b" - ")
    assert head == f"<109>1 {FakeClock().now():%Y-%m-%dT%H:%M:%S.%fZ} boxone hotline 7 user.create".encode()
    assert message.startswith(b"\xef\xbb\xbf{")
    assert b"\n" not in message
    assert json.loads(message.decode("utf-8-sig"))["username"] == "王芳"


class Collector(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.got: list[bytes] = []

    def datagram_received(self, data: bytes, _addr: Any) -> None:
        self.got.append(data)

    async def has(self, count: int) -> None:
        async def there() -> bool:
            return len(self.got) >= count

        await until(there, within=5, what=f"{count} lines")


@pytest.mark.parametrize("kind", ["udp", "socket"])
async def test_entries_reach_a_collector_of_datagrams(kind: str, tmp_path: Path, clock: FakeClock) -> None:
    path = str(tmp_path / "log")
    listening = socket.socket(socket.AF_INET if kind == "udp" else socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.setblocking(False)
    listening.bind(("127.0.0.1", 0) if kind == "udp" else path)
    target = f"udp://127.0.0.1:{listening.getsockname()[1]}" if kind == "udp" else path
    transport, collector = await asyncio.get_running_loop().create_datagram_endpoint(Collector, sock=listening)
    forwarder = SyslogForwarder(target, clock)
    forwarder.start()
    forwarder.put(entry("one"))
    forwarder.put(entry("two"))
    await collector.has(2)
    assert [json.loads(line.partition(b" - ")[2].decode("utf-8-sig"))["target"] for line in collector.got] == [
        "one",
        "two",
    ]
    await forwarder.close()
    transport.close()


async def test_entries_reach_a_collector_by_tcp_counted_in_octets(clock: FakeClock) -> None:
    got: list[bytes] = []

    async def collect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while count := (await reader.readuntil(b" "))[:-1] if not reader.at_eof() else b"":
            got.append(await reader.readexactly(int(count)))
            if len(got) == 2:
                break
        writer.close()

    server = await asyncio.start_server(collect, "127.0.0.1", 0)
    forwarder = SyslogForwarder(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}", clock)
    forwarder.put(entry("one"))
    forwarder.start()
    forwarder.put(entry("two"))
    await forwarder.close()

    async def both() -> bool:
        return len(got) == 2

    await until(both, within=5, what="two messages")
    assert all(line.startswith(b"<109>1 ") and line.endswith(b"}") for line in got)
    server.close()


async def test_a_collector_that_is_away_costs_lines_and_nothing_else(tmp_path: Path, clock: FakeClock) -> None:
    forwarder = SyslogForwarder(str(tmp_path / "nobody"), clock, most=3)
    before = SYSLOG_DROPPED._value.get()
    forwarder.start()
    for _ in range(5):
        forwarder.put(entry())
    assert SYSLOG_DROPPED._value.get() - before == 2


async def test_only_what_is_committed_is_forwarded(database: Database, clock: FakeClock) -> None:
    sent: list[str] = []
    log = AuditLog(clock, forward=lambda entry: sent.append(entry.action))

    async with database.transaction() as db:
        await log.command_line(db, "kept.first", "x")
        savepoint = await db.begin_nested()
        await log.command_line(db, "undone.savepoint", "x")
        await savepoint.rollback()
        async with db.begin_nested():
            await log.command_line(db, "kept.savepoint", "x")
        assert sent == []
    assert sent == ["kept.first", "kept.savepoint"]
    with contextlib.suppress(HotlineError):
        async with database.transaction() as db:
            await log.command_line(db, "undone.whole", "x")
            raise HotlineError("undone")
    assert len(sent) == 2


@pytest.mark.parametrize("target", ["udp://collector", "https://collector:1", "collector:514", "dev/log"])
def test_a_target_that_cannot_be_is_refused(target: str) -> None:
    with pytest.raises(ValueError, match="must read"):
        Settings(audit={"syslog": target})  # type: ignore[arg-type]
