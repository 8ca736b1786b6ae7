"""What was sent about a case, for whoever may open it."""

from __future__ import annotations

from crm.cases.service import CaseService
from crm.cases.visibility import is_staff
from hotline.accounts.roles import Permission
from hotline.kernel.http import RequestContext, Routes
from hotline.notices import repository
from hotline.notices.models import MessageChannel
from hotline.notices.schemas import MessageView


def case_message_routes(service: CaseService) -> Routes:
    routes = Routes("/api/cases", tag="cases")

    @routes.get("/{case_id}/messages", permission=Permission.CASE_READ)
    async def list_case_messages(ctx: RequestContext, case_id: str) -> list[MessageView]:
        """SMS and webhook messages about a case, the newest first; numbers are masked, and kept from units."""
        row = await service.read(ctx.db, case_id, who=ctx.user)
        if row.confidential:
            await ctx.audit("case.view_confidential", row.id)
        views = [MessageView.of(message) for message in await repository.messages_about(ctx.db, row.id)]
        if is_staff(ctx.user):
            return views
        return [
            view.model_copy(update={"recipient": ""}) if view.channel == MessageChannel.SMS else view for view in views
        ]

    return routes
