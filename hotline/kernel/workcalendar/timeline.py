"""The open windows of some years in a row, as sorted arrays to bisect; built once, never changed.

Instants are whole microseconds since 1970 in UTC, so that sums are exact.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hotline.kernel.workcalendar.days import DayKind, Holidays
from hotline.kernel.workcalendar.tables import HoursTable, Windows

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)


def instant(moment: datetime) -> int:
    """Microseconds of an aware moment; raises TypeError for a naive one."""
    return (moment - EPOCH) // MICROSECOND


def moment(at: int) -> datetime:
    """The moment of an instant, aware, in UTC."""
    return EPOCH + timedelta(microseconds=at)


class Timeline:
    """Windows of the working days from `first` to `last`, cut so that none overlaps the one before it."""

    def __init__(self, table: HoursTable, holidays: Holidays, first: date, last: date) -> None:
        """Lay out whole years: `first` is a 1 January, `last` a 31 December."""
        self.first, self.last = first, last
        self.start, self.end = _instant(first, 0, table.zone), _instant(last, 0, table.zone)
        self.opens: list[int] = []
        self.closes: list[int] = []
        self.before: list[int] = []
        """Working time before each window."""
        self.after: list[int] = []
        """Working time up to the end of each window."""
        self.day_of: list[int] = []
        """Each window's working day, as an index of `days`."""
        self.days: list[datetime] = []
        """The midnight each working day begins with, as clocks show it (naive)."""
        self.window_of: list[int] = []
        """Each working day's first window; one more at the end."""
        self._fill(table, holidays)
        self.total = self.after[-1] if self.after else 0

        self.midnights = [wall(day, table.zone) for day in self.days]
        """The instant each working day begins at."""
        self._years = [_instant(date(year, 1, 1), 0, table.zone) for year in range(first.year + 1, last.year + 1)]
        self._zone = table.zone
        offsets = {day.replace(tzinfo=table.zone).utcoffset() for day in self.days}
        self._steady = len(offsets) == 1

    def _fill(self, table: HoursTable, holidays: Holidays) -> None:
        day, worked, closed = self.first, 0, self.start
        while day <= self.last:
            windows = 0
            for window in windows_of(day, table, holidays):
                opens = max(_instant(day, window.start, table.zone), closed)
                closes = _instant(day, window.end, table.zone)
                if opens >= closes:
                    continue
                self.opens.append(opens)
                self.closes.append(closes)
                self.before.append(worked)
                worked += closes - opens
                self.after.append(worked)
                self.day_of.append(len(self.days))
                closed, windows = closes, windows + 1
            if windows:
                self.window_of.append(len(self.opens) - windows)
                self.days.append(datetime.combine(day, time()))
            day += _DAY
        self.window_of.append(len(self.opens))

    def worked(self, at: int) -> int:
        """Working time from the start of the timeline to `at`."""
        window = bisect_right(self.opens, at) - 1
        if window < 0:
            return 0
        return self.before[window] + min(at, self.closes[window]) - self.opens[window]

    def reached(self, worked: int) -> int:
        """The first instant by which so much has been worked: a closing rather than the next opening."""
        window = bisect_left(self.after, worked)
        return self.opens[window] + worked - self.before[window]

    def left(self, worked: int) -> int:
        """The last instant by which no more than so much has been worked: an opening rather than a closing."""
        window = bisect_right(self.before, worked) - 1
        return self.opens[window] + worked - self.before[window]

    def same_time(self, at: int, since: int, day: int) -> int:
        """When clocks show on the working day `day` what they show at `at` on the working day `since`."""
        if self._steady:
            return self.midnights[day] + at - self.midnights[since]
        shown = moment(at).astimezone(self._zone).replace(tzinfo=None)
        return wall(self.days[day] + (shown - self.days[since]), self._zone)

    def year(self, at: int) -> int:
        """The year that clocks show at `at`."""
        return self.first.year + bisect_right(self._years, at)

    def window_at(self, at: int) -> int | None:
        """The window that holds `at`, its closing included; None in closed time."""
        window = bisect_right(self.opens, at) - 1
        return window if window >= 0 and at <= self.closes[window] else None


def windows_of(day: date, table: HoursTable, holidays: Holidays) -> Windows:
    """The windows that belong to `day`."""
    week = table.week_of(day)
    match holidays.kind(day) if table.holidays else None:
        case DayKind.OFF:
            return ()
        case DayKind.WORK:
            return week.on_make_up_day()
        case None:
            return week.days[day.weekday()]


def wall(shown: datetime, zone: ZoneInfo) -> int:
    """The instant when clocks of `zone` show a naive date and time."""
    return instant(shown.replace(tzinfo=zone))


def _instant(day: date, minutes: int, zone: ZoneInfo) -> int:
    return wall(datetime.combine(day, time()) + timedelta(minutes=minutes), zone)
