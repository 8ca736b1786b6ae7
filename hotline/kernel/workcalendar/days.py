"""Official holidays and make-up days (调休): notices by year, the newest of which wins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple


class DayKind(StrEnum):
    """How a day differs from its weekday."""

    OFF = "off"
    """A holiday (放假), whatever the weekday."""
    WORK = "work"
    """A make-up day (调休上班), whatever the weekday."""


class NoticeDay(NamedTuple):
    """One day of a notice."""

    day: date
    kind: DayKind
    name: str = ""


class DateRange(NamedTuple):
    """Days from `first` to `last`, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayNotice:
    """All holidays and make-up days of one year, as one source gives them.

    Its days may reach into the neighbouring years (New Year's holiday often starts in December).
    `complete` says that the make-up days are known, or known to be none; a list of the statutory holidays alone
    is not complete, and the year stays flagged.
    """

    year: int
    source: str
    version: int
    published: date | None
    """None where the source does not say; older than any that does."""
    days: tuple[NoticeDay, ...]
    complete: bool


@dataclass(frozen=True)
class Holidays:
    """What the newest notice of each year says; the later `published`, then the higher `version`, wins."""

    notices: tuple[HolidayNotice, ...] = ()
    winners: dict[int, HolidayNotice] = field(init=False, compare=False, repr=False)
    _kinds: dict[date, NoticeDay] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        winners: dict[int, HolidayNotice] = {}
        for notice in sorted(self.notices, key=lambda each: (each.published or date.min, each.version)):
            winners[notice.year] = notice
        kinds = {each.day: each for year in sorted(winners) for each in winners[year].days}
        object.__setattr__(self, "winners", winners)
        object.__setattr__(self, "_kinds", kinds)

    @classmethod
    def of(cls, notices: Iterable[HolidayNotice]) -> Holidays:
        """Holidays by any number of notices, several of one year among them."""
        return cls(tuple(notices))

    def kind(self, day: date) -> DayKind | None:
        """How `day` differs from its weekday; None when it does not."""
        found = self._kinds.get(day)
        return None if found is None else found.kind

    def name(self, day: date) -> str:
        """What the day is called in its notice; empty for a plain day."""
        found = self._kinds.get(day)
        return "" if found is None else found.name

    def published(self, year: int) -> bool:
        """Whether the make-up days of `year` are known."""
        notice = self.winners.get(year)
        return notice is not None and notice.complete

    def off(self, first: date, last: date) -> tuple[DateRange, ...]:
        """The runs of holidays that touch the days from `first` to `last`, each whole."""
        runs: list[DateRange] = []
        for each in self._of(DayKind.OFF):
            if runs and each - runs[-1].last == timedelta(days=1):
                runs[-1] = DateRange(runs[-1].first, each)
            else:
                runs.append(DateRange(each, each))
        return tuple(run for run in runs if run.first <= last and run.last >= first)

    def make_up(self, first: date, last: date) -> tuple[date, ...]:
        """The make-up days from `first` to `last`."""
        return tuple(day for day in self._of(DayKind.WORK) if first <= day <= last)

    def _of(self, kind: DayKind) -> list[date]:
        return sorted(day for day, each in self._kinds.items() if each.kind is kind)
