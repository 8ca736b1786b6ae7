"""When a specialist is on duty: a weekly pattern, exceptions by date, and who stands in. Pure.

A shift belongs to the day it begins, in the city's own time; one whose end is not after its start ends the next day. An
exception replaces the shifts of its day; the substitute it names has the usual ones of that day in addition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_AHEAD = 8
"""Days that are looked at: a week, and the day on which it would begin again."""
_DAY = timedelta(days=1)
WEEK = 7


@dataclass(frozen=True, slots=True)
class Shift:
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class DutyException:
    """`shifts` () : off duty that day."""

    shifts: tuple[Shift, ...] = ()
    substitute_id: str | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    weekly: Mapping[int, tuple[Shift, ...]] = field(default_factory=dict)
    """By weekday, Monday is 0."""
    exceptions: Mapping[date, DutyException] = field(default_factory=dict)

    def shifts(self, day: date) -> tuple[Shift, ...]:
        exception = self.exceptions.get(day)
        return self.usual(day) if exception is None else exception.shifts

    def usual(self, day: date) -> tuple[Shift, ...]:
        return self.weekly.get(day.weekday(), ())


@dataclass(frozen=True, slots=True)
class Duty:
    """`until`: when it ends; None without a roster, or where it does not end within a week. `begins`: the next one."""

    on_duty: bool
    until: datetime | None = None
    begins: datetime | None = None


def duty_of(specialist_id: str, *, flag: bool, rosters: Mapping[str, Roster], at: datetime, zone: ZoneInfo) -> Duty:
    """Of one specialist. `rosters`: those of the unit that have one, by specialist; without one the `flag` decides."""
    today = at.astimezone(zone).date()
    spans: list[tuple[datetime, datetime]] = []
    for ahead in range(-1, _AHEAD):
        day = today + ahead * _DAY
        spans += [_span(day, shift, zone) for shift in _shifts(specialist_id, rosters, day)]
    own = specialist_id in rosters
    for start, end in _merged(spans):
        if start <= at < end:
            endless = end >= at + (_AHEAD - 2) * _DAY
            return Duty(True, None if endless or (flag and not own) else end)
        if at < start:
            return Duty(flag and not own, begins=None if flag and not own else start)
    return Duty(flag and not own)


def hours_of(
    specialist_id: str, *, flag: bool, rosters: Mapping[str, Roster], monday: date
) -> list[tuple[datetime, datetime]]:
    """The hours of duty of one week as the city's clock shows them (naive), none over midnight: as `duty_of` decides.

    Such a stretch may end at the first moment of the next day.
    """
    first = datetime.combine(monday, time())
    last = first + WEEK * _DAY
    if flag and specialist_id not in rosters:
        merged: Sequence[tuple[datetime, datetime]] = [(first, last)]
    else:
        days = [monday + ahead * _DAY for ahead in range(-1, WEEK)]
        merged = _merged(_wall(day, shift) for day in days for shift in _shifts(specialist_id, rosters, day))
    midnights = [first + ahead * _DAY for ahead in range(WEEK)]
    return [
        (max(start, midnight), min(end, midnight + _DAY))
        for midnight in midnights
        for start, end in merged
        if start < midnight + _DAY and end > midnight
    ]


def _shifts(specialist_id: str, rosters: Mapping[str, Roster], day: date) -> list[Shift]:
    own = rosters.get(specialist_id)
    shifts = list(own.shifts(day)) if own else []
    for roster in rosters.values():
        exception = roster.exceptions.get(day)
        if exception is not None and exception.substitute_id == specialist_id:
            shifts += roster.usual(day)
    return shifts


def _span(day: date, shift: Shift, zone: ZoneInfo) -> tuple[datetime, datetime]:
    start, end = _wall(day, shift)
    return start.replace(tzinfo=zone).astimezone(UTC), end.replace(tzinfo=zone).astimezone(UTC)


def _wall(day: date, shift: Shift) -> tuple[datetime, datetime]:
    last = day if shift.end > shift.start else day + _DAY
    return datetime.combine(day, shift.start), datetime.combine(last, shift.end)


def _merged(spans: Iterable[tuple[datetime, datetime]]) -> Sequence[tuple[datetime, datetime]]:
    """In order, those that touch or overlap as one."""
    merged: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
