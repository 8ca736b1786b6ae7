"""A service at the edge with made-up callers, and a browser's client to speak to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.kernel.bus import Bus
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.edge import build_application
from hotline.kernel.errors import HotlineError
from hotline.kernel.events import Event
from hotline.kernel.http import SESSION_COOKIE, AuditRecord, EdgeOptions, Routes
from hotline.kernel.repeated_audit import RepeatedAudit


@dataclass
class Somebody:
    user_id: str = "u-1"
    username: str = "agent1"
    name: str = "王芳"
    roles: frozenset[str] = frozenset({"agent"})
    permissions: frozenset[str] = frozenset()
    restriction: str = ""


class NoJournal:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def append(self, event: Event) -> int:
        self.events.append(event)
        return len(self.events)


@dataclass
class AuditBook:
    records: list[AuditRecord] = field(default_factory=list)
    trouble: HotlineError | None = None
    """Raised in place of a record, once."""

    async def record(self, db: AsyncSession, record: AuditRecord) -> None:
        trouble, self.trouble = self.trouble, None
        if trouble is not None:
            raise trouble
        self.records.append(record)


class Edge:
    """The running application; `tokens` maps session tokens to whoever holds them."""

    def __init__(
        self, routes: Iterable[Routes], database: Database, clock: Clock, options: EdgeOptions | None = None
    ) -> None:
        self.journal = NoJournal()
        self.bus = Bus(self.journal)
        self.audits = AuditBook()
        self.repeated = RepeatedAudit(database, self.audits, clock)
        self.tokens: dict[str, Somebody] = {}
        self.used: list[str] = []
        """Tokens of requests that count as use of the session."""
        self.app: web.Application = build_application(
            routes,
            database=database,
            bus=self.bus,
            clock=clock,
            principal=self._resolve,
            peek=self._peek,
            audit=self.audits,
            repeated=self.repeated,
            options=options,
        )

    async def _peek(self, token: str) -> Somebody | None:
        return self.tokens.get(token)

    async def _resolve(self, token: str) -> Somebody | None:
        self.used.append(token)
        return self.tokens.get(token)

    async def start(self) -> TestClient[web.Request, web.Application]:
        client = TestClient(TestServer(self.app))
        await client.start_server()
        return client


def from_page(client: TestClient[Any, Any], token: str = "", **headers: str) -> dict[str, Any]:
    """Keyword arguments of a request as our own page would send it."""
    sent = {"Origin": f"http://{client.host}:{client.port}", "X-Requested-With": "hotline", **headers}
    if token:
        sent["Cookie"] = f"{SESSION_COOKIE}={token}"
    return {"headers": sent}
