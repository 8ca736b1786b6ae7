"""Adding and measuring working time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from hotline.kernel.workcalendar.amount import WorkTime
from hotline.kernel.workcalendar.days import Holidays
from hotline.kernel.workcalendar.explanation import Explanation
from hotline.kernel.workcalendar.tables import HoursTable
from hotline.kernel.workcalendar.timeline import MICROSECOND, Timeline, instant, moment

Suspension = tuple[datetime, datetime]
"""From and until; time that does not count (on hold, or closed before a reopening). They may overlap, in any order."""

_LONGEST = 64
"""Years; a limit that takes longer has no deadline."""


class NeverOpens(ValueError):
    """The table holds too few open hours for the amount asked for."""


class Due(NamedTuple):
    """When a limit runs out, and the years it reaches whose make-up days nobody has published yet."""

    at: datetime
    flagged: tuple[int, ...] = ()


class WorkCalendar:
    """One table of working hours with the official holidays. A value: safe to share, never changes.

    Hours and minutes are counted in open windows only. A limit that ends with a window ends at its closing, not at
    the next opening.

    The n-th working day keeps the time of day: made on Wednesday 17:00, one working day ends on Thursday 17:00. The
    day of the start is not counted. Where that day is closed at that time (another season, a shorter day), the limit
    ends at the closing before it, else at the day's opening. A start outside working hours counts as the closing
    before it: made on Sunday, one working day ends at Monday's closing. A window past midnight belongs to the day it
    begins on.

    A suspension moves a limit by the working time it took.
    """

    def __init__(self, table: HoursTable, holidays: Holidays) -> None:
        self.table = table
        self.holidays = holidays
        self._timeline: Timeline | None = None

    def add(self, start: datetime, amount: WorkTime, suspended: Iterable[Suspension] = ()) -> Due:
        """When `amount` of working time after `start` (aware) has passed; negative hours count backwards.

        Nothing at all ends at `start`, or at the next opening. The result is never in closed time.
        Raises NeverOpens, and ValueError for a suspension together with a negative amount.
        """
        at = begun = instant(start)
        spans = _merged(suspended, at) if suspended else []
        if spans and spans[0][0] == at:
            at = spans.pop(0)[1]
        duration = 0 if amount.days else amount.duration // MICROSECOND
        if amount.days:
            due = self._after_days(at, amount.days)
        elif duration > 0:
            due = self._after(at, duration)
        elif duration < 0:
            if spans:
                raise ValueError("a negative amount cannot be counted past a suspension")
            due = self._before(at, -duration)
        else:
            due = self._open_at(at)
        for first, last in spans:
            if first >= due:
                break
            lost = self._worked(first, last)
            due = self._after(due, lost) if lost else due
        return Due(moment(due), self._flagged(begun, due))

    def between(self, start: datetime, end: datetime, suspended: Iterable[Suspension] = ()) -> timedelta:
        """Working time from `start` to `end`, less that of the suspensions; negative when `end` is earlier."""
        if end < start:
            return -self.between(end, start, suspended)
        first, last = instant(start), instant(end)
        worked = self._worked(first, last)
        for since, until in _merged(suspended, first):
            if since < last:
                worked -= self._worked(since, min(until, last))
        return worked * MICROSECOND

    def is_open(self, at: datetime) -> bool:
        """Whether `at` is working time; not at the moment of closing itself."""
        now = instant(at)
        timeline = self._covering(now)
        window = timeline.window_at(now)
        return window is not None and now < timeline.closes[window]

    def next_open(self, at: datetime) -> datetime:
        """`at` itself when it is working time, else the next opening. Raises NeverOpens."""
        return at if self.is_open(at) else moment(self._next_opening(instant(at)))

    def explain(self, start: datetime, amount: WorkTime, suspended: Iterable[Suspension] = ()) -> Explanation:
        """The same as `add`, with what was skipped and counted on the way."""
        spans = tuple(suspended)
        due = self.add(start, amount, spans)
        zone = self.table.zone
        first, last = sorted((start.astimezone(zone), due.at.astimezone(zone)))
        observed = self.table.holidays
        return Explanation(
            table=self.table,
            start=start,
            amount=amount,
            due=due.at,
            holidays=self.holidays.off(first.date(), last.date()) if observed else (),
            make_up_days=self.holidays.make_up(first.date(), last.date()) if observed else (),
            suspended=timedelta(microseconds=sum(b - a for a, b in _merged(spans, instant(start), instant(due.at)))),
            unpublished=due.flagged,
        )

    def _flagged(self, start: int, due: int) -> tuple[int, ...]:
        if not self.table.holidays:
            return ()
        self._covering(start)
        timeline, published = self._covering(due), self.holidays.published
        first, last = timeline.year(start), timeline.year(due)
        if first == last:
            return () if published(first) else (first,)
        return tuple(year for year in range(min(first, last), max(first, last) + 1) if not published(year))

    def _after(self, at: int, amount: int) -> int:
        timeline = self._covering(at)
        target = timeline.worked(at) + amount
        while target > timeline.total:
            timeline = self._longer(timeline, forward=True)
            target = timeline.worked(at) + amount
        return timeline.reached(target)

    def _before(self, at: int, amount: int) -> int:
        timeline = self._covering(at)
        target = timeline.worked(at) - amount
        while target < 0:
            timeline = self._longer(timeline, forward=False)
            target = timeline.worked(at) - amount
        return timeline.left(target)

    def _after_days(self, at: int, days: int) -> int:
        timeline = self._covering(at)
        while (window := bisect_right(timeline.opens, at) - 1) < 0:
            timeline = self._longer(timeline, forward=False)
        while (day := timeline.day_of[window] + days) >= len(timeline.days):
            timeline = self._longer(timeline, forward=True)
        wanted = timeline.same_time(min(at, timeline.closes[window]), timeline.day_of[window], day)
        first, last = timeline.window_of[day], timeline.window_of[day + 1] - 1
        while last > first and timeline.opens[last] > wanted:
            last -= 1
        return min(max(wanted, timeline.opens[last]), timeline.closes[last])

    def _open_at(self, at: int) -> int:
        return at if self._covering(at).window_at(at) is not None else self._next_opening(at)

    def _next_opening(self, at: int) -> int:
        timeline = self._covering(at)
        while (window := bisect_left(timeline.opens, at)) == len(timeline.opens):
            timeline = self._longer(timeline, forward=True)
        return timeline.opens[window]

    def _worked(self, first: int, last: int) -> int:
        self._covering(first)
        timeline = self._covering(last)
        return timeline.worked(last) - timeline.worked(first)

    def _covering(self, at: int) -> Timeline:
        timeline = self._timeline
        if timeline is not None and timeline.start <= at < timeline.end:
            return timeline
        year = moment(at).year
        first, last = date(year - 1, 1, 1), date(year + 2, 12, 31)
        if timeline is not None:
            first, last = min(first, timeline.first), max(last, timeline.last)
        return self._build(first, last)

    def _longer(self, timeline: Timeline, *, forward: bool) -> Timeline:
        years = timeline.last.year - timeline.first.year + 1
        if years > _LONGEST:
            raise NeverOpens(f"the hours of {self.table.name!r} hold too little working time; look at its windows")
        if forward:
            return self._build(timeline.first, date(timeline.last.year + years, 12, 31))
        return self._build(date(timeline.first.year - years, 1, 1), timeline.last)

    def _build(self, first: date, last: date) -> Timeline:
        # Another thread may build one too; either is right, and each caller computes with the one it holds.
        timeline = self._timeline = Timeline(self.table, self.holidays, first, last)
        return timeline


def _merged(spans: Iterable[Suspension], start: int, end: int | None = None) -> list[tuple[int, int]]:
    """The suspensions as spans of instants in order, none overlapping, cut to those after `start` and before `end`."""
    merged: list[tuple[int, int]] = []
    for since, until in sorted((instant(first), instant(last)) for first, last in spans):
        since, until = max(since, start), until if end is None else min(until, end)
        if since >= until:
            continue
        if merged and since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(until, merged[-1][1]))
        else:
            merged.append((since, until))
    return merged
