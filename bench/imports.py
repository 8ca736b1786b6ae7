"""A large file of enterprises, one row in a hundred bad: `python -m bench.imports [ROWS]`.

Checked, cancelled halfway through its writing, then checked and written whole, on a SQLite file of its own, while
somebody else saves every 20 ms.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from sqlalchemy import func, select, text

import hotline.app.models  # noqa: F401  # all tables, as in the service
from crm.enterprises.importing import EnterpriseImporter
from crm.enterprises.models import Enterprise
from crm.enterprises.numbers import NumberPlan
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.kernel.imports import repository
from hotline.kernel.imports.feature import ImportFeature
from hotline.kernel.imports.models import ImportRecord
from hotline.kernel.imports.schemas import ImportCheckBody
from hotline.kernel.jobs import JobQueue
from hotline.kernel.migrate import upgrade

KIND, BY = "enterprises", "id-of-the-importer"
EVERY = 100
BUSY = ("checking", "applying", "reverting")


def enterprise_file(rows: int, every: int = EVERY) -> str:
    """A CSV of so many enterprises with a contact each; the telephone number of each so-manieth row is none."""
    lines = ["企业名称,联系人,联系电话"]
    for number in range(1, rows + 1):
        phone = "没有电话" if number % every == 0 else f"1390{number:07}"
        lines.append(f"第{number}商贸公司,李娜,{phone}")
    return "\n".join(lines)


class ImportBench:
    def __init__(self, database: Database) -> None:
        clock = SystemClock()
        self._database = database
        self._imports = ImportFeature(database, JobQueue(clock), clock, lambda _event: None)
        self._imports.register(EnterpriseImporter(NumberPlan("473")))

    async def check(self, data: bytes) -> ImportRecord:
        service = self._imports.service
        choices = await service.inspect(KIND, data)
        async with self._database.transaction() as db:
            made = await service.upload(db, KIND, "large.csv", data, choices, by=BY)
            await service.check(db, KIND, made.id, ImportCheckBody(version=made.version), by=BY)
        return await self._work(made.id)

    async def write(self, made: ImportRecord, *, cancel_at: int | None = None) -> ImportRecord:
        async with self._database.transaction() as db:
            await self._imports.service.confirm(db, KIND, made.id, made.version, by=BY)
        if cancel_at is None:
            return await self._work(made.id)
        worked, _ = await asyncio.gather(self._work(made.id), self._cancel(made.id, cancel_at))
        return worked

    async def _cancel(self, import_id: str, at: int) -> None:
        while (await self._record(import_id)).written_to < at:  # noqa: ASYNC110  # as a page looks
            await asyncio.sleep(0.1)
        async with self._database.transaction() as db:
            await self._imports.service.cancel(db, KIND, import_id, by=BY)

    async def _work(self, import_id: str) -> ImportRecord:
        while (row := await self._record(import_id)).state in BUSY:
            await self._imports.worker.work_on(import_id)
        return row

    async def _record(self, import_id: str) -> ImportRecord:
        async with self._database.snapshot() as db:
            row = await repository.record(db, import_id)
        assert row is not None
        return row

    async def written(self) -> int:
        async with self._database.snapshot() as db:
            return await db.scalar(select(func.count()).select_from(Enterprise)) or 0


@contextlib.asynccontextmanager
async def measured(database: Database, title: str, outcome: Callable[[], str]) -> AsyncIterator[None]:
    """Print how long the step took, and how long others waited to save meanwhile."""
    waits: list[float] = []

    async def save() -> None:
        while True:
            began = time.perf_counter()
            async with database.transaction() as db:
                await db.execute(text("UPDATE enterprise SET version = version WHERE id = 'x'"))
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(0.02)

    began = time.perf_counter()
    other = asyncio.create_task(save())
    try:
        yield
    finally:
        other.cancel()
        await asyncio.wait([other])
    took = time.perf_counter() - began
    waits.sort()
    print(f"{title:26} {took:6.1f} s   others wait p95 {waits[int(len(waits) * 0.95)] * 1000:4.0f} ms   {outcome()}")


async def run(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/hotline.db"
        await upgrade(url)
        database = Database(url)
        await database.open()
        bench, data = ImportBench(database), enterprise_file(rows).encode()
        made = ended = ImportRecord()
        async with measured(database, "check", lambda: f"{made.state} {made.counts}"):
            made = await bench.check(data)
        async with measured(database, "write half, then cancel", lambda: ended.state):
            ended = await bench.write(made, cancel_at=rows // 2)
        print(f"{'':26} {await bench.written()} enterprises stay")
        made = await bench.check(data)
        async with measured(database, "write", lambda: ended.state):
            ended = await bench.write(made)
        print(f"{'':26} {await bench.written()} enterprises stay")
        await database.close()


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
