"""Rows that were confirmed, written in many short transactions: all of them, or in the end none.

The database's only writer is held for a moment at a time, so that others save meanwhile. Each chunk commits with what
it takes to undo it; an import that cannot go on, or is not to, takes back chunk by chunk what it has written.
"""

from __future__ import annotations

from datetime import timedelta

from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.imports import repository
from hotline.kernel.imports.models import ImportRecord
from hotline.kernel.imports.ports import Publish, RowImporter, WholeFileImporter
from hotline.kernel.imports.service import schedule_write
from hotline.kernel.imports.state import ImportState, ImportStep, next_state
from hotline.kernel.jobs import JobQueue

TIME = timedelta(seconds=30)
"""For one attempt. A process that dies holds its lease for twice as long, and half of the rows are there meanwhile."""
_BUDGET = timedelta(seconds=10)
_IN_WRITER = 0.04
"""Seconds that a chunk is to hold the writer."""
_FIRST, _LEAST, _MOST = 50, 10, 500


def next_size(size: int, took: float) -> int:
    """How many rows to write at once after `size` rows took so many seconds. Pure."""
    factor = min(2.0, _IN_WRITER / took) if took > 0 else 2.0
    return max(_LEAST, min(_MOST, int(size * factor)))


def _first_size(importer: RowImporter) -> int:
    """Rows that depend on one another are written together."""
    return importer.most_rows if isinstance(importer, WholeFileImporter) else _FIRST


class ImportWriter:
    """Safe to run again after a crash at any place: what a chunk wrote and how far it got commit together."""

    def __init__(self, database: Database, queue: JobQueue, clock: Clock, publish: Publish) -> None:
        self._database = database
        self._queue = queue
        self._clock = clock
        self._publish = publish

    async def write(self, import_id: str, importer: RowImporter) -> None:
        """Write on from where it stopped, until all is written or the time is up. Raises ImportStaleError."""
        size, end = _first_size(importer), self._clock.monotonic() + _BUDGET.total_seconds()
        while (wrote := await self._write_chunk(import_id, importer, size)) is not None:
            size = next_size(size, wrote)
            if self._clock.monotonic() > end:
                return await self._continue(import_id)

    async def _write_chunk(self, import_id: str, importer: RowImporter, size: int) -> float | None:
        """The seconds it held the writer; None once nothing is left, or the import is no longer being written."""
        async with self._database.transaction() as db:
            began = self._clock.monotonic()
            row = await repository.record(db, import_id, lock=True)
            if row is None or row.state != ImportState.APPLYING:
                return None
            rows = await repository.to_apply(db, import_id, after=row.written_to, most=size)
            if rows:
                undo = await importer.apply(db, rows, at=row.updated_at)
                await repository.store_undo(db, import_id, undo)
                row.written_to = rows[-1].number
            else:
                await repository.forget_file(db, import_id)
                self._move(row, ImportStep.FINISH)
        if rows:
            return self._clock.monotonic() - began
        self._announce(row, importer)
        return None

    async def take_back(self, import_id: str, importer: RowImporter) -> None:
        """Undo what was written, the last row first, until nothing is left or the time is up."""
        size, end = _first_size(importer), self._clock.monotonic() + _BUDGET.total_seconds()
        while (took := await self._undo_chunk(import_id, importer, size)) is not None:
            size = next_size(size, took)
            if self._clock.monotonic() > end:
                return await self._continue(import_id)

    async def _undo_chunk(self, import_id: str, importer: RowImporter, size: int) -> float | None:
        async with self._database.transaction() as db:
            began = self._clock.monotonic()
            row = await repository.record(db, import_id, lock=True)
            if row is None or row.state != ImportState.REVERTING:
                return None
            rows = await repository.to_undo(db, import_id, upto=row.written_to, most=size)
            if rows:
                row.kept += await importer.undo(db, rows)
                row.written_to = rows[-1].number - 1
            else:
                row.written_to = 0
                self._end(row)
        if rows:
            return self._clock.monotonic() - began
        self._announce(row, importer)
        return None

    def _end(self, row: ImportRecord) -> None:
        """Cancelled where a person wanted so, failed where there is a problem."""
        self._move(row, ImportStep.FAIL if row.problem else ImportStep.UNDONE)
        if row.kept:
            kept = f"{row.kept} of the records it had created stay, because they have been used meanwhile."
            row.problem = f"{row.problem} {kept}" if row.problem else kept

    async def _continue(self, import_id: str) -> None:
        """Make room for other jobs."""
        async with self._database.transaction() as db:
            await schedule_write(self._queue, db, import_id, self._clock.now())

    def _move(self, row: ImportRecord, step: ImportStep) -> None:
        row.state = next_state(ImportState(row.state), step)
        row.version += 1
        row.updated_at = self._clock.now()

    def _announce(self, row: ImportRecord, importer: RowImporter) -> None:
        counts = row.counts if row.state == ImportState.APPLIED else {}
        event = importer.applied(import_id=row.id, by=row.created_by, at=row.updated_at, counts=counts)
        if event is not None:
            self._publish(event)
