"""Entries at hand, and one's stars, over HTTP."""

from __future__ import annotations

from crm.knowledge_quick.service import KnowledgeQuick, QuickEntries
from hotline.accounts.roles import Permission
from hotline.kernel.http import RequestContext, Routes


def knowledge_quick_routes(service: KnowledgeQuick) -> Routes:
    routes = Routes("/api/knowledge-quick", tag="knowledge")

    @routes.get("", permission=Permission.KNOWLEDGE_READ)
    async def list_quick_knowledge(ctx: RequestContext) -> QuickEntries:
        """One's stars, what one cited last, and what everybody cites today."""
        return await service.entries(ctx.db, who=ctx.user)

    # A star is its owner's alone and changes nothing for others: no version, and no entry in the audit log.
    @routes.put("/favourites/{entry_id}", permission=Permission.KNOWLEDGE_READ)
    async def star_knowledge(ctx: RequestContext, entry_id: str) -> None:
        await service.star(ctx.db, entry_id, who=ctx.user)

    @routes.delete("/favourites/{entry_id}", permission=Permission.KNOWLEDGE_READ)
    async def unstar_knowledge(ctx: RequestContext, entry_id: str) -> None:
        await service.unstar(ctx.db, entry_id, who=ctx.user)

    return routes
