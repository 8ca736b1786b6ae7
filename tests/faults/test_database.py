"""The database is locked, or gone, for 30 s: calls go on being answered, and nothing is lost afterwards."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from hotline.kernel.settings import DatabaseSettings
from tests.faults.figures import FaultFigure, Figures, Stopwatch
from tests.faults.proxy import Proxy
from tests.faults.stage import Scene, finished, lost, new_number, scene_in, until_at
from tests.hotline.postgres import PostgresServer, postgres_server
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until
from tests.stories.city import City, build_city

__all__ = ["postgres_server"]
pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

AWAY = 30.0
LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
"""


@asynccontextmanager
async def locked(file: Path) -> AsyncIterator[None]:
    """Another process holds the SQLite file's write lock."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LOCK, str(file), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"locked\n"
        yield
    finally:
        process.stdin.close()
        await process.wait()


async def test_locked_calls_continue_and_the_log_is_whole_afterwards(city: City, figures: Figures) -> None:
    async with scene_in(city) as scene:
        watch = Stopwatch()
        async with locked(city.settings.home / "hotline.db"):
            newcomer, gap, gone = await live_through(scene, watch)
        await settle(scene, newcomer, gap, gone, figures, "database locked for 30 s (SQLite)")


@pytest_asyncio.fixture(loop_scope="session")
async def line_to_postgres(postgres_server: PostgresServer) -> AsyncIterator[tuple[Proxy, str]]:
    """A PostgreSQL that can be taken away, and the URL of an empty database there."""
    async with Proxy.to("127.0.0.1", postgres_server.port) as proxy:
        name = "faults"
        postgres_server.execute(f"CREATE DATABASE {name}")
        try:
            yield proxy, postgres_server.dsn(name).replace(f":{postgres_server.port}/", f":{proxy.port}/")
        finally:
            postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.postgres
async def test_gone_calls_continue_and_the_log_is_whole_afterwards(
    line_to_postgres: tuple[Proxy, str], figures: Figures
) -> None:
    proxy, url = line_to_postgres
    async with build_city(database=DatabaseSettings(url=url)) as city, scene_in(city) as scene:
        watch = Stopwatch()
        await proxy.refuse()
        try:
            newcomer, gap, gone = await live_through(scene, watch)
        finally:
            await proxy.resume()
        await settle(scene, newcomer, gap, gone, figures, "database gone for 30 s (PostgreSQL)")


async def live_through(scene: Scene, watch: Stopwatch) -> tuple[PjsuaPhone, float, int]:
    """What callers and agent do meanwhile; returns when the database was away for its time."""
    city = scene.city
    newcomer = PjsuaPhone.caller(city.asterisk, new_number())
    async with newcomer:
        await newcomer.call_and_wait()
        await until_at(city, newcomer.user, "in_service")
        newcomer.press("1")
        await until_at(city, newcomer.user, "waiting")
        scene.choosing.press("1")
        await until_at(city, scene.choosing.user, "waiting")
        await until(lambda: told(city), within=30, each=0.2, what="/readyz tells of it")
        assert not await unwell(city) & {"ami", "lease"}
        gap = await scene.assert_talk_goes_on()
        gone = await lost(city, (*scene.callers, newcomer))
        scene.talking.hang_up()
        await scene.talking.wait_for("disconnected")
        newcomer.hang_up()
        await newcomer.wait_for("disconnected")
        # The fault itself lasts this long: nothing tells but the clock.
        await asyncio.sleep(max(0.0, AWAY - watch.seconds))
    return newcomer, gap, gone


async def settle(scene: Scene, newcomer: PjsuaPhone, gap: float, gone: int, figures: Figures, fault: str) -> None:
    watch = Stopwatch()

    async def well() -> bool:
        return not await unwell(scene.city)

    await until(well, within=30, each=0.1, what="everything that waited is written")
    recovery = watch.seconds
    await scene.end()
    numbers = [phone.user for phone in (*scene.callers, newcomer)]
    found = await finished(scene.log, numbers)
    figures.add(
        FaultFigure(
            fault=fault,
            calls=4,
            lost=gone,
            missing=4 - len(found),
            recovery=recovery,
            recovered="return of the database until all events are in it",
            gap=gap,
        )
    )
    assert gone == 0
    assert set(found) == set(numbers)
    # The service saw it all: no gap, and every step is there.
    assert not any(record["gap"] for record in found.values())
    assert found[scene.talking.user]["outcome"] == "answered"
    for phone in (scene.choosing, newcomer):
        nodes = [step["node"] for step in found[phone.user]["path"]]
        assert nodes[0] == "arrive"
        assert nodes[-1] == "enterprise-queue"
        assert found[phone.user]["outcome"] == "abandoned_queue"


async def told(city: City) -> bool:
    return "journal" in await unwell(city)


async def unwell(city: City) -> set[str]:
    """The parts that /readyz finds fault with; the disk of a developer's machine is its own affair."""
    async with aiohttp.ClientSession() as http, http.get(f"{city.address}/readyz") as answer:
        parts = (await answer.json())["parts"]
    return {part["name"] for part in parts if not part["ok"]} - {"disk"}
