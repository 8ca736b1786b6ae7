"""/api/announcements and /api/menu-switch: seen by whoever sees flows, switched by supervisors and telephony admins."""

from __future__ import annotations

from pydantic import BaseModel

from callflow.announcements.schemas import (
    AnnouncementBoard,
    AnnouncementChange,
    AnnouncementDraft,
    AnnouncementSwitch,
    AnnouncementView,
    MenuSwitch,
    MenuSwitchView,
    Version,
)
from callflow.announcements.service import AnnouncementService
from hotline.accounts.audit import changes
from hotline.accounts.roles import Permission
from hotline.kernel.http import RequestContext, Routes


class RemovalQuery(BaseModel):
    version: Version


def announcement_routes(service: AnnouncementService) -> Routes:
    routes = Routes("/api", tag="announcements")

    @routes.get("/announcements", permission=Permission.FLOW_READ)
    async def read_announcements(ctx: RequestContext) -> AnnouncementBoard:
        """What is on now, what could be, and whether callers hear menus."""
        return await service.board(ctx.db)

    @routes.post("/announcements", permission=Permission.SUPERVISE, status=201)
    async def create_announcement(ctx: RequestContext, body: AnnouncementDraft) -> AnnouncementView:
        """Add one that is off."""
        view = await service.create(ctx.db, body)
        await ctx.audit("announcement.create", view.id, before=None, after=view.audited())
        return view

    @routes.put("/announcements/{announcement_id}", permission=Permission.SUPERVISE)
    async def change_announcement(
        ctx: RequestContext, announcement_id: str, body: AnnouncementChange
    ) -> AnnouncementView:
        before, after = await service.change(ctx.db, announcement_id, body)
        await ctx.audit("announcement.change", after.id, **changes(before.audited(), after.audited()))
        return after

    @routes.put("/announcements/{announcement_id}/switch", permission=Permission.SUPERVISE)
    async def switch_announcement(
        ctx: RequestContext, announcement_id: str, body: AnnouncementSwitch
    ) -> AnnouncementView:
        """On, always with an end, or off; the next caller hears it."""
        before, after = await service.switch(ctx.db, announcement_id, body, by=ctx.user.name)
        await ctx.audit("announcement.switch", after.id, **changes(before.audited(), after.audited()))
        return after

    @routes.delete("/announcements/{announcement_id}", permission=Permission.SUPERVISE)
    async def remove_announcement(ctx: RequestContext, announcement_id: str, query: RemovalQuery) -> None:
        gone = await service.remove(ctx.db, announcement_id, query.version)
        await ctx.audit("announcement.remove", gone.id, before=gone.audited(), after=None)

    @routes.put("/menu-switch", permission=Permission.SUPERVISE)
    async def switch_menu(ctx: RequestContext, body: MenuSwitch) -> MenuSwitchView:
        """For an hour when every second counts: no caller hears a menu, all go where the flow says they go then."""
        before, after = await service.switch_menu(ctx.db, body, by=ctx.user.name)
        await ctx.audit("announcement.menu", "", **changes(before.audited(), after.audited()))
        return after

    return routes
