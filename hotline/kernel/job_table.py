"""The job table: who may work on what, and until when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Update, case, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.kernel.ids import uuid7
from hotline.kernel.models import JobRecord


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt at a job. `attempts` counts from 1 and distinguishes this lease from earlier ones."""

    id: str
    kind: str
    key: str | None
    payload: Mapping[str, Any]
    run_at: datetime
    attempts: int


async def ensure(db: AsyncSession, kind: str, *, run_at: datetime, now: datetime) -> None:
    """Put a job of `kind` into the table under its kind as key; one that is there already stays as it is."""
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    row = {"id": uuid7(), "kind": kind, "key": kind, "payload": {}, "run_at": run_at, "created_at": now, "attempts": 0}
    await db.execute(dialect.insert(JobRecord).values(row).on_conflict_do_nothing(index_elements=["key"]))


async def claim(
    db: AsyncSession, leases: Mapping[str, timedelta], *, owner: str, now: datetime, most: int
) -> list[Job]:
    """Lease up to `most` due jobs of the kinds in `leases`, each for its kind's time."""
    statement = (
        select(JobRecord)
        .where(
            _open(leases), JobRecord.run_at <= now, or_(JobRecord.lease_until.is_(None), JobRecord.lease_until <= now)
        )
        .order_by(JobRecord.run_at)
        .limit(most)
        .with_for_update(skip_locked=True)  # left out on SQLite, which has one writer anyway
    )
    jobs = []
    for row in await db.scalars(statement):
        row.lease_owner, row.lease_until = owner, now + leases[row.kind]
        row.attempts += 1
        jobs.append(Job(row.id, row.kind, row.key, row.payload, row.run_at, row.attempts))
    return jobs


async def next_due(db: AsyncSession, kinds: Collection[str]) -> datetime | None:
    """When the next job of `kinds` is to run, or its lease to end."""
    lease, run_at = JobRecord.lease_until, JobRecord.run_at
    due = case((lease.is_not(None) & (lease > run_at), lease), else_=run_at)
    moment: datetime | None = await db.scalar(select(func.min(due)).where(_open(kinds)))
    return moment


async def failing(db: AsyncSession, keys: Collection[str]) -> dict[str, str]:
    """Which open jobs of these keys failed when they were last tried, and why."""
    tried = JobRecord.key.in_(list(keys)) & JobRecord.last_error.is_not(None)
    rows = await db.execute(select(JobRecord.key, JobRecord.last_error).where(tried))
    return {key: why for key, why in rows if key is not None and why is not None}


async def finish(db: AsyncSession, job: Job, owner: str) -> bool:
    """Delete a job that is done; False where the lease was lost meanwhile."""
    result = await db.execute(delete(JobRecord).where(_held(job, owner)).execution_options(synchronize_session=False))
    return cast(CursorResult[Any], result).rowcount == 1


async def release(db: AsyncSession, owner: str) -> None:
    """Give back every lease of `owner`, which is stopping."""
    await db.execute(update(JobRecord).where(JobRecord.lease_owner == owner).values(lease_owner=None, lease_until=None))


async def put_off(db: AsyncSession, job: Job, owner: str, *, run_at: datetime, error: str) -> None:
    """Give the lease back, to try again at `run_at`."""
    await db.execute(_change(job, owner).values(run_at=run_at, lease_owner=None, lease_until=None, last_error=error))


async def give_up(db: AsyncSession, job: Job, owner: str, *, now: datetime, error: str) -> None:
    """Keep the job to be looked at; its key is free again."""
    await db.execute(
        _change(job, owner).values(failed_at=now, lease_owner=None, lease_until=None, key=None, last_error=error)
    )


def _change(job: Job, owner: str) -> Update:
    return update(JobRecord).where(_held(job, owner)).execution_options(synchronize_session=False)


def _open(kinds: Collection[str]) -> ColumnElement[bool]:
    return JobRecord.failed_at.is_(None) & JobRecord.kind.in_(list(kinds))


def _held(job: Job, owner: str) -> ColumnElement[bool]:
    return (JobRecord.id == job.id) & (JobRecord.lease_owner == owner) & (JobRecord.attempts == job.attempts)
