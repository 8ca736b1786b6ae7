"""What a work list shows, as a table for a spreadsheet: masked as on the page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from crm.sheets.texts import CHANNELS, STATES, TYPES, URGENCIES, worded
from crm.worklists.errors import ListTooLongError
from crm.worklists.rules import WorkListName
from crm.worklists.schemas import WorkListExportQuery, WorkListQuery, WorkListRow
from crm.worklists.service import WorkListService
from hotline.kernel.http import RequestContext
from hotline.kernel.spreadsheet import Cell
from hotline.kernel.tabular_export import send_table

MOST_ROWS = 10_000
_PAGE = 200

Shown = Callable[[WorkListRow, ZoneInfo], Cell]


def _time(value: datetime | None, zone: ZoneInfo) -> str:
    return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if value is not None else ""


COLUMNS: Mapping[str, tuple[str, Shown]] = {
    "number": ("工单号 number", lambda row, _: row.number),
    "state": ("状态 state", lambda row, _: worded(STATES, row.state)),
    "due": ("期限 due", lambda row, zone: _time(row.next_due_at, zone)),
    "type": ("类型 type", lambda row, _: worded(TYPES, row.type)),
    "urgency": ("紧急程度 urgency", lambda row, _: worded(URGENCIES, row.urgency)),
    "title": ("标题 title", lambda row, _: row.title),
    "enterprise": ("企业 enterprise", lambda row, _: row.enterprise_name or ""),
    "unit": ("承办单位 unit", lambda row, _: row.lead_unit_name or ""),
    "flags": ("标记 flags", lambda row, _: " ".join(row.flags)),
    "channel": ("渠道 channel", lambda row, _: worded(CHANNELS, row.channel)),
    "claimed": ("占有人 claimed by", lambda row, _: row.claimed_by_name or ""),
    "dispatched": ("派单时间 dispatched", lambda row, zone: _time(row.dispatched_at, zone)),
    "created": ("受理时间 created", lambda row, zone: _time(row.created_at, zone)),
    "updated": ("更新时间 updated", lambda row, zone: _time(row.updated_at, zone)),
}
"""By the key of the page's column."""


async def send_list(
    ctx: RequestContext, service: WorkListService, name: WorkListName, query: WorkListExportQuery, zone: ZoneInfo
) -> web.StreamResponse:
    """Raises ListTooLongError before anything is sent."""
    chosen = [COLUMNS[key] for key in query.columns if key in COLUMNS] or list(COLUMNS.values())
    asked = WorkListQuery(**query.model_dump(exclude={"format", "columns"}), limit=_PAGE)
    rows = await _rows(ctx, service, name, asked)
    filters = query.model_dump(mode="json", exclude_defaults=True, exclude={"search", "format", "columns"})
    await ctx.audit("case.export", name.value, rows=len(rows), format=query.format.value, filters=filters)

    async def pages() -> AsyncIterator[Sequence[Sequence[Cell]]]:
        yield [[shown(row, zone) for _, shown in chosen] for row in rows]

    heading = [title for title, _ in chosen]
    file = f"cases-{ctx.clock.now().astimezone(zone):%Y%m%d-%H%M%S}"
    return await send_table(ctx.request, heading, pages(), form=query.format, name=file, sheet="cases")


async def _rows(
    ctx: RequestContext, service: WorkListService, name: WorkListName, query: WorkListQuery
) -> list[WorkListRow]:
    rows: list[WorkListRow] = []
    while True:
        async with ctx.database.snapshot() as db:
            page = await service.page(db, name, query, who=ctx.user)
        rows += page.items
        if len(rows) > MOST_ROWS:
            raise ListTooLongError(f"More than {MOST_ROWS} cases match; give a shorter time, or more filters.")
        if page.next is None:
            return rows
        query = query.model_copy(update={"cursor": page.next})
