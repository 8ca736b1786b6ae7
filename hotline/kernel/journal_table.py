"""The journal's table: batches of events in, events out."""

from __future__ import annotations

from typing import Any, cast

import structlog
from sqlalchemy import Select, Table, func, insert, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.kernel.codec import decode
from hotline.kernel.db import Database
from hotline.kernel.events import Recorded
from hotline.kernel.models import EventRecord

log = structlog.get_logger(__name__)
Row = dict[str, Any]
_INSERT = insert(cast(Table, EventRecord.__table__))
"""Into the table, not the model: the ORM's bulk insert costs twice as much, for every event of every call."""


async def last_seq(database: Database) -> int:
    """The highest number in the table; 0 where it is empty."""
    async with database.snapshot() as db:
        return await db.scalar(select(func.max(EventRecord.seq))) or 0


async def read_after(database: Database, seq: int, limit: int) -> list[Recorded]:
    return await _read(database, select(EventRecord).where(EventRecord.seq > seq).limit(limit))


async def read_call(database: Database, call_id: str) -> list[Recorded]:
    return await _read(database, select(EventRecord).where(EventRecord.call_id == call_id))


async def _read(database: Database, statement: Select[EventRecord]) -> list[Recorded]:
    async with database.snapshot() as db:
        rows = await db.scalars(statement.order_by(EventRecord.seq))
        return [Recorded(row.seq, decode(row.name, row.at, row.call_id, row.payload)) for row in rows]


async def insert_batch(database: Database, rows: list[Row]) -> None:
    """All in one transaction. Raises `DuplicateError` where one is there already."""
    if rows:
        async with database.transaction() as db:
            await db.execute(_INSERT, rows)


async def insert_doubtful(database: Database, rows: list[Row]) -> tuple[int, set[str]]:
    """Insert those of `rows` that are not there yet; the ids of those that the database will never take.

    A row whose number belongs to another event gets a new one, above all others: that happens only when an
    instance started without its database and without its spool. Returns the highest number in the table, too.
    """
    async with database.transaction() as db:
        present = set(await db.scalars(select(EventRecord.id).where(EventRecord.id.in_([row["id"] for row in rows]))))
        fresh = await _renumber(db, [row for row in rows if row["id"] not in present])
        refused = await _insert_whole(db, fresh)
        highest = await db.scalar(select(func.max(EventRecord.seq))) or 0
    return highest, refused


async def _insert_whole(db: AsyncSession, rows: list[Row]) -> set[str]:
    """Together if possible, else one by one; the ids of those refused for what they hold."""
    if not rows:
        return set()
    try:
        async with db.begin_nested():
            await db.execute(_INSERT, rows)
    except (DataError, IntegrityError):
        if len(rows) == 1:
            return {rows[0]["id"]}
        middle = len(rows) // 2
        return await _insert_whole(db, rows[:middle]) | await _insert_whole(db, rows[middle:])
    return set()


async def _renumber(db: AsyncSession, rows: list[Row]) -> list[Row]:
    numbers = [row["seq"] for row in rows]
    taken = set(await db.scalars(select(EventRecord.seq).where(EventRecord.seq.in_(numbers))))
    if not taken:
        return rows
    highest = await db.scalar(select(func.max(EventRecord.seq))) or 0
    next_free = max(highest, *numbers) + 1
    log.error("events renumbered, their numbers were taken", count=len(rows), first=next_free)
    return [{**row, "seq": next_free + offset} for offset, row in enumerate(rows)]
