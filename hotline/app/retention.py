"""What is removed when its time is over: each night by the service, or by `hotline retention`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

import structlog

from crm.cases.references import CaseReferences
from cti.calls.retention import OldCalls, OldEvents, OldRecordings, old_facts
from hotline.accounts.audit import BY_COMMAND_LINE, AuditLog
from hotline.accounts.retention import OldAuditEntries
from hotline.app.settings import Settings
from hotline.kernel.calendar import daily
from hotline.kernel.clock import Clock, SystemClock
from hotline.kernel.db import Database
from hotline.kernel.http import AuditRecord
from hotline.kernel.job_runner import JobRunner
from hotline.kernel.jobs import JobContext, NextTime
from hotline.kernel.retention import HeldCalls, Removal, failed_jobs
from hotline.kernel.revision import current_database
from hotline.notices.retention import old_messages, old_notices

log = structlog.get_logger(__name__)

NIGHT = timedelta(hours=2)
"""A nightly run stops then and continues the next night."""
LIMIT = NIGHT + timedelta(minutes=30)
"""One that hangs, and so does not stop by itself, has failed then."""


@dataclass(frozen=True, slots=True)
class RetentionDue:
    """`count` items of a kind are older than `before`; None keeps them indefinitely."""

    name: str
    days: int
    before: datetime | None
    count: int


@dataclass(slots=True)
class _RetentionRun:
    """How far one run has come, by the names of its holdings."""

    before: dict[str, datetime] = field(default_factory=dict)
    done: dict[str, Removal] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)

    @property
    def cut_short(self) -> list[str]:
        """Begun and not brought to its end."""
        return sorted(self.before.keys() - self.whole)


class Retention:
    """Both methods raise `UnavailableError` where the database is away; what went until then is gone.

    A run is audited before its first batch with what it is going to remove, and at its end with what it did: one
    that is killed, or loses the database, leaves the first of the two.
    """

    def __init__(
        self,
        holdings: Sequence[tuple[HeldCalls, int]],
        database: Database,
        audit: AuditLog,
        clock: Clock,
        *,
        address: str = "",
    ) -> None:
        """`holdings` in the order of removal, each with its days (0: kept indefinitely). `address` is for the audit."""
        self._holdings = holdings
        self._database = database
        self._audit = audit
        self._clock = clock
        self._address = address

    async def plan(self) -> list[RetentionDue]:
        """What would go now."""
        found = []
        for holding, days in self._holdings:
            before = self._before(days)
            count = await holding.count(before) if before else 0
            found.append(RetentionDue(holding.name, days, before, count))
        return found

    async def run(self, *, within: timedelta | None = None) -> dict[str, Removal]:
        """Remove what is too old. Stops after the batch in which `within` is over; the next run continues there."""
        until = None if within is None else self._clock.monotonic() + within.total_seconds()
        due = await self.plan()
        if any(one.count for one in due):
            await self._record_begin(due)
        run = _RetentionRun()
        try:
            for (holding, _), one in zip(self._holdings, due, strict=True):
                if one.before is not None:
                    await self._remove(run, holding, one.before, until)
                if run.cut_short:
                    break
        finally:
            # Also of a run that failed or was cancelled: what it had begun then counts as begun.
            if run.cut_short or any(removal != Removal() for removal in run.done.values()):
                await self._record_end(run)
        removed = {name: removal.removed for name, removal in run.done.items()}
        if run.cut_short:
            log.info("retention stopped at its time limit", **removed)
        else:
            log.info("retention finished", **removed)
        return run.done

    async def job(self, _ctx: JobContext) -> None:
        """A night's `run()`, as recurring work."""
        await self.run(within=NIGHT)

    async def _remove(self, run: _RetentionRun, holding: HeldCalls, moment: datetime, until: float | None) -> None:
        run.before[holding.name] = moment
        run.done[holding.name] = Removal()
        async with aclosing(holding.remove(moment)) as batches:
            async for removal in batches:
                run.done[holding.name] += removal
                if until is not None and self._clock.monotonic() >= until:
                    return
        run.whole.add(holding.name)

    def _before(self, days: int) -> datetime | None:
        return self._clock.now() - timedelta(days=days) if days else None

    async def _record_begin(self, due: list[RetentionDue]) -> None:
        detail = {
            "before": {one.name: one.before.isoformat() for one in due if one.before is not None},
            "due": {one.name: one.count for one in due if one.count},
        }
        await self._record("retention.begin", detail)

    async def _record_end(self, run: _RetentionRun) -> None:
        detail = {
            "before": {name: moment.isoformat() for name, moment in run.before.items()},
            "removed": {name: removal.removed for name, removal in run.done.items()},
            "failed": {name: removal.failed for name, removal in run.done.items() if removal.failed},
            "cut_short": run.cut_short,
        }
        await self._record("retention.run", detail)

    async def _record(self, action: str, detail: dict[str, Any]) -> None:
        record = AuditRecord(
            user_id=None, username="", action=action, target="retention", address=self._address, detail=detail
        )
        async with self._database.transaction() as db:
            await self._audit.record(db, record)


def build_retention(
    settings: Settings, database: Database, audit: AuditLog, clock: Clock, *, address: str = ""
) -> Retention:
    kept, cases = settings.retention, CaseReferences()
    holdings: list[tuple[HeldCalls, int]] = [
        # Recordings before the records that refer to them.
        (OldRecordings(database, settings.recordings, cases, clock), kept.recordings_days),
        (old_facts(database), kept.facts_days),
        (OldEvents(database), kept.events_days),
        (OldCalls(database, cases), kept.call_records_days),
        (failed_jobs(database), kept.failed_jobs_days),
        (old_notices(database), kept.notices_days),
        (old_messages(database), kept.messages_days),
        (OldAuditEntries(database), kept.audit_days),
    ]
    return Retention(holdings, database, audit, clock, address=address)


def retain_each_night(jobs: JobRunner, retention: Retention, settings: Settings) -> None:
    jobs.register_recurring("retention", retention.job, next_time=night_of(settings), time=LIMIT, transaction=False)


def night_of(settings: Settings) -> NextTime:
    """When nightly work is due."""
    return daily(time(settings.retention.start_hour), settings.time_zone)


@asynccontextmanager
async def retention_of(settings: Settings) -> AsyncIterator[Retention]:
    """Retention alone, for the command line; the service may run meanwhile."""
    clock = SystemClock()
    async with current_database(settings.database_url) as database:
        yield build_retention(settings, database, AuditLog(clock), clock, address=BY_COMMAND_LINE)
