"""Looks at deadlines, and lets a real job runner do what is due."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from crm.limits.models import CaseDeadline
from hotline.calendars.service import CHANGED
from hotline.kernel.calendar import every
from hotline.kernel.job_runner import JobRunner
from hotline.kernel.models import JobRecord
from hotline.notices.models import NoticeRecord
from tests.crm.conftest import Workspace
from tests.fakes.clock import FakeClock

LIMIT_JOBS = ("limits.watch", "limits.archive", "limits.revise", CHANGED)


def wuhai(text: str) -> datetime:
    """A moment of the city's clock: "2026-03-02 09:00"."""
    return (datetime.fromisoformat(text) - timedelta(hours=8)).replace(tzinfo=UTC)


@asynccontextmanager
async def running_jobs(workspace: Workspace, clock: FakeClock) -> AsyncIterator[JobRunner]:
    assert workspace.jobs is not None
    assert workspace.bus is not None
    assert workspace.calendars is not None
    runner = JobRunner(workspace.database, workspace.jobs, workspace.bus, clock)
    runner.register(CHANGED, workspace.calendars.run_changed)
    workspace.crm.register_jobs(runner, night=every(timedelta(days=400)))
    await runner.start()
    try:
        yield runner
    finally:
        await runner.close()


async def until_done(workspace: Workspace, clock: FakeClock) -> None:
    """Return when no job of ours is due; the runner is woken, as a minute would."""
    assert workspace.jobs
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        workspace.jobs.changed.set()
        await asyncio.sleep(0.02)
        async with workspace.database.snapshot() as db:
            due = await db.scalar(
                select(func.count()).where(JobRecord.kind.in_(LIMIT_JOBS), JobRecord.run_at <= clock.now())
            )
        if not due:
            return
    raise AssertionError("jobs that are due are not done")


async def pass_time(workspace: Workspace, clock: FakeClock, until: datetime) -> None:
    """Let the clock reach `until` while no runner runs, and one then do everything that is due."""
    await clock.advance(until - clock.now())
    async with running_jobs(workspace, clock):
        await until_done(workspace, clock)


async def rows_of(workspace: Workspace, case_id: str) -> list[CaseDeadline]:
    async with workspace.database.snapshot() as db:
        query = select(CaseDeadline).where(CaseDeadline.case_id == case_id).order_by(CaseDeadline.id)
        return list(await db.scalars(query))


async def open_kinds(workspace: Workspace, case_id: str) -> dict[str, datetime]:
    return {row.kind: row.due_at for row in await rows_of(workspace, case_id) if row.state in ("running", "paused")}


async def notices_of(workspace: Workspace, case_id: str) -> list[tuple[str, str]]:
    """(kind, user) of each notice about a case, in order."""
    async with workspace.database.snapshot() as db:
        query = select(NoticeRecord).where(NoticeRecord.subject_id == case_id).order_by(NoticeRecord.id)
        return [(row.kind, row.user_id) for row in await db.scalars(query)]


def deadline(case: dict[str, Any], kind: str) -> dict[str, Any]:
    """The deadline of this kind on a case's page that is listed first."""
    return next(one for one in case["deadlines"] if one["kind"] == kind)
