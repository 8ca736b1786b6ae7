"""A specialist's page: the unit's week, who reads which part of it, and whose page it is."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest

from crm.units.roster import DutyException, Roster, Shift, hours_of
from hotline.accounts.models import User
from hotline.accounts.roles import Role
from tests.crm.conftest import Workspace
from tests.crm.test_roster import account_at, put_roster
from tests.crm.test_units import a_unit

MONDAY = date(2026, 3, 2)
DAY, NIGHT = Shift(time(9), time(17, 30)), Shift(time(22), time(6))


def week(rosters: dict[str, Roster], who: str = "a", *, flag: bool = False) -> list[tuple[str, str, str]]:
    """Each stretch as day, start and end; an end at midnight is 00:00."""
    found: list[tuple[datetime, datetime]] = hours_of(who, flag=flag, rosters=rosters, monday=MONDAY)
    return [(f"{start:%a}", f"{start:%H:%M}", f"{end:%H:%M}") for start, end in found]


def test_a_night_is_shown_on_both_of_its_days_and_comes_in_from_sunday() -> None:
    assert week({"a": Roster({6: (NIGHT,), 0: (DAY,)})}) == [
        ("Mon", "00:00", "06:00"),
        ("Mon", "09:00", "17:30"),
        ("Sun", "22:00", "00:00"),
    ]


def test_the_week_has_exceptions_substitutes_and_the_switch() -> None:
    away = Roster({1: (DAY,), 2: (DAY,)}, {date(2026, 3, 3): DutyException(substitute_id="b")})
    assert week({"a": away}) == [("Wed", "09:00", "17:30")]
    assert week({"a": away}, "b") == [("Tue", "09:00", "17:30")]
    assert len(week({"a": away}, "b", flag=True)) == 7
    assert week({}, "c") == []


async def test_the_week_of_a_unit_with_holidays(sqlite_workspace: Workspace) -> None:
    workspace = sqlite_workspace
    unit = await workspace.post("supervisor", "/api/units", a_unit())
    weekly = [{"weekday": 3, "start": "22:00", "end": "06:00"}]
    assert (await put_roster(workspace, "supervisor", unit, 0, version=1, weekly=weekly))[0] == 200
    read = await workspace.get("agent1", f"/api/units/{unit['id']}/roster", day="2026-10-04")
    assert (read["version"], read["fewest"], read["most"], read["today"]) == (2, 3, 5, "2026-03-02")
    assert (read["days"][0], read["days"][3]["kind"]) == ({"day": "2026-09-28", "kind": None, "name": ""}, "off")
    first = read["specialists"][0]
    assert first["hours"] == [
        {"day": "2026-10-01", "start": "22:00", "end": "24:00"},
        {"day": "2026-10-02", "start": "00:00", "end": "06:00"},
    ]
    assert first["roster"]["weekly"] == weekly
    # Without a roster the switch decides, all the week.
    assert len(read["specialists"][1]["hours"]) == 7
    assert await workspace.get("agent1", f"/api/specialists/{first['id']}", day="2026-10-04") == read
    this_week = await workspace.get("agent1", f"/api/units/{unit['id']}/roster")
    assert this_week["days"][0]["day"] == "2026-03-02"
    for bad in ("0001-01-01", "9999-12-31", "2026-02-30", "x"):
        status, answer = await workspace.ask("agent1", "GET", f"/api/units/{unit['id']}/roster", day=bad)
        assert (status, answer["error_id"]) == (422, "input.invalid")


async def test_numbers_and_reasons_are_for_whom_they_concern(sqlite_workspace: Workspace) -> None:
    workspace = sqlite_workspace
    unit = await workspace.post("supervisor", "/api/units", a_unit())
    weekly = [{"weekday": 0, "start": "09:00", "end": "10:00"}]
    exceptions = [{"day": "2026-03-09", "note": "住院"}]
    await put_roster(workspace, "supervisor", unit, 0, version=1, weekly=weekly, exceptions=exceptions)
    path = f"/api/specialists/{unit['specialists'][0]['id']}"

    def known(roster: dict[str, Any], at: int = 0) -> tuple[bool, str | None, str | None]:
        one = roster["specialists"][at]
        note = one["roster"]["exceptions"][0]["note"] if one["roster"] else None
        return roster["may_edit"], one["phones"][0]["number"], note

    assert known(await workspace.get("agent1", path)) == (False, None, "")
    assert known(await workspace.get("supervisor", path)) == (True, "6001", "住院")
    await account_at(workspace, unit, "official", Role.UNIT_HANDLER)
    assert known(await workspace.get("official", path)) == (True, "6001", "住院")
    await account_at(workspace, unit, "expert", Role.SPECIALIST)
    assert await workspace.get("expert", "/api/specialists") == []
    await workspace.patch("official", f"/api/units/{unit['id']}{path[4:]}", {"version": 2, "user_id": "id-expert"})
    own = await workspace.get("expert", path)
    assert known(own) == (False, "6001", "住院")
    assert known(own, 1) == (False, None, None)
    assert [one["is_you"] for one in own["specialists"]] == [True, False, False]
    (mine,) = await workspace.get("expert", "/api/specialists")
    assert (mine["id"], mine["unit_name"], mine["on_duty"]) == (unit["specialists"][0]["id"], unit["name"], True)
    status, answer = await put_roster(workspace, "expert", unit, 0, version=3, weekly=[])
    assert (status, answer["error_id"]) == (403, "auth.forbidden")


async def test_who_has_left_and_what_is_closed_is_for_keepers(sqlite_workspace: Workspace) -> None:
    workspace = sqlite_workspace
    unit = await workspace.post("supervisor", "/api/units", a_unit())
    one = unit["specialists"][0]["id"]
    at = f"/api/units/{unit['id']}"
    await workspace.patch("supervisor", f"{at}/specialists/{one}", {"version": 1, "active": False})
    assert await workspace.refused("agent1", "GET", f"/api/specialists/{one}") == (404, "resource.not_found")
    left = (await workspace.get("supervisor", f"/api/specialists/{one}"))["specialists"][0]
    assert (left["active"], left["hours"]) == (False, [])
    assert len((await workspace.get("agent1", f"{at}/roster"))["specialists"]) == 2
    await workspace.patch("supervisor", at, {"version": 2, "active": False})
    assert await workspace.refused("agent1", "GET", f"{at}/roster") == (404, "resource.not_found")
    assert not (await workspace.get("supervisor", f"{at}/roster"))["active"]


@pytest.mark.parametrize("wrong", ["stranger", "gone", "another specialist"])
async def test_a_specialist_is_a_user_of_the_unit_and_only_one(workspace: Workspace, wrong: str) -> None:
    unit = await workspace.post("supervisor", "/api/units", a_unit())
    other = await workspace.post("supervisor", "/api/units", a_unit(name="税务局"))
    await account_at(workspace, other if wrong == "stranger" else unit, "expert", Role.SPECIALIST)
    paths = [f"/api/units/{unit['id']}/specialists/{one['id']}" for one in unit["specialists"]]
    version = 1
    if wrong == "gone":
        async with workspace.database.transaction() as db:
            user = await db.get_one(User, "id-expert")
            user.active = False
    if wrong == "another specialist":
        unit = await workspace.patch("supervisor", paths[1], {"version": version, "user_id": "id-expert"})
        assert workspace.audits.records[-1].detail["after"] == {"user_id": "id-expert"}
        version = unit["version"]
    body = {"version": version, "user_id": "id-expert"}
    assert await workspace.refused("supervisor", "PATCH", paths[0], body) == (422, "unit.specialist_user")
    kept = await workspace.patch("supervisor", paths[1], {"version": version, "title": "处长"})
    linked = "id-expert" if wrong == "another specialist" else None
    assert kept["specialists"][1]["user_id"] == linked
    parted = await workspace.patch("supervisor", paths[1], {"version": version + 1, "user_id": None})
    assert parted["specialists"][1]["user_id"] is None
