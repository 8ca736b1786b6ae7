from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hotline.kernel.db import Base, Database
from tests.fakes.clock import FakeClock
from tests.hotline.postgres import PostgresServer, any_url, postgres_server, postgres_url

__all__ = ["any_url", "postgres_server", "postgres_url"]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty SQLite database with the tables of every model imported so far."""
    async for database in _with_tables(f"sqlite:///{tmp_path / 'hotline.db'}"):
        yield database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def any_database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """The same, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'any.db'}"
    else:
        url = await _postgres_tables(request.getfixturevalue("postgres_server"))
    async for database in _with_tables(url):
        yield database


async def _with_tables(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    if url.startswith("sqlite:///"):
        await _copy_tables(Path(url.removeprefix("sqlite:///")))
    await database.open()
    yield database
    await database.close()


_shared: dict[tuple[PostgresServer, frozenset[str]], str] = {}
"""PostgreSQL databases by their tables: to make one takes longer than most tests, to reset one does not."""


async def _postgres_tables(server: PostgresServer) -> str:
    """The URL of an empty database with the tables of every model imported so far."""
    tables = frozenset(Base.metadata.tables)
    name = _shared.get((server, tables))
    if name is not None:
        await asyncio.to_thread(server.reset, name)
        return server.dsn(name)
    name = f"tables_{len(_shared)}"
    await asyncio.to_thread(server.execute, f"CREATE DATABASE {name}")
    database = Database(server.dsn(name))
    await database.open()
    await _make_tables(database)
    await database.close()
    await asyncio.to_thread(server.keep, name)
    _shared[server, tables] = name
    return server.dsn(name)


async def _make_tables(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


_copies: dict[frozenset[str], bytes] = {}
"""SQLite files by the tables that they hold: to make one costs more than most tests."""


async def _copy_tables(path: Path) -> None:
    tables = frozenset(Base.metadata.tables)
    if tables not in _copies:
        database = Database(f"sqlite:///{path}")
        await database.open()
        await _make_tables(database)
        await database.close()
        _copies[tables] = await asyncio.to_thread(path.read_bytes)
    else:
        await asyncio.to_thread(path.write_bytes, _copies[tables])
