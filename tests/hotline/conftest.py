from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hotline.kernel.db import Base, Database
from tests.fakes.clock import FakeClock
from tests.hotline.postgres import any_url, postgres_server, postgres_url

__all__ = ["any_url", "postgres_server", "postgres_url"]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty SQLite database with the tables of every model imported so far."""
    async for database in _with_tables(f"sqlite:///{tmp_path / 'hotline.db'}"):
        yield database


@pytest.fixture
async def any_database(any_url: str) -> AsyncIterator[Database]:
    """The same, once on SQLite and once on PostgreSQL."""
    async for database in _with_tables(any_url):
        yield database


async def _with_tables(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    if url.startswith("sqlite:///"):
        await _copy_tables(Path(url.removeprefix("sqlite:///")))
        await database.open()
    else:
        await database.open()
        await _make_tables(database)
    yield database
    await database.close()


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
