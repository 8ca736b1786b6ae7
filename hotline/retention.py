"""What is removed when its time is over: each night by the service, or by `hotline retention`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from crm.cases.references import CaseReferences
from cti.calls.retention import OldCalls, OldEvents, OldRecordings, old_facts
from hotline.accounts.audit import AuditLog
from hotline.accounts.retention import OldAuditEntries
from hotline.kernel.clock import Clock, SystemClock
from hotline.kernel.db import Database
from hotline.kernel.http import AuditRecord
from hotline.kernel.jobs import JobContext
from hotline.kernel.retention import Holding, Removal, failed_jobs
from hotline.kernel.settings import Settings

log = structlog.get_logger(__name__)

TIME = timedelta(hours=2)
"""A night's removal goes on at the next if it takes longer."""


@dataclass(frozen=True, slots=True)
class Due:
    """`count` things of a kind are older than `before`; None is for ever."""

    name: str
    days: int
    before: datetime | None
    count: int


class Retention:
    """Both methods raise `UnavailableError` where the database is away; what went until then is gone, and audited."""

    def __init__(
        self, holdings: Sequence[tuple[Holding, int]], database: Database, audit: AuditLog, clock: Clock
    ) -> None:
        """`holdings` in the order they go, each with its days; 0 is for ever."""
        self._holdings = holdings
        self._database = database
        self._audit = audit
        self._clock = clock

    async def plan(self) -> list[Due]:
        """What would go now."""
        found = []
        for holding, days in self._holdings:
            before = self._before(days)
            count = await holding.count(before) if before else 0
            found.append(Due(holding.name, days, before, count))
        return found

    async def run(self) -> dict[str, Removal]:
        """Remove what is too old; one entry in the audit log tells of all of it."""
        done: dict[str, Removal] = {}
        before: dict[str, datetime] = {}
        try:
            for holding, days in self._holdings:
                if (moment := self._before(days)) is not None:
                    before[holding.name] = moment
                    done[holding.name] = await holding.remove(moment)
        finally:
            # Also of a run that was cut short: what it had begun then counts as begun.
            if before.keys() - done.keys() or any(removal != Removal() for removal in done.values()):
                await self._record(done, before)
        log.info("what was kept long enough is removed", **{name: removal.removed for name, removal in done.items()})
        return done

    async def job(self, _ctx: JobContext) -> None:
        """`run()` as recurring work."""
        await self.run()

    def _before(self, days: int) -> datetime | None:
        return self._clock.now() - timedelta(days=days) if days else None

    async def _record(self, done: dict[str, Removal], before: dict[str, datetime]) -> None:
        detail = {
            "before": {name: moment.isoformat() for name, moment in before.items()},
            "removed": {name: removal.removed for name, removal in done.items()},
            "failed": {name: removal.failed for name, removal in done.items() if removal.failed},
            "cut_short": sorted(before.keys() - done.keys()),
        }
        async with self._database.transaction() as db:
            await self._audit.record(
                db,
                AuditRecord(
                    user_id=None, username="", action="retention.run", target="retention", address="", detail=detail
                ),
            )


def build_retention(settings: Settings, database: Database, audit: AuditLog, clock: Clock) -> Retention:
    kept, cases = settings.retention, CaseReferences()
    holdings: list[tuple[Holding, int]] = [
        # Recordings before the records that tell of them.
        (OldRecordings(database, settings.recordings, cases, clock), kept.recordings_days),
        (old_facts(database), kept.facts_days),
        (OldEvents(database), kept.events_days),
        (OldCalls(database, cases), kept.call_records_days),
        (failed_jobs(database), kept.failed_jobs_days),
        (OldAuditEntries(database), kept.audit_days),
    ]
    return Retention(holdings, database, audit, clock)


@asynccontextmanager
async def retention_of(settings: Settings) -> AsyncIterator[Retention]:
    """Retention alone, for the command line; the service may run meanwhile."""
    clock = SystemClock()
    database = Database(settings.database_url)
    await database.open()
    try:
        yield build_retention(settings, database, AuditLog(clock), clock)
    finally:
        await database.close()
