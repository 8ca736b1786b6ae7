"""Deadlines per second on one core, and how they grow with the span: `add` bisects, so they hardly do.

    python -m bench.workcalendar

Processor time, the best of several rounds; the first use of a span (its years are laid out once) is shown apart.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

from hotline.kernel.workcalendar import (
    DayKind,
    HolidayNotice,
    Holidays,
    HoursTable,
    NoticeDay,
    WorkCalendar,
    WorkTime,
    WorkWeek,
)

START = datetime(2026, 9, 30, 9, tzinfo=UTC)
USUAL = "5 working days"
ROUNDS, TIMES = 7, 20_000
AMOUNTS = [
    ("4 working hours", WorkTime(hours=4)),
    ("100 working hours", WorkTime(hours=100)),
    ("2,000 working hours", WorkTime(hours=2000)),
    ("20,000 working hours", WorkTime(hours=20_000)),
    (USUAL, WorkTime(days=5)),
    ("250 working days", WorkTime(days=250)),
    ("2,500 working days", WorkTime(days=2500)),
]


def calendar() -> WorkCalendar:
    """Two windows a day and ten years of holidays."""
    notices = [
        HolidayNotice(
            year=year,
            source="bench",
            version=1,
            published=date(year - 1, 11, 1),
            days=tuple(NoticeDay(date(year, 10, day), DayKind.OFF) for day in range(1, 8)),
            complete=True,
        )
        for year in range(2022, 2032)
    ]
    week = WorkWeek.parse(dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-12:00", "13:30-17:30")))
    return WorkCalendar(HoursTable("office", week), Holidays.of(notices))


def rate(working: WorkCalendar, amount: WorkTime) -> float:
    """Calls of `add` a second of processor time."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(TIMES):
            working.add(START, amount)
        best = min(best, time.process_time() - began)
    return TIMES / best


def rates() -> dict[str, float]:
    """Deadlines a second of processor time on one core, by how far they reach."""
    return {title: rate(calendar(), amount) for title, amount in AMOUNTS}


def main() -> None:
    for title, amount in AMOUNTS:
        working = calendar()
        began = time.process_time()
        due = working.add(START, amount)
        first = timedelta(seconds=time.process_time() - began) / timedelta(milliseconds=1)
        print(f"{title:22} {rate(working, amount):9,.0f}/s   first {first:5.1f} ms   due {due.at:%Y-%m-%d}")


if __name__ == "__main__":
    main()
