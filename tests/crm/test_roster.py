"""Who is on duty when: weekly shifts, exceptions, substitutes, nights, time zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.units.directory import UnitDirectory
from crm.units.roster import Duty, DutyException, Roster, Shift, duty_of
from hotline.accounts.models import User
from hotline.accounts.roles import Role
from tests.crm.conftest import Workspace
from tests.crm.test_units import a_unit, directory_of
from tests.fakes.clock import FakeClock

ZONE = ZoneInfo("Asia/Shanghai")
DAY = Shift(time(9), time(17, 30))
NIGHT = Shift(time(22), time(6))
WEEKDAYS = {day: (DAY,) for day in range(5)}


def at(text: str, zone: ZoneInfo = ZONE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def duty(moment: str, rosters: dict[str, Roster], who: str = "a", *, flag: bool = False) -> Duty:
    return duty_of(who, flag=flag, rosters=rosters, at=at(moment), zone=ZONE)


def test_without_a_roster_the_switch_decides() -> None:
    assert duty("2026-03-02 12:00", {}, flag=True) == Duty(True)
    assert duty("2026-03-02 12:00", {}, flag=False) == Duty(False)


def test_with_a_roster_the_switch_does_not_count() -> None:
    rosters = {"a": Roster(WEEKDAYS)}
    assert duty("2026-03-02 12:00", rosters) == Duty(True, until=at("2026-03-02 17:30"))
    assert duty("2026-03-02 17:30", rosters, flag=True) == Duty(False, begins=at("2026-03-03 09:00"))
    assert duty("2026-03-06 18:00", rosters, flag=True) == Duty(False, begins=at("2026-03-09 09:00"))


def test_a_night_shift_belongs_to_the_day_it_begins() -> None:
    rosters = {"a": Roster({4: (NIGHT,)})}
    assert duty("2026-03-07 05:59", rosters) == Duty(True, until=at("2026-03-07 06:00"))
    assert not duty("2026-03-07 06:00", rosters).on_duty
    assert not duty("2026-03-06 05:00", rosters).on_duty
    off = {"a": Roster({4: (NIGHT,)}, {date(2026, 3, 6): DutyException()})}
    assert not duty("2026-03-07 01:00", off).on_duty
    # The exception is of Friday: it does not touch what began on Thursday.
    assert duty("2026-03-06 01:00", {"a": Roster({3: (NIGHT,)}, {date(2026, 3, 6): DutyException()})}).on_duty


def test_shifts_that_touch_are_one_and_a_whole_week_has_no_end() -> None:
    day_and_night = {"a": Roster({0: (DAY, Shift(time(17, 30), time(9)))})}
    assert duty("2026-03-02 10:00", day_and_night) == Duty(True, until=at("2026-03-03 09:00"))
    always = {"a": Roster({day: (Shift(time(0), time(0)),) for day in range(7)})}
    assert duty("2026-03-02 10:00", always) == Duty(True)


def test_a_substitute_has_the_usual_shifts_of_the_one_who_is_away() -> None:
    away = Roster(WEEKDAYS, {date(2026, 3, 3): DutyException(substitute_id="b")})
    assert not duty("2026-03-03 12:00", {"a": away}).on_duty
    assert duty("2026-03-03 12:00", {"a": away}, "b") == Duty(True, until=at("2026-03-03 17:30"))
    assert not duty("2026-03-04 12:00", {"a": away}, "b").on_duty
    # Who is on duty by the switch stays so after the day.
    assert duty("2026-03-03 12:00", {"a": away}, "b", flag=True) == Duty(True)


def test_an_exception_may_have_other_hours() -> None:
    roster = Roster(WEEKDAYS, {date(2026, 3, 7): DutyException((Shift(time(10), time(12)),))})
    assert duty("2026-03-07 11:00", {"a": roster}) == Duty(True, until=at("2026-03-07 12:00"))


def test_the_hours_are_the_citys_own_also_where_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    rosters = {"a": Roster({6: (Shift(time(22), time(6)),), 5: (Shift(time(22), time(6)),)})}
    # The night of 2026-03-29 has seven hours: 22:00 CET to 06:00 CEST.
    found = duty_of("a", flag=False, rosters=rosters, at=at("2026-03-28 23:00", berlin), zone=berlin)
    assert found.until == datetime(2026, 3, 29, 4, 0, tzinfo=UTC)


async def put_roster(workspace: Workspace, who: str, unit: dict[str, Any], at: int, **body: Any) -> tuple[int, Any]:
    path = f"/api/units/{unit['id']}/specialists/{unit['specialists'][at]['id']}/roster"
    return await workspace.ask(who, "PUT", path, body)


async def test_the_roster_says_who_is_rung(workspace: Workspace, morning: FakeClock) -> None:
    """09:00 on Monday in Wuhai."""
    unit = await workspace.post("supervisor", "/api/units", a_unit())
    first, second = (one["id"] for one in unit["specialists"][:2])
    weekly = [{"weekday": 0, "start": "08:30", "end": "12:00"}]
    status, unit = await put_roster(workspace, "supervisor", unit, 0, version=1, weekly=weekly * 2)
    assert status == 200
    assert unit["specialists"][0]["roster"]["weekly"] == weekly
    one = unit["specialists"][0]
    assert (one["on_duty_now"], one["on_duty_until"]) == (True, "2026-03-02T04:00:00Z")
    shown = (await workspace.get("agent1", "/api/units"))[0]["specialists"]
    assert [(who["on_duty"], who["on_duty_until"]) for who in shown] == [
        (True, "2026-03-02T04:00:00Z"),
        (True, None),
        (True, None),
    ]
    away = [{"day": "2026-03-02", "substitute_id": second, "note": "培训"}]
    status, unit = await put_roster(workspace, "supervisor", unit, 0, version=2, weekly=weekly, exceptions=away)
    assert status == 200
    assert unit["specialists"][0]["roster"]["exceptions"][0]["note"] == "培训"
    directory: UnitDirectory = directory_of(workspace)
    rung = [await directory.phone(who, 0) for who in (first, second)]
    assert [target.on_duty for target in rung if target] == [False, True]
    record = workspace.audits.records[-1]
    assert (record.action, record.detail["before"]["roster"]["exceptions"]) == ("specialist.roster", [])
    # Without weekly shifts there is no roster: the switch again.
    status, unit = await put_roster(workspace, "supervisor", unit, 0, version=3, weekly=[])
    assert (unit["specialists"][0]["roster"], unit["specialists"][0]["on_duty_now"]) == (None, True)


@pytest.mark.parametrize(
    "bad",
    [
        {"weekly": [{"weekday": 7, "start": "09:00", "end": "10:00"}]},
        {"weekly": [{"weekday": 0, "start": "9:00", "end": "10:00"}]},
        {"weekly": [{"weekday": 0, "start": "24:00", "end": "10:00"}]},
        {"weekly": [], "exceptions": [{"day": "2026-03-02"}]},
        {"exceptions": [{"day": "2026-03-02"}, {"day": "2026-03-02"}]},
        {"exceptions": [{"day": "2026-02-30"}]},
        {"exceptions": [{"day": "2026-03-02", "note": "甲\u202e"}]},
        {"exceptions": [{"day": "2026-03-02", "substitute_id": "x'; --"}]},
    ],
)
async def test_bad_rosters_are_refused(workspace: Workspace, bad: dict[str, Any]) -> None:
    unit = await workspace.post("supervisor", "/api/units", a_unit())
    body = {"version": 1, "weekly": [{"weekday": 0, "start": "09:00", "end": "10:00"}], **bad}
    status, answer = await put_roster(workspace, "supervisor", unit, 0, **body)
    assert (status, answer["error_id"]) == (422, "input.invalid")


async def test_a_substitute_is_a_colleague(workspace: Workspace) -> None:
    unit = await workspace.post("supervisor", "/api/units", a_unit())
    other = await workspace.post("supervisor", "/api/units", a_unit(name="税务局"))
    weekly = [{"weekday": 0, "start": "09:00", "end": "10:00"}]
    for substitute in (unit["specialists"][0]["id"], other["specialists"][0]["id"], "none"):
        exceptions = [{"day": "2026-03-02", "substitute_id": substitute}]
        body = {"version": 1, "weekly": weekly, "exceptions": exceptions}
        status, answer = await put_roster(workspace, "supervisor", unit, 0, **body)
        assert (status, answer["error_id"]) == (422, "unit.substitute")


async def account_at(workspace: Workspace, unit: dict[str, Any], username: str, *roles: Role) -> None:
    person = workspace.hire(username, *roles)
    async with workspace.database.transaction() as db:
        row = User(id=person.user_id, username=username, name=username, password_hash="x", roles=[*map(str, roles)])
        row.organisation_id, row.created_at = unit["organisation_id"], datetime(2026, 1, 1, tzinfo=UTC)
        db.add(row)


@pytest.mark.parametrize("role", [Role.UNIT_HEAD, Role.UNIT_HANDLER])
async def test_a_units_people_keep_their_own_unit_alone(workspace: Workspace, role: Role) -> None:
    own = await workspace.post("supervisor", "/api/units", a_unit())
    other = await workspace.post("supervisor", "/api/units", a_unit(name="税务局"))
    await account_at(workspace, own, "official", role)
    weekly = [{"weekday": 0, "start": "09:00", "end": "10:00"}]
    assert (await put_roster(workspace, "official", own, 0, version=1, weekly=weekly))[0] == 200
    assert (await put_roster(workspace, "official", other, 0, version=1, weekly=weekly))[0] == 403
    specialist = f"/specialists/{own['specialists'][1]['id']}"
    await workspace.patch("official", f"/api/units/{own['id']}{specialist}", {"version": 2, "title": "处长"})
    people = await workspace.get("official", f"/api/units/{own['id']}/people")
    assert [(one["username"], one["roles"]) for one in people] == [("official", [role.value])]
    for path in (f"/api/units/{other['id']}", f"/api/units/{other['id']}/people"):
        assert await workspace.refused("official", "GET", path) == (403, "auth.forbidden")
    body = {"version": 3, "name": "另一个局"}
    assert await workspace.refused("official", "PATCH", f"/api/units/{own['id']}", body) == (403, "auth.forbidden")
    shown = {unit["name"]: unit["may_edit"] for unit in await workspace.get("official", "/api/units")}
    assert shown == {"市场监督管理局": True, "税务局": False}
