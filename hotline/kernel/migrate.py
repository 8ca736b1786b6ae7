"""Brings a database to this version's tables. A migration runs whole or not at all, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from importlib.resources import files
from typing import Any, TypeVar

import structlog
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util.exc import CommandError
from sqlalchemy import Connection, MetaData, text

from hotline.kernel.db import Database
from hotline.kernel.revision import MigrationError
from hotline.kernel.search import is_index_table

log = structlog.get_logger(__name__)
T = TypeVar("T")
_LOCK = 12345
"""Any number; those who upgrade the same PostgreSQL wait for each other on it."""


async def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to `revision`; safe to repeat, and to run from several processes at once.

    Raises `MigrationError` where it is of a newer version or its rows do not fit, `UnavailableError` where it
    does not answer. It is left as it was then.
    """
    await _in_transaction(url, lambda connection: command.upgrade(_config(connection), revision))


async def downgrade(url: str, revision: str) -> None:
    """Take the database back to `revision`; what later versions stored is lost."""
    await _in_transaction(url, lambda connection: command.downgrade(_config(connection), revision))


async def differences(url: str, metadata: MetaData) -> list[Any]:
    """What alembic would have to change to bring the tables to `metadata`; empty when they match."""

    def compare(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "include_name": lambda name, *_: not is_index_table(name or "")}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    return await _in_transaction(url, compare)


async def _in_transaction(url: str, work: Callable[[Connection], T]) -> T:
    database = Database(url, busy_timeout=timedelta(seconds=60), foreign_keys=False)
    await database.open()
    try:
        async with database.transaction() as db:
            connection = await db.connection()
            if not database.is_sqlite:
                await connection.execute(text("SET LOCAL statement_timeout = 0"))
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            result = await connection.run_sync(work)
            if database.is_sqlite:
                await connection.run_sync(_require_references)
            return result
    except CommandError as error:
        raise MigrationError(f"{error}. A newer version of the service has used this database; run that one.") from None
    finally:
        await database.close()


def _require_references(connection: Connection) -> None:
    """Foreign keys are off while tables are rebuilt, so they are checked at the end."""
    broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
    if broken:
        tables = ", ".join(sorted({row[0] for row in broken}))
        raise MigrationError(f"Rows of {tables} refer to rows that are not there; restore the last backup.")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("hotline") / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
