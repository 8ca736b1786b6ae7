"""The figures over HTTP."""

from __future__ import annotations

from crm.knowledge_figures.service import KnowledgeFigures, KnowledgeFigureService, KnowledgeFiguresQuery
from hotline.accounts.roles import Permission
from hotline.kernel.http import RequestContext, Routes


def knowledge_figure_routes(service: KnowledgeFigureService) -> Routes:
    routes = Routes("/api/knowledge-figures", tag="knowledge")

    @routes.get("", permission=Permission.KNOWLEDGE_READ)
    async def read_knowledge_figures(ctx: RequestContext, query: KnowledgeFiguresQuery) -> KnowledgeFigures:
        """For supervisors and the hotline's knowledge reviewers."""
        if not ctx.may(Permission.SUPERVISE):
            ctx.require(Permission.KNOWLEDGE_PUBLISH)
        return await service.read(ctx.db, query)

    return routes
