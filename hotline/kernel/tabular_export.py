"""Tables for a spreadsheet: CSV or xlsx, row by row, however long they are."""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from hotline.kernel.spreadsheet import BOM, FORMULA, Cell, csv_cell, storable

Lines = AsyncIterator[Sequence[Sequence[Cell]]]
"""Pages of rows."""


class ExportFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


_CHUNK = 64 * 1024
_TYPES = {
    ExportFormat.CSV: ("text/csv", "utf-8"),
    ExportFormat.XLSX: ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", None),
}
EXPORT_TYPES = tuple(kind for kind, _charset in _TYPES.values())


async def send_table(
    request: web.Request, heading: Sequence[str], pages: Lines, *, form: ExportFormat, name: str, sheet: str
) -> web.StreamResponse:
    """Answer with a file named `name`. Memory holds one page at a time."""
    response = web.StreamResponse()
    kind, charset = _TYPES[form]
    response.content_type = kind
    if charset:
        response.charset = charset
    response.headers[hdrs.CONTENT_DISPOSITION] = f'attachment; filename="{name}.{form.value}"'
    if form is ExportFormat.CSV:
        await _send_csv(request, response, heading, pages)
    else:
        await _send_xlsx(request, response, heading, pages, sheet)
    await response.write_eof()
    return response


async def _send_csv(request: web.Request, response: web.StreamResponse, heading: Sequence[str], pages: Lines) -> None:
    buffer = io.StringIO()
    write = csv.writer(buffer)
    buffer.write(BOM)
    write.writerow(heading)
    async for page in pages:
        write.writerows([csv_cell(cell) for cell in line] for line in page)
        # Not before the first page: until then an error is still a problem document.
        if not response.prepared:
            await response.prepare(request)
        await response.write(buffer.getvalue().encode())
        buffer.seek(0)
        buffer.truncate()


async def _send_xlsx(
    request: web.Request, response: web.StreamResponse, heading: Sequence[str], pages: Lines, title: str
) -> None:
    """The workbook grows in a temporary file; a zip's directory comes last, so nothing can be sent before the end."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    try:
        _append(sheet, [heading])
        async for page in pages:
            lines = [[storable(cell) for cell in line] for line in page]
            await asyncio.to_thread(_append, sheet, lines)
        with tempfile.NamedTemporaryFile(prefix="hotline-export-", suffix=".xlsx") as file:
            await asyncio.to_thread(book.save, file.name)
            await response.prepare(request)
            await _send_file(response, Path(file.name))
    finally:
        book.close()


def _append(sheet: Any, lines: Sequence[Sequence[Cell]]) -> None:
    for line in lines:
        row: list[Any] = []
        for value in line:
            cell = WriteOnlyCell(sheet, value)
            if isinstance(value, str):
                cell.data_type = "s"  # Whatever it looks like, it is text;
                if value.lstrip(" \u3000").startswith(FORMULA):
                    cell.number_format = "@"  # also after somebody has edited it.
            row.append(cell)
        sheet.append(row)


async def _send_file(response: web.StreamResponse, path: Path) -> None:
    with path.open("rb") as file:  # noqa: ASYNC230  # our own temporary file, just written, in the page cache
        while block := file.read(_CHUNK):
            await response.write(block)
