"""What a change of the calendar moves: open deadlines, recomputed a few cases at a time, and reported."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository as cases
from crm.limits import repository
from crm.limits.alerts import LimitAlerts
from crm.limits.errors import NoWorkingTimeError
from crm.limits.keeper import DeadlineKeeper
from crm.limits.models import DeadlineRevision, RevisedDeadline
from hotline.calendars.service import CalendarService
from hotline.kernel.clock import Clock
from hotline.kernel.http import AuditRecord, AuditTrail
from hotline.kernel.ids import uuid7
from hotline.kernel.jobs import JobContext, JobQueue

REVISE = "limits.revise"
REVISE_TIME = timedelta(minutes=2)
CHUNK = 50
"""Cases in one transaction."""
BY_CALENDAR = "calendar"
"""In place of an address, in the audit log."""


class DeadlineReviser:
    """Each chunk is one job, which schedules the next in its own transaction: none is done twice, or left out."""

    def __init__(
        self,
        clock: Clock,
        jobs: JobQueue,
        calendars: CalendarService,
        keeper: DeadlineKeeper,
        alerts: LimitAlerts,
        audit: AuditTrail,
    ) -> None:
        self._clock = clock
        self._jobs = jobs
        self._calendars = calendars
        self._keeper = keeper
        self._alerts = alerts
        self._audit = audit

    async def begin(self, ctx: JobContext) -> None:
        """A `ChangeHook` of the calendars."""
        row = DeadlineRevision(
            id=uuid7(), started_at=self._clock.now(), ended_at=None, checked=0, moved=0, not_computable=0
        )
        ctx.db.add(row)
        await ctx.db.flush()
        await self._schedule(ctx.db, row.id, after="")

    async def run(self, ctx: JobContext) -> None:
        """One chunk."""
        db, after = ctx.db, str(ctx.job.payload["after"])
        revision = await db.get_one(DeadlineRevision, str(ctx.job.payload["revision_id"]))
        if not after:
            # Another process may have changed the calendar, and this one not have read it yet.
            await self._calendars.read_again(db)
        ids = await repository.cases_with_open(db, after=after, most=CHUNK)
        for case_id in ids:
            await self._revise(db, revision, case_id)
        if len(ids) == CHUNK:
            await self._schedule(db, revision.id, after=ids[-1])
        else:
            await self._end(db, revision)

    async def _revise(self, db: AsyncSession, revision: DeadlineRevision, case_id: str) -> None:
        case = await cases.case(db, case_id, lock=True)
        if case is None:
            return
        book = await self._keeper.book(db, case)
        revision.checked += len(book.open())
        try:
            moved = book.recompute()
        except NoWorkingTimeError:
            revision.not_computable += len(book.open())
            return
        for row, before in moved:
            db.add(
                RevisedDeadline(
                    id=uuid7(),
                    revision_id=revision.id,
                    case_id=case.id,
                    kind=row.kind,
                    was_due_at=before,
                    due_at=row.due_at,
                )
            )
            unit = next((one for one in book.assignments if one.id == row.assignment_id), None)
            await self._alerts.moved_by_calendar(db, case, row, unit)
        if moved:
            revision.moved += len(moved)
            await self._keeper.settle(db, book)

    async def _end(self, db: AsyncSession, revision: DeadlineRevision) -> None:
        revision.ended_at = self._clock.now()
        counts = {"checked": revision.checked, "moved": revision.moved, "not_computable": revision.not_computable}
        record = AuditRecord(
            user_id=None, username="", action="limits.revise", target=revision.id, address=BY_CALENDAR, detail=counts
        )
        await self._audit.record(db, record)

    async def _schedule(self, db: AsyncSession, revision_id: str, *, after: str) -> None:
        payload = {"revision_id": revision_id, "after": after}
        await self._jobs.schedule(db, REVISE, payload, run_at=self._clock.now(), key=f"{REVISE}:{revision_id}")
