from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hotline.kernel.calendar import daily, every


def test_every_counts_from_the_last_time() -> None:
    assert every(timedelta(hours=1))(datetime(2026, 3, 2, 9, 30, tzinfo=UTC)) == datetime(
        2026, 3, 2, 10, 30, tzinfo=UTC
    )


def test_daily_is_the_next_such_hour_of_the_zone() -> None:
    next_time = daily(time(3, 30), ZoneInfo("Asia/Shanghai"))
    assert next_time(datetime(2026, 3, 2, 9, tzinfo=UTC)) == datetime(2026, 3, 2, 19, 30, tzinfo=UTC)
    assert next_time(datetime(2026, 3, 2, 19, 29, tzinfo=UTC)) == datetime(2026, 3, 2, 19, 30, tzinfo=UTC)
    assert next_time(datetime(2026, 3, 2, 19, 30, tzinfo=UTC)) == datetime(2026, 3, 3, 19, 30, tzinfo=UTC)


def test_daily_keeps_its_hour_where_clocks_are_put_forward() -> None:
    next_time = daily(time(3, 30), ZoneInfo("Europe/Berlin"))
    assert next_time(datetime(2026, 3, 28, 3, tzinfo=UTC)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
