"""Timed work that outlives the process: deadlines, reminders, callbacks, and what comes back every night.

A service schedules a job in its own transaction; a runner claims it by lease when it is due, so several
processes share one table. A runner that dies loses its lease, and another takes the job.

Recurring work is one job that, when done, is put back for its next time; while it fails it is tried again and again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, event, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.events import Event
from hotline.kernel.ids import uuid7
from hotline.kernel.job_table import Job
from hotline.kernel.models import JobRecord


class JobQueue:
    """Where services put jobs."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.changed = asyncio.Event()
        """Set when a transaction that scheduled something has committed."""

    async def schedule(
        self, db: AsyncSession, kind: str, payload: dict[str, Any], *, run_at: datetime, key: str | None = None
    ) -> str:
        """Have `kind` run with `payload` at `run_at`, once the transaction commits; returns the job's id.

        With a `key`, an open job of the same key is moved to the new time and payload instead. A handler may
        schedule its own job again, under the same key.
        """
        event.listen(db.sync_session, "after_commit", self._committed)
        row = None
        if key is not None:
            row = await db.scalar(select(JobRecord).where(JobRecord.key == key).with_for_update())
        if row is None:
            row = JobRecord(id=uuid7(), key=key, created_at=self._clock.now())
            db.add(row)
        row.kind, row.payload, row.run_at = kind, payload, run_at
        row.attempts, row.last_error, row.lease_owner, row.lease_until = 0, None, None, None
        await db.flush()
        return row.id

    async def cancel(self, db: AsyncSession, key: str) -> None:
        """Drop the open job of this key; none is no error. One being worked on just now is worked to its end."""
        await db.execute(delete(JobRecord).where(JobRecord.key == key))

    def _committed(self, _session: Any) -> None:
        self.changed.set()


@dataclass(kw_only=True)
class JobContext:
    """What a handler has at hand, for one attempt."""

    job: Job
    clock: Clock
    database: Database
    session: AsyncSession | None = None
    events: list[Event] = field(default_factory=list)

    @property
    def db(self) -> AsyncSession:
        """The session of this attempt, committed together with the end of the job."""
        if self.session is None:
            raise RuntimeError("this job has no session of its own; use ctx.database")
        return self.session

    def emit(self, event: Event) -> None:
        """Publish `event` once the attempt is committed; never, when it failed."""
        self.events.append(event)


JobHandler = Callable[[JobContext], Awaitable[None]]
NextTime = Callable[[datetime], datetime]
"""When work that was done, or first heard of, at this moment is due next."""
