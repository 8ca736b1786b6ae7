"""An import that is written in chunks: others write meanwhile, and nothing half done stays."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from crm.enterprises.models import Contact, ContactNumber, Enterprise
from hotline.kernel.db import Database
from hotline.kernel.imports import repository, writing
from hotline.kernel.imports.models import ImportRecord
from hotline.kernel.imports.writing import next_size
from hotline.kernel.migrate import upgrade
from tests.crm.conftest import Workspace
from tests.crm.imported import confirmed, feature


def test_a_chunk_grows_or_shrinks_to_its_time() -> None:
    assert next_size(50, 0.08) == 25
    assert next_size(50, 0.001) == 100
    assert (next_size(500, 0.0), next_size(10, 9.0)) == (500, 10)


async def counted(database: Database) -> tuple[int, ...]:
    async with database.snapshot() as db:
        tables = (Enterprise, Contact, ContactNumber)
        return tuple([await db.scalar(select(func.count()).select_from(table)) or 0 for table in tables])


async def record(database: Database, import_id: str) -> ImportRecord:
    async with database.snapshot() as db:
        row = await repository.record(db, import_id)
    assert row is not None
    return row


@pytest.mark.database
async def test_others_write_while_rows_are_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/hotline.db"
    await upgrade(url)
    database = Database(url)
    await database.open()
    import_id = await confirmed(database, 20_000)
    worker = feature(database).worker
    waits: list[float] = []
    done = asyncio.Event()

    async def write_now_and_then() -> None:
        while not done.is_set():
            began = time.perf_counter()
            async with database.transaction() as db:
                await db.execute(text("UPDATE enterprise SET version = version WHERE id = 'x'"))
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(0.02)

    other = asyncio.create_task(write_now_and_then())
    while (await record(database, import_id)).state == "applying":
        await worker.work_on(import_id)
    done.set()
    await other
    assert (await record(database, import_id)).state == "applied"
    assert await counted(database) == (20_000,) * 3
    assert len(waits) > 20
    waits.sort()
    assert waits[int(len(waits) * 0.95)] < 0.5, waits[-5:]
    await database.close()


@pytest.mark.database
@pytest.mark.parametrize(("cancelled", "state", "count"), [(False, "applied", 4000), (True, "cancelled", 0)])
async def test_a_killed_import_ends_whole_or_not_at_all(
    tmp_path: Path, cancelled: bool, state: str, count: int
) -> None:
    url = f"sqlite:///{tmp_path}/hotline.db"
    await upgrade(url)
    database = Database(url)
    await database.open()
    import_id = await confirmed(database, 4000)
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.crm.imported", url, import_id)
    try:
        async with asyncio.timeout(30):
            while (await record(database, import_id)).written_to < 200:  # noqa: ASYNC110  # another process
                await asyncio.sleep(0.01)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        await child.wait()
    assert 0 < (await counted(database))[0] < 4000
    imports = feature(database)
    if cancelled:
        async with database.transaction() as db:
            row = await imports.service.cancel(db, "enterprises", import_id, by="id-supervisor")
            assert row.state == "reverting"
    while (await record(database, import_id)).state in ("applying", "reverting"):
        await imports.worker.work_on(import_id)
    assert (await record(database, import_id)).state == state
    assert await counted(database) == (count,) * 3
    await database.close()


async def test_what_somebody_uses_by_now_stays(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = await confirmed(workspace.database, 40)
    imports = workspace.imports
    assert imports is not None
    monkeypatch.setattr(writing, "_FIRST", 10)
    monkeypatch.setattr(writing, "_BUDGET", -writing.TIME)  # one chunk an attempt
    await imports.worker.work_on(import_id)
    async with workspace.database.snapshot() as db:
        written = list(await db.scalars(select(Enterprise.id).order_by(Enterprise.id)))
    assert len(written) == 10
    await workspace.post("agent1", f"/api/enterprises/{written[3]}/notes", {"text": "先联系财务"})
    await workspace.patch("agent1", f"/api/enterprises/{written[5]}", {"version": 1, "industry": "餐饮"})
    await workspace.post("supervisor", f"/api/imports/enterprises/{import_id}/cancel")
    for _ in range(3):
        await imports.worker.work_on(import_id)
    row = await record(workspace.database, import_id)
    assert (row.state, row.kept) == ("cancelled", 2)
    assert row.problem is not None
    assert row.problem.startswith("2 of the records")
    assert (await counted(workspace.database))[0] == 2


async def test_a_failure_in_the_middle_takes_back_what_was_written(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_FIRST", 10)
    import_id = await confirmed(workspace.database, 40)
    assert workspace.imports is not None
    importer = workspace.imports.service.importer("enterprises")
    real, chunks = importer.apply, 0

    async def failing(*args: object, **options: object) -> object:
        nonlocal chunks
        chunks += 1
        if chunks == 3:
            raise RuntimeError("disk full")
        return await real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setitem(importer.__dict__, "apply", failing)
    await workspace.imports.worker.work_on(import_id)
    assert (await record(workspace.database, import_id)).state == "failed"
    assert await counted(workspace.database) == (0, 0, 0)
    assert chunks == 3
