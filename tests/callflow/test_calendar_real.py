"""A holiday made on the calendar page closes the line for the next call, on a real Asterisk."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from callflow.events import CallFoundClosed, NodeEntered
from hotline.calendars.schemas import DayEntry, HolidayNoticeDraft, Hours, HoursTableDraft, Weekday
from hotline.calendars.service import CalendarService
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Base, Database
from hotline.kernel.jobs import JobQueue
from hotline.kernel.workcalendar import DayKind
from tests.callflow.service import running_service
from tests.phones.asterisk import RealAsterisk
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until

pytestmark = pytest.mark.real

FLOW = """
id: hours
entry: when
person: opened
nodes:
  when: {action: hours, options: {table: line}, branches: {open: opened, closed: shut}}
  opened: {action: hangup}
  shut: {action: hangup}
"""
WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


async def test_a_holiday_closes_the_line_for_the_next_call(
    real_asterisk: RealAsterisk, database: Database, tmp_path: Path
) -> None:
    clock = SystemClock()
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    calendars = CalendarService(database, JobQueue(clock), clock)
    await calendars.reload()
    async with database.transaction() as db:
        hours = Hours(week={day: ["00:00-24:00"] for day in WEEK})
        await calendars.create_table(db, HoursTableDraft(name="line", title="热线", hours=hours))
    await calendars.start()
    flow = tmp_path / "flow.yaml"
    flow.write_text(FLOW, encoding="utf-8")
    try:
        await until(lambda: calendars.current.find("line"), what="the table is known")
        async with (
            running_service(real_asterisk, database, calendars=lambda: calendars.current, flow=flow) as service,
            PjsuaPhone.caller(real_asterisk) as caller,
        ):
            await caller.call_and_wait()
            await service.seen(NodeEntered, node="opened")
            await caller.wait_for("disconnected")
            today = clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date()
            # Tomorrow too, for a test that runs at midnight.
            days = [DayEntry(day=today + timedelta(days=ahead), kind=DayKind.OFF) for ahead in (0, 1)]
            async with database.transaction() as db:
                newest = max(each.version for each in await calendars.notices(db) if each.year == today.year)
                draft = HolidayNoticeDraft(version=newest, source="测试", published=today, complete=True, days=days)
                await calendars.put_notice(db, today.year, draft)
            await until(lambda: calendars.current.holidays.kind(today), what="the holiday is known")
            await caller.call_and_wait()
            await service.seen(CallFoundClosed, node="when")
            await service.seen(NodeEntered, node="shut")
    finally:
        await calendars.close()
