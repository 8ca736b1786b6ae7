"""Imports worked off in the background: read in chunks, checked in chunks, then written (`ImportWriter`)."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import HotlineError, InvalidInputError, UnavailableError
from hotline.kernel.imports import repository
from hotline.kernel.imports.models import ImportRecord, ImportRow
from hotline.kernel.imports.ports import (
    ImportedRecord,
    PersonalImporter,
    PreparedRow,
    Publish,
    RowImporter,
    RowOutcome,
    RowProblem,
    WholeFileImporter,
)
from hotline.kernel.imports.service import JOB, ImportService, job_key, schedule_write
from hotline.kernel.imports.state import ImportState, ImportStep, next_state
from hotline.kernel.imports.writing import ImportWriter
from hotline.kernel.jobs import JobContext, JobQueue
from hotline.kernel.tabular import TableEncoding, TableRow, read_table

log = structlog.get_logger(__name__)

TIME = timedelta(minutes=4)
"""For one attempt; a process that dies holds its lease for twice as long."""
_BUDGET = timedelta(minutes=1)
"""After which an attempt makes room for other jobs and continues in a new one."""
_READ_AT_ONCE = 1000
_CHECK_AT_ONCE = 200
KEEP = timedelta(days=30)
_FORGET_AT_ONCE = 20
_OWN_FAULT = "The service failed; its log says why. Nothing of this import stays. Try again, or ask the administrator."


class ImportTooLongError(InvalidInputError):
    error_id = "import.too_long"
    title = "The file has too many rows"


class ImportWorker:
    """Handler of the jobs that `ImportService` schedules; safe to run again after a crash at any place."""

    def __init__(
        self, database: Database, queue: JobQueue, clock: Clock, service: ImportService, publish: Publish
    ) -> None:
        self._database = database
        self._queue = queue
        self._clock = clock
        self._service = service
        self._writer = ImportWriter(database, queue, clock, publish)

    async def work(self, ctx: JobContext) -> None:
        """One attempt at the job's import."""
        await self.work_on(str(ctx.job.payload["import_id"]))

    async def forget(self, ctx: JobContext) -> None:
        """Remove imports that nobody touched for a month."""
        before = self._clock.now() - KEEP
        while True:
            async with self._database.transaction() as db:
                if not await repository.forget_older(db, before, most=_FORGET_AT_ONCE):
                    return

    async def work_on(self, import_id: str) -> None:
        async with self._database.snapshot() as db:
            row = await repository.record(db, import_id)
        if row is None:
            return
        importer = self._service.importer(row.kind)
        if isinstance(importer, PersonalImporter):
            importer = importer.on_behalf_of(row.created_by)
        try:
            match row.state:
                case ImportState.CHECKING:
                    await self._check(row, importer)
                case ImportState.APPLYING:
                    await self._writer.write(import_id, importer)
                case ImportState.REVERTING:
                    await self._writer.take_back(import_id, importer)
                case _:
                    return
        except UnavailableError:
            raise  # the job is tried again
        except HotlineError as error:
            await self._failed(import_id, importer, error.detail)
        except Exception:
            if row.state == ImportState.REVERTING:
                raise  # likewise: half of an import must not stay
            log.exception("import failed", import_id=import_id)
            await self._failed(import_id, importer, _OWN_FAULT)

    async def _failed(self, import_id: str, importer: RowImporter, problem: str) -> None:
        async with self._database.transaction() as db:
            row = await repository.record(db, import_id, lock=True)
            if row is None:
                return
            if row.state == ImportState.CHECKING:
                self._move(row, ImportStep.FAIL)
                row.problem = problem
            elif row.state == ImportState.APPLYING:
                self._move(row, ImportStep.UNDO)
                row.problem = problem
                await schedule_write(self._queue, db, import_id, row.updated_at)  # should this process die now
        await self._writer.take_back(import_id, importer)

    def _move(self, row: ImportRecord, step: ImportStep) -> None:
        row.state = next_state(ImportState(row.state), step)
        row.version += 1
        row.updated_at = self._clock.now()

    async def _checking(self, db: AsyncSession, import_id: str) -> ImportRecord | None:
        """The import, locked, while it is being checked; None once it was cancelled."""
        row = await repository.record(db, import_id, lock=True)
        return row if row is not None and row.state == ImportState.CHECKING else None

    async def _check(self, row: ImportRecord, importer: RowImporter) -> None:
        if row.rows_total is None and not await self._read(row):
            return
        if isinstance(importer, WholeFileImporter) and (row.rows_total or 0) > importer.most_rows:
            most = importer.most_rows
            raise ImportTooLongError(f"The file has {row.rows_total} rows; at most {most} of this kind are imported.")
        end = self._clock.monotonic() + _BUDGET.total_seconds()
        while await self._check_chunk(row, importer):
            if self._clock.monotonic() > end:
                async with self._database.transaction() as db:
                    now = self._clock.now()
                    await self._queue.schedule(db, JOB, {"import_id": row.id}, run_at=now, key=job_key(row.id))
                return
        reviewed = await self._review(row, importer) if isinstance(importer, WholeFileImporter) else []
        async with self._database.transaction() as db:
            if (checked := await self._checking(db, row.id)) is not None:
                await repository.store_verdicts(db, reviewed)
                checked.counts = await repository.counts(db, row.id)
                checked.rows_done = checked.rows_total or 0
                self._move(checked, ImportStep.REPORT)

    async def _review(self, row: ImportRecord, importer: WholeFileImporter) -> list[dict[str, Any]]:
        """The verdicts on the rows without an error, once all of them were looked at together."""
        async with self._database.snapshot() as db:
            rows = await repository.without_error(db, row.id)
            await importer.review(db, rows, await repository.refused(db, row.id))
        return [_verdict(row.id, one) for one in rows]

    async def _read(self, row: ImportRecord) -> bool:
        """Store the rows of the file; False when the import was cancelled meanwhile."""
        async with self._database.transaction() as db:
            if await self._checking(db, row.id) is None:
                return False
            await repository.forget_rows(db, row.id)
            data = await repository.file(db, row.id) or b""
        encoding = TableEncoding(row.encoding) if row.encoding else None
        source = await asyncio.to_thread(read_table, data, encoding=encoding)
        await asyncio.to_thread(next, source, None)  # the header
        total = 0
        while chunk := await asyncio.to_thread(_take, source, _READ_AT_ONCE):
            total += len(chunk)
            async with self._database.transaction() as db:
                if await self._checking(db, row.id) is None:
                    return False
                await repository.add_rows(db, [_raw(row.id, table_row) for table_row in chunk])
        async with self._database.transaction() as db:
            if (current := await self._checking(db, row.id)) is None:
                return False
            current.rows_total = row.rows_total = total
        return True

    async def _check_chunk(self, row: ImportRecord, importer: RowImporter) -> bool:
        """Check some rows; False when none is left or the import was cancelled."""
        async with self._database.snapshot() as db:
            rows = await repository.unchecked(db, row.id, most=_CHECK_AT_ONCE)
        if not rows:
            return False
        prepared = await asyncio.to_thread(_prepare, rows, row.mapping, importer)
        good = [one for one in prepared if not one.problems]
        keys = {key for one in good for key in one.seeks}
        async with self._database.transaction() as db:
            if (current := await self._checking(db, row.id)) is None:
                return False
            earlier = await repository.earlier(db, row.id, keys, before=rows[0].number)
            await importer.compare(db, good, earlier)
            await repository.store_verdicts(db, [_verdict(row.id, one) for one in prepared])
            current.rows_done += len(prepared)
        return True


def _take(source: Iterator[TableRow], most: int) -> list[TableRow]:
    return list(itertools.islice(source, most))


def _raw(import_id: str, row: TableRow) -> dict[str, Any]:
    faults = {str(fault.column): fault.problem for fault in row.faults}
    return {
        "import_id": import_id,
        "number": row.number,
        "cells": [cell.replace("\0", "") for cell in row.cells],
        "faults": faults,
        "problems": [],
        "subject": "",
    }


def _prepare(rows: Sequence[ImportRow], mapping: dict[str, int], importer: RowImporter) -> list[PreparedRow]:
    """A cell that cannot be trusted fails its row, where its column is one that counts."""
    records: list[ImportedRecord] = []
    refused: list[PreparedRow] = []
    for row in rows:
        problems = [
            RowProblem(code="cell_not_trusted", detail=row.faults[str(place)], column=key)
            for key, place in mapping.items()
            if str(place) in row.faults
        ]
        if problems:
            refused.append(PreparedRow(number=row.number, problems=problems))
        else:
            values = {key: _cell(row.cells, place) for key, place in mapping.items()}
            records.append(ImportedRecord(row.number, values))
    return sorted([*refused, *importer.prepare(records)], key=lambda one: one.number)


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _verdict(import_id: str, row: PreparedRow) -> dict[str, Any]:
    bad = bool(row.problems)
    key, other = (*row.keys, None, None)[:2]
    return {
        "b_import": import_id,
        "b_number": row.number,
        "outcome": (RowOutcome.ERROR if bad else row.outcome).value,
        "key": key,
        "other_key": other,
        "subject": row.subject[:200],
        "target": row.target,
        "problems": [
            {"code": problem.code, "detail": problem.detail, "column": problem.column} for problem in row.problems
        ],
        "value": None if bad else row.value,
    }
