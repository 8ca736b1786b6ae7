"""Enterprises that may be the same: found at each change for one, and from time to time for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from crm.enterprises import duplicate_queries as queries
from crm.enterprises.models import Enterprise, EnterpriseDuplicate
from hotline.kernel.calendar import every
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.ids import uuid7
from hotline.kernel.job_runner import JobRunner
from hotline.kernel.jobs import JobContext

JOB = "enterprises.duplicates"
_EVERY = timedelta(hours=1)
_STORE_AT_ONCE = 500
_TIME = timedelta(minutes=10)


class DuplicateReason(StrEnum):
    CODE = "code"
    """The same organisation within the credit code; one of the two codes is mistyped or was confirmed so."""
    NAME = "name"
    """The same but for width, spaces, punctuation and the two ways to write a limited company."""
    NUMBER = "number"


Pair = tuple[str, str]


def pairs_of(members: Iterable[str]) -> list[Pair]:
    """The oldest with each of the others. A star, not all with all: a bookkeeper's number is shared by hundreds."""
    first, *others = sorted(members)
    return [(first, other) for other in others]


class DuplicateFinder:
    """Keeps the table of pairs. Pairs that somebody has said to be two stay so."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def run_by(self, jobs: JobRunner) -> None:
        jobs.register_recurring(JOB, self._find_all, next_time=every(_EVERY), time=_TIME, transaction=False)

    async def look_at(self, db: AsyncSession, enterprise: Enterprise) -> None:
        """Bring the pairs of one enterprise up to date, within the transaction that changed it."""
        await db.flush()
        reasons: dict[Pair, list[str]] = defaultdict(list)
        for reason, others in await queries.like(db, enterprise):
            for other in others:
                first, second = sorted((enterprise.id, other))
                reasons[first, second].append(reason)
        await queries.drop_unfound(db, enterprise.id, reasons)
        await self._store(db, reasons, self._clock.now())

    async def find_all(self, database: Database) -> int:
        """Go over the whole book; returns how many pairs there are. Safe to repeat and to interrupt."""
        reasons: dict[Pair, list[str]] = defaultdict(list)
        for reason in DuplicateReason:
            async with database.snapshot() as db:
                groups = await queries.groups(db, reason)
            for members in groups:
                for pair in pairs_of(members):
                    reasons[pair].append(reason)
        pairs = sorted(reasons)
        for start in range(0, len(pairs), _STORE_AT_ONCE):
            some = {pair: reasons[pair] for pair in pairs[start : start + _STORE_AT_ONCE]}
            async with database.transaction() as db:
                await self._store(db, some, self._clock.now())
        return len(pairs)

    async def _find_all(self, ctx: JobContext) -> None:
        await self.find_all(ctx.database)

    async def _store(self, db: AsyncSession, reasons: dict[Pair, list[str]], now: datetime) -> None:
        known = await queries.known(db, reasons)
        for pair, why in reasons.items():
            if (row := known.get(pair)) is not None:
                row.reasons = sorted({*row.reasons, *why})
            else:
                first, second = pair
                db.add(
                    EnterpriseDuplicate(id=uuid7(), first_id=first, second_id=second, reasons=sorted(why), found_at=now)
                )
        await db.flush()
