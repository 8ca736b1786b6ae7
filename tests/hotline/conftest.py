from __future__ import annotations

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
    await database.open()
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.close()
