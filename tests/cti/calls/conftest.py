from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp.test_utils import TestClient, TestServer

from cti.calls.routes import call_routes
from cti.calls.service import CallLog
from cti.ports import CaseReference
from hotline.accounts.roles import Role, permissions_of
from hotline.kernel.bus import Bus
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.kernel.edge import build_application
from hotline.kernel.events import Event
from hotline.kernel.gate import Principal
from hotline.kernel.journal import Journal
from tests.hotline.conftest import any_database, any_url, clock, database, postgres_server, postgres_url
from tests.hotline.web import AuditBook, Somebody, from_page

__all__ = ["any_database", "any_url", "clock", "database", "postgres_server", "postgres_url"]


@dataclass
class NumbersOfUsers:
    """Which user is which agent."""

    agents: dict[str, str] = field(default_factory=dict)
    calls: dict[str, str] = field(default_factory=dict)

    def number_of(self, user_id: str) -> str | None:
        return self.agents.get(user_id)

    def call_of(self, user_id: str) -> str | None:
        return self.calls.get(user_id)


@dataclass
class Cases:
    references: dict[str, list[CaseReference]] = field(default_factory=dict)
    confidential: set[str] = field(default_factory=set)
    """Calls of confidential cases, which supervisors alone may open."""

    async def of_calls(self, db: Any, call_ids: Iterable[str]) -> dict[str, list[CaseReference]]:
        return {call_id: self.references[call_id] for call_id in call_ids if call_id in self.references}

    async def closed_to(self, db: Any, call_ids: Iterable[str], who: Principal) -> set[str]:
        return set() if "supervisor" in who.roles else self.confidential & set(call_ids)


class House:
    """The call log with a real journal, at the edge, and people who read it."""

    def __init__(
        self, database: Database, folder: Path, *, recordings: Path | None = None, logs: Path | None = None
    ) -> None:
        self.database = database
        self.recordings = recordings or folder / "recordings"
        self.logs = logs or folder / "logs"
        for path in (self.recordings, self.logs / "cdr-custom"):
            path.mkdir(parents=True, exist_ok=True)
        self.clock = SystemClock()
        self.journal = Journal(database, folder / "spool", self.clock)
        self.bus = Bus(self.journal)
        self.numbers = NumbersOfUsers({"id-agent1": "1001", "id-agent2": "1002"})
        self.cases = Cases()
        self.calls = CallLog(
            database,
            self.bus,
            self.journal,
            self.clock,
            recordings=self.recordings,
            agents=self.numbers,
            cases=self.cases,
            logs=self.logs,
        )
        self.audits = AuditBook()
        self.people: dict[str, Somebody] = {}
        self.client: TestClient[Any, Any] | None = None

    async def open(self) -> None:
        await self.journal.open()
        # Without its loop, replay runs when a test says so.
        await self.calls.recorder.start()
        for name, role in (
            ("agent1", Role.AGENT),
            ("agent2", Role.AGENT),
            ("supervisor", Role.SUPERVISOR),
            ("qa", Role.QA),
        ):
            self.people[name] = Somebody(
                user_id=f"id-{name}", username=name, roles=frozenset({role}), permissions=permissions_of([role])
            )
        app = build_application(
            [call_routes(self.calls, ZoneInfo("Asia/Shanghai"))],
            database=self.database,
            bus=self.bus,
            clock=self.clock,
            principal=self._resolve,
            audit=self.audits,
        )
        self.client = TestClient(TestServer(app))
        await self.client.start_server()

    async def close(self) -> None:
        if self.client is not None:
            await self.client.close()
        await self.calls.close()
        await self.journal.close()

    async def _resolve(self, token: str) -> Somebody | None:
        return self.people.get(token)

    async def happens(self, *events: Event) -> None:
        """These happen, and the log has them."""
        for event in events:
            self.bus.publish(event)
        await self.calls.recorder.settle()

    async def replayed(self) -> int:
        """Read Asterisk's logs now; how many facts were news."""
        assert self.calls.replay is not None
        missed = await self.calls.replay.run()
        await self.calls.recorder.settle()
        return missed

    async def ask(self, who: str, method: str, path: str, **query: Any) -> tuple[int, Any]:
        assert self.client is not None
        async with self.client.request(method, path, params=query, **from_page(self.client, who)) as response:
            return response.status, await response.json()

    async def get(self, who: str, path: str, **query: Any) -> Any:
        status, answer = await self.ask(who, "GET", path, **query)
        assert status == 200, answer
        return answer

    async def bytes(
        self, who: str, path: str, headers: dict[str, str] | None = None, **query: Any
    ) -> tuple[Any, bytes]:
        """The response and its body, as a media element would fetch it."""
        assert self.client is not None
        page = from_page(self.client, who, **(headers or {}))
        async with self.client.get(path, params=query, **page) as response:
            return response, await response.read()


@contextlib.asynccontextmanager
async def opened(
    database: Database, folder: Path, *, recordings: Path | None = None, logs: Path | None = None
) -> AsyncIterator[House]:
    house = House(database, folder, recordings=recordings, logs=logs)
    await house.open()
    try:
        yield house
    finally:
        await house.close()


@pytest.fixture
async def house(any_database: Database, tmp_path: Path) -> AsyncIterator[House]:
    """Once on SQLite, once on PostgreSQL."""
    async with opened(any_database, tmp_path) as house:
        yield house


@pytest.fixture
async def lite(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    """On SQLite alone, where the database makes no difference."""
    async with opened(database, tmp_path) as house:
        yield house
