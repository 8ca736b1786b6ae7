"""Supervision tasks and the ledger over HTTP."""

from __future__ import annotations

from crm.supervision.ledger import UnsolvedLedger
from crm.supervision.schemas import (
    LedgerDraft,
    LedgerEntryView,
    LedgerQuery,
    StrikeOff,
    SupervisionDraft,
    SupervisionQuery,
    SupervisionReport,
    SupervisionTaskView,
)
from crm.supervision.service import SupervisionService
from crm.supervision.state import SupervisionAction
from hotline.accounts.roles import Permission
from hotline.kernel.http import Page, RequestContext, Routes


def supervision_routes(service: SupervisionService) -> Routes:
    routes = Routes("/api/supervision-tasks", tag="supervision")

    @routes.get("", permission=Permission.CASE_READ)
    async def list_supervision(ctx: RequestContext, query: SupervisionQuery) -> Page[SupervisionTaskView]:
        """The most pressing first; a unit sees those issued to it, or to one below it."""
        return await service.page(ctx.db, query, who=ctx.user)

    @routes.post("", permission=Permission.CASE_WRITE, status=201)
    async def issue_supervision(ctx: RequestContext, body: SupervisionDraft) -> SupervisionTaskView:
        task = await service.order(ctx.db, body, who=ctx.user, audit=ctx.audit)
        return await service.read(ctx.db, task.id, who=ctx.user)

    @routes.get("/{task_id}", permission=Permission.CASE_READ)
    async def read_supervision(ctx: RequestContext, task_id: str) -> SupervisionTaskView:
        return await service.read(ctx.db, task_id, who=ctx.user)

    for action in SupervisionAction:
        _add_action(routes, service, action)
    return routes


def _add_action(routes: Routes, service: SupervisionService, action: SupervisionAction) -> None:
    async def act(ctx: RequestContext, task_id: str, body: SupervisionReport) -> SupervisionTaskView:
        await service.act(ctx.db, task_id, action, body, who=ctx.user, audit=ctx.audit)
        return await service.read(ctx.db, task_id, who=ctx.user)

    act.__name__ = f"{action.value}_supervision"
    routes.post(f"/{{task_id}}/{action.value.replace('_', '-')}", permission=Permission.CASE_WRITE)(act)


def ledger_routes(ledger: UnsolvedLedger) -> Routes:
    routes = Routes("/api/unsolved-cases", tag="supervision")

    @routes.get("", permission=Permission.CASE_READ)
    async def list_unsolved(ctx: RequestContext, query: LedgerQuery) -> Page[LedgerEntryView]:
        return await ledger.page(ctx.db, query, who=ctx.user)

    @routes.post("", permission=Permission.CASE_WRITE, status=201)
    async def enter_unsolved(ctx: RequestContext, body: LedgerDraft) -> LedgerEntryView:
        entry = await ledger.enter(ctx.db, body, who=ctx.user, audit=ctx.audit)
        return (await ledger.views(ctx.db, [entry]))[0]

    @routes.post("/{entry_id}/strike-off", permission=Permission.CASE_WRITE)
    async def strike_off(ctx: RequestContext, entry_id: str, body: StrikeOff) -> LedgerEntryView:
        """Struck off for good, with the reason; entered again, the case is open again."""
        entry = await ledger.strike_off(ctx.db, entry_id, body, who=ctx.user, audit=ctx.audit)
        return (await ledger.views(ctx.db, [entry]))[0]

    return routes
