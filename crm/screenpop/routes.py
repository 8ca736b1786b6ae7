"""The screen pop over HTTP."""

from __future__ import annotations

from crm.screenpop.schemas import ScreenPopView
from crm.screenpop.service import ScreenPopService
from hotline.accounts.roles import Permission
from hotline.kernel.http import RequestContext, Routes


def screen_pop_routes(service: ScreenPopService) -> Routes:
    routes = Routes("/api/screen-pop", tag="screen pop")

    @routes.get("/{call_id}", permission=Permission.WORKSPACE_USE)
    async def read_screen_pop(ctx: RequestContext, call_id: str) -> ScreenPopView:
        return await service.pop(ctx.db, call_id, who=ctx.user)

    return routes
