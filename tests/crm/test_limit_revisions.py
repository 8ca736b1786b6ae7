"""The city's own limits, and what a change of the calendar moves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hotline.accounts.roles import Role
from hotline.calendars.schemas import HolidayNoticeDraft
from tests.crm.city import CONTACT, SATISFIED, CaseCity
from tests.crm.conftest import Workspace
from tests.crm.deadlines import open_kinds, pass_time, rows_of, wuhai
from tests.fakes.clock import FakeClock

OFF = {
    "source": "国办发明电",
    "published": "2026-02-20",
    "complete": True,
    "days": [{"day": "2026-03-05", "kind": "off"}],
}
OWN = {"version": 0, "amount": "3d", "hours": "office", "source": "乌海市热线管理办法", "reason": "办法施行"}


@pytest.fixture
async def city(workspace: Workspace) -> CaseCity:
    city = CaseCity(workspace)
    await city.build()
    workspace.hire("keeper", Role.SYSTEM_ADMIN)
    return city


async def announce(workspace: Workspace) -> None:
    assert workspace.calendars is not None
    await workspace.calendars.reload()
    async with workspace.database.transaction() as db:
        version = next(each.version for each in await workspace.calendars.notices(db) if each.year == 2026)
        await workspace.calendars.put_notice(db, 2026, HolidayNoticeDraft.model_validate({**OFF, "version": version}))


async def test_a_change_of_the_calendar_moves_open_deadlines_and_no_closed_one(
    city: CaseCity, morning: FakeClock
) -> None:
    workspace = city.workspace
    case_id = await city.signed(type="help")
    await workspace.move("bureau", case_id, "record_contact", contact=CONTACT)
    done = await city.in_callback(type="help")
    await workspace.move("callback", done, "record_callback", **SATISFIED)
    await workspace.move("callback", done, "close")
    before = [row.due_at for row in await rows_of(workspace, done)]
    assert (await open_kinds(workspace, case_id))["close"] == wuhai("2026-03-09 09:00")
    await announce(workspace)
    await pass_time(workspace, morning, morning.now() + timedelta(minutes=1))
    assert (await open_kinds(workspace, case_id))["close"] == wuhai("2026-03-10 09:00")
    assert [row.due_at for row in await rows_of(workspace, done)] == before
    report = (await workspace.get("supervisor", "/api/limits/revisions"))["items"][0]
    moved = (await workspace.get("supervisor", f"/api/limits/revisions/{report['id']}"))["items"]
    assert report["moved"] == len(moved) > 0
    assert report["ended_at"] is not None
    assert {one["case_id"] for one in moved} == {case_id}
    close = next(one for one in moved if one["kind"] == "close")
    assert (close["was_due_at"], close["due_at"]) == ("2026-03-09T01:00:00Z", "2026-03-10T01:00:00Z")
    assert ("", "limits.revise") in workspace.audited()
    case = await workspace.get("dispatcher", f"/api/cases/{case_id}")
    assert case["assignments"][0]["due_at"] == "2026-03-10T01:00:00Z"


async def test_a_citys_own_limit_counts_from_then_on(city: CaseCity) -> None:
    workspace = city.workspace
    before = await city.dispatched(type="help")
    key = "enterprise.close.help"
    changed = await put(workspace, key, OWN)
    assert (changed["amount"], changed["shipped_amount"], changed["version"]) == ("3d", "5d", 1)
    after = await city.dispatched(type="help")
    assert (await open_kinds(workspace, before))["close"] == wuhai("2026-03-09 09:00")
    assert (await open_kinds(workspace, after))["close"] == wuhai("2026-03-05 09:00")
    (record,) = (one for one in workspace.audits.records if one.action == "limits.change")
    assert (record.target, record.detail["reason"]) == (key, "办法施行")
    (revision,) = (await workspace.get("dispatcher", "/api/limits/changes"))["items"]
    assert (revision["key"], revision["reason"], revision["was_amount"]) == (key, "办法施行", "5d")
    assert (revision["amount"], revision["running"]) == ("3d", 1)
    assert await workspace.refused("supervisor", "PUT", f"/api/limits/{key}", OWN) == (409, "limit.version_conflict")
    nowhere = {**OWN, "version": 1, "hours": "moon"}
    assert await workspace.refused("supervisor", "PUT", f"/api/limits/{key}", nowhere) == (422, "limit.unknown_hours")
    assert await workspace.refused("supervisor", "PUT", "/api/limits/nothing", OWN) == (404, "limit.not_found")
    assert (await workspace.refused("supervisor", "PUT", f"/api/limits/{key}", {**OWN, "amount": "0d"}))[0] == 422


async def put(workspace: Workspace, key: str, body: Any) -> Any:
    status, answer = await workspace.ask("supervisor", "PUT", f"/api/limits/{key}", body)
    assert status == 200, answer
    return answer


async def test_who_may_do_what_about_limits(city: CaseCity) -> None:
    workspace = city.workspace
    await put(workspace, "enterprise.close.help", OWN)
    for who, method, path, status in (
        ("bureau", "GET", "/api/limits", 200),
        ("keeper", "GET", "/api/limits", 200),
        ("keeper", "GET", "/api/limits/changes", 200),
        ("keeper", "GET", "/api/limits/revisions", 200),
        ("bureau", "GET", "/api/limits/changes", 403),
        ("dispatcher", "GET", "/api/limits/revisions", 403),
        ("bureau", "GET", "/api/limits/revisions/x", 403),
        ("dispatcher", "PUT", "/api/limits/enterprise.close.help", 403),
        ("bureau", "PUT", "/api/limits/enterprise.close.help", 403),
    ):
        found, _ = await workspace.ask(who, method, path, OWN if method == "PUT" else None)
        assert found == status, (who, method, path)
