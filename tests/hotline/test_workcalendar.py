"""Working time: the fixed points of the domain, and the rules one by one."""

from __future__ import annotations

from datetime import UTC, date, timedelta

import pytest

from hotline.kernel.workcalendar import (
    AROUND_THE_CLOCK,
    DateRange,
    DayKind,
    Due,
    Holidays,
    HoursTable,
    HoursWindow,
    NeverOpens,
    WorkCalendar,
    WorkTime,
    WorkWeek,
)
from tests.hotline.workcalendars import (
    AUTUMN_2026,
    NEW_YORK,
    NIGHT_SHIFT,
    NOON_BREAK,
    OFFICE,
    SEASONAL,
    WEDNESDAYS,
    WORKDAYS,
    at,
    days,
    local,
    notice,
    office,
)


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        ("2026-09-30 17:00", WorkTime(hours=8.5), "2026-10-08 17:00"),
        ("2026-09-30 17:00", WorkTime(days=5), "2026-10-13 17:00"),
        ("2026-10-04 23:50", WorkTime(hours=1), "2026-10-08 10:00"),
        ("2026-09-18 17:00", WorkTime(hours=8.5), "2026-09-20 17:00"),
    ],
)
def test_fixed_points_of_the_domain(start: str, amount: WorkTime, due: str) -> None:
    assert office().add(at(start), amount) == Due(at(due).astimezone(UTC))


@pytest.mark.parametrize(
    ("table", "start", "amount", "due"),
    [
        (NOON_BREAK, "2026-10-12 11:30", WorkTime(hours=1), "2026-10-12 14:00"),
        (NOON_BREAK, "2026-10-12 11:00", WorkTime(hours=1), "2026-10-12 12:00"),
        (NOON_BREAK, "2026-10-12 12:30", WorkTime(minutes=15), "2026-10-12 13:45"),
        (NOON_BREAK, "2026-10-12 12:30", WorkTime(days=1), "2026-10-13 12:00"),
        (NIGHT_SHIFT, "2026-10-13 05:00", WorkTime(hours=2), "2026-10-13 23:00"),
        (NIGHT_SHIFT, "2026-10-13 02:00", WorkTime(days=1), "2026-10-14 02:00"),
        (NIGHT_SHIFT, "2026-09-30 23:00", WorkTime(hours=8), "2026-10-08 23:00"),
        (WEDNESDAYS, "2026-10-13 10:00", WorkTime(hours=4), "2026-10-21 10:00"),
        (WEDNESDAYS, "2026-10-14 10:00", WorkTime(days=2), "2026-10-28 10:00"),
        (SEASONAL, "2026-09-29 17:45", WorkTime(days=2), "2026-10-08 17:30"),
        (SEASONAL, "2026-09-30 08:30", WorkTime(days=1), "2026-10-08 09:00"),
        (SEASONAL, "2026-09-30 17:30", WorkTime(hours=1), "2026-10-08 09:30"),
        (AROUND_THE_CLOCK, "2026-10-03 23:50", WorkTime(minutes=30), "2026-10-04 00:20"),
        (AROUND_THE_CLOCK, "2026-10-01 00:00", WorkTime(days=2), "2026-10-03 00:00"),
        (OFFICE, "2026-10-11 12:00", WorkTime(days=1), "2026-10-12 17:30"),
        (OFFICE, "2026-10-12 17:30", WorkTime(), "2026-10-12 17:30"),
        (OFFICE, "2026-10-12 20:00", WorkTime(), "2026-10-13 09:00"),
        (OFFICE, "2026-10-12 10:00", WorkTime(hours=-2), "2026-10-10 16:30"),
    ],
)
def test_one_limit_in_one_table(table: HoursTable, start: str, amount: WorkTime, due: str) -> None:
    assert local(WorkCalendar(table, AUTUMN_2026).add(at(start), amount).at) == due


@pytest.mark.parametrize(
    ("moment", "is_open", "opens"),
    [
        ("2026-10-03 10:00", False, "2026-10-08 09:00"),
        ("2026-10-10 09:00", True, "2026-10-10 09:00"),
        ("2026-10-12 17:29", True, "2026-10-12 17:29"),
        ("2026-10-12 17:30", False, "2026-10-13 09:00"),
    ],
)
def test_open_and_the_next_opening(moment: str, is_open: bool, opens: str) -> None:
    assert office().is_open(at(moment)) is is_open
    assert local(office().next_open(at(moment))) == opens


def test_a_year_without_make_up_days_is_flagged_where_a_limit_reaches_it() -> None:
    statutory_only = notice(2027, *days("2027-01-01", 1), complete=False)
    calendar = WorkCalendar(OFFICE, Holidays.of([*AUTUMN_2026.notices, statutory_only]))
    assert calendar.add(at("2026-12-30 10:00"), WorkTime(days=1)).flagged == ()
    assert calendar.add(at("2026-12-30 10:00"), WorkTime(days=3)).flagged == (2027,)
    assert calendar.add(at("2026-12-30 10:00"), WorkTime(days=300)).flagged == (2027, 2028)
    assert calendar.add(at("2025-12-31 10:00"), WorkTime(hours=9)).flagged == (2025,)


def test_no_year_is_flagged_around_the_clock() -> None:
    assert WorkCalendar(AROUND_THE_CLOCK, Holidays()).add(at("2031-05-01 10:00"), WorkTime(minutes=15)).flagged == ()


def test_the_newest_notice_of_a_year_wins() -> None:
    first = notice(2026, *days("2026-10-01", 7))
    corrected = notice(2026, *days("2026-10-01", 8), version=2)
    holidays = Holidays.of([corrected, first])
    assert holidays.kind(date(2026, 10, 8)) is DayKind.OFF
    earlier = notice(2026, *days("2026-10-01", 3), version=9, published="2025-10-01")
    assert Holidays.of([corrected, earlier]).kind(date(2026, 10, 8)) is DayKind.OFF


def test_new_years_holiday_may_start_in_december() -> None:
    calendar = WorkCalendar(OFFICE, Holidays.of([notice(2026), notice(2027, *days("2026-12-31", 2))]))
    assert not calendar.is_open(at("2026-12-31 10:00"))


def test_a_weekend_on_hold_costs_nothing() -> None:
    weekend = [(at("2026-10-16 17:30"), at("2026-10-19 09:00"))]
    due = office().add(at("2026-10-16 16:30"), WorkTime(hours=2), weekend)
    assert local(due.at) == "2026-10-19 10:00"
    assert due == office().add(at("2026-10-16 16:30"), WorkTime(hours=2))


def test_time_on_hold_does_not_count() -> None:
    held = [(at("2026-10-16 16:30"), at("2026-10-19 10:00"))]
    assert local(office().add(at("2026-10-16 15:30"), WorkTime(hours=2), held).at) == "2026-10-19 11:00"
    assert local(office().add(at("2026-10-14 15:30"), WorkTime(days=5), held).at) == "2026-10-21 17:30"
    assert office().between(at("2026-10-16 15:30"), at("2026-10-19 11:00"), held) == timedelta(hours=2)


def test_closed_time_before_a_reopening_does_not_count() -> None:
    closed = [(at("2026-10-13 10:00"), at("2026-10-15 10:00")), (at("2026-10-12 15:00"), at("2026-10-12 16:00"))]
    due = office().add(at("2026-10-12 14:00"), WorkTime(hours=8.5), closed)
    assert local(due.at) == "2026-10-15 15:00"
    assert office().between(at("2026-10-12 14:00"), due.at, closed) == timedelta(hours=8.5)


def test_a_start_while_on_hold_begins_when_the_hold_ends() -> None:
    held = [(at("2026-10-12 10:00"), at("2026-10-12 14:00"))]
    assert local(office().add(at("2026-10-12 11:00"), WorkTime(hours=1), held).at) == "2026-10-12 15:00"


def test_an_hour_is_an_hour_where_clocks_change() -> None:
    calendar = WorkCalendar(NEW_YORK, Holidays.of([notice(2026)]))
    due = calendar.add(at("2026-10-30 16:00", NEW_YORK.zone), WorkTime(hours=2))
    assert local(due.at, NEW_YORK.zone) == "2026-11-02 10:00"
    due = calendar.add(at("2026-10-30 16:00", NEW_YORK.zone), WorkTime(days=1))
    assert local(due.at, NEW_YORK.zone) == "2026-11-02 16:00"


def test_explained_in_both_languages() -> None:
    why = office().explain(at("2026-09-30 17:00"), WorkTime(days=5))
    assert why.holidays == (DateRange(date(2026, 10, 1), date(2026, 10, 7)),)
    assert why.make_up_days == (date(2026, 10, 10),)
    assert local(why.due) == "2026-10-13 17:00"
    assert why.text("zh") == "5 个工作日，自 09-30 17:00 起；10-01…07 放假；10-10 调休上班"
    assert why.text("en") == "5 working days from 09-30 17:00; holiday 10-01…07; make-up workday 10-10"


def test_an_unpublished_year_and_a_hold_are_explained() -> None:
    held = [(at("2026-12-31 10:00"), at("2026-12-31 12:00"))]
    why = office().explain(at("2026-12-31 09:30"), WorkTime(hours=8), held)
    assert why.text("zh").split("；") == [
        "8 个工作小时，自 2026-12-31 09:30 起",
        "暂停 2 小时，不计",
        "2027 年调休安排尚未公布，暂按周末推算",
    ]
    assert "2027" in why.text("en")
    assert "suspended for 2 h" in why.text("en")


def test_around_the_clock_says_no_working_time() -> None:
    why = WorkCalendar(AROUND_THE_CLOCK, AUTUMN_2026).explain(at("2026-10-01 10:00"), WorkTime(minutes=30))
    assert why.text("zh") == "30 分钟，自 10-01 10:00 起"
    assert why.text("en") == "30 minutes from 10-01 10:00"


def test_a_table_that_never_opens_has_no_deadline() -> None:
    never = WorkCalendar(HoursTable("never", WorkWeek.parse({})), AUTUMN_2026)
    for amount in (WorkTime(hours=1), WorkTime(days=1), WorkTime()):
        with pytest.raises(NeverOpens, match="never"):
            never.add(at("2026-10-12 10:00"), amount)


def test_a_make_up_day_may_have_hours_of_its_own() -> None:
    week = WorkWeek.parse(dict.fromkeys(WORKDAYS, ("09:00-17:30",)), make_up=["10:00-12:00"])
    calendar = WorkCalendar(HoursTable("short", week), AUTUMN_2026)
    assert calendar.between(at("2026-10-10 00:00"), at("2026-10-11 00:00")) == timedelta(hours=2)


@pytest.mark.parametrize("text", ["9-17", "25:00-26:00", "09:00-24:30", "09:00", ""])
def test_an_unreadable_window_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a window"):
        HoursWindow.parse(text)


def test_overlapping_windows_and_unknown_days_are_refused() -> None:
    with pytest.raises(ValueError, match=r"09:00-12:00 and 11:00-13:00 overlap"):
        WorkWeek.parse({"mon": ["11:00-13:00", "09:00-12:00"]})
    with pytest.raises(ValueError, match="'someday' is not a day"):
        WorkWeek.parse({"someday": ["09:00-12:00"]})


def test_days_and_hours_never_mix() -> None:
    with pytest.raises(ValueError, match="either days or hours"):
        WorkTime(days=1, hours=2)
