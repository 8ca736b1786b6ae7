"""/api/notices: what the bell shows, each user their own."""

from __future__ import annotations

from hotline.kernel.http import SIGNED_IN, Page, RequestContext, Routes
from hotline.notices import repository
from hotline.notices.errors import NoticeNotFoundError
from hotline.notices.schemas import InboxQuery, NoticeView, ReadUpTo, UnreadView


def inbox_routes() -> Routes:
    """Reading one's own notices changes nothing that others see, so it is not audited."""
    routes = Routes("/api/notices", tag="notices")

    @routes.get("", permission=SIGNED_IN)
    async def list_notices(ctx: RequestContext, query: InboxQuery) -> Page[NoticeView]:
        """One's own, the newest first."""
        return (await repository.inbox(ctx.db, ctx.user.user_id, query)).page(NoticeView.of)

    @routes.get("/unread", permission=SIGNED_IN)
    async def count_unread(ctx: RequestContext) -> UnreadView:
        """How many of one's own are unread; asked for every 20 s by each page."""
        count, latest = await repository.unread(ctx.db, ctx.user.user_id)
        return UnreadView(unread=count, more=count >= repository.MOST_COUNTED, latest=latest)

    @routes.post("/{notice_id}/read", permission=SIGNED_IN)
    async def read_notice(ctx: RequestContext, notice_id: str) -> None:
        """Mark one as read; safe to repeat."""
        if await repository.notice_of(ctx.db, ctx.user.user_id, notice_id) is None:
            raise NoticeNotFoundError("You have no notice of this id.")
        await repository.mark_read(ctx.db, ctx.user.user_id, up_to=notice_id, only=True, now=ctx.clock.now())

    @routes.post("/read", permission=SIGNED_IN)
    async def read_notices(ctx: RequestContext, body: ReadUpTo) -> None:
        """Mark all as read, up to the newest one seen."""
        await repository.mark_read(ctx.db, ctx.user.user_id, up_to=body.up_to, only=False, now=ctx.clock.now())

    return routes
