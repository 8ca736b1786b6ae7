"""The position of each live call in its flow, stored so that a restarted service continues there.

The call path never waits for the database: the newest state of a call is put down in memory and written by one
task, in batches. Of several states of one call between two batches only the last is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import String, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.kernel.clock import Clock
from hotline.kernel.db import Base, Database, Json, UtcDateTime
from hotline.kernel.errors import HotlineError
from hotline.kernel.tasks import TaskOwner

log = structlog.get_logger(__name__)

LIMIT = 10_000
"""Calls waiting to be written. Beyond it the oldest are dropped: they could not be resumed at their node."""
RETRY = timedelta(seconds=1)
LINGER = timedelta(milliseconds=200)
"""States within this time share one commit, which costs more CPU than a call. A crash loses at most these."""


class CallSessionRow(Base):
    """A live call; the row goes when the call ends."""

    __tablename__ = "call_session"

    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    channel: Mapped[str] = mapped_column(String(128))
    unique_id: Mapped[str] = mapped_column(String(64))
    flow: Mapped[str] = mapped_column(String(64))
    flow_version: Mapped[int]
    node: Mapped[str] = mapped_column(String(64))
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCall:
    """The row's content."""

    call_id: str
    channel: str
    unique_id: str
    flow: str
    flow_version: int
    node: str
    facts: dict[str, Any] = field(default_factory=dict)


State = Callable[[], StoredCall]


async def load_calls(db: AsyncSession, call_ids: Collection[str]) -> dict[str, StoredCall]:
    """The stored states of `call_ids`, as far as there are any."""
    rows = await db.scalars(select(CallSessionRow).where(CallSessionRow.call_id.in_(call_ids)))
    return {
        row.call_id: StoredCall(
            call_id=row.call_id,
            channel=row.channel,
            unique_id=row.unique_id,
            flow=row.flow,
            flow_version=row.flow_version,
            node=row.node,
            facts=row.facts,
        )
        for row in rows
    }


async def write_calls(db: AsyncSession, calls: dict[str, StoredCall | None], now: datetime) -> None:
    """Write the states, and delete the rows of calls whose state is None. In two statements, for any number."""
    await db.execute(delete(CallSessionRow).where(CallSessionRow.call_id.in_(calls)))
    if rows := [{**_columns(call), "updated_at": now} for call in calls.values() if call is not None]:
        await db.execute(insert(CallSessionRow), rows)


def _columns(call: StoredCall) -> dict[str, Any]:
    return {column.name: getattr(call, column.name) for column in fields(call)}


async def forget_all_but(db: AsyncSession, call_ids: Collection[str], *, written_before: datetime) -> None:
    """Delete the rows of calls that ended unobserved."""
    gone = CallSessionRow.call_id.not_in(call_ids), CallSessionRow.updated_at < written_before
    await db.execute(delete(CallSessionRow).where(*gone))


class CallStore:
    """`put` and `drop` take no time and never fail."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: dict[str, State | None] = {}
        self._writing: dict[str, StoredCall | None] = {}
        self._new: set[str] = set()
        """Calls that wait for their first writing; one that ends before has nothing to delete."""
        self._known: set[str] = set()
        """Calls that may have a row."""
        self._wake = asyncio.Event()
        self._tasks = TaskOwner("call-store")

    def start(self) -> None:
        self._tasks.spawn(self._write(), name="write")

    async def close(self) -> None:
        """Write what waits, within a second; safe to call twice."""
        await self._tasks.close()
        if not self._waiting:
            return
        try:
            async with asyncio.timeout(1):
                await self._flush()
        except (HotlineError, SQLAlchemyError, TimeoutError):
            log.warning("call states not written at shutdown", calls=len(self._waiting))

    def put(self, call_id: str, state: State) -> None:
        """Store the call shortly; `state` is called at that time."""
        if call_id not in self._known:
            self._new.add(call_id)
        self._keep(call_id, state)

    def drop(self, call_id: str) -> None:
        """The call is over."""
        if call_id in self._new:
            self._new.discard(call_id)
            self._waiting.pop(call_id, None)
        else:
            self._keep(call_id, None)

    def _keep(self, call_id: str, state: State | None) -> None:
        self._waiting.pop(call_id, None)
        if len(self._waiting) >= LIMIT:
            self._waiting.pop(next(iter(self._waiting)))
        self._waiting[call_id] = state
        self._wake.set()

    async def load(self, call_ids: Collection[str]) -> dict[str, StoredCall]:
        """What is known of `call_ids`, the unwritten included; nothing where the database does not answer in 2 s."""
        found: dict[str, StoredCall] = {}
        try:
            async with asyncio.timeout(2), self._database.snapshot() as db:
                found = await load_calls(db, call_ids)
        except (HotlineError, SQLAlchemyError, TimeoutError):
            log.warning("reading stored calls failed", calls=len(call_ids))
        self._known.update(found)
        self._new.difference_update(found)
        unwritten = {**self._writing, **{call_id: state and state() for call_id, state in self._waiting.items()}}
        for call_id in set(call_ids) & unwritten.keys():
            newer = unwritten[call_id]
            if newer is None:
                found.pop(call_id, None)
            else:
                found[call_id] = newer
        return found

    async def forget_all_but(self, call_ids: Collection[str], *, written_before: datetime) -> None:
        """Delete stale rows after a restart; if the database is away, a later call does it.

        `call_ids` are those that were there at `written_before`: a call that has come since is not among them.
        """
        try:
            async with asyncio.timeout(2), self._database.transaction() as db:
                await forget_all_but(db, call_ids, written_before=written_before)
        except (HotlineError, SQLAlchemyError, TimeoutError):
            log.warning("deleting stale stored calls failed")

    async def _write(self) -> None:
        trouble = ""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._clock.sleep(LINGER)
            try:
                await self._flush()
                trouble = ""
            except Exception as error:
                # Not only a database that is away: a row that it will never take goes when its call ends.
                known, trouble = trouble, type(error).__name__
                if trouble != known and not isinstance(error, HotlineError):
                    log.exception("writing call states failed", calls=len(self._waiting))
                self._wake.set()
                await self._clock.sleep(RETRY)

    async def _flush(self) -> None:
        states, self._waiting = self._waiting, {}
        if not states:
            return
        self._writing = {call_id: state and state() for call_id, state in states.items()}
        # From here on there may be a row, whatever the database says of this attempt.
        self._new.difference_update(states)
        self._known.update(states)
        try:
            async with self._database.transaction() as db:
                await write_calls(db, self._writing, self._clock.now())
            self._known.difference_update(call_id for call_id, state in states.items() if state is None)
        except BaseException:
            # Newer states win over those that could not be written.
            self._waiting = {**states, **self._waiting}
            raise
        finally:
            self._writing = {}
