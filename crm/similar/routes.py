"""Similar cases over HTTP."""

from __future__ import annotations

from crm.similar.schemas import SimilarCase, SimilarQuestion
from crm.similar.service import SimilarCases
from hotline.accounts.roles import Permission
from hotline.kernel.http import RequestContext, Routes

_MOST = 128 * 1024
"""Bytes: as long a text as a case has."""


def similar_routes(service: SimilarCases) -> Routes:
    routes = Routes("/api/cases", tag="cases")

    @routes.post("/similar", permission=Permission.CASE_WRITE, max_body=_MOST)
    async def find_similar_cases(ctx: RequestContext, body: SimilarQuestion) -> list[SimilarCase]:
        """A POST, so that what a caller said stands in no address and no log."""
        return await service.find(ctx.db, body, who=ctx.user)

    return routes
