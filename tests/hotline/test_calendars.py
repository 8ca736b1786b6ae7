"""The calendar page's routes: who may, what is kept, what follows a change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from hotline.accounts.models import AuditEntry
from hotline.accounts.roles import Role
from hotline.calendars.routes import calendar_routes
from hotline.calendars.seed import seed_notices
from hotline.calendars.service import CHANGED, CalendarService
from hotline.kernel.bus import Bus
from hotline.kernel.db import Database
from hotline.kernel.job_runner import JobRunner
from hotline.kernel.jobs import JobContext, JobQueue
from hotline.kernel.models import JobRecord
from hotline.kernel.workcalendar import Holidays
from tests.fakes.clock import FakeClock
from tests.hotline.accounts import Accounts
from tests.hotline.web import NoJournal
from tests.hotline.workcalendars import at

KEEPERS = {Role.SUPERVISOR, Role.TELEPHONY_ADMIN, Role.SYSTEM_ADMIN}
OFFICE_WEEK = {"mon": ["09:00-12:00", "13:30-17:30"], "tue": ["22:00-06:00"]}


class CalendarOffice:
    """The calendar at the edge, and one person of a role."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database, self.clock = database, clock
        self.jobs = JobQueue(clock)
        self.service = CalendarService(database, self.jobs, clock)
        self.accounts = Accounts(database, clock, more=[calendar_routes(self.service)])
        self.token = ""

    async def enter(self, role: Role) -> None:
        await self.accounts.add(str(role), role)
        self.token = await self.accounts.log_in(str(role))

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return await self.accounts.ask(method, path, self.token, body)

    async def put_year(self, year: int, **changed: Any) -> tuple[int, Any]:
        draft = {"version": 1, "source": "国办发明电", "published": "2026-11-05", "complete": True, "days": []}
        return await self.ask("PUT", f"/api/calendar/years/{year}", draft | changed)

    async def year(self, year: int) -> dict[str, Any]:
        _, seen = await self.ask("GET", "/api/calendar")
        return next(each for each in seen["years"] if each["year"] == year)


@pytest.fixture
async def office(any_database: Database, clock: FakeClock) -> AsyncIterator[CalendarOffice]:
    office = CalendarOffice(any_database, clock)
    await office.accounts.start()
    await office.service.reload()
    yield office
    await office.accounts.close()


@pytest.mark.parametrize("role", list(Role))
async def test_all_staff_read_and_three_roles_write(database: Database, clock: FakeClock, role: Role) -> None:
    office = CalendarOffice(database, clock)
    await office.accounts.start()
    try:
        await office.enter(role)
        assert (await office.ask("GET", "/api/calendar"))[0] == 200
        assert (await office.ask("GET", "/api/calendar/trial?days=1&start=2026-03-02T09:00:00Z"))[0] == 200
        for method, path in (
            ("PUT", "/api/calendar/years/2027"),
            ("POST", "/api/calendar/tables"),
            ("PUT", "/api/calendar/tables/office"),
        ):
            assert (await office.ask(method, path, {}))[0] == (422 if role in KEEPERS else 403), path
        office.token = ""
        for method, path in (("GET", "/api/calendar"), ("PUT", "/api/calendar/years/2027")):
            assert (await office.ask(method, path))[0] == 401
    finally:
        await office.accounts.close()


def test_the_seed_is_as_the_notices_of_the_state_council() -> None:
    """国办发明电〔2025〕7号, for 2026; nobody had published 2027 when the package was locked."""
    holidays = Holidays.of(seed_notices(2027))
    off = [(f"{each.first:%m-%d}", f"{each.last:%m-%d}") for each in holidays.off(date(2026, 1, 1), date(2026, 12, 31))]
    assert off == [
        ("01-01", "01-03"),
        ("02-15", "02-23"),
        ("04-04", "04-06"),
        ("05-01", "05-05"),
        ("06-19", "06-21"),
        ("09-25", "09-27"),
        ("10-01", "10-07"),
    ]
    work = [f"{day:%m-%d}" for day in holidays.make_up(date(2026, 1, 1), date(2026, 12, 31))]
    assert work == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
    assert holidays.name(date(2026, 2, 23)) == "春节"
    assert holidays.name(date(2026, 10, 4)) == "国庆节"
    assert holidays.published(2026)
    assert not holidays.published(2027)


async def test_a_new_installation_knows_the_seed_once(office: CalendarOffice) -> None:
    await office.service.reload()
    await office.enter(Role.AGENT)
    assert (await office.year(2026))["published"]
    following = await office.year(2027)
    assert not following["published"]
    assert following["notice"]["version"] == 1
    assert following["superseded"] == []


async def test_a_notice_follows_the_one_in_force_and_is_audited(office: CalendarOffice) -> None:
    await office.enter(Role.SUPERVISOR)
    days = [{"day": "2027-01-01", "kind": "off", "name": "元旦"}, {"day": "2027-01-03", "kind": "work"}]
    status, notice = await office.put_year(2027, days=days)
    assert (status, notice["version"]) == (200, 2)
    year = await office.year(2027)
    assert year["published"]
    assert [each["version"] for each in year["superseded"]] == [1]
    async with office.database.snapshot() as db:
        entry = (await db.scalars(select(AuditEntry).where(AuditEntry.action == "calendar.notice"))).one()
    assert entry.target == "2027"
    assert entry.detail["before"]["version"] == 1
    assert entry.detail["after"]["days"][0] == {"day": "2027-01-01", "kind": "off", "name": "元旦"}


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"version": 0}, 409, "calendar.version_conflict"),
        ({"days": [{"day": "2028-06-01", "kind": "off"}]}, 422, "input.invalid"),
        ({"days": [{"day": "2027-06-01", "kind": "off"}, {"day": "2027-06-01", "kind": "work"}]}, 422, "input.invalid"),
        ({"source": "\u202eabc"}, 422, "input.invalid"),
    ],
)
async def test_a_notice_that_cannot_be_right_is_refused(
    office: CalendarOffice, changed: dict[str, Any], status: int, error: str
) -> None:
    await office.enter(Role.SUPERVISOR)
    got, problem = await office.put_year(2027, **changed)
    assert (got, problem["error_id"]) == (status, error)


async def test_an_older_notice_never_pretends_to_count(office: CalendarOffice) -> None:
    await office.enter(Role.SUPERVISOR)
    assert (await office.put_year(2027))[0] == 200
    status, problem = await office.put_year(2027, version=2, published="2026-10-01")
    assert (status, problem["error_id"]) == (409, "calendar.older_notice")


async def test_tables_are_made_changed_by_version_and_never_overwritten(office: CalendarOffice) -> None:
    await office.enter(Role.SYSTEM_ADMIN)
    table = {"name": "tax", "title": "税务局", "hours": {"week": OFFICE_WEEK}}
    assert (await office.ask("POST", "/api/calendar/tables", table))[0] == 201
    assert (await office.ask("POST", "/api/calendar/tables", table))[0] == 409
    assert (await office.ask("POST", "/api/calendar/tables", table | {"name": "24x7"}))[0] == 409
    change = {"version": 1, "title": "税务局", "hours": {"week": {"wed": ["09:00-12:00"]}}}
    assert (await office.ask("PUT", "/api/calendar/tables/tax", change))[1]["version"] == 2
    assert (await office.ask("PUT", "/api/calendar/tables/tax", change))[1]["error_id"] == "calendar.version_conflict"
    assert (await office.ask("PUT", "/api/calendar/tables/none", change))[0] == 404
    assert (await office.ask("PUT", "/api/calendar/tables/24x7", change))[0] == 409


@pytest.mark.parametrize(
    "hours",
    [
        {"week": {}},
        {"week": {"mon": ["9-17"]}},
        {"week": {"mon": ["09:00-12:00", "11:00-13:00"]}},
        {"week": {"mon": ["09:00-12:00"]}, "zone": "Mars/Olympus"},
        {"week": {"mon": ["09:00-12:00"]}, "seasons": [{"first": "13-01", "last": "09-30", "week": {}}]},
    ],
)
async def test_hours_nobody_can_read_are_refused(office: CalendarOffice, hours: dict[str, Any]) -> None:
    await office.enter(Role.SYSTEM_ADMIN)
    status, _ = await office.ask("POST", "/api/calendar/tables", {"name": "tax", "title": "税务局", "hours": hours})
    assert status == 422


async def test_the_trial_explains_itself(office: CalendarOffice) -> None:
    await office.enter(Role.AGENT)
    _, tried = await office.ask("GET", "/api/calendar/trial?days=5&start=2026-09-30T09:00:00Z")
    assert tried["due"] == "2026-10-13T09:00:00Z"
    assert tried["text_zh"] == "5 个工作日，自 09-30 17:00 起；10-01…07 放假；10-10 调休上班"
    for query in ("days=5&hours=1", "days=5", "hours=1&start=2026-09-30T09:00:00", "start=2026-09-30T09:00:00Z"):
        assert (await office.ask("GET", f"/api/calendar/trial?{query}"))[0] == 422, query
    missing = await office.ask("GET", "/api/calendar/trial?days=1&table=none&start=2026-09-30T09:00:00Z")
    assert missing[1]["error_id"] == "calendar.table_not_found"


async def test_a_change_reaches_the_current_calendar_and_the_hooks_by_a_job_of_its_transaction(
    office: CalendarOffice,
) -> None:
    called: list[bool] = []
    done = asyncio.Event()

    async def recompute(ctx: JobContext) -> None:
        called.append(office.service.current.calendar("office").is_open(at("2027-03-01 10:00")))
        done.set()

    office.service.on_change.append(recompute)
    runner = JobRunner(office.database, office.jobs, Bus(NoJournal()), office.clock)
    runner.register(CHANGED, office.service.run_changed)
    await office.enter(Role.SUPERVISOR)
    assert office.service.current.calendar("office").is_open(at("2027-03-01 10:00"))
    await office.put_year(2027, days=[{"day": "2027-03-01", "kind": "off"}])
    async with office.database.snapshot() as db:
        assert (await db.scalars(select(JobRecord.kind))).all() == [CHANGED]
    await runner.start()
    try:
        await asyncio.wait_for(done.wait(), 20)
    finally:
        await runner.close()
    assert called == [False]


async def test_a_refused_change_schedules_nothing(office: CalendarOffice) -> None:
    await office.enter(Role.SUPERVISOR)
    await office.put_year(2027, version=7)
    async with office.database.snapshot() as db:
        assert (await db.scalars(select(JobRecord))).all() == []
