from __future__ import annotations

import asyncio
import sqlite3
import stat
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ForeignKey, String, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Mapped, mapped_column

from hotline.kernel.db import Base, Database, DuplicateError, Identified, Json, UtcDateTime, parse_database_url
from hotline.kernel.errors import UnavailableError
from tests.hotline.postgres import PostgresServer


class Thing(Identified, Base):
    __tablename__ = "test_thing"

    name: Mapped[str] = mapped_column(String(50), unique=True)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    document: Mapped[dict[str, Any] | None] = mapped_column(Json)
    parent: Mapped[str | None] = mapped_column(ForeignKey("test_thing.id"))


async def count(database: Database) -> int:
    async with database.snapshot() as db:
        return await db.scalar(select(func.count()).select_from(Thing)) or 0


async def test_what_is_stored_comes_back(any_database: Database) -> None:
    beijing = datetime(2026, 3, 2, 17, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    async with any_database.transaction() as db:
        db.add(Thing(name="企业", at=beijing, document={"行业": ["制造", None, 1.5]}))
        db.add(Thing(name="empty"))
    async with any_database.snapshot() as db:
        full = (await db.scalars(select(Thing).where(Thing.name == "企业"))).one()
        empty = (await db.scalars(select(Thing).where(Thing.document.is_(None)))).one()
    assert full.at == beijing
    assert full.at.tzinfo is UTC
    assert full.document == {"行业": ["制造", None, 1.5]}
    assert (empty.name, empty.at, empty.document) == ("empty", None, None)


async def test_times_compare_across_zones(any_database: Database) -> None:
    noon = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    async with any_database.transaction() as db:
        db.add(Thing(name="noon", at=noon))
    later = noon.astimezone(timezone(timedelta(hours=8))) + timedelta(seconds=1)
    async with any_database.snapshot() as db:
        assert await db.scalar(select(Thing.name).where(Thing.at < later)) == "noon"


async def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="time zone"):
        async with database.transaction() as db:
            db.add(Thing(name="x", at=datetime(2026, 3, 2)))


async def test_an_error_rolls_back(any_database: Database) -> None:
    async def write() -> None:
        async with any_database.transaction() as db:
            db.add(Thing(name="x"))
            await db.flush()
            raise KeyError

    with pytest.raises(KeyError):
        await write()
    assert await count(any_database) == 0


async def test_a_duplicate_says_so(any_database: Database) -> None:
    with pytest.raises(DuplicateError):
        async with any_database.transaction() as db:
            db.add_all([Thing(name="x"), Thing(name="x")])
    assert await count(any_database) == 0


async def test_foreign_keys_hold(any_database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with any_database.transaction() as db:
            db.add(Thing(name="x", parent="nobody"))


async def test_a_snapshot_refuses_to_write(any_database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with any_database.snapshot() as db:
            await db.execute(text("DELETE FROM test_thing"))


async def test_a_snapshot_reads_one_moment_while_others_write(any_database: Database) -> None:
    async with any_database.snapshot() as db:
        before = await db.scalar(select(func.count()).select_from(Thing))
        async with any_database.transaction() as writer:
            writer.add(Thing(name="x"))
        assert await db.scalar(select(func.count()).select_from(Thing)) == before
    assert await count(any_database) == 1


async def test_writers_take_turns(any_database: Database) -> None:
    async def write(number: int) -> None:
        async with any_database.transaction() as db:
            db.add(Thing(name=str(number)))
            await asyncio.sleep(0)

    await asyncio.gather(*(write(number) for number in range(50)))
    assert await count(any_database) == 50


async def test_a_second_transaction_in_one_task_is_refused_at_once(database: Database) -> None:
    async with database.transaction():
        with pytest.raises(RuntimeError, match="already open"):
            async with database.transaction():
                pass


async def test_a_locked_database_is_unavailable_and_comes_back(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}", busy_timeout=timedelta(seconds=0.1))
    await database.open()
    await database.ping()
    other = sqlite3.connect(tmp_path / "x.db")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(UnavailableError):
        async with database.transaction() as db:
            await db.execute(text("CREATE TABLE x (y)"))
    other.close()
    async with database.transaction() as db:
        await db.execute(text("CREATE TABLE x (y)"))
    await database.close()


async def test_a_writer_that_never_ends_does_not_block_others_forever(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}", busy_timeout=timedelta(seconds=0.1))
    await database.open()

    async def write() -> None:
        async with database.transaction():
            pass

    async with database.transaction():
        with pytest.raises(UnavailableError, match="busy"):
            await asyncio.create_task(write())
    await write()
    await database.close()


async def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.db"
    database = Database(f"sqlite:///{path}")
    await database.open()
    await database.ping()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await database.close()
    await database.close()


@pytest.mark.parametrize("url", ["sqlite:////proc/none/x.db", "postgresql://hotline@127.0.0.1:1/x"])
async def test_a_database_that_is_away_is_unavailable(url: str) -> None:
    database = Database(url)
    await database.open()
    with pytest.raises(UnavailableError):
        await database.ping()
    with pytest.raises(UnavailableError):
        async with database.transaction() as db:
            await db.execute(text("SELECT 1"))
    await database.close()


async def test_a_closed_database_is_unavailable(database: Database) -> None:
    await database.close()
    with pytest.raises(UnavailableError):
        await database.ping()


@pytest.mark.postgres
async def test_a_lost_connection_is_unavailable_and_the_next_one_works(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    database = Database(postgres_url)
    await database.open()

    async def write() -> None:
        async with database.transaction() as db:
            pid = await db.scalar(text("SELECT pg_backend_pid()"))
            postgres_server.execute(f"SELECT pg_terminate_backend({pid})")
            await db.execute(text("SELECT 1"))

    with pytest.raises(UnavailableError):
        await write()
    await database.ping()
    await database.close()


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:////srv/x.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:////srv/x.db", "sqlite+aiosqlite"),
        ("postgresql://h@db/x", "postgresql+psycopg"),
        ("postgresql+asyncpg://h@db/x", "postgresql+psycopg"),
    ],
)
def test_the_driver_is_ours_to_choose(url: str, driver: str) -> None:
    assert parse_database_url(url).drivername == driver


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://h@db/x"])
def test_a_url_that_cannot_serve_is_named(url: str) -> None:
    with pytest.raises(ValueError, match=r"database\.url"):
        parse_database_url(url)
