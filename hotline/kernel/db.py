"""The database: SQLite in WAL with one writer, or PostgreSQL through psycopg; the same models on both."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import JSON, DateTime, Dialect, MetaData, String, TypeDecorator, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hotline.kernel.db_trouble import DatabaseAwayError, is_refused_write, trouble_of
from hotline.kernel.errors import ConflictError, HotlineError, UnavailableError
from hotline.kernel.ids import uuid7
from hotline.kernel.sqlite import SqliteThreads, create_private, json_text, sqlite_engine

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""A JSON document; JSONB on PostgreSQL."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in, aware UTC out. A naive value is refused because its meaning is ambiguous."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """What a page cursor over such a column holds."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must carry its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of every model. Constraints get names by rule, so that migrations can address them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Identified:
    """Mix-in: the usual primary key, a UUIDv7, which sorts by time of creation."""

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=uuid7, sort_order=-1)


class DuplicateError(ConflictError):
    """A unique constraint refused the row and no service said so in better words."""

    error_id = "state.duplicate"
    title = "The same thing exists already"


_SQLITE_UNIQUE = {1555, 2067}  # CONSTRAINT_PRIMARYKEY, CONSTRAINT_UNIQUE


def is_duplicate(error: IntegrityError) -> bool:
    """Whether a unique constraint or primary key is what the database objected to."""
    origin: Any = error.orig
    code = getattr(origin, "sqlite_errorcode", None)
    return code in _SQLITE_UNIQUE if code is not None else getattr(origin, "sqlstate", "") == "23505"


def _translate(error: Exception, url: URL, *, writing: bool) -> HotlineError | None:
    """The error to raise in place of the driver's, or None where the driver's indicates a bug of ours."""
    match error:
        case IntegrityError() if is_duplicate(error):
            return DuplicateError("A record with the same key exists already; load it again and look.")
        case PoolTimeoutError():
            return UnavailableError("All database connections are in use; try again shortly.")
        case DBAPIError() if not writing and is_refused_write(error):
            return None  # a snapshot was asked to write
        case DBAPIError():
            return trouble_of(error, url)
        case OSError():
            return DatabaseAwayError("The database could not be reached; try again shortly.", cause=str(error))
    return None


class DatabaseUrlError(HotlineError, ValueError):
    """Never quotes the URL, which may hold a password."""

    error_id = "settings.database_url"
    title = "The settings are not valid"


def parse_database_url(url: str) -> URL:
    """`url` with its async driver named. Raises DatabaseUrlError in one sentence where it cannot serve."""
    scheme, _, rest = url.partition("://")
    if not scheme.startswith("sqlite") and rest.partition("?")[0].count("@") > 1:
        raise DatabaseUrlError(
            "database.url holds an @ that is part of the password; write it as %40 (: as %3A, / as %2F, % as %25), "
            "or put the password into a file and name that in database.password_file."
        )
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise DatabaseUrlError(
            "database.url is no database URL, such as postgresql://user:password@host/name or "
            "sqlite:////var/lib/hotline/hotline.db; a password with special characters belongs into "
            "database.password_file."
        ) from None
    match parsed.get_backend_name():
        case "sqlite":
            if not parsed.database or parsed.database == ":memory:":
                raise DatabaseUrlError("database.url must name a SQLite file; one in memory cannot be shared.")
            return parsed.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise DatabaseUrlError(f"database.url names {other!r}; SQLite and PostgreSQL are supported.")


class Database:
    """Sessions on one database.

    `open()` makes no connection, so the service starts with the database away; every failure to reach it
    is an `UnavailableError`. `open()` and `close()` may each be called twice.
    """

    def __init__(
        self,
        url: str,
        *,
        busy_timeout: timedelta = timedelta(seconds=5),
        pool_size: int = 10,
        foreign_keys: bool = True,
    ) -> None:
        self.url = parse_database_url(url)
        self._busy = busy_timeout.total_seconds()
        self._pool_size = pool_size
        self._foreign_keys = foreign_keys
        self._writer: AsyncEngine | None = None
        self._reader: AsyncEngine | None = None
        self._threads = SqliteThreads()
        self._write_lock = asyncio.Lock()
        self._lock_owner: asyncio.Task[Any] | None = None

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def engine(self) -> AsyncEngine:
        """The writing engine, for migrations and tests."""
        if self._writer is None:
            raise UnavailableError("The database is not open.")
        return self._writer

    async def open(self) -> None:
        if self._writer is not None:
            return
        if self.is_sqlite:
            create_private(Path(self.url.database or ""))
            make = partial(
                sqlite_engine,
                self.url,
                self._threads,
                busy_timeout=self._busy,
                foreign_keys=self._foreign_keys,
            )
            self._writer = make(writes=True, pool_size=1)
            self._reader = make(writes=False, pool_size=self._pool_size)
        else:
            self._writer = self._reader = self._postgres_engine()

    async def close(self) -> None:
        engines = {engine for engine in (self._writer, self._reader) if engine is not None}
        self._writer = self._reader = None
        for engine in engines:
            await engine.dispose()
        await self._threads.join(self._busy)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session that commits at the end, or rolls back when the block raises.

        On SQLite one writer runs at a time; whoever waits longer than the busy timeout gets
        `UnavailableError`. Do no slow work inside, and open no second one in the same task.
        """
        if self._lock_owner is not None and self._lock_owner is asyncio.current_task():
            raise RuntimeError("a transaction is already open in this task")
        async with self._turn_to_write(), self._session(self.engine, begin=True) as session:
            yield session

    @contextlib.asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A session that reads one moment, that of its first query; the database refuses a write."""
        engine = self._reader
        if engine is None:
            raise UnavailableError("The database is not open.")
        if not self.is_sqlite:
            engine = engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
        async with self._session(engine, begin=False) as session:
            yield session

    async def ping(self) -> None:
        """Ask the database for an answer; raises `UnavailableError` after two seconds without one."""
        try:
            async with asyncio.timeout(2), self.snapshot() as session:
                await session.execute(text("SELECT 1"))
        except TimeoutError:
            raise DatabaseAwayError("The database did not answer within 2 s.") from None

    @contextlib.asynccontextmanager
    async def _session(self, engine: AsyncEngine, *, begin: bool) -> AsyncIterator[AsyncSession]:
        maker = async_sessionmaker(engine, expire_on_commit=False)
        try:
            async with maker() as session:
                if not begin:
                    yield session
                    return
                async with session.begin():
                    yield session
        except (DBAPIError, PoolTimeoutError, OSError) as error:
            if (better := _translate(error, self.url, writing=begin)) is None:
                raise
            raise better from error

    @contextlib.asynccontextmanager
    async def _turn_to_write(self) -> AsyncIterator[None]:
        if not self.is_sqlite:
            yield
            return
        try:
            async with asyncio.timeout(self._busy):
                await self._write_lock.acquire()
        except TimeoutError:
            raise UnavailableError("The database is busy writing; try again shortly.") from None
        self._lock_owner = asyncio.current_task()
        try:
            yield
        finally:
            self._lock_owner = None
            self._write_lock.release()

    def _postgres_engine(self) -> AsyncEngine:
        return create_async_engine(
            self.url,
            hide_parameters=True,  # the log must not quote what callers said
            json_serializer=json_text,
            json_deserializer=orjson.loads,
            pool_size=self._pool_size,
            max_overflow=self._pool_size,
            pool_timeout=self._busy,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": 5,
                "tcp_user_timeout": 10_000,  # a server that vanished is noticed in 10 s, not in 15 min
                # As much memory as the hits of a common word need: else each row of a page is read and compared again.
                # No list runs as long as the machine code for it takes to make.
                "options": "-c timezone=utc -c statement_timeout=30000 -c work_mem=32MB -c jit=off "
                f"-c lock_timeout={int(self._busy * 1000)}",
            },
        )
