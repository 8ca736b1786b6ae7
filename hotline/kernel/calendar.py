"""When recurring work is due next; pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def every(interval: timedelta) -> Callable[[datetime], datetime]:
    """Again so long after the last time."""
    return lambda now: now + interval


def daily(at: time, zone: ZoneInfo) -> Callable[[datetime], datetime]:
    """Once a day when clocks of `zone` show `at`."""

    def next_time(now: datetime) -> datetime:
        today = now.astimezone(zone).date()
        due = datetime.combine(today, at, zone)
        if due <= now:
            due = datetime.combine(today + timedelta(days=1), at, zone)
        return due.astimezone(UTC)

    return next_time
