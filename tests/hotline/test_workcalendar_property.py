"""Working time: what holds for every table, start, amount and hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.kernel.workcalendar import AROUND_THE_CLOCK, Suspension, WorkCalendar, WorkTime
from tests.hotline.workcalendars import AUTUMN_2026, NEW_YORK, NIGHT_SHIFT, NOON_BREAK, OFFICE, SEASONAL, WEDNESDAYS

CALENDARS = [
    WorkCalendar(table, AUTUMN_2026)
    for table in (OFFICE, NOON_BREAK, NIGHT_SHIFT, SEASONAL, WEDNESDAYS, NEW_YORK, AROUND_THE_CLOCK)
]

calendars = st.sampled_from(CALENDARS)
moments = st.datetimes(datetime(2026, 8, 1), datetime(2027, 1, 31)).map(lambda each: each.replace(tzinfo=UTC))
hours = st.floats(min_value=0.01, max_value=200)
lengths = st.timedeltas(timedelta(0), timedelta(days=9))
holds = st.lists(st.tuples(moments, lengths).map(lambda each: (each[0], each[0] + each[1])), max_size=4)


@settings(max_examples=400, deadline=None)
@given(calendars, moments, hours, holds)
def test_add_and_between_are_inverse(
    calendar: WorkCalendar, start: datetime, amount: float, held: list[Suspension]
) -> None:
    worktime = WorkTime(hours=amount)
    due = calendar.add(start, worktime, held)
    assert calendar.between(start, due.at, held) == worktime.duration


@settings(max_examples=400, deadline=None)
@given(calendars, moments, hours)
def test_counting_back_leads_home(calendar: WorkCalendar, start: datetime, amount: float) -> None:
    opened = calendar.next_open(start)
    due = calendar.add(opened, WorkTime(hours=amount)).at
    assert calendar.between(calendar.add(due, WorkTime(hours=-amount)).at, opened) == timedelta(0)


@settings(max_examples=400, deadline=None)
@given(calendars, moments, moments, st.integers(0, 30), st.integers(0, 3), holds)
def test_a_later_start_or_more_days_never_end_earlier(
    calendar: WorkCalendar, one: datetime, other: datetime, days: int, more: int, held: list[Suspension]
) -> None:
    first, last = sorted((one, other))
    assert calendar.add(first, WorkTime(days=days)).at <= calendar.add(last, WorkTime(days=days + more)).at
    assert calendar.add(first, WorkTime(days=days)).at <= calendar.add(first, WorkTime(days=days), held).at


@settings(max_examples=400, deadline=None)
@given(calendars, moments, moments, hours, st.floats(0, 20), holds)
def test_a_later_start_or_more_hours_never_end_earlier(
    calendar: WorkCalendar, one: datetime, other: datetime, amount: float, more: float, held: list[Suspension]
) -> None:
    first, last = sorted((one, other))
    less = calendar.add(first, WorkTime(hours=amount), held).at
    assert less <= calendar.add(last, WorkTime(hours=amount + more), held).at


@settings(max_examples=400, deadline=None)
@given(
    calendars,
    moments,
    st.one_of(st.integers(0, 30).map(lambda n: WorkTime(days=n)), hours.map(lambda n: WorkTime(hours=n))),
    holds,
)
def test_a_limit_never_ends_in_closed_time(
    calendar: WorkCalendar, start: datetime, amount: WorkTime, held: list[Suspension]
) -> None:
    due = calendar.add(start, amount, held).at
    assert due >= start
    assert due.tzinfo is UTC
    assert calendar.is_open(due) or calendar.is_open(due - timedelta(microseconds=1))


@settings(max_examples=200, deadline=None)
@given(calendars, moments, moments, moments)
def test_working_time_adds_up(calendar: WorkCalendar, one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted((one, two, three))
    whole = calendar.between(first, last)
    assert whole == calendar.between(first, middle) + calendar.between(middle, last)
    assert whole == -calendar.between(last, first)
    assert timedelta(0) <= whole <= last - first


@settings(max_examples=200, deadline=None)
@given(calendars, moments)
def test_the_zone_of_a_moment_changes_nothing(calendar: WorkCalendar, start: datetime) -> None:
    there = start.astimezone(NEW_YORK.zone)
    assert calendar.add(there, WorkTime(days=3)) == calendar.add(start, WorkTime(days=3))
    assert calendar.is_open(there) == calendar.is_open(start)
