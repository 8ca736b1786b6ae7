"""A file of one year's holidays and make-up days, one a row, becomes the year's next notice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.roles import Permission
from hotline.calendars.errors import CalendarVersionConflictError, OlderNoticeError
from hotline.calendars.import_rows import COLUMNS, prepare_row
from hotline.calendars.schemas import MOST_DAYS, DayEntry, HolidayNoticeDraft, notice_of
from hotline.calendars.service import CalendarService
from hotline.kernel.imports.cells import refuse_repeated
from hotline.kernel.imports.ports import (
    EarlierRow,
    ImportColumn,
    ImportedRecord,
    ImportStaleError,
    PreparedRow,
    RowOutcome,
    RowProblem,
    WrittenRow,
)
from hotline.kernel.workcalendar import DayKind, HolidayNotice


class CalendarImporter:
    """Implements `hotline.kernel.imports.ports.WholeFileImporter`. A notice is whole: one bad row refuses the file."""

    kind = "calendar"
    permission: str = Permission.CALENDAR_MANAGE
    columns: Sequence[ImportColumn] = COLUMNS
    most_rows = MOST_DAYS

    def __init__(self, service: CalendarService) -> None:
        self._service = service

    def prepare(self, records: Sequence[ImportedRecord]) -> list[PreparedRow]:
        return [prepare_row(record) for record in records]

    async def compare(self, db: AsyncSession, rows: Sequence[PreparedRow], earlier: dict[str, EarlierRow]) -> None:
        refuse_repeated(rows, earlier, "day")

    async def review(self, db: AsyncSession, rows: Sequence[PreparedRow], refused: Sequence[int]) -> None:
        if not rows:
            return
        draft = _whole_notice(rows)
        year = _year_of(rows)
        known = [notice for notice in await self._service.notices(db) if notice.year == year]
        newest = max(known, key=lambda notice: notice.version, default=None)
        if draft is not None:
            draft.version = newest.version if newest else 0
            try:
                draft.require_newer(known)
            except OlderNoticeError as error:
                _refuse(rows, "notice_older", error.detail, "published")
        if refused or draft is None or any(row.problems for row in rows):
            _refuse_rest(rows, refused)
            return
        same = newest is not None and _says_the_same(newest, draft, year)
        for row in rows:
            row.outcome = RowOutcome.SKIP if same else RowOutcome.CREATE
            row.target = f"{year}.{draft.version + 1}"
            row.value["notice"] = {"year": year} | draft.model_dump(mode="json", exclude={"days"})

    async def apply(self, db: AsyncSession, rows: Sequence[PreparedRow], *, at: datetime) -> dict[int, dict[str, Any]]:
        notice = dict(rows[0].value["notice"])
        year = int(notice.pop("year"))
        draft = HolidayNoticeDraft.model_validate(notice | {"days": [_day(row).model_dump() for row in rows]})
        try:
            await self._service.put_notice(db, year, draft)
        except (CalendarVersionConflictError, OlderNoticeError) as error:
            raise ImportStaleError(f"Since the check the year got another notice: {error.detail}") from None
        return {rows[0].number: {"year": year, "version": draft.version + 1}}

    async def undo(self, db: AsyncSession, rows: Sequence[WrittenRow]) -> int:
        kept = 0
        for row in rows:
            kept += not await self._service.withdraw_notice(db, row.undo["year"], row.undo["version"])
        return kept

    def applied(self, *, import_id: str, by: str, at: datetime, counts: Mapping[str, int]) -> None:
        """The job that follows a change of the calendar is scheduled with it."""


def _whole_notice(rows: Sequence[PreparedRow]) -> HolidayNoticeDraft | None:
    """What the rows make together, its version aside; None, with problems, where they do not fit together."""
    for column in ("source", "published"):
        stated = [row for row in rows if row.value[column] is not None]
        if not stated:
            _refuse(rows[:1], f"{column}_missing", "Write it in the first row at least.", column)
        for row in stated:
            if row.value[column] != stated[0].value[column]:
                detail = f"Row {stated[0].number} has another; a file is one notice, of one source and publication."
                _refuse([row], f"{column}_differs", detail, column)
    year = _year_of(rows)
    for row in rows:
        if not HolidayNoticeDraft.is_near(_day(row).day, year):
            detail = f"The file is of {year}, and may reach a month into the years before and after; take this day out."
            _refuse([row], "day_outside_year", detail, "day")
    if any(row.problems for row in rows):
        return None
    days = [_day(row) for row in rows]
    return HolidayNoticeDraft(
        version=0,
        source=_stated(rows, "source"),
        published=date.fromisoformat(_stated(rows, "published")),
        # A notice without any make-up day is one of the holidays alone, until somebody says otherwise on the page.
        complete=any(day.kind is DayKind.WORK for day in days),
        days=days,
    )


def _year_of(rows: Sequence[PreparedRow]) -> int:
    return Counter(_day(row).day.year for row in rows).most_common(1)[0][0]


def _day(row: PreparedRow) -> DayEntry:
    return DayEntry.model_validate({name: row.value[name] for name in ("day", "kind", "name")})


def _stated(rows: Sequence[PreparedRow], column: str) -> str:
    return next(str(row.value[column]) for row in rows if row.value[column] is not None)


def _says_the_same(notice: HolidayNotice, draft: HolidayNoticeDraft, year: int) -> bool:
    wanted = notice_of(year, notice.version, draft.source, draft.published, draft.complete, draft.days)
    return wanted == notice


def _refuse(rows: Sequence[PreparedRow], code: str, detail: str, column: str) -> None:
    for row in rows:
        row.problems.append(RowProblem(code=code, detail=detail, column=column))


def _refuse_rest(rows: Sequence[PreparedRow], refused: Sequence[int]) -> None:
    """A year with a day left out would count wrongly, and nobody would see it."""
    bad = sorted({*refused, *(row.number for row in rows if row.problems)})
    named = ", ".join(map(str, bad[:5])) + (" …" if len(bad) > 5 else "")
    rest = [row for row in rows if not row.problems]
    _refuse(rest, "notice_incomplete", f"A notice is written whole or not at all; mend row {named} first.", "")
