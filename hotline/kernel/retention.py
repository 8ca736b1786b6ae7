"""What is kept for a time and then removed: the form in which each floor says so, and how rows go in small batches.

A batch is found by reading and removed in a transaction of its own, so that no other writer waits for longer than
one batch takes.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from hotline.kernel.db import Database
from hotline.kernel.models import JobRecord

BATCH = 500


@dataclass(frozen=True, slots=True)
class Removal:
    """How many went, and how many should have but could not; those are tried again at the next run."""

    removed: int = 0
    failed: int = 0

    def __add__(self, other: Removal) -> Removal:
        return Removal(self.removed + other.removed, self.failed + other.failed)


class HeldCalls(Protocol):
    """One kind of thing that is kept for a time. Both methods raise `UnavailableError`."""

    @property
    def name(self) -> str:
        """As the settings call it, without `_days`."""
        ...

    async def count(self, before: datetime) -> int:
        """How many would go that are older than this moment."""
        ...

    def remove(self, before: datetime) -> AsyncGenerator[Removal]:
        """Remove those, yielding after each batch; safe to stop after any, to interrupt and to repeat."""
        ...


class OldRows:
    """A `HeldCalls`: rows of one table, with `old` saying which go. Both by the column `key`."""

    def __init__(
        self,
        name: str,
        database: Database,
        key: InstrumentedAttribute[str],
        old: Callable[[datetime], Select[str]],
        *,
        batch: int = BATCH,
    ) -> None:
        self.name = name
        self._database = database
        self._key = key
        self._old = old
        self._batch = batch

    async def count(self, before: datetime) -> int:
        async with self._database.snapshot() as db:
            return await db.scalar(select(func.count()).select_from(self._old(before).subquery())) or 0

    async def remove(self, before: datetime) -> AsyncGenerator[Removal]:
        while True:
            async with self._database.snapshot() as db:
                keys = list(await db.scalars(self._old(before).limit(self._batch)))
            if not keys:
                return
            async with self._database.transaction() as db:
                await self.delete(db, keys, before)
            yield Removal(len(keys))

    async def delete(self, db: AsyncSession, keys: list[str], before: datetime) -> None:
        """One batch, in the caller's transaction."""
        await delete_by(db, self._key, keys)


async def delete_by(db: AsyncSession, key: InstrumentedAttribute[Any], values: list[Any]) -> None:
    """Delete the rows whose `key` is one of these."""
    model: Any = key.class_
    await db.execute(delete(model).where(key.in_(values)).execution_options(synchronize_session=False))


def failed_jobs(database: Database) -> OldRows:
    """Jobs given up, kept to be looked at; one that is done is not kept at all."""
    return OldRows(
        "failed_jobs", database, JobRecord.id, lambda before: select(JobRecord.id).where(JobRecord.failed_at < before)
    )
