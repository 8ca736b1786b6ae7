"""Imports as their user drives them: upload, check, read the report, confirm or cancel."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import ConflictError, NotFoundError, TooManyRequestsError
from hotline.kernel.ids import uuid7
from hotline.kernel.imports import repository
from hotline.kernel.imports.mapping import guess_mapping, require_mapping
from hotline.kernel.imports.models import ImportFile, ImportRecord, ImportRow
from hotline.kernel.imports.ports import ConvertingImporter, ImportColumn, RowImporter, RowOutcome
from hotline.kernel.imports.schemas import ImportCheckBody, ImportRowQuery
from hotline.kernel.imports.state import ImportState, ImportStep, next_state
from hotline.kernel.jobs import JobQueue
from hotline.kernel.paging import Slice
from hotline.kernel.tabular import TableGuess, TableUncertainError, TableUnreadableError, inspect_table

JOB = "imports.work"
WRITE_JOB = "imports.write"
MOST_AT_ONCE = 2
"""Imports being checked or written, so that deadlines keep job slots of their own."""
_PREVIEW_CELL = 60
_PREVIEW_COLUMNS = 60


class ImportVersionConflictError(ConflictError):
    error_id = "import.version_conflict"
    title = "The import has changed meanwhile"


class NothingToImportError(ConflictError):
    error_id = "import.nothing"
    title = "No row of the file would change anything"


class ImportService:
    """Each method works in the caller's transaction, except `upload`, which first reads the file in a thread."""

    def __init__(self, database: Database, queue: JobQueue, clock: Clock) -> None:
        self._database = database
        self._queue = queue
        self._clock = clock
        self._importers: dict[str, RowImporter] = {}

    def register(self, importer: RowImporter) -> None:
        if importer.kind in self._importers:
            raise ValueError(f"two importers of {importer.kind!r}")
        self._importers[importer.kind] = importer

    def importer(self, kind: str) -> RowImporter:
        """Raises NotFoundError."""
        try:
            return self._importers[kind]
        except KeyError:
            raise NotFoundError("Nothing of this kind is imported here.") from None

    async def as_table(self, kind: str, data: bytes) -> bytes:
        """`data` as the table that is imported. Raises TableUnreadableError."""
        importer = self.importer(kind)
        return await asyncio.to_thread(importer.as_table, data) if isinstance(importer, ConvertingImporter) else data

    async def inspect(self, kind: str, data: bytes) -> list[dict[str, Any]]:
        """The ways `data` may be read: encoding, preview and guessed columns. Raises TableUnreadableError."""
        columns = self.importer(kind).columns
        return await asyncio.to_thread(_choices, data, columns)

    async def upload(
        self, db: AsyncSession, kind: str, file_name: str, data: bytes, choices: list[dict[str, Any]], *, by: str
    ) -> ImportRecord:
        """Store the file; nothing is checked yet."""
        now = self._clock.now()
        certain = len(choices) == 1
        row = ImportRecord(
            id=uuid7(),
            kind=self.importer(kind).kind,
            state=ImportState.UPLOADED,
            file_name=file_name,
            format="xlsx" if choices[0]["encoding"] is None else "csv",
            encodings=choices,
            encoding=choices[0]["encoding"] if certain else None,
            mapping=choices[0]["mapping"],
            counts={},
            created_by=by,
            created_at=now,
            updated_at=now,
        )
        db.add(row)
        await db.flush()
        db.add(ImportFile(import_id=row.id, data=data))
        await db.flush()
        return row

    async def read(self, db: AsyncSession, kind: str, import_id: str, *, by: str) -> ImportRecord:
        """One's own import: its rows hold what the masked pages do not. Raises NotFoundError."""
        return await self._own(db, kind, import_id, by=by, lock=False)

    async def rows(
        self, db: AsyncSession, kind: str, import_id: str, query: ImportRowQuery, *, by: str
    ) -> Slice[ImportRow]:
        await self._own(db, kind, import_id, by=by, lock=False)
        return await repository.rows(db, import_id, query)

    async def check(
        self, db: AsyncSession, kind: str, import_id: str, body: ImportCheckBody, *, by: str
    ) -> ImportRecord:
        """Have the rows checked in the background. Raises TableUncertainError, ImportMappingError."""
        row = await self._own(db, kind, import_id, by=by, version=body.version)
        row.state = next_state(ImportState(row.state), ImportStep.CHECK)
        choice = _chosen(row, body)
        row.encoding = choice["encoding"]
        mapping = choice["mapping"] if body.mapping is None else body.mapping
        row.mapping = require_mapping(mapping, self.importer(kind).columns)
        await self._begin(db, row)
        row.rows_total, row.rows_done, row.counts, row.problem = None, 0, {}, None
        return row

    async def confirm(self, db: AsyncSession, kind: str, import_id: str, version: int, *, by: str) -> ImportRecord:
        """Have the rows without an error written: all of them, or in the end none."""
        row = await self._own(db, kind, import_id, by=by, version=version)
        row.state = next_state(ImportState(row.state), ImportStep.APPLY)
        if not any(row.counts.get(outcome) for outcome in (RowOutcome.CREATE, RowOutcome.UPDATE)):
            raise NothingToImportError("Mend the rows that the report names, and upload the file again.")
        row.written_to = row.kept = 0
        await self._begin(db, row, WRITE_JOB)
        return row

    async def cancel(self, db: AsyncSession, kind: str, import_id: str, *, by: str) -> ImportRecord:
        """Give the import up; what of it was written is taken back in the background. Safe to call twice."""
        row = await self._own(db, kind, import_id, by=by)
        if row.state in (ImportState.CANCELLED, ImportState.REVERTING):
            return row
        if row.state == ImportState.APPLYING:
            row.state = next_state(ImportState(row.state), ImportStep.UNDO)
            self._touch(row)
            await schedule_write(self._queue, db, row.id, row.updated_at)
            return row
        row.state = next_state(ImportState(row.state), ImportStep.CANCEL)
        self._touch(row)
        await self._queue.cancel(db, job_key(row.id))
        await repository.forget_rows(db, row.id)
        await repository.forget_file(db, row.id)
        return row

    async def _begin(self, db: AsyncSession, row: ImportRecord, job: str = JOB) -> None:
        with db.no_autoflush:
            if await repository.running(db) >= MOST_AT_ONCE:
                raise TooManyRequestsError("Other imports are running; try again when they are through.")
        self._touch(row)
        await self._queue.schedule(db, job, {"import_id": row.id}, run_at=self._clock.now(), key=job_key(row.id))

    async def _own(
        self, db: AsyncSession, kind: str, import_id: str, *, by: str, lock: bool = True, version: int | None = None
    ) -> ImportRecord:
        row = await repository.record(db, import_id, lock=lock)
        if row is None or row.kind != kind or row.created_by != by:
            raise NotFoundError("You have no import of this id.")
        if version is not None and version != row.version:
            raise ImportVersionConflictError(f"It is at version {row.version}, not {version}; load it again.")
        return row

    def _touch(self, row: ImportRecord) -> None:
        row.version += 1
        row.updated_at = self._clock.now()


async def schedule_write(queue: JobQueue, db: AsyncSession, import_id: str, at: datetime) -> None:
    """Have the import written on, or undone."""
    await queue.schedule(db, WRITE_JOB, {"import_id": import_id}, run_at=at, key=job_key(import_id))


def job_key(import_id: str) -> str:
    return f"import:{import_id}"


def _chosen(row: ImportRecord, body: ImportCheckBody) -> dict[str, Any]:
    """The way to read the file: the only one, or the one chosen now or before."""
    if len(row.encodings) == 1:
        return row.encodings[0]
    wanted = body.encoding or row.encoding
    for choice in row.encodings:
        if wanted is not None and choice["encoding"] == wanted:
            return choice
    raise TableUncertainError.among([choice["encoding"] for choice in row.encodings])


def _choices(data: bytes, columns: Sequence[ImportColumn]) -> list[dict[str, Any]]:
    guess: TableGuess = inspect_table(data)
    previews: list[tuple[str | None, Sequence[Sequence[str]]]] = [
        (candidate.encoding.value, candidate.preview) for candidate in guess.candidates
    ] or [(None, [row.cells for row in guess.preview])]
    if not any(rows for _, rows in previews):
        raise TableUnreadableError("The file has no rows; choose one with a header and at least one row.")
    return [
        {
            "encoding": encoding,
            "preview": [[cell[:_PREVIEW_CELL] for cell in row[:_PREVIEW_COLUMNS]] for row in rows],
            "mapping": guess_mapping(rows[0] if rows else (), columns),
        }
        for encoding, rows in previews
    ]
