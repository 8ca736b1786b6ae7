"""Imports over HTTP, of every kind; each asks for its importer's permission."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
from datetime import timedelta

from aiohttp import hdrs, web

from hotline.kernel.binding import TooSlowError
from hotline.kernel.http import SIGNED_IN, Page, RequestContext, Routes
from hotline.kernel.imports.schemas import (
    ImportCheckBody,
    ImportRowQuery,
    ImportRowView,
    ImportUploadQuery,
    ImportVersion,
    ImportView,
)
from hotline.kernel.imports.service import ImportService
from hotline.kernel.spreadsheet import BOM, csv_cell
from hotline.kernel.tabular import TableLimits, TableUnreadableError
from hotline.kernel.tabular_export import EXPORT_TYPES, ExportFormat, Lines, send_table

_ONE = "/{kind}/{import_id}"
_UPLOAD_TIME = timedelta(minutes=5)
_PAGE = 200


def import_routes(service: ImportService) -> Routes:
    routes = Routes("/api/imports", tag="imports")

    @routes.post("/{kind}", permission=SIGNED_IN, status=201, transaction=False)
    async def upload_import(ctx: RequestContext, kind: str, query: ImportUploadQuery) -> ImportView:
        """The file is the body, of any type; answers how it may be read, and checks nothing yet."""
        importer = service.importer(kind)
        ctx.require(importer.permission)
        data = await service.as_table(kind, await _body(ctx.request))
        choices = await service.inspect(kind, data)
        async with ctx.transaction() as db:
            row = await service.upload(db, kind, query.file_name, data, choices, by=ctx.user.user_id)
            digest = hashlib.sha256(data).hexdigest()
            await ctx.audit("import.upload", row.id, kind=kind, bytes=len(data), sha256=digest)
        return ImportView.of(row, importer.columns)

    @routes.get("/{kind}/template", permission=SIGNED_IN, transaction=False, raw=True, produces=EXPORT_TYPES[1])
    async def download_import_template(ctx: RequestContext, kind: str) -> web.StreamResponse:
        """A spreadsheet with the header that the importer knows, to be filled in."""
        importer = service.importer(kind)
        ctx.require(importer.permission)
        heading = [column.names[0] for column in importer.columns]
        return await send_table(
            ctx.request, heading, _no_rows(), form=ExportFormat.XLSX, name=f"{kind}-template", sheet=kind
        )

    @routes.get(_ONE, permission=SIGNED_IN)
    async def read_import(ctx: RequestContext, kind: str, import_id: str) -> ImportView:
        importer = service.importer(kind)
        ctx.require(importer.permission)
        return ImportView.of(await service.read(ctx.db, kind, import_id, by=ctx.user.user_id), importer.columns)

    @routes.get(f"{_ONE}/rows", permission=SIGNED_IN)
    async def list_import_rows(
        ctx: RequestContext, kind: str, import_id: str, query: ImportRowQuery
    ) -> Page[ImportRowView]:
        ctx.require(service.importer(kind).permission)
        return (await service.rows(ctx.db, kind, import_id, query, by=ctx.user.user_id)).page(ImportRowView.of)

    @routes.get(f"{_ONE}/report", permission=SIGNED_IN, transaction=False, raw=True, produces="text/csv")
    async def download_import_report(
        ctx: RequestContext, kind: str, import_id: str, query: ImportRowQuery
    ) -> web.StreamResponse:
        """A row of the file, what becomes of it and why, and the row as it was; for a spreadsheet."""
        ctx.require(service.importer(kind).permission)
        return await _report(ctx, service, kind, import_id, query)

    _add_steps(routes, service)
    return routes


def _add_steps(routes: Routes, service: ImportService) -> None:
    @routes.post(f"{_ONE}/check", permission=SIGNED_IN)
    async def check_import(ctx: RequestContext, kind: str, import_id: str, body: ImportCheckBody) -> ImportView:
        importer = service.importer(kind)
        ctx.require(importer.permission)
        row = await service.check(ctx.db, kind, import_id, body, by=ctx.user.user_id)
        return ImportView.of(row, importer.columns)

    @routes.post(f"{_ONE}/apply", permission=SIGNED_IN)
    async def apply_import(ctx: RequestContext, kind: str, import_id: str, body: ImportVersion) -> ImportView:
        importer = service.importer(kind)
        ctx.require(importer.permission)
        row = await service.confirm(ctx.db, kind, import_id, body.version, by=ctx.user.user_id)
        await ctx.audit("import.apply", row.id, kind=kind, rows=row.counts)
        return ImportView.of(row, importer.columns)

    @routes.post(f"{_ONE}/cancel", permission=SIGNED_IN)
    async def cancel_import(ctx: RequestContext, kind: str, import_id: str) -> ImportView:
        importer = service.importer(kind)
        ctx.require(importer.permission)
        row = await service.cancel(ctx.db, kind, import_id, by=ctx.user.user_id)
        await ctx.audit("import.cancel", row.id, kind=kind)
        return ImportView.of(row, importer.columns)


async def _no_rows() -> Lines:
    yield []


async def _body(request: web.Request) -> bytes:
    """The file; one that is too large is not read to its end. Raises TableUnreadableError, TooSlowError."""
    most = TableLimits().file_bytes
    too_large = TableUnreadableError(f"The file is larger than {most // 1024**2} MB; split it and import each part.")
    if (request.content_length or 0) > most:
        raise too_large
    pieces = bytearray()
    try:
        async with asyncio.timeout(_UPLOAD_TIME.total_seconds()):
            async for piece in request.content.iter_any():
                pieces += piece
                if len(pieces) > most:
                    raise too_large
    except TimeoutError:
        raise TooSlowError(f"The file did not arrive within {_UPLOAD_TIME}.") from None
    return bytes(pieces)


async def _report(
    ctx: RequestContext, service: ImportService, kind: str, import_id: str, query: ImportRowQuery
) -> web.StreamResponse:
    by = ctx.user.user_id
    async with ctx.database.snapshot() as db:
        record = await service.read(db, kind, import_id, by=by)
    response = web.StreamResponse()
    response.content_type, response.charset = "text/csv", "utf-8"
    response.headers[hdrs.CONTENT_DISPOSITION] = f'attachment; filename="import-{import_id}.csv"'
    header = record.encodings[0]["preview"][0] if record.encodings[0]["preview"] else []
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    writer.writerow(["行 row", "结果 outcome", "问题 problem", *map(csv_cell, header)])
    await response.prepare(ctx.request)
    cursor = None
    while True:
        page_query = ImportRowQuery(outcome=query.outcome, limit=_PAGE, cursor=cursor)
        async with ctx.database.snapshot() as db:
            page = await service.rows(db, kind, import_id, page_query, by=by)
        for row in page.rows:
            why = " / ".join(problem["detail"] for problem in row.problems)
            writer.writerow([row.number, row.outcome, csv_cell(why), *map(csv_cell, row.cells)])
        await response.write(buffer.getvalue().encode())
        buffer.seek(0)
        buffer.truncate()
        if (cursor := page.next) is None:
            break
    await response.write_eof()
    return response
