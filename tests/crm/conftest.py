from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository
from crm.cases.query_codes import QueryCodes
from crm.enterprises.directory import EnterpriseDirectory
from crm.enterprises.numbers import NumberPlan
from crm.portal.service import ProgressService
from crm.service import CrmService
from crm.settings import CrmSettings
from crm.units.duty import DutyRosters
from crm.units.trunk import TrunkNumbers
from hotline.accounts.roles import Role, permissions_of
from hotline.calendars.service import CalendarService
from hotline.kernel.bus import Bus
from hotline.kernel.db import Database
from hotline.kernel.edge import build_application
from hotline.kernel.files import FileStore
from hotline.kernel.ids import uuid7
from hotline.kernel.imports.feature import ImportFeature
from hotline.kernel.jobs import JobQueue
from hotline.notices.service import NoticeService
from ivr.settings import AsteriskSettings
from tests.crm.calls import FakeCalls
from tests.fakes.clock import FakeClock
from tests.hotline.conftest import any_database, any_url, clock, database, postgres_server, postgres_url
from tests.hotline.web import AuditBook, NoJournal, Somebody, from_page

__all__ = ["any_database", "any_url", "clock", "database", "postgres_server", "postgres_url"]

PUBLIC_URL = "https://12345.example.gov.cn"
MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""09:00 in Wuhai."""


@dataclass(frozen=True)
class NumberOfOneAgent:
    """Of one agent."""

    agent: str = "1001"

    async def holder(self, db: AsyncSession, number: str) -> str | None:
        return f"agent {number} (王芳)" if number == self.agent else None


def trunk_of(*prefixes: str, area_code: str = CrmSettings().area_code) -> TrunkNumbers:
    """By the settings as they are without `prefixes`."""
    return TrunkNumbers(NumberPlan(area_code), prefixes or AsteriskSettings().dial_prefixes)


@dataclass
class Workspace:
    """The crm floor at the edge, and people who use it: `await workspace.post("agent1", "/api/cases", {...})`."""

    crm: CrmService
    calls: FakeCalls
    database: Database
    journal: NoJournal = field(default_factory=NoJournal)
    imports: ImportFeature | None = None
    audits: AuditBook = field(default_factory=AuditBook)
    people: dict[str, Somebody] = field(default_factory=dict)
    jobs: JobQueue | None = None
    bus: Bus | None = None
    calendars: CalendarService | None = None
    client: TestClient[Any, Any] | None = None

    def hire(self, username: str, *roles: Role) -> Somebody:
        person = Somebody(
            user_id=f"id-{username}",
            username=username,
            name=username,
            roles=frozenset(roles),
            permissions=permissions_of(roles),
        )
        self.people[username] = person
        return person

    async def resolve(self, token: str) -> Somebody | None:
        return self.people.get(token)

    async def ask(self, who: str, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        assert self.client is not None
        request = from_page(self.client, who)
        async with self.client.request(method, path, json=body, params=query, **request) as response:
            return response.status, (await response.json() if response.content_length else None)

    async def get(self, who: str, path: str, **query: Any) -> Any:
        status, answer = await self.ask(who, "GET", path, **query)
        assert status == 200, answer
        return answer

    async def pop(self, who: str, call_id: str) -> Any:
        """The screen pop as this person's page gets it."""
        return (await self.crm.pops.read(call_id, self.people[who])).model_dump(mode="json")

    async def post(self, who: str, path: str, body: Any = None) -> Any:
        status, answer = await self.ask(who, "POST", path, body)
        assert status in (200, 201), answer
        return answer

    async def patch(self, who: str, path: str, body: Any) -> Any:
        status, answer = await self.ask(who, "PATCH", path, body)
        assert status == 200, answer
        return answer

    async def refused(self, who: str, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """The status and error id of a request that must fail."""
        status, answer = await self.ask(who, method, path, body)
        assert status >= 400, answer
        return status, answer["error_id"]

    async def move(self, who: str, case_id: str, action: str, **detail: Any) -> Any:
        """The case after `action`, done at its present version."""
        status, answer = await self.try_move(who, case_id, action, **detail)
        assert status == 200, answer
        return answer

    async def try_move(self, who: str, case_id: str, action: str, **detail: Any) -> tuple[int, Any]:
        if "version" not in detail:
            async with self.database.snapshot() as db:
                row = await repository.case(db, case_id)
            detail["version"] = row.version if row else 0
        body = {"request_id": uuid7(), **detail}
        return await self.ask(who, "POST", f"/api/cases/{case_id}/{action.replace('_', '-')}", body)

    async def move_refused(self, who: str, case_id: str, action: str, **detail: Any) -> tuple[str, str | None]:
        """The error id, and the guard's reason, of an action that must fail."""
        status, answer = await self.try_move(who, case_id, action, **detail)
        assert status >= 400, answer
        return answer["error_id"], answer.get("reason")

    def events(self) -> list[str]:
        return [event.name for event in self.journal.events]

    def audited(self) -> list[tuple[str, str]]:
        return [(record.username, record.action) for record in self.audits.records]


@pytest.fixture
def calls() -> FakeCalls:
    return FakeCalls()


@pytest.fixture
def morning() -> FakeClock:
    return FakeClock(MORNING)


@pytest.fixture
def crm_settings() -> CrmSettings:
    return CrmSettings()


@pytest.fixture
async def workspace(
    any_database: Database, morning: FakeClock, calls: FakeCalls, crm_settings: CrmSettings, tmp_path: Path
) -> AsyncIterator[Workspace]:
    """Once on SQLite, once on PostgreSQL."""
    async for workspace in _opened(any_database, morning, calls, crm_settings, tmp_path / "files"):
        yield workspace


@pytest.fixture
async def sqlite_workspace(
    database: Database, morning: FakeClock, calls: FakeCalls, crm_settings: CrmSettings, tmp_path: Path
) -> AsyncIterator[Workspace]:
    """For what no database changes."""
    async for workspace in _opened(database, morning, calls, crm_settings, tmp_path / "files"):
        yield workspace


async def _opened(
    database: Database, clock: FakeClock, calls: FakeCalls, settings: CrmSettings, files: Path
) -> AsyncIterator[Workspace]:
    journal, audits = NoJournal(), AuditBook()
    bus = Bus(journal)
    directory = EnterpriseDirectory(database, bus, NumberPlan(CrmSettings().area_code), clock)
    jobs = JobQueue(clock)
    calendars = CalendarService(database, jobs, clock)
    imports = ImportFeature(database, jobs, clock, bus.publish)
    codes = QueryCodes(files.parent / "query-codes.key")
    crm = CrmService(
        database,
        bus,
        clock,
        calls,
        settings,
        directory=directory,
        numbers=NumberOfOneAgent(),
        trunk=trunk_of(),
        files=FileStore(files, clock),
        jobs=jobs,
        notices=NoticeService(clock, jobs, zone=ZoneInfo(settings.time_zone), hotline="12345热线", sms=True),
        rosters=DutyRosters(clock, ZoneInfo(settings.time_zone)),
        imports=imports.service,
        calendars=calendars,
        audit=audits,
        codes=codes,
        progress=ProgressService(codes),
        public_url=PUBLIC_URL,
    )
    workspace = Workspace(
        crm, calls, database, journal, audits=audits, imports=imports, jobs=jobs, bus=bus, calendars=calendars
    )
    app = build_application(
        [*crm.routes, imports.routes],
        database=database,
        bus=bus,
        clock=clock,
        principal=workspace.resolve,
        audit=workspace.audits,
    )
    workspace.hire("agent1", Role.AGENT)
    workspace.hire("agent2", Role.AGENT)
    workspace.hire("supervisor", Role.SUPERVISOR)
    workspace.hire("handler", Role.UNIT_HANDLER)
    workspace.hire("qa", Role.QA)
    await crm.start()
    workspace.client = TestClient(TestServer(app))
    await workspace.client.start_server()
    yield workspace
    await workspace.client.close()
    await crm.close()
    await crm.close()
