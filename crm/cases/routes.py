"""Cases over HTTP."""

from __future__ import annotations

from crm.cases import repository
from crm.cases.models import Case
from crm.cases.schemas import (
    CallbackNumber,
    CallLink,
    CaseChange,
    CaseDraft,
    CaseQuery,
    CaseRow,
    CaseView,
    DirectAnswer,
    EmergencyTransfer,
    NotAccepted,
)
from crm.cases.service import CaseService
from crm.cases.visibility import is_staff
from crm.enterprises import repository as enterprises
from hotline.accounts.roles import Permission
from hotline.kernel.http import Page, RequestContext, Routes

_MOST = 256 * 1024
"""Bytes: content and demand may have 20,000 characters each."""


def case_routes(service: CaseService) -> Routes:
    routes = Routes("/api/cases", tag="cases")
    answer = _Answer(service)
    _add_reading_and_writing(routes, service, answer)
    _add_verdicts(routes, service, answer)
    return routes


class _Answer:
    def __init__(self, service: CaseService) -> None:
        self._service = service

    async def __call__(self, ctx: RequestContext, row: Case) -> CaseView:
        """The whole case; whoever sees a confidential one that is not being written by them is on record."""
        if row.confidential and (ctx.request.method == "GET" or row.created_by != ctx.user.user_id):
            await ctx.audit("case.view_confidential", row.id)
        return await self._service.view(ctx.db, row, who=ctx.user)


def _add_reading_and_writing(routes: Routes, service: CaseService, answer: _Answer) -> None:
    @routes.get("", permission=Permission.CASE_READ)
    async def list_cases(ctx: RequestContext, query: CaseQuery) -> Page[CaseRow]:
        if not is_staff(ctx.user):
            return Page(items=[])
        found = await repository.find(ctx.db, query, ctx.user)
        names = await enterprises.names(ctx.db, [row.enterprise_id for row in found.rows if row.enterprise_id])
        return found.page(lambda row: CaseRow.of(row, names.get(row.enterprise_id or "")))

    @routes.post("", permission=Permission.CASE_WRITE, status=201, max_body=_MOST)
    async def open_case(ctx: RequestContext, body: CaseDraft) -> CaseView:
        return await answer(ctx, await service.open(ctx.db, body, who=ctx.user, emit=ctx.emit))

    @routes.get("/{case_id}", permission=Permission.CASE_READ)
    async def read_case(ctx: RequestContext, case_id: str) -> CaseView:
        return await answer(ctx, await service.read(ctx.db, case_id, who=ctx.user))

    @routes.patch("/{case_id}", permission=Permission.CASE_WRITE, max_body=_MOST)
    async def save_case(ctx: RequestContext, case_id: str, body: CaseChange) -> CaseView:
        return await answer(
            ctx, await service.save(ctx.db, case_id, body, who=ctx.user, emit=ctx.emit, audit=ctx.audit)
        )

    @routes.post("/{case_id}/calls", permission=Permission.CASE_WRITE)
    async def link_call(ctx: RequestContext, case_id: str, body: CallLink) -> CaseView:
        row = await service.link_call(ctx.db, case_id, body.call_id, who=ctx.user, emit=ctx.emit)
        return await answer(ctx, row)

    @routes.post("/{case_id}/unmask", permission=Permission.NUMBER_UNMASK)
    async def unmask_case(ctx: RequestContext, case_id: str) -> CallbackNumber:
        """The callback number, readable; each use is audited."""
        row = await service.read(ctx.db, case_id, who=ctx.user)
        await ctx.audit("case.unmask", row.id)
        return CallbackNumber(callback_number=row.callback_number)


def _add_verdicts(routes: Routes, service: CaseService, answer: _Answer) -> None:
    @routes.post("/{case_id}/submit", permission=Permission.CASE_WRITE)
    async def submit_case(ctx: RequestContext, case_id: str) -> CaseView:
        return await answer(ctx, await service.submit(ctx.db, case_id, who=ctx.user, emit=ctx.emit, audit=ctx.audit))

    @routes.post("/{case_id}/not-accepted", permission=Permission.CASE_WRITE)
    async def not_accept_case(ctx: RequestContext, case_id: str, body: NotAccepted) -> CaseView:
        return await answer(ctx, await service.not_accept(ctx.db, case_id, body, who=ctx.user, emit=ctx.emit))

    @routes.post("/{case_id}/emergency", permission=Permission.CASE_WRITE)
    async def transfer_case(ctx: RequestContext, case_id: str, body: EmergencyTransfer) -> CaseView:
        row = await service.transfer_to_emergency(ctx.db, case_id, body, who=ctx.user, emit=ctx.emit)
        return await answer(ctx, row)

    @routes.post("/{case_id}/close-direct", permission=Permission.CASE_WRITE)
    async def close_case(ctx: RequestContext, case_id: str, body: DirectAnswer) -> CaseView:
        return await answer(ctx, await service.close_directly(ctx.db, case_id, body, who=ctx.user, emit=ctx.emit))
