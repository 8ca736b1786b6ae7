"""/api/limits: read by whoever reads cases or keeps the calendar, changed by the latter."""

from __future__ import annotations

from crm.cases.visibility import is_staff
from crm.limits import repository
from crm.limits.schemas import LimitChange, LimitRevisionView, LimitView, RevisedView, RevisionView
from crm.limits.service import LimitService
from crm.limits.state import DeadlineKind
from hotline.accounts.audit import changes
from hotline.accounts.roles import Permission
from hotline.kernel.http import SIGNED_IN, Page, PageQuery, RequestContext, Routes


def limit_routes(service: LimitService) -> Routes:
    routes = Routes("/api/limits", tag="limits")

    @routes.get("", permission=SIGNED_IN)
    async def list_limits(ctx: RequestContext) -> list[LimitView]:
        """Every limit in force, by profile and step: for whoever reads cases, or keeps the calendar."""
        _require_reader(ctx)
        return await service.limits(ctx.db)

    @routes.get("/changes", permission=SIGNED_IN)
    async def list_limit_changes(ctx: RequestContext, query: PageQuery) -> Page[LimitRevisionView]:
        """Who changed which limit, and why; the newest first. For the hotline's own staff, whose names are in it."""
        if not is_staff(ctx.user):
            ctx.require(Permission.CALENDAR_MANAGE)
        return await service.revisions(ctx.db, query)

    @routes.get("/revisions", permission=Permission.CALENDAR_MANAGE)
    async def list_revisions(ctx: RequestContext, query: PageQuery) -> Page[RevisionView]:
        """What changes of the calendar moved, the newest first."""
        return (await repository.revisions(ctx.db, query)).page(RevisionView.of)

    @routes.get("/revisions/{revision_id}", permission=Permission.CALENDAR_MANAGE)
    async def list_revised(ctx: RequestContext, revision_id: str, query: PageQuery) -> Page[RevisedView]:
        """The deadlines that one change moved."""
        found = await repository.revised(ctx.db, revision_id, query)
        numbers = await repository.numbers_of(ctx.db, {row.case_id for row in found.rows})
        return found.page(
            lambda row: RevisedView(
                case_id=row.case_id,
                case_number=numbers[row.case_id],
                kind=DeadlineKind(row.kind),
                was_due_at=row.was_due_at,
                due_at=row.due_at,
            )
        )

    @routes.put("/{key}", permission=Permission.CALENDAR_MANAGE)
    async def change_limit(ctx: RequestContext, key: str, body: LimitChange) -> LimitView:
        """Set the city's own value; deadlines that run keep theirs."""
        before, after = await service.change(ctx.db, key, body, who=ctx.user)
        changed = changes(before.model_dump(mode="json"), after.model_dump(mode="json"))
        await ctx.audit("limits.change", key, reason=body.reason, **changed)
        return after

    return routes


def _require_reader(ctx: RequestContext) -> None:
    if not ctx.may(Permission.CALENDAR_MANAGE):
        ctx.require(Permission.CASE_READ)
