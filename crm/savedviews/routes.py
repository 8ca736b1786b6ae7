"""Saved views over HTTP."""

from __future__ import annotations

from crm.savedviews.schemas import SavedViewChange, SavedViewDraft, SavedViewView
from crm.savedviews.service import SavedViewService
from hotline.accounts.roles import Permission
from hotline.kernel.http import RequestContext, Routes


def saved_view_routes(service: SavedViewService) -> Routes:
    routes = Routes("/api/saved-views", tag="worklists")

    @routes.get("", permission=Permission.CASE_READ)
    async def list_saved_views(ctx: RequestContext) -> list[SavedViewView]:
        """One's own, and those shared with one of one's roles."""
        return [SavedViewView.of(row, ctx.user.user_id) for row in await service.all(ctx.db, who=ctx.user)]

    @routes.post("", permission=Permission.CASE_READ, status=201)
    async def save_view(ctx: RequestContext, body: SavedViewDraft) -> SavedViewView:
        row = await service.add(ctx.db, body, who=ctx.user, audit=ctx.audit)
        return SavedViewView.of(row, ctx.user.user_id)

    @routes.put("/{view_id}", permission=Permission.CASE_READ)
    async def change_view(ctx: RequestContext, view_id: str, body: SavedViewChange) -> SavedViewView:
        row = await service.change(ctx.db, view_id, body, who=ctx.user, audit=ctx.audit)
        return SavedViewView.of(row, ctx.user.user_id)

    @routes.delete("/{view_id}", permission=Permission.CASE_READ)
    async def remove_view(ctx: RequestContext, view_id: str) -> None:
        await service.remove(ctx.db, view_id, who=ctx.user, audit=ctx.audit)

    return routes
