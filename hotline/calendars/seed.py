"""What a new installation knows: the holidays of the package `holidays`, and office hours."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from importlib.metadata import version

from hotline.calendars.current import Calendars
from hotline.calendars.schemas import Hours
from hotline.kernel.workcalendar import DayKind, HolidayNotice, NoticeDay

SEED_SOURCE = "python-holidays"
FIRST_YEAR = 2024
OFFICE = "office"
OFFICE_TITLE = "办公时间"
OFFICE_HOURS = Hours(week=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ["09:00-17:30"]))

_DAY = timedelta(days=1)
_MOVED = "休息日"
"""How the package calls a day off that a make-up day pays for."""


@cache
def installed_calendars(until: int) -> Calendars:
    """What a new installation knows."""
    return Calendars([OFFICE_HOURS.table(OFFICE)], seed_notices(until))


@cache
def seed_notices(until: int) -> tuple[HolidayNotice, ...]:
    """One notice a year up to `until`, as far as the package knows.

    It knows the statutory holidays of any year, but make-up days only once they are published: without any, the year
    is not complete.
    """
    # Imported here: it takes a tenth of a second, and only an installation's start needs it.
    import holidays

    source = f"{SEED_SOURCE} {version('holidays')}"
    china = holidays.country_holidays("CN", years=range(FIRST_YEAR, until + 1), language="zh_CN")
    work = {day for day in china.weekend_workdays if FIRST_YEAR <= day.year <= until}
    off = _with_weekends({day: str(name) for day, name in china.items()}, work)
    return tuple(_notice(year, source, off, work) for year in range(FIRST_YEAR, until + 1))


def _notice(year: int, source: str, off: dict[date, str], work: set[date]) -> HolidayNotice:
    days = [NoticeDay(day, DayKind.OFF, name) for day, name in off.items() if day.year == year]
    days += [NoticeDay(day, DayKind.WORK, "调休上班") for day in work if day.year == year]
    return HolidayNotice(
        year=year,
        source=source,
        version=1,
        published=None,
        days=tuple(sorted(days)),
        complete=any(day.kind is DayKind.WORK for day in days),
    )


def _with_weekends(named: dict[date, str], work: set[date]) -> dict[date, str]:
    """The days off as a notice lists them: with the weekends inside and beside, all under the festival's name."""
    off = set(named)
    for day in named:
        for step in (_DAY, -_DAY):
            beside = day + step
            while beside.weekday() >= 5 and beside not in work:
                off.add(beside)
                beside += step
    result: dict[date, str] = {}
    for day in sorted(off):
        own = named.get(day, _MOVED).split("（")[0].split("; ")[0]
        result[day] = own if own != _MOVED else result.get(day - _DAY) or _next_name(day, named)
    return result


def _next_name(day: date, named: dict[date, str]) -> str:
    """The first festival within a week after a day off before it."""
    following = (named.get(day + _DAY * ahead, _MOVED).split("（")[0] for ahead in range(1, 8))
    return next((name for name in following if name != _MOVED), _MOVED)
