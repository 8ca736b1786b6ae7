"""/api/messages and /api/notice-templates: what leaves the house, and its words."""

from __future__ import annotations

from hotline.accounts.audit import changes
from hotline.accounts.roles import Permission
from hotline.kernel.http import Page, RequestContext, Routes
from hotline.notices import repository
from hotline.notices.kinds import IN_SMS, ON_PAGE, Placeholder
from hotline.notices.outbox import Outbox
from hotline.notices.schemas import (
    MessageQuery,
    MessageSummary,
    MessageView,
    Resend,
    TemplateChange,
    TemplateFields,
    TemplateList,
    TemplatePreview,
    TemplateReset,
    TemplateView,
)
from hotline.notices.template_store import TemplateStore


def message_routes(outbox: Outbox) -> Routes:
    """Numbers are masked for everybody here."""
    routes = Routes("/api/messages", tag="notices")

    @routes.get("", permission=Permission.MESSAGE_MANAGE)
    async def list_messages(ctx: RequestContext, query: MessageQuery) -> Page[MessageView]:
        """The newest first."""
        return (await repository.messages(ctx.db, query)).page(MessageView.of)

    @routes.get("/summary", permission=Permission.MESSAGE_MANAGE)
    async def count_messages(ctx: RequestContext) -> MessageSummary:
        """How many there are by state, and by what they are sent."""
        return await outbox.summary(ctx.db)

    @routes.post("/{message_id}/resend", permission=Permission.MESSAGE_MANAGE)
    async def resend_message(ctx: RequestContext, message_id: str, body: Resend) -> MessageView:
        """Send a dead message again, under the same idempotency key."""
        row = await outbox.resend(ctx.db, message_id, version=body.version)
        await ctx.audit("message.resend", row.id, before={"state": "dead"}, after={"state": row.state})
        return MessageView.of(row)

    return routes


def template_routes(store: TemplateStore) -> Routes:
    routes = Routes("/api/notice-templates", tag="notices")

    @routes.get("", permission=Permission.TEMPLATE_WRITE)
    async def list_templates(ctx: RequestContext) -> TemplateList:
        """The words of every kind of notice, and the placeholders there are."""
        return TemplateList(
            templates=await store.listed(ctx.db),
            on_page=[name for name in Placeholder if name in ON_PAGE],
            in_sms=[name for name in Placeholder if name in IN_SMS],
        )

    @routes.put("/{kind}", permission=Permission.TEMPLATE_WRITE)
    async def save_template(ctx: RequestContext, kind: str, body: TemplateChange) -> TemplateView:
        """Replace the words of one kind."""
        before = await store.view(ctx.db, kind)
        view = await store.save(ctx.db, kind, body, by=ctx.user.user_id)
        await ctx.audit("template.change", kind, **changes(before.texts.model_dump(), view.texts.model_dump()))
        return view

    @routes.post("/{kind}/reset", permission=Permission.TEMPLATE_WRITE)
    async def reset_template(ctx: RequestContext, kind: str, body: TemplateReset) -> TemplateView:
        """Back to the words shipped."""
        before = await store.view(ctx.db, kind)
        view = await store.reset(ctx.db, kind, version=body.version)
        await ctx.audit("template.reset", kind, **changes(before.texts.model_dump(), view.texts.model_dump()))
        return view

    @routes.post("/{kind}/preview", permission=Permission.TEMPLATE_WRITE)
    async def preview_template(ctx: RequestContext, kind: str, body: TemplateFields) -> TemplatePreview:
        """The words with made-up values; nothing is kept."""
        return store.preview(kind, body)

    return routes
