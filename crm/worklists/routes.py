"""Work lists over HTTP."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aiohttp import web

from crm.worklists.export import send_list
from crm.worklists.rules import WorkListName
from crm.worklists.schemas import (
    ClaimedCase,
    ClaimNext,
    WorkListCount,
    WorkListExportQuery,
    WorkListQuery,
    WorkListRow,
)
from crm.worklists.service import WorkListService
from hotline.accounts.roles import Permission
from hotline.kernel.errors import NotFoundError
from hotline.kernel.http import Page, RequestContext, Routes
from hotline.kernel.tabular_export import EXPORT_TYPES


def work_list_routes(service: WorkListService, zone: ZoneInfo) -> Routes:
    routes = Routes("/api/worklists", tag="worklists")

    @routes.get("", permission=Permission.CASE_READ)
    async def count_work_lists(ctx: RequestContext) -> list[WorkListCount]:
        """The user's own lists, in their order, with how many cases each holds."""
        return await service.counts(ctx.db, who=ctx.user)

    @routes.get("/{name}", permission=Permission.CASE_READ)
    async def list_work(ctx: RequestContext, name: str, query: WorkListQuery) -> Page[WorkListRow]:
        return await service.page(ctx.db, list_named(name), query, who=ctx.user)

    @routes.get("/{name}/export", permission=Permission.CASE_READ, raw=True, transaction=False, produces=EXPORT_TYPES)
    async def export_work(ctx: RequestContext, name: str, query: WorkListExportQuery) -> web.StreamResponse:
        """The same cases as a file: `format=csv` or `format=xlsx`, with the columns asked for."""
        return await send_list(ctx, service, list_named(name), query, zone)

    @routes.post("/{name}/claim-next", permission=Permission.CASE_WRITE)
    async def claim_next(ctx: RequestContext, name: str, body: ClaimNext) -> ClaimedCase:
        """The most pressing case that nobody has claimed is claimed; one that is claimed already comes first."""
        return await service.claim_next(ctx.db, list_named(name), body.request_id, who=ctx.user, audit=ctx.audit)

    return routes


def list_named(name: str) -> WorkListName:
    try:
        return WorkListName(name)
    except ValueError:
        raise NotFoundError("There is no such work list.") from None
