"""Replays over HTTP."""

from __future__ import annotations

from cti.replay import repository
from cti.replay.schemas import BeforeAfter, ReplayCallQuery, ReplayCallView, ReplayPathNode, ReplayStart, ReplayView
from cti.replay.service import ReplayService
from cti.replay.views import path_view, replay_call_view, replay_views
from hotline.accounts.roles import Permission
from hotline.kernel.http import Page, RequestContext, Routes


def replay_routes(service: ReplayService) -> Routes:
    routes = Routes("/api/flows/{flow_id}/replays", tag="flows")

    @routes.get("", permission=Permission.FLOW_READ)
    async def list_replays(ctx: RequestContext, flow_id: str) -> list[ReplayView]:
        """The latest ones, newest first."""
        return await replay_views(ctx.db, await repository.replays(ctx.db, flow_id))

    @routes.post("", permission=Permission.FLOW_WRITE, status=202, transaction=False)
    async def start_replay(ctx: RequestContext, flow_id: str, body: ReplayStart) -> ReplayView:
        """Take the calls of a period through a version or the draft, in the background."""
        async with ctx.transaction() as db:
            row = await service.begin(db, flow_id, body, by=ctx.user.user_id)
            await ctx.audit("flow.replay", flow_id, replay=row.id, **body.model_dump(mode="json"))
            (view,) = await replay_views(db, [row])
        service.run(row)
        return view

    @routes.get("/{replay_id}", permission=Permission.FLOW_READ)
    async def read_replay(ctx: RequestContext, flow_id: str, replay_id: str) -> ReplayView:
        (view,) = await replay_views(ctx.db, [await service.read(ctx.db, flow_id, replay_id)])
        return view

    @routes.post("/{replay_id}/stop", permission=Permission.FLOW_WRITE, transaction=False)
    async def stop_replay(ctx: RequestContext, flow_id: str, replay_id: str) -> ReplayView:
        """End one that runs; what it has counted so far stays."""
        await service.stop(flow_id, replay_id)
        async with ctx.transaction() as db:
            await ctx.audit("flow.replay_stop", flow_id, replay=replay_id)
            (view,) = await replay_views(db, [await service.read(db, flow_id, replay_id)])
        return view

    @routes.get("/{replay_id}/calls", permission=Permission.FLOW_READ)
    async def list_replayed_calls(
        ctx: RequestContext, flow_id: str, replay_id: str, query: ReplayCallQuery
    ) -> Page[ReplayCallView]:
        """The calls that would have gone otherwise, newest first."""
        await service.read(ctx.db, flow_id, replay_id)
        return (await repository.find_shifts(ctx.db, replay_id, query)).page(replay_call_view)

    @routes.get("/{replay_id}/calls/{call_id}", permission=Permission.FLOW_READ)
    async def read_replayed_paths(
        ctx: RequestContext, flow_id: str, replay_id: str, call_id: str
    ) -> BeforeAfter[list[ReplayPathNode]]:
        """Where one of the calls went, and where it would have gone: names of nodes, and nothing of the caller."""
        paths = await service.paths(await service.read(ctx.db, flow_id, replay_id), call_id)
        return BeforeAfter(before=path_view(paths.before), after=path_view(paths.after))

    return routes
