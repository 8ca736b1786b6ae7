from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hotline.kernel.db import Base, Database
from tests.fakes.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty SQLite database with the tables of every model imported so far."""
    database = Database(f"sqlite:///{tmp_path / 'hotline.db'}")
    await database.open()
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.close()
