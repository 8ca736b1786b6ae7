"""SQLite as a server's database: WAL, one writer, readers that cannot write."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite
import orjson
from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import PoolResetState


def json_text(value: Any) -> str:
    """Columns of JSON as compact UTF-8 text."""
    return orjson.dumps(value).decode()


class _OneVisitCursor:
    """A statement run and read in one visit to the connection's thread.

    The driver's own visits it four times: to make the cursor, to run it, to fetch and to close. Each visit wakes two
    threads, which costs more than most statements.
    """

    description: Any = None
    rowcount = -1
    lastrowid: int | None = None
    arraysize = 1

    def __init__(self, connection: _SqliteConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []

    async def __aenter__(self) -> _OneVisitCursor:
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        await self._connection._execute(self._run, self._connection._conn.execute, sql, parameters)  # type: ignore[no-untyped-call]

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> None:
        await self._connection._execute(self._run, self._connection._conn.executemany, sql, parameters)  # type: ignore[no-untyped-call]

    def _run(self, run: Callable[[str, Any], sqlite3.Cursor], sql: str, parameters: Any) -> None:
        cursor = run(sql, parameters)
        with contextlib.closing(cursor):
            self._rows = cursor.fetchall() if cursor.description else []
            self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []


class _SqliteConnection(aiosqlite.Connection):
    def cursor(self) -> _OneVisitCursor:  # type: ignore[override]  # as much of a cursor as SQLAlchemy uses
        return _OneVisitCursor(self)


class SqliteThreads:
    """The driver's threads, one a connection.

    aiosqlite stops a thread without waiting for it when a connection fails or is cut off; its late answer
    to a loop that is closed by then would be an error out of nowhere.
    """

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []

    async def connect(self, path: str, busy_timeout: float) -> aiosqlite.Connection:
        connection = _SqliteConnection(partial(sqlite3.connect, path, timeout=busy_timeout), iter_chunk_size=64)
        thread: threading.Thread = connection._thread
        thread.daemon = True
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        return await connection

    async def join(self, patience: float) -> None:
        """Wait for those that are stopping."""
        threads, self._threads = self._threads, []
        for thread in threads:
            if thread.is_alive():
                await asyncio.to_thread(thread.join, patience)


def sqlite_engine(
    url: URL, threads: SqliteThreads, *, writes: bool, busy_timeout: float, pool_size: int, foreign_keys: bool = True
) -> AsyncEngine:
    """An engine whose transactions all write (`BEGIN IMMEDIATE`), or all only read.

    `foreign_keys` is off for migrations alone: they rebuild tables, and dropping the old one would take all
    rows along that refer to it.
    """

    async def connect() -> aiosqlite.Connection:
        return await threads.connect(url.database or "", busy_timeout)

    engine = create_async_engine(
        url,
        async_creator=connect,
        hide_parameters=True,  # the log must not quote what callers said
        json_serializer=json_text,
        json_deserializer=orjson.loads,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=busy_timeout,
        pool_reset_on_return=None,  # by _reset, below
    )
    event.listen(
        engine.sync_engine, "connect", _prepare(writes=writes, busy_timeout=busy_timeout, foreign_keys=foreign_keys)
    )

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @event.listens_for(engine.sync_engine, "reset")
    def _reset(connection: Any, _record: Any, state: PoolResetState) -> None:
        # Asked of the driver's object: a rollback of nothing is one more visit to the thread after every commit.
        if not state.terminate_only and connection.driver_connection.in_transaction:
            connection.rollback()

    return engine


def _prepare(*, writes: bool, busy_timeout: float, foreign_keys: bool) -> Callable[[Any, Any], None]:
    def prepare(connection: Any, _record: Any) -> None:
        # The driver must not begin by itself: it begins late and deferred, and then cannot get the lock.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={int(busy_timeout * 1000)}")
        # In KiB of each connection, where SQLite would keep 2 MB: less than one list of a million cases reads.
        cursor.execute("PRAGMA cache_size=-16384")
        if writes:
            cursor.execute("PRAGMA journal_mode=WAL")
            # An accepted case survives a power cut; NORMAL would lose the last commits.
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        else:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    return prepare


def create_private(path: Path) -> None:
    """Make the file readable by its owner alone before SQLite would make it by the umask."""
    with contextlib.suppress(OSError):  # SQLite itself fails in the same way, and that is reported.
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
