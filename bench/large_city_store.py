"""Databases with a large city in them, kept outside the checkout and used again."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import psycopg
from sqlalchemy import Column

import hotline.app.models  # noqa: F401  # All tables are known once it is imported.
from bench.large_city import VERSION, LargeCity
from bench.large_city_copies import multiply
from hotline.kernel.db import Base
from hotline.kernel.migrate import upgrade
from hotline.kernel.search import index_ddl
from tests.hotline.postgres import PostgresServer, postgres_in

CACHE = Path("/var/tmp/hotline-bench")  # Not below a home: PostgreSQL's own account reads it.
MADE = 100_000
"""Cases are made one by one up to here, and copied beyond."""
_BATCH = 2000
_SEARCHED = ("case_search", "enterprise_search")
Progress = Callable[[str], None]


@contextlib.asynccontextmanager
async def filled_databases(kind: str, cache: Path, progress: Progress) -> AsyncIterator[FilledDatabases]:
    """`kind`: sqlite or postgresql."""
    await asyncio.to_thread(cache.mkdir, parents=True, exist_ok=True)
    if kind == "sqlite":
        yield FilledDatabases(cache, None, progress)
        return
    # As it is installed, but with the memory that any guide gives it; commits are waited for.
    with postgres_in(cache / "postgresql", shared_buffers="1GB", effective_cache_size="4GB") as server:
        yield FilledDatabases(cache, server, progress)


class FilledDatabases:
    """One made from the generator on SQLite, and a copy of it on PostgreSQL."""

    def __init__(self, cache: Path, server: PostgresServer | None, progress: Progress) -> None:
        self._cache = cache
        self._server = server
        self._progress = progress

    async def url(self, cases: int) -> str:
        """Of the database with so many cases, filled now if there is none; with today's tables and indices."""
        name = f"cases_{cases}_v{VERSION}"
        path = self._cache / f"{name}.db"
        if not path.exists():
            making = path.with_suffix(".making")
            for left in self._cache.glob(f"{making.name}*"):
                left.unlink()
            if cases > MADE:
                await self._multiplied(making, cases)
            else:
                await upgrade(f"sqlite:///{making}")
                self._timed(f"{cases:,} cases on SQLite", lambda: _fill(making, LargeCity(cases)))
            making.rename(path)
        await upgrade(f"sqlite:///{path}")
        return f"sqlite:///{path}" if self._server is None else await self._copied(self._server, path, name)

    async def _multiplied(self, making: Path, cases: int) -> None:
        times, rest = divmod(cases, MADE)
        if rest:
            raise ValueError(f"more than {MADE:,} cases are so many times {MADE:,}; {cases:,} are not")
        await FilledDatabases(self._cache, None, self._progress).url(MADE)
        source = self._cache / f"cases_{MADE}_v{VERSION}.db"
        self._timed(f"{cases:,} cases on SQLite", lambda: multiply(source, making, times))

    async def _copied(self, server: PostgresServer, path: Path, name: str) -> str:
        url = server.dsn(name)
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
            known = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        if name not in known:
            making = f"{name}_making"
            server.execute(f"DROP DATABASE IF EXISTS {making} WITH (FORCE)")
            server.execute(f"CREATE DATABASE {making}")
            await upgrade(server.dsn(making))
            self._timed(f"{name} on PostgreSQL", lambda: _copy(path, server.dsn(making)))
            server.execute(f"ALTER DATABASE {making} RENAME TO {name}")
        await upgrade(url)
        return url

    def _timed(self, what: str, work: Callable[[], None]) -> None:
        self._progress(f"{what}: begun")
        begun = time.monotonic()
        work()
        self._progress(f"{what}: made in {time.monotonic() - begun:.0f} s")


def _fill(path: Path, city: LargeCity) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-1000000"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("BEGIN")
        waiting: dict[str, list[dict[str, Any]]] = {}
        for name, row in city.rows():
            rows = waiting.setdefault(name, [])
            rows.append(row)
            if len(rows) == _BATCH:
                _insert(db, name, waiting.pop(name))
        for name, rows in waiting.items():
            _insert(db, name, rows)
        db.execute("COMMIT")


def _insert(db: sqlite3.Connection, name: str, rows: Sequence[dict[str, Any]]) -> None:
    """What a row leaves out has its column's default."""
    defaults = _defaults(name)
    columns = list(defaults)
    marks = ", ".join("?" * len(columns))
    values = ([_stored((defaults | row)[column]) for column in columns] for row in rows)
    db.executemany(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", values)


@functools.cache
def _defaults(name: str) -> dict[str, Any]:
    return {column.name: _default(column) for column in Base.metadata.tables[name].columns}


def _default(column: Column[Any]) -> Any:
    found: Any = column.default
    if found is None or column.primary_key:
        return None
    return found.arg(None) if found.is_callable else found.arg


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return orjson.dumps(value).decode() if isinstance(value, (dict, list)) else value


def _copy(path: Path, dsn: str) -> None:
    """Every table's rows; PostgreSQL reads what SQLite stores as it is."""
    with (
        contextlib.closing(sqlite3.connect(path)) as source,
        psycopg.connect(dsn, autocommit=True, options="-c timezone=utc") as db,
    ):
        # No foreign key is looked up: the rows are known to fit.
        for setting in ("session_replication_role = replica", "synchronous_commit = off"):
            db.execute(f"SET {setting}".encode())
        db.execute("SET maintenance_work_mem = '1GB'")
        for searched in _SEARCHED:
            db.execute(f"DROP INDEX {searched}_index".encode())
        db.execute(f"TRUNCATE {', '.join(Base.metadata.tables)}".encode())
        for name, table in Base.metadata.tables.items():
            columns = ", ".join(column.name for column in table.columns)
            rows = source.execute(f"SELECT {columns} FROM {name}")
            with db.cursor() as cursor, cursor.copy(f"COPY {name} ({columns}) FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)
        for searched in _SEARCHED:
            for statement in index_ddl(searched, "postgresql"):
                db.execute(statement.encode())
            sequence = f"pg_get_serial_sequence('{searched}', 'number')"
            db.execute(f"SELECT setval({sequence}, max(number)) FROM {searched}".encode())
        # As autovacuum would have, some time later.
        db.execute("VACUUM ANALYZE")
