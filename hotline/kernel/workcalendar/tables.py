"""Tables of working hours: windows by weekday and season."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(24:00|(?:[01]\d|2[0-3]):[0-5]\d)")
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class HoursWindow(NamedTuple):
    """Minutes after midnight of the day it belongs to; a window past midnight ends above 24 * 60."""

    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> HoursWindow:
        """Read "09:00-12:00"; an end at or before the start is on the next day ("22:00-06:00").

        Raises ValueError, with words for whoever wrote it.
        """
        if not _WINDOW.fullmatch(text):
            raise ValueError(
                f'{text!r} is not a window; write one such as "09:00-17:30", or "22:00-06:00" past midnight'
            )
        start, end = _minutes(text[:5]), _minutes(text[6:])
        return cls(start, end if end > start else end + DAY_MINUTES)

    def __str__(self) -> str:
        end = self.end if self.end <= DAY_MINUTES else self.end - DAY_MINUTES
        return f"{self.start // 60:02d}:{self.start % 60:02d}-{end // 60:02d}:{end % 60:02d}"


Windows = tuple[HoursWindow, ...]


@dataclass(frozen=True, slots=True)
class WorkWeek:
    """Windows from Monday to Sunday, sorted; on a make-up day those of `make_up`, else Monday's."""

    days: tuple[Windows, Windows, Windows, Windows, Windows, Windows, Windows]
    make_up: Windows | None = None

    @classmethod
    def parse(cls, week: Mapping[str, tuple[str, ...] | list[str]], make_up: list[str] | None = None) -> WorkWeek:
        """Read {"mon": ["09:00-12:00", "13:30-17:30"], …}; a day left out is closed.

        Raises ValueError for an unknown day, an unreadable window, and windows of one day that overlap.
        """
        unknown = week.keys() - set(WEEKDAYS)
        if unknown:
            raise ValueError(f"{sorted(unknown)[0]!r} is not a day; the days are {', '.join(WEEKDAYS)}")
        mon, tue, wed, thu, fri, sat, sun = (_windows(week.get(day, ())) for day in WEEKDAYS)
        return cls((mon, tue, wed, thu, fri, sat, sun), None if make_up is None else _windows(make_up))

    def on_make_up_day(self) -> Windows:
        """The windows of a make-up day (调休)."""
        return self.days[0] if self.make_up is None else self.make_up


@dataclass(frozen=True, slots=True)
class HoursSeason:
    """Another week from one month and day to another, both included, each year; it may span New Year."""

    first: tuple[int, int]
    last: tuple[int, int]
    week: WorkWeek

    @classmethod
    def parse(cls, first: str, last: str, week: WorkWeek) -> HoursSeason:
        """Read "05-01" and "09-30"; raises ValueError."""
        return cls(_month_day(first), _month_day(last), week)

    def covers(self, day: date) -> bool:
        """Whether `day` lies in the season."""
        month_day = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= month_day <= self.last
        return month_day >= self.first or month_day <= self.last


@dataclass(frozen=True)
class HoursTable:
    """One named table of working hours; the first season that covers a day replaces the week."""

    name: str
    week: WorkWeek
    seasons: tuple[HoursSeason, ...] = ()
    zone: ZoneInfo = ZoneInfo("Asia/Shanghai")
    holidays: bool = True
    """Whether it closes on holidays and opens on make-up days; without, no year of it is ever flagged."""

    def week_of(self, day: date) -> WorkWeek:
        """The week that holds on `day`."""
        return next((season.week for season in self.seasons if season.covers(day)), self.week)


_ALL_DAY = (HoursWindow(0, DAY_MINUTES),)
AROUND_THE_CLOCK = HoursTable(
    "24x7", WorkWeek((_ALL_DAY, _ALL_DAY, _ALL_DAY, _ALL_DAY, _ALL_DAY, _ALL_DAY, _ALL_DAY)), holidays=False
)
"""Every minute counts: the utilities' 30 minutes, life-safety's 15."""


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _month_day(text: str) -> tuple[int, int]:
    if not _MONTH_DAY.fullmatch(text):
        raise ValueError(f'{text!r} is not a month and day; write one such as "05-01"')
    return int(text[:2]), int(text[3:])


def _windows(texts: tuple[str, ...] | list[str]) -> Windows:
    windows = tuple(sorted(HoursWindow.parse(text) for text in texts))
    for before, after in zip(windows, windows[1:], strict=False):
        if after.start < before.end:
            raise ValueError(f"the windows {before} and {after} overlap")
    return windows
