"""The catalogue over HTTP."""

from __future__ import annotations

from crm.cases.visibility import is_staff
from crm.catalogue.schemas import (
    CatalogueItemView,
    CatalogueQuery,
    ItemChange,
    ItemDraft,
    SuggestionQuestion,
    SuggestionView,
)
from crm.catalogue.service import CatalogueService
from crm.catalogue.suggestion import ItemSuggestions
from hotline.accounts.audit import changes
from hotline.accounts.roles import Permission
from hotline.kernel.errors import ForbiddenError
from hotline.kernel.http import RequestContext, Routes

_MOST_TEXT = 128 * 1024
"""Bytes: as long a text as a case has."""


def catalogue_routes(service: CatalogueService, suggestions: ItemSuggestions) -> Routes:
    routes = Routes("/api/catalogue", tag="catalogue")

    @routes.get("", permission=Permission.UNIT_READ)
    async def list_items(ctx: RequestContext, query: CatalogueQuery) -> list[CatalogueItemView]:
        """The whole catalogue, by code."""
        return await service.listed(ctx.db, active=query.active)

    @routes.get("/{item_id}", permission=Permission.UNIT_READ)
    async def read_item(ctx: RequestContext, item_id: str) -> CatalogueItemView:
        return await service.view(ctx.db, item_id)

    @routes.post("", permission=Permission.UNIT_WRITE, status=201)
    async def create_item(ctx: RequestContext, body: ItemDraft) -> CatalogueItemView:
        row = await service.create(ctx.db, body)
        view = await service.view(ctx.db, row.id)
        await ctx.audit("catalogue.create", row.id, after=view.audited())
        return view

    @routes.patch("/{item_id}", permission=Permission.UNIT_WRITE)
    async def update_item(ctx: RequestContext, item_id: str, body: ItemChange) -> CatalogueItemView:
        """Change, move, deactivate or activate an item."""
        before = await service.view(ctx.db, item_id)
        await service.update(ctx.db, item_id, body)
        view = await service.view(ctx.db, item_id)
        await ctx.audit("catalogue.change", item_id, **changes(before.audited(), view.audited()))
        return view

    @routes.post("/suggest", permission=Permission.CASE_WRITE, transaction=False, max_body=_MOST_TEXT)
    async def suggest_items(ctx: RequestContext, body: SuggestionQuestion) -> list[SuggestionView]:
        """Items for a case's text, with the unit of each, and why; the likeliest first. Changes nothing."""
        if not is_staff(ctx.user):
            # Past cases speak through the answer, and a unit's people may know of their own alone.
            raise ForbiddenError("Only the hotline's own staff get suggestions; choose an item from the catalogue.")
        async with ctx.database.snapshot() as db:
            return await suggestions.suggest(db, body.text, limit=body.limit)

    return routes
