"""The call log as a table for a spreadsheet: CSV or xlsx, row by row, however long it is."""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from aiohttp import hdrs, web
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from cti.calls.exports.pages import ExportedCall, Pages
from cti.calls.models import CallStepRow
from cti.calls.schemas import ExportFormat
from hotline.accounts.masking import mask_number, mask_numbers_in
from hotline.kernel.errors import InvalidInputError
from hotline.kernel.spreadsheet import BOM, FORMULA, Cell, csv_cell, storable

MOST_ROWS = 100_000
_CHUNK = 64 * 1024
_TYPES = {
    ExportFormat.CSV: ("text/csv", "utf-8"),
    ExportFormat.XLSX: ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", None),
}
EXPORT_TYPES = tuple(kind for kind, _charset in _TYPES.values())

COLUMNS = (
    "通话编号 call_id",
    "开始时间 started_at",
    "主叫号码 caller_number",
    "主叫名称 caller_name",
    "企业 enterprise",
    "呼入方式 entry",
    "被叫号码 dialed",
    "流程 flow",
    "流程版本 flow_version",
    "流程路径及按键 path",
    "队列 queue",
    "结果 outcome",
    "话务员 agents",
    "振铃记录 attempts",
    "政策专员 specialists",
    "等待秒数 waited_seconds",
    "通话秒数 talk_seconds",
    "保持秒数 hold_seconds",
    "接听时间 answered_at",
    "结束时间 ended_at",
    "挂机方 ended_by",
    "挂机原因 cause (Q.850)",
    "满意度 survey",
    "录音 recording",
    "工单 cases",
    "应急流程原因 safe_reason",
    "记录有缺口 gap",
)


_TIMES = {"开始时间 started_at", "接听时间 answered_at", "结束时间 ended_at"}


def heading(zone: ZoneInfo) -> list[str]:
    """The first line; the times' zone is named in it."""
    return [f"{column} ({zone.key})" if column in _TIMES else column for column in COLUMNS]


class ExportTooLargeError(InvalidInputError):
    error_id = "export.too_large"
    title = "Too many calls for one export"


class _Sheet(Protocol):
    def append(self, row: Sequence[Any]) -> None: ...


def cells(call: ExportedCall, zone: ZoneInfo) -> list[Cell]:
    """One line; numbers are masked as on the screen, and so are those that a caller has keyed."""
    row = call.row
    return [
        row.call_id,
        _time(row.started_at, zone),
        mask_number(row.caller_number),
        mask_numbers_in(row.caller_name),
        row.enterprise_name,
        row.entry,
        row.dialed,
        row.flow,
        _figure(row.flow_version),
        " > ".join(map(_step, call.path)),
        row.queue,
        row.outcome,
        " ".join(row.agents),
        "; ".join(f"{ring.agent} {ring.result} {ring.rang_seconds:.0f} s" for ring in call.attempts),
        "; ".join(f"{part.unit} {part.specialist} {part.result}" for part in call.threeway),
        row.waited_seconds,
        row.talk_seconds,
        row.hold_seconds,
        _time(row.answered_at, zone),
        _time(row.ended_at, zone),
        row.ended_by,
        _figure(row.cause),
        _figure(row.survey),
        "yes" if row.has_recording else "",
        " ".join(call.case_numbers),
        row.safe_reason,
        "yes" if row.gap else "",
    ]


def _step(step: CallStepRow) -> str:
    keys = f" [{mask_numbers_in(step.digits)}]" if step.digits else ""
    return f"{step.label or step.node}{keys}"


def _figure(value: int | None) -> Cell:
    return "" if value is None else value


async def send_export(
    request: web.Request, pages: Pages, *, form: ExportFormat, name: str, zone: ZoneInfo
) -> web.StreamResponse:
    """Answer with a file named `name`. Memory holds one page at a time."""
    response = web.StreamResponse()
    kind, charset = _TYPES[form]
    response.content_type = kind
    if charset:
        response.charset = charset
    response.headers[hdrs.CONTENT_DISPOSITION] = f'attachment; filename="{name}.{form.value}"'
    if form is ExportFormat.CSV:
        await _send_csv(request, response, pages, zone)
    else:
        await _send_xlsx(request, response, pages, zone)
    await response.write_eof()
    return response


async def _send_csv(request: web.Request, response: web.StreamResponse, pages: Pages, zone: ZoneInfo) -> None:
    buffer = io.StringIO()
    write = csv.writer(buffer)
    buffer.write(BOM)
    write.writerow(heading(zone))
    async for page in pages:
        write.writerows([csv_cell(cell) for cell in cells(call, zone)] for call in page)
        # Not before the first page: until then an error is still a problem document.
        if not response.prepared:
            await response.prepare(request)
        await response.write(buffer.getvalue().encode())
        buffer.seek(0)
        buffer.truncate()


async def _send_xlsx(request: web.Request, response: web.StreamResponse, pages: Pages, zone: ZoneInfo) -> None:
    """The workbook grows in a temporary file; a zip's directory comes last, so nothing can be sent before the end."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("calls")
    try:
        _append(sheet, [heading(zone)])
        async for page in pages:
            lines = [[storable(cell) for cell in cells(call, zone)] for call in page]
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


def _time(value: datetime | None, zone: ZoneInfo) -> str:
    return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if value is not None else ""
