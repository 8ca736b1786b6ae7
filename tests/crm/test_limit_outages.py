"""What deadlines ask for is done once and in order: through a kill, an outage, and a clock that somebody sets."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from crm.supervision.models import SupervisionTask
from tests.crm.city import CaseCity
from tests.crm.conftest import Workspace
from tests.crm.deadlines import notices_of, open_kinds, pass_time, running_jobs, until_done, wuhai
from tests.fakes.clock import FakeClock

WAY = ["submit", "approve", "dispatch", "count_as_signed"]


async def dispatched(workspace: Workspace) -> str:
    city = CaseCity(workspace)
    await city.build()
    return await city.dispatched(type="consult")


async def steps_of(workspace: Workspace, case_id: str) -> list[str]:
    case = await workspace.get("supervisor", f"/api/cases/{case_id}")
    return [step["action"] for step in case["steps"]]


async def kinds_of(workspace: Workspace, case_id: str) -> list[str]:
    """Of the notices, in their order, without reminders and what the moves themselves are notified by."""
    found = [kind for kind, _ in await notices_of(workspace, case_id)]
    return [kind for kind in dict.fromkeys(found) if not kind.startswith(("due_soon", "assigned"))]


@pytest.mark.clause(11)
async def test_killed_between_decision_and_notice_it_does_each_once(
    sqlite_workspace: Workspace, morning: FakeClock, tmp_path: Path
) -> None:
    workspace = sqlite_workspace
    case_id = await dispatched(workspace)
    before = await open_kinds(workspace, case_id)
    await morning.advance(wuhai("2026-03-02 13:01") - morning.now())
    command = [sys.executable, "-m", "tests.crm.dies_watching"]
    command += [f"sqlite:///{tmp_path / 'hotline.db'}", morning.now().isoformat()]
    died = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=120)
    assert died.returncode == -9, died.stderr
    assert await steps_of(workspace, case_id) == WAY[:-1]
    assert (await kinds_of(workspace, case_id), await open_kinds(workspace, case_id)) == ([], before)
    await pass_time(workspace, morning, wuhai("2026-03-02 13:20"))  # its lease has ended
    assert await steps_of(workspace, case_id) == WAY
    assert await kinds_of(workspace, case_id) == ["signed_by_default"]
    notified = await notices_of(workspace, case_id)
    assert len(notified) == len(set(notified))
    assert set(await open_kinds(workspace, case_id)) == {"contact", "close"}


@pytest.mark.clause(11)
@pytest.mark.parametrize("jumps", [(-1, 1), (1, -1), (-1, -1, 2), (2, -2), (3, -4, 1)], ids=str)
async def test_a_clock_that_is_set_repeats_nothing(
    sqlite_workspace: Workspace, morning: FakeClock, jumps: tuple[int, ...]
) -> None:
    workspace = sqlite_workspace
    case_id = await dispatched(workspace)
    seen: list[str] = []
    await pass_time(workspace, morning, wuhai("2026-03-02 12:30"))
    for days in jumps:
        morning.jump(timedelta(days=days))
        async with running_jobs(workspace, morning):
            await until_done(workspace, morning)
        kinds = await kinds_of(workspace, case_id)
        assert kinds[: len(seen)] == seen
        seen = kinds
    await pass_time(workspace, morning, wuhai("2026-03-05 09:30"))
    assert await steps_of(workspace, case_id) == WAY
    assert (await kinds_of(workspace, case_id))[:2] == ["signed_by_default", "overdue"]
    assert set(await open_kinds(workspace, case_id)) == {"contact", "close", "callback"}
    async with workspace.database.snapshot() as db:
        tasks = list(await db.scalars(select(SupervisionTask.cause).where(SupervisionTask.case_id == case_id)))
    assert tasks == ["overdue"]
