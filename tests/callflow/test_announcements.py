"""Announcements and the switch of the menus: who may, what callers hear, and when it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from callflow.announcements.routes import announcement_routes
from callflow.announcements.service import MOST_ON, AnnouncementService
from callflow.ports import LiveAnnouncement, OnAir
from hotline.accounts.models import AuditEntry
from hotline.accounts.roles import Role
from hotline.kernel.db import Database
from ivr.sounds import SoundFolder
from tests.callflow.actions import Bench
from tests.callflow.calls import Through, shipped_flow
from tests.fakes.clock import FakeClock
from tests.fakes.telephony import FakeTelephony
from tests.hotline.accounts import Accounts
from tests.hotline.conftest import any_database, clock, database, postgres_server
from tests.phones.waiting import until

__all__ = ["any_database", "clock", "database", "postgres_server"]
READERS = {Role.SUPERVISOR, Role.TELEPHONY_ADMIN, Role.SYSTEM_ADMIN}
SWITCHERS = {Role.SUPERVISOR, Role.TELEPHONY_ADMIN}
HEATING = {"topic": "供暖", "text": "供暖咨询较多。", "prompt": "topic-heating"}
LIVE = LiveAnnouncement("供暖", "topic-heating")


class AnnouncementDesk:
    """The announcements at the edge, and one person of a role."""

    def __init__(self, database: Database, clock: FakeClock, sounds: Path) -> None:
        self.database, self.clock = database, clock
        self.service = AnnouncementService(database, clock, SoundFolder(sounds))
        self.accounts = Accounts(database, clock, more=[announcement_routes(self.service)])
        self.token = ""
        (sounds / "zh" / "hotline").mkdir(parents=True)
        for number in range(MOST_ON + 1):
            (sounds / "zh" / "hotline" / f"topic-{number}.ulaw").write_bytes(b"x")
        (sounds / "zh" / "hotline" / "topic-heating.ulaw").write_bytes(b"x")

    async def enter(self, role: Role = Role.SUPERVISOR) -> None:
        await self.accounts.add(str(role), role)
        self.token = await self.accounts.log_in(str(role))

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return await self.accounts.ask(method, f"/api/{path}", self.token, body)

    async def add(self, **changed: str) -> dict[str, Any]:
        status, view = await self.ask("POST", "announcements", HEATING | changed)
        assert status == 201, view
        return dict(view)

    def at(self, minutes: float) -> str:
        return (self.clock.now() + timedelta(minutes=minutes)).isoformat()

    async def switch(self, view: dict[str, Any], *, until: float | None, start: float | None = None) -> tuple[int, Any]:
        body = {"version": view["version"], "until": None if until is None else self.at(until)}
        if start is not None:
            body["on_from"] = self.at(start)
        return await self.ask("PUT", f"announcements/{view['id']}/switch", body)

    async def on_air(self) -> OnAir:
        await self.service.reload()
        return self.service.on_air()

    async def audited(self) -> list[tuple[str, Any]]:
        async with self.database.snapshot() as db:
            rows = await db.scalars(
                select(AuditEntry).where(AuditEntry.action.startswith("announcement.")).order_by(AuditEntry.id)
            )
            return [(row.action, row.detail) for row in rows]


@pytest.fixture
async def desk(any_database: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[AnnouncementDesk]:
    desk = AnnouncementDesk(any_database, clock, tmp_path)
    await desk.accounts.start()
    yield desk
    await desk.accounts.close()


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_see_and_who_may_switch(database: Database, clock: FakeClock, tmp_path: Path, role: Role) -> None:
    desk = AnnouncementDesk(database, clock, tmp_path)
    await desk.accounts.start()
    try:
        await desk.enter(role)
        assert (await desk.ask("GET", "announcements"))[0] == (200 if role in READERS else 403)
        for method, path in (
            ("POST", "announcements"),
            ("PUT", "announcements/x"),
            ("PUT", "announcements/x/switch"),
            ("DELETE", "announcements/x"),
            ("PUT", "menu-switch"),
        ):
            body: dict[str, Any] | None = None if method == "DELETE" else {}
            assert (await desk.ask(method, path, body))[0] == (422 if role in SWITCHERS else 403), path
            assert (await desk.accounts.ask(method, f"/api/{path}", "", body))[0] == 401
    finally:
        await desk.accounts.close()


async def test_one_that_is_switched_on_is_heard_up_to_its_end(desk: AnnouncementDesk) -> None:
    await desk.enter()
    view = await desk.add()
    assert (view["state"], await desk.on_air()) == ("off", OnAir())
    status, on = await desk.switch(view, until=10)
    assert (status, on["state"]) == (200, "on")
    assert on["switched_by"]
    assert await desk.on_air() == OnAir((LIVE,))
    await desk.clock.advance(timedelta(minutes=10))
    assert desk.service.on_air() == OnAir()
    _, board = await desk.ask("GET", "announcements")
    assert [each["state"] for each in board["announcements"]] == ["off"]


async def test_one_may_be_switched_on_for_later_and_off_before_its_end(desk: AnnouncementDesk) -> None:
    await desk.enter()
    _, later = await desk.switch(await desk.add(), until=20, start=10)
    assert (later["state"], await desk.on_air()) == ("scheduled", OnAir())
    await desk.clock.advance(timedelta(minutes=10))
    assert desk.service.on_air() == OnAir((LIVE,))
    _, off = await desk.switch(later, until=None)
    assert (off["state"], await desk.on_air()) == ("off", OnAir())


async def test_the_next_caller_hears_a_change_at_once_and_without_the_clock(desk: AnnouncementDesk) -> None:
    await desk.enter()
    view = await desk.add()
    await desk.service.start()
    try:
        await desk.switch(view, until=30)
        await until(lambda: desk.service.on_air() == OnAir((LIVE,)), within=5, each=0.01)
    finally:
        await desk.service.close()


@pytest.mark.parametrize(("start", "until"), [(None, 0), (None, -5), (30, 20), (None, 60 * 24 * 91)])
async def test_an_end_is_after_the_start_and_within_bounds(
    desk: AnnouncementDesk, start: float | None, until: float
) -> None:
    await desk.enter()
    status, problem = await desk.switch(await desk.add(), until=until, start=start)
    assert (status, problem["error_id"]) == (422, "announcement.bad_end")
    assert await desk.on_air() == OnAir()


async def test_one_without_a_sound_cannot_be_switched_on(desk: AnnouncementDesk) -> None:
    await desk.enter()
    silent = await desk.add(prompt="never-recorded")
    assert not silent["playable"]
    status, problem = await desk.switch(silent, until=30)
    assert (status, problem["error_id"]) == (409, "announcement.prompt_missing")
    _, on = await desk.switch(await desk.add(), until=30)
    change = HEATING | {"prompt": "never-recorded", "version": on["version"]}
    assert (await desk.ask("PUT", f"announcements/{on['id']}", change))[0] == 409


async def test_few_are_on_at_one_time(desk: AnnouncementDesk) -> None:
    await desk.enter()
    for number in range(MOST_ON):
        assert (await desk.switch(await desk.add(prompt=f"topic-{number}"), until=30))[0] == 200
    last = await desk.add(prompt=f"topic-{MOST_ON}")
    status, problem = await desk.switch(last, until=60, start=29)
    assert (status, problem["error_id"]) == (409, "announcement.too_many")
    assert (await desk.switch(last, until=60, start=30))[0] == 200


async def test_the_second_of_two_changes_is_refused(desk: AnnouncementDesk) -> None:
    await desk.enter()
    view = await desk.add()
    assert (await desk.switch(view, until=30))[0] == 200
    status, problem = await desk.switch(view, until=60)
    assert (status, problem["error_id"]) == (409, "announcement.version_conflict")
    assert (await desk.ask("PUT", f"announcements/{view['id']}", HEATING | {"version": 1}))[0] == 409
    assert (await desk.ask("DELETE", f"announcements/{view['id']}?version=1"))[0] == 409
    assert (await desk.ask("DELETE", f"announcements/{view['id']}?version=2"))[0] == 204
    assert (await desk.ask("DELETE", f"announcements/{view['id']}?version=2"))[0] == 404


async def test_menus_are_off_up_to_an_end_of_a_day_at_most(desk: AnnouncementDesk) -> None:
    await desk.enter(Role.TELEPHONY_ADMIN)
    assert (await desk.ask("PUT", "menu-switch", {"version": 0, "until": desk.at(60 * 25)}))[0] == 422
    status, switch = await desk.ask("PUT", "menu-switch", {"version": 0, "until": desk.at(10)})
    assert (status, switch["no_menu"], switch["version"]) == (200, True, 1)
    assert (await desk.on_air()).no_menu
    assert (await desk.ask("PUT", "menu-switch", {"version": 0, "until": None}))[0] == 409
    await desk.clock.advance(timedelta(minutes=10))
    assert not desk.service.on_air().no_menu
    status, switch = await desk.ask("PUT", "menu-switch", {"version": 1, "until": None})
    assert (status, switch["no_menu"]) == (200, False)


async def test_every_change_is_audited_before_and_after(desk: AnnouncementDesk) -> None:
    await desk.enter()
    view = await desk.add()
    _, on = await desk.switch(view, until=30)
    changed = HEATING | {"topic": "供水", "version": on["version"]}
    await desk.ask("PUT", f"announcements/{view['id']}", changed)
    await desk.ask("DELETE", f"announcements/{view['id']}?version=3")
    await desk.ask("PUT", "menu-switch", {"version": 0, "until": desk.at(10)})
    entries = await desk.audited()
    assert [action.removeprefix("announcement.") for action, _ in entries] == [
        "create",
        "switch",
        "change",
        "remove",
        "menu",
    ]
    assert entries[1][1]["before"] == {"on_from": None, "until": None}
    assert entries[2][1] == {"before": {"topic": "供暖"}, "after": {"topic": "供水"}}
    assert entries[4][1]["before"] == {"no_menu": False, "until": None}


async def test_announcement_plays_what_is_on_and_only_the_topics_it_names() -> None:
    both = OnAir((LIVE, LiveAnnouncement("天气", "topic-weather")))
    for topics, said in (([], ["topic-heating", "topic-weather"]), (["天气"], ["topic-weather"]), (["无"], [])):
        bench = Bench(ports={"announcements": lambda: both})
        assert await bench.run("announcement", topics=topics) == "done"
        assert bench.said == said


async def test_a_caller_of_the_shipped_flow_hears_them_before_the_menu() -> None:
    telephony = FakeTelephony(["2"])
    await Through(shipped_flow(), on_air=OnAir((LIVE,))).run(telephony)
    assert telephony.said[:4] == ["welcome", "recording-notice", "topic-heating", "menu-main"]


async def test_with_the_menus_off_a_caller_goes_straight_to_a_person() -> None:
    telephony = FakeTelephony()
    await Through(shipped_flow(), on_air=OnAir(no_menu=True)).run(telephony)
    assert "menu-main" not in telephony.said
    assert [request.queue for request in telephony.queued] == ["public"]
