"""Tables and notices that tests of working time share."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hotline.kernel.workcalendar import (
    DayKind,
    HolidayNotice,
    Holidays,
    HoursSeason,
    HoursTable,
    NoticeDay,
    WorkCalendar,
    WorkWeek,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")


def days(first: str, count: int, kind: DayKind = DayKind.OFF, name: str = "") -> tuple[NoticeDay, ...]:
    """So many days in a row."""
    return tuple(NoticeDay(date.fromisoformat(first) + timedelta(days=each), kind, name) for each in range(count))


def notice(
    year: int = 2026, *each: NoticeDay, version: int = 1, published: str = "2025-11-01", complete: bool = True
) -> HolidayNotice:
    """A notice of the State Council."""
    return HolidayNotice(
        year=year,
        source="国办发明电",
        version=version,
        published=date.fromisoformat(published),
        days=each,
        complete=complete,
    )


AUTUMN_2026 = Holidays.of(
    [
        notice(
            2026,
            *days("2026-09-25", 3),
            *days("2026-10-01", 7),
            *days("2026-09-20", 1, DayKind.WORK),
            *days("2026-10-10", 1, DayKind.WORK),
        )
    ]
)
"""Off 09-25…27 and 10-01…07; work on Sunday 09-20 and Saturday 10-10."""

OFFICE = HoursTable("office", WorkWeek.parse(dict.fromkeys(WORKDAYS, ("09:00-17:30",))))
NOON_BREAK = HoursTable("noon break", WorkWeek.parse(dict.fromkeys(WORKDAYS, ("09:00-12:00", "13:30-17:30"))))
NIGHT_SHIFT = HoursTable("night", WorkWeek.parse(dict.fromkeys(WORKDAYS, ("22:00-06:00",))))
WEDNESDAYS = HoursTable("wednesdays", WorkWeek.parse({"wed": ("09:00-12:00",)}))
SEASONAL = HoursTable(
    "seasonal",
    WorkWeek.parse(dict.fromkeys(WORKDAYS, ("09:00-17:30",))),
    (HoursSeason.parse("05-01", "09-30", WorkWeek.parse(dict.fromkeys(WORKDAYS, ("08:30-12:00", "15:00-18:00")))),),
)
NEW_YORK = HoursTable(
    "new york", WorkWeek.parse(dict.fromkeys(WORKDAYS, ("09:00-17:00",))), zone=ZoneInfo("America/New_York")
)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """ "2026-09-30 17:00" on the clocks of a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def local(moment: datetime, zone: ZoneInfo = SHANGHAI) -> str:
    """What clocks of the zone show."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def office() -> WorkCalendar:
    """Monday to Friday 09:00 to 17:30, autumn of 2026."""
    return WorkCalendar(OFFICE, AUTUMN_2026)
