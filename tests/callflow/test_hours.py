from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from callflow.events import CallFoundClosed
from callflow.queues.hours import ServiceHours
from hotline.calendars.current import Calendars
from hotline.calendars.seed import OFFICE_HOURS
from hotline.kernel.workcalendar import DayKind, HolidayNotice, NoticeDay
from tests.callflow.calls import Through, flow_of, through
from tests.fakes.telephony import FakeTelephony

OFFICE = ServiceHours.model_validate(
    {
        "week": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ["09:00-12:00", "14:30-18:00"]),
        "closed": ["2026-10-01"],
        "workdays": ["2026-10-10"],
    }
)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        (datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI), True),
        (datetime(2026, 3, 2, 8, 59, 59, tzinfo=SHANGHAI), False),
        (datetime(2026, 3, 2, 12, 0, tzinfo=SHANGHAI), False),
        (datetime(2026, 3, 2, 14, 30, tzinfo=SHANGHAI), True),
        (datetime(2026, 3, 1, 10, 0, tzinfo=SHANGHAI), False),
        (datetime(2026, 10, 1, 10, 0, tzinfo=SHANGHAI), False),
        (datetime(2026, 10, 10, 10, 0, tzinfo=SHANGHAI), True),
        (datetime(2026, 3, 2, 1, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 2, 10, 0, tzinfo=UTC), False),
    ],
)
def test_office_hours_with_a_holiday_and_a_make_up_workday(moment: datetime, open_: bool) -> None:
    assert OFFICE.is_open(moment) is open_


@pytest.mark.parametrize("hour", range(24))
def test_the_default_is_round_the_clock(hour: int) -> None:
    assert ServiceHours().is_open(datetime(2026, 10, 1, hour, 59, 59, tzinfo=SHANGHAI))


@pytest.mark.parametrize(
    "options",
    [
        {"timezone": "Mars/Olympus"},
        {"timezone": "../etc/passwd"},
        {"week": {"mon": ["9-17"]}},
        {"week": {"mon": ["17:00-09:00"]}},
        {"week": {"someday": []}},
        {"closed": ["yesterday"]},
    ],
)
def test_what_cannot_be_understood_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ServiceHours.model_validate(options)


@pytest.mark.parametrize(("week", "found_closed"), [("{}", [("when", "note")]), ('{mon: ["08:00-18:00"]}', [])])
async def test_a_call_that_finds_the_service_closed_says_so_whatever_its_nodes_are_called(
    week: str, found_closed: list[tuple[str, str]]
) -> None:
    """On Monday at 17:00 in Wuhai."""
    flow = flow_of(
        "id: f\nentry: when\nperson: closed\nnodes:\n"
        f"  when: {{action: hours, options: {{week: {week}}}, branches: {{open: closed, closed: note}}}}\n"
        "  note: {action: hangup}\n"
        "  closed: {action: hangup}\n"
    )
    call = await through(flow)
    assert [(event.node, call.nodes[-1]) for event in call.events if isinstance(event, CallFoundClosed)] == found_closed


TABLE = (
    "id: f\nentry: when\nperson: open\nnodes:\n"
    "  when: {action: hours, options: {table: %s, week: {}}, branches: {open: open, closed: closed}}\n"
    "  open: {action: hangup}\n"
    "  closed: {action: hangup}\n"
)


async def test_a_table_of_the_calendar_page_decides_with_the_days_it_holds_at_that_moment() -> None:
    """On Monday 2026-03-02 at 17:00 in Wuhai; the office is open until 17:30."""
    call = Through(flow_of(TABLE % "office"))
    assert (await call.run(FakeTelephony())).nodes == ["when", "open"]
    holiday = HolidayNotice(
        year=2026,
        source="page",
        version=2,
        published=date(2026, 3, 1),
        days=(NoticeDay(date(2026, 3, 2), DayKind.OFF),),
        complete=True,
    )
    call = Through(flow_of(TABLE % "office"))
    call.calendars = Calendars([OFFICE_HOURS.table("office")], [*call.calendars.holidays.notices, holiday])
    assert (await call.run(FakeTelephony())).nodes == ["when", "closed"]


async def test_where_no_table_has_the_name_the_windows_of_the_flow_hold() -> None:
    assert (await through(flow_of(TABLE % "no-such"))).nodes == ["when", "closed"]
    assert (await through(flow_of((TABLE % "no-such").replace(", week: {}", "")))).nodes == ["when", "open"]


def test_the_name_of_a_table_is_checked() -> None:
    with pytest.raises(ValidationError):
        ServiceHours.model_validate({"table": "no such"})
