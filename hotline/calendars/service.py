"""Keeps the calendars: seeded, edited by version, read from memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calendars import repository
from hotline.calendars.current import Calendars
from hotline.calendars.errors import (
    CalendarVersionConflictError,
    HoursTableFixedError,
    HoursTableNameTakenError,
    HoursTableNotFoundError,
)
from hotline.calendars.models import HolidayNoticeRow, HoursTableRow
from hotline.calendars.schemas import (
    DayEntry,
    HolidayNoticeDraft,
    Hours,
    HoursTableChange,
    HoursTableDraft,
    HoursTableView,
    notice_of,
)
from hotline.calendars.seed import OFFICE, OFFICE_HOURS, OFFICE_TITLE, SEED_SOURCE, installed_calendars, seed_notices
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database, DuplicateError
from hotline.kernel.errors import InvalidInputError
from hotline.kernel.ids import uuid7
from hotline.kernel.jobs import JobContext, JobQueue
from hotline.kernel.tasks import TaskOwner, repeat
from hotline.kernel.workcalendar import AROUND_THE_CLOCK, HolidayNotice

log = structlog.get_logger(__name__)

CHANGED = "calendar.changed"
"""The job that follows each change, in its transaction; handled by `CalendarService.run_changed`."""
RELOAD = timedelta(seconds=30)
RETRY = timedelta(seconds=2)
_ALL_DAY = Hours(week=dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ["00:00-24:00"]), holidays=False)

ChangeHook = Callable[[JobContext], Awaitable[None]]


class CalendarService:
    """Writers work in the caller's transaction; `current` never waits.

    `current` follows a change made by this process at once, one made by another within `RELOAD`. Before the database
    was ever read it is what a new installation knows.
    """

    def __init__(self, database: Database, jobs: JobQueue, clock: Clock) -> None:
        self._database = database
        self._jobs = jobs
        self._clock = clock
        self.on_change: list[ChangeHook] = []
        """Called in the transaction of the job that follows a change: deadlines are recomputed there. Each must be
        safe to call again."""
        self._current: Calendars | None = None
        self._changed = asyncio.Event()
        self._tasks = TaskOwner("calendars")

    @property
    def current(self) -> Calendars:
        return self._current or installed_calendars(self._next_year())

    async def start(self) -> None:
        """The database may be away; it is read once it is back."""
        self._tasks.spawn(repeat(self._follow, clock=self._clock, pause=RETRY, trouble="calendars unread"), name="read")

    async def close(self) -> None:
        await self._tasks.close()

    async def reload(self) -> None:
        """Add what the installation lacks, and read everything."""
        try:
            async with self._database.transaction() as db:
                await self._seed(db)
        except DuplicateError:
            log.info("calendars seeded by another process")
        async with self._database.snapshot() as db:
            await self._read(db)

    async def read_again(self, db: AsyncSession) -> None:
        """Let `current` be what the transaction sees."""
        await self._read(db)

    async def run_changed(self, ctx: JobContext) -> None:
        """The handler of `CHANGED` jobs."""
        await self._read(ctx.db)
        for hook in self.on_change:
            await hook(ctx)

    async def tables(self, db: AsyncSession) -> list[HoursTableView]:
        """All by name, the built-in one last."""
        built_in = HoursTableView(name=AROUND_THE_CLOCK.name, title="全天候", hours=_ALL_DAY, version=0)
        return [*(_view(row) for row in await repository.tables(db)), built_in]

    async def notices(self, db: AsyncSession) -> list[HolidayNotice]:
        """All of every year, by year and version."""
        return [_notice(row) for row in await repository.notices(db)]

    async def table(self, db: AsyncSession, name: str) -> HoursTableView:
        """Raises `HoursTableNotFoundError`."""
        return _view(await self._load(db, name))

    async def create_table(self, db: AsyncSession, draft: HoursTableDraft) -> HoursTableView:
        """Raises `HoursTableNameTakenError`."""
        if draft.name == AROUND_THE_CLOCK.name or await repository.table(db, draft.name) is not None:
            raise HoursTableNameTakenError("Change that table, or choose another name.")
        row = HoursTableRow(
            id=uuid7(), name=draft.name, title=draft.title, hours=draft.hours.model_dump(mode="json"), version=1
        )
        db.add(row)
        await self._after(db)
        return _view(row)

    async def change_table(self, db: AsyncSession, name: str, change: HoursTableChange) -> HoursTableView:
        """Raises `HoursTableNotFoundError`, `HoursTableFixedError`, `CalendarVersionConflictError`."""
        row = await self._load(db, name, lock=True)
        if row.version != change.version:
            raise CalendarVersionConflictError(
                f"It is at version {row.version}, not {change.version}; load it again and repeat the change.",
                version=row.version,
            )
        row.title, row.hours = change.title, change.hours.model_dump(mode="json")
        row.version += 1
        await self._after(db)
        return _view(row)

    async def put_notice(
        self, db: AsyncSession, year: int, draft: HolidayNoticeDraft
    ) -> tuple[HolidayNotice | None, HolidayNotice]:
        """Let a notice follow the one in force; that one, and the new one.

        Raises `CalendarVersionConflictError`, `OlderNoticeError`, and InvalidInputError for a day far outside `year`.
        """
        try:
            draft.near(year)
        except ValueError as error:
            raise InvalidInputError(str(error)) from None
        known = [_notice(row) for row in await repository.notices_of(db, year)]
        newest = max((each.version for each in known), default=0)
        if draft.version != newest:
            raise CalendarVersionConflictError(
                f"The year's notice is at version {newest}, not {draft.version}; load it again and repeat the change.",
                version=newest,
            )
        draft.require_newer(known)
        notice = notice_of(year, newest + 1, draft.source, draft.published, draft.complete, draft.days)
        await self._add(db, notice)
        await self._after(db)
        return next((each for each in known if each.version == newest), None), notice

    async def withdraw_notice(self, db: AsyncSession, year: int, version: int) -> bool:
        """Remove the newest notice of the year again; False where another followed it."""
        known = await repository.notices_of(db, year)
        if not known or known[0].version != version:
            return False
        await db.delete(known[0])
        await self._after(db)
        return True

    # --- inner ------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        await self.reload()
        self._changed.clear()
        try:
            async with asyncio.timeout(RELOAD.total_seconds()):
                await self._changed.wait()
        except TimeoutError:
            pass

    async def _read(self, db: AsyncSession) -> None:
        self._current = await read_calendars(db)

    async def _after(self, db: AsyncSession) -> None:
        await db.flush()
        event.listen(db.sync_session, "after_commit", self._committed)
        await self._jobs.schedule(db, CHANGED, {}, run_at=self._clock.now(), key=CHANGED)

    def _committed(self, _session: Any) -> None:
        self._changed.set()

    async def _seed(self, db: AsyncSession) -> None:
        if await repository.table(db, OFFICE) is None:
            row = {"id": uuid7(), "name": OFFICE, "title": OFFICE_TITLE, "version": 1}
            db.add(HoursTableRow(**row, hours=OFFICE_HOURS.model_dump(mode="json")))
        newest = {row.year: row for row in await repository.notices(db)}
        for seed in seed_notices(self._next_year()):
            known = newest.get(seed.year)
            if known is None:
                await self._add(db, seed)
            elif known.source.startswith(SEED_SOURCE) and not known.complete and seed.complete:
                # A newer package knows the make-up days of a year that was only guessed before.
                await self._add(
                    db,
                    HolidayNotice(
                        year=seed.year,
                        source=seed.source,
                        version=known.version + 1,
                        published=None,
                        days=seed.days,
                        complete=True,
                    ),
                )
                await self._after(db)
        await db.flush()

    def _next_year(self) -> int:
        return self._clock.now().year + 1

    async def _add(self, db: AsyncSession, notice: HolidayNotice) -> None:
        days = [{"day": each.day.isoformat(), "kind": each.kind.value, "name": each.name} for each in notice.days]
        db.add(
            HolidayNoticeRow(
                id=uuid7(),
                year=notice.year,
                version=notice.version,
                source=notice.source,
                published=notice.published,
                complete=notice.complete,
                days=days,
                created_at=self._clock.now(),
            )
        )
        await db.flush()

    async def _load(self, db: AsyncSession, name: str, *, lock: bool = False) -> HoursTableRow:
        if name == AROUND_THE_CLOCK.name:
            raise HoursTableFixedError("Around the clock is built in; add a table of another name.")
        row = await repository.table(db, name, lock=lock)
        if row is None:
            raise HoursTableNotFoundError("Look at the list of tables for its name.")
        return row


async def read_calendars(db: AsyncSession) -> Calendars:
    """As the database has them now."""
    return Calendars(
        [Hours.model_validate(row.hours).table(row.name) for row in await repository.tables(db)],
        [_notice(row) for row in await repository.notices(db)],
    )


def _view(row: HoursTableRow) -> HoursTableView:
    return HoursTableView(name=row.name, title=row.title, hours=Hours.model_validate(row.hours), version=row.version)


def _notice(row: HolidayNoticeRow) -> HolidayNotice:
    days = [DayEntry.model_validate(each) for each in row.days]
    return notice_of(row.year, row.version, row.source, row.published, row.complete, days)
