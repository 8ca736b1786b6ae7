"""The export of entries over HTTP; their import is one of /api/imports."""

from __future__ import annotations

from contextlib import aclosing
from enum import StrEnum
from zoneinfo import ZoneInfo

from aiohttp import hdrs, web
from pydantic import BaseModel, ConfigDict

from crm.knowledge_files.exporting import HEADING, KnowledgeExport
from hotline.accounts.roles import Permission
from hotline.kernel.http import RequestContext, Routes
from hotline.kernel.rate import RateLimit
from hotline.kernel.tabular_export import EXPORT_TYPES, ExportFormat, send_table

_LINES = "application/x-ndjson"


class KnowledgeExportFormat(StrEnum):
    XLSX = "xlsx"
    """What the entries say now; it can be changed and imported again."""
    JSONL = "jsonl"
    """With every version, one entry a line."""


class KnowledgeExportQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: KnowledgeExportFormat = KnowledgeExportFormat.XLSX


def knowledge_export_routes(service: KnowledgeExport, *, zone: ZoneInfo) -> Routes:
    routes = Routes("/api/knowledge-export", tag="knowledge")
    limit = RateLimit("knowledge export by user", "20/minute; 100/hour")

    @routes.get(
        "",
        permission=Permission.KNOWLEDGE_WRITE,
        raw=True,
        transaction=False,
        produces=(EXPORT_TYPES[1], _LINES),
    )
    async def export_knowledge(ctx: RequestContext, query: KnowledgeExportQuery) -> web.StreamResponse:
        """A unit's people get their own entries, the hotline's knowledge people all."""
        who, database = ctx.user, ctx.database
        limit.hit(who.user_id)
        async with database.snapshot() as db:
            count = await service.count(db, who=who)
        await ctx.audit("knowledge.export", query.format.value, entries=count)
        if query.format is KnowledgeExportFormat.XLSX:
            lines = service.lines(database, who, zone)
            return await send_table(
                ctx.request, HEADING, lines, form=ExportFormat.XLSX, name="knowledge", sheet="knowledge"
            )
        response = web.StreamResponse(headers={hdrs.CONTENT_DISPOSITION: 'attachment; filename="knowledge.jsonl"'})
        response.content_type = _LINES
        await response.prepare(ctx.request)
        async with aclosing(service.versions(database, who)) as lines_of_all:
            async for line in lines_of_all:
                await response.write(line)
        await response.write_eof()
        return response

    return routes
