"""Imports driven without a page: uploaded, checked, confirmed."""

from __future__ import annotations

import io

from openpyxl import Workbook

from hotline.kernel.db import Database
from hotline.kernel.imports import repository
from hotline.kernel.imports.feature import ImportFeature
from hotline.kernel.imports.models import ImportRecord
from hotline.kernel.imports.schemas import ImportCheckBody, ImportRowQuery

BY = "id-of-the-importer"


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def checked(
    database: Database, imports: ImportFeature, kind: str, data: bytes | str, *, by: str = BY
) -> ImportRecord:
    """The import with its report; a text is uploaded as UTF-8."""
    body = data.encode() if isinstance(data, str) else data
    choices = await imports.service.inspect(kind, body)
    async with database.transaction() as db:
        made = await imports.service.upload(db, kind, "表.csv", body, choices, by=by)
        await imports.service.check(db, kind, made.id, ImportCheckBody(version=made.version), by=by)
    return await _worked(database, imports, made.id)


async def applied(database: Database, imports: ImportFeature, made: ImportRecord) -> ImportRecord:
    async with database.transaction() as db:
        await imports.service.confirm(db, made.kind, made.id, made.version, by=made.created_by)
    return await _worked(database, imports, made.id)


async def problems(database: Database, imports: ImportFeature, made: ImportRecord) -> dict[int, list[str]]:
    """The codes of what is wrong, by row."""
    async with database.snapshot() as db:
        page = await imports.service.rows(db, made.kind, made.id, ImportRowQuery(limit=200), by=made.created_by)
    return {row.number: [problem["code"] for problem in row.problems] for row in page.rows if row.problems}


async def _worked(database: Database, imports: ImportFeature, import_id: str) -> ImportRecord:
    await imports.worker.work_on(import_id)
    async with database.snapshot() as db:
        found = await repository.record(db, import_id)
    assert found is not None
    return found
