"""/api/portal: for callers, who have no account."""

from __future__ import annotations

from crm.portal.errors import NoSuchProgressError
from crm.portal.schemas import ProgressQuestion, ProgressView
from crm.portal.service import ProgressService
from hotline.kernel.errors import TooManyRequestsError
from hotline.kernel.http import RequestContext, Routes
from hotline.kernel.rate import visitor_of

_SMALL = 1024


def portal_routes(service: ProgressService) -> Routes:
    routes = Routes("/api/portal", tag="public")

    # POST alone: what stands in an address is kept in histories and logs, and the code must not be.
    @routes.post("/progress", public=True, transaction=False, max_body=_SMALL)
    async def ask_progress(ctx: RequestContext, body: ProgressQuestion) -> ProgressView:
        """How a case stands, for whoever has its number and its code."""
        ctx.on_response(lambda response: response.headers.update({"Cache-Control": "no-store"}))
        try:
            service.admit(body.number, visitor=visitor_of(ctx.address))
            async with ctx.database.snapshot() as db:
                case, view = await service.read(db, body.number, body.code)
        except (NoSuchProgressError, TooManyRequestsError) as refused:
            await ctx.audit_repeated("progress.refused", "page", reason=refused.error_id)
            raise
        if case.confidential:
            async with ctx.transaction():
                await ctx.audit("case.view_confidential", case.id, by="caller")
        return view

    return routes
