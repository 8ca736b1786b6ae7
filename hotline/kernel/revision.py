"""Which version a database is of, without alembic: commands that only read start faster without it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from hotline.kernel.db import Database
from hotline.kernel.errors import HotlineError

_REVISION = re.compile(r'^(revision|down_revision)\b[^=\n]*=\s*"([^"]+)"', re.MULTILINE)


class SchemaState(StrEnum):
    """A database whose revision this version does not know."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


class MigrationError(HotlineError):
    error_id = "database.migration"
    title = "The database cannot be brought to this version"


@asynccontextmanager
async def current_database(url: str) -> AsyncIterator[Database]:
    """The database at `url`, open, for a command that finds this version's tables there and makes none.

    Raises `MigrationError` where they are not there, without a trace of the attempt.
    """
    database = Database(url)
    _require_file(database)
    await database.open()
    try:
        async with database.snapshot() as db:
            await (await db.connection()).run_sync(_require_current)
        yield database
    finally:
        await database.close()


def shipped_revisions() -> tuple[frozenset[str], frozenset[str]]:
    """All revisions this version knows, and the heads among them."""
    known: set[str] = set()
    superseded: set[str] = set()
    for script in (files("hotline") / "migrations" / "versions").iterdir():
        if script.name.endswith(".py"):
            for name, revision in _REVISION.findall(script.read_text(encoding="utf-8")):
                (known if name == "revision" else superseded).add(revision)
    return frozenset(known), frozenset(known - superseded)


def _has_file(database: Database) -> bool:
    return not database.is_sqlite or Path(database.url.database or "").exists()


def _require_file(database: Database) -> None:
    if not _has_file(database):
        raise MigrationError(f"There is no database at {database.url.database} yet; run `hotline db upgrade` first.")


async def schema_state(url: str) -> SchemaState:
    """Whether the database at `url` is to be migrated. Makes nothing."""
    database = Database(url)
    if not _has_file(database):
        return SchemaState.EMPTY
    await database.open()
    try:
        async with database.snapshot() as db:
            return await (await db.connection()).run_sync(_state)
    finally:
        await database.close()


def _state(connection: Connection) -> SchemaState:
    known, heads = shipped_revisions()
    found: set[str] = set()
    if inspect(connection).has_table("alembic_version"):
        found = set(connection.scalars(text("SELECT version_num FROM alembic_version")))
    if found == heads:
        return SchemaState.CURRENT
    if not found:
        return SchemaState.EMPTY
    return SchemaState.OLDER if found <= known else SchemaState.NEWER


def _require_current(connection: Connection) -> None:
    match _state(connection):
        case SchemaState.CURRENT:
            return
        case SchemaState.NEWER:
            raise MigrationError("A newer version of the service has used this database; run that one.")
        case SchemaState.EMPTY | SchemaState.OLDER:
            raise MigrationError("The database is not at this version yet; run `hotline db upgrade` first.")
