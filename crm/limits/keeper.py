"""Keeps the deadlines of cases: in each move's own transaction, with the job that watches the next of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository as cases
from crm.cases.followers import CaseLimits, Moved
from crm.cases.models import Assignment, Case
from crm.cases.state import CaseAction, CaseState
from crm.catalogue import repository as catalogue
from crm.catalogue.models import ItemLimitUnit
from crm.limits import repository
from crm.limits.amounts import whole_days
from crm.limits.book import DeadlineBook
from crm.limits.models import CaseDeadline
from crm.limits.profiles import LimitRow, LimitTable, shipped_limits
from crm.limits.reminders import next_time
from crm.limits.rules import follow
from crm.limits.state import OF_ASSIGNMENTS, DeadlineKind, DeadlineState, LimitStep, ProfileName
from crm.limits.views import deadline_views
from hotline.calendars.current import Calendars
from hotline.calendars.seed import OFFICE
from hotline.kernel.clock import Clock
from hotline.kernel.jobs import JobQueue

WATCH = "limits.watch"
"""The job of a case whose next deadline, or reminder of one, is due."""
ARCHIVE = "limits.archive"
LONGEST_EXTENSION = 10
"""Working days."""


def watch_key(case_id: str) -> str:
    return f"{WATCH}:{case_id}"


def archive_key(case_id: str) -> str:
    return f"{ARCHIVE}:{case_id}"


class DeadlineKeeper:
    """A `MoveFollower`, and the `CaseDeadlines` of the cases' own package."""

    def __init__(
        self,
        clock: Clock,
        calendars: Callable[[], Calendars],
        jobs: JobQueue,
        *,
        profile: ProfileName,
        archive_days: int,
    ) -> None:
        """`calendars`: those in force now. `profile` is that of cases without an enterprise.

        A case is archived `archive_days` after it is closed; 0: never by itself.
        """
        self._clock = clock
        self._calendars = calendars
        self._jobs = jobs
        self._default = profile
        self._archive_after = timedelta(days=archive_days) if archive_days else None

    async def moved(self, db: AsyncSession, moved: Moved) -> None:
        """Raises NoWorkingTimeError, which undoes the move."""
        assignments = [*moved.before.assignments, *moved.created]
        book = await self.book(db, moved.case, assignments)
        follow(book, moved)
        await self.settle(db, book)
        await self._plan_archive(db, moved)

    async def limits(self, db: AsyncSession, case: Case) -> CaseLimits:
        """An extension is of ten days at most, and never longer than the original limit."""
        rows = await repository.of_case(db, case.id)
        limit = next((row for row in reversed(rows) if row.kind == DeadlineKind.CLOSE and row.amount), None)
        return CaseLimits(
            running={row.kind: row.due_at for row in rows if row.kind not in OF_ASSIGNMENTS and _counts(row)},
            longest_extension=LONGEST_EXTENSION
            if limit is None
            else min(LONGEST_EXTENSION, whole_days(limit.amount or "")),
            views=lambda: deadline_views(case, rows, self._calendars(), self._clock.now()),
        )

    async def book(self, db: AsyncSession, case: Case, assignments: list[Assignment] | None = None) -> DeadlineBook:
        """All deadlines of a locked case, to be changed and given to `settle`."""
        return DeadlineBook(
            case=case,
            now=self._clock.now(),
            rows=await repository.of_case(db, case.id),
            assignments=assignments if assignments is not None else await cases.assignments(db, case.id),
            calendars=self._calendars(),
            limits=await limit_table(db),
            default_profile=self._default,
            statutory=await _statutory(db, case),
        )

    async def settle(self, db: AsyncSession, book: DeadlineBook) -> None:
        """Write what changed: new rows, the case's next deadline, the units' dates, and the job that watches."""
        db.add_all(book.added)
        case, rows = book.case, [*book.rows, *book.added]
        following = book.next_due()
        case.next_due_at = following.due_at if following else None
        case.next_due_kind = following.kind if following else None
        by_assignment = {
            row.assignment_id: row.due_at
            for row in rows
            if row.kind in (DeadlineKind.CLOSE, DeadlineKind.SUB_ANSWER) and row.met_at is None
        }
        for one in book.assignments:
            if one.id in by_assignment:
                one.due_at = by_assignment[one.id]
        await db.flush()
        times = [at for row in book.open() if (at := next_time(row)) is not None]
        if times:
            await self._jobs.schedule(db, WATCH, {"case_id": case.id}, run_at=min(times), key=watch_key(case.id))
        elif rows:
            await self._jobs.cancel(db, watch_key(case.id))

    async def _plan_archive(self, db: AsyncSession, moved: Moved) -> None:
        case = moved.case
        if moved.action is CaseAction.CLOSE and self._archive_after is not None:
            await self._jobs.schedule(
                db,
                ARCHIVE,
                {"case_id": case.id},
                run_at=moved.step.at + self._archive_after,
                key=archive_key(case.id),
            )
        elif moved.source is CaseState.CLOSED:
            await self._jobs.cancel(db, archive_key(case.id))


def _counts(row: CaseDeadline) -> bool:
    over = row.kind == DeadlineKind.RETURN and row.state == DeadlineState.MISSED
    return over or row.state == DeadlineState.RUNNING


async def limit_table(db: AsyncSession) -> LimitTable:
    """The limits in force: those shipped, with the city's own values."""
    own = {row.key: (row.amount, row.hours, row.source) for row in await repository.own_limits(db)}
    return LimitTable(shipped_limits(), own)


async def _statutory(db: AsyncSession, case: Case) -> LimitRow | None:
    if case.item_id is None:
        return None
    item = await catalogue.limit_source(db, case.item_id)
    if item is None or item.limit_amount is None:
        return None
    unit = "d" if item.limit_unit == ItemLimitUnit.DAY else "h"
    return LimitRow(
        profile=ProfileName.GENERAL,
        step=LimitStep.CLOSE,
        amount=f"{item.limit_amount}{unit}",
        hours=OFFICE,
        source=f"{item.code} {item.name}",
        law=item.limit_basis,
    )
