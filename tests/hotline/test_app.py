"""The composition root: what runs by itself in the service as it is put together."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hotline.accounts.models import User, UserSession
from hotline.app.composition import Hotline
from hotline.app.settings import Settings
from hotline.kernel.calendar import every
from hotline.kernel.db import Database
from hotline.kernel.ids import uuid7
from hotline.kernel.jobs import JobContext
from hotline.kernel.migrate import upgrade
from hotline.kernel.models import JobRecord
from tests.fakes.clock import FakeClock

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def settings_of(url: str, home: Path) -> Settings:
    """An instance whose Asterisk is away: nobody listens at its port."""
    home.mkdir()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    given = {"http": {"port": 0}, "database": {"url": url}, "ami": {"port": port, "secret": "no-such-secret"}}
    return Settings(home=home, **given)  # type: ignore[arg-type]


class ServiceTown:
    """Services on one database and one clock."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.clock = FakeClock()
        self.database = Database(url)
        self._stack = contextlib.AsyncExitStack()

    def service(self, name: str) -> Hotline:
        return Hotline(settings_of(self.url, self.folder / name), clock=self.clock, web_build=self.folder)

    async def run(self, service: Hotline) -> None:
        await self._stack.enter_async_context(service)

    async def stop(self) -> None:
        await self._stack.aclose()

    async def jobs(self) -> dict[str, JobRecord]:
        async with self.database.snapshot() as db:
            return {row.kind: row for row in await db.scalars(select(JobRecord))}

    async def passes(self, until: Callable[[], Awaitable[bool]], *, step: timedelta) -> None:
        """Time goes by, with the database given its real time in between."""
        deadline = asyncio.get_running_loop().time() + 20
        while not await until():
            assert asyncio.get_running_loop().time() < deadline
            await self.clock.advance(step)
            await asyncio.sleep(0.02)


@pytest.fixture
async def town(any_url: str, tmp_path: Path) -> AsyncIterator[ServiceTown]:
    await upgrade(any_url)
    town = ServiceTown(any_url, tmp_path)
    await town.database.open()
    yield town
    await town.stop()
    await town.database.close()


@pytest.mark.slow
async def test_of_two_services_one_does_each_recurring_job(town: ServiceTown) -> None:
    done: list[str] = []
    for name in ("one", "two"):
        service = town.service(name)

        async def work(_ctx: JobContext, name: str = name) -> None:
            done.append(name)
            await town.clock.sleep(timedelta(seconds=12))  # The other looks at the table meanwhile.

        service.jobs.register_recurring("count", work, next_time=every(MINUTE), transaction=False)
        await town.run(service)

    async def has_run(times: int) -> bool:
        return len(done) >= times and (await town.jobs())["count"].lease_owner is None

    for times in range(1, 4):
        await town.passes(lambda times=times: has_run(times), step=timedelta(seconds=5))  # type: ignore[misc]
        assert len(done) == times


@pytest.mark.slow
async def test_log_ins_that_are_over_are_cleared_away_by_the_service(town: ServiceTown) -> None:
    now = town.clock.now()
    async with town.database.transaction() as db:
        user = User(username="a", name="a", password_hash="x", roles=["agent"], created_at=now)
        db.add(user)
        await db.flush()
        for name, lasts in (("short", HOUR / 2), ("long", HOUR * 12)):
            db.add(
                UserSession(
                    id=uuid7(),
                    token_hash=name,
                    user_id=user.id,
                    created_at=now,
                    renewed_at=now,
                    expires_at=now + lasts,
                    address="",
                )
            )

    async def left() -> list[str]:
        async with town.database.snapshot() as db:
            return list(await db.scalars(select(UserSession.token_hash).order_by(UserSession.token_hash)))

    async def one_left() -> bool:
        return len(await left()) == 1

    async def planned() -> bool:
        return "sessions.expire" in await town.jobs()

    # While none runs: an hour of a service wakes it thousands of times, half a minute on a busy machine.
    await town.run(town.service("one"))
    await town.passes(planned, step=timedelta(seconds=1))
    assert await left() == ["long", "short"]
    await town.stop()
    await town.clock.advance(HOUR)
    await town.run(town.service("two"))
    await town.passes(one_left, step=timedelta(seconds=1))
    assert await left() == ["long"]


async def test_work_that_fails_is_named_in_readiness_until_it_goes_well(town: ServiceTown) -> None:
    service = town.service("one")
    fails = True

    async def work(_ctx: JobContext) -> None:
        if fails:
            raise KeyError("13904731234")

    service.jobs.register_recurring("count", work, next_time=every(MINUTE))
    await town.run(service)

    async def part() -> tuple[bool, str]:
        parts = {part.name: part for part in (await service.health.readiness()).parts}
        return parts["jobs"].ok, parts["jobs"].detail

    async def is_well() -> bool:
        return (await part())[0]

    async def is_ill() -> bool:
        return not await is_well()

    assert await is_well()
    await town.passes(is_ill, step=timedelta(seconds=5))
    assert (await part())[1] == "count fails: KeyError"
    fails = False
    await town.passes(is_well, step=timedelta(seconds=5))


async def test_of_any_free_port_the_one_taken_is_reported(town: ServiceTown) -> None:
    service = town.service("one")
    await town.run(service)
    _, writer = await asyncio.open_connection("127.0.0.1", service.http_port)
    writer.close()
    await writer.wait_closed()


async def test_a_service_that_stops_gives_its_jobs_back(town: ServiceTown) -> None:
    begun = asyncio.Event()

    async def endless(_ctx: JobContext) -> None:
        begun.set()
        await asyncio.Event().wait()

    service = town.service("one")
    service.jobs.register_recurring("count", endless, next_time=every(MINUTE), transaction=False)
    await town.run(service)

    async def has_begun() -> bool:
        return begun.is_set()

    await town.passes(has_begun, step=timedelta(seconds=5))
    assert (await town.jobs())["count"].lease_owner is not None
    await town.stop()
    assert (await town.jobs())["count"].lease_owner is None
