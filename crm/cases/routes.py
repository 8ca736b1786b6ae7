"""Cases over HTTP: read, written as drafts, and moved by one route an action."""

from __future__ import annotations

from crm.cases import repository
from crm.cases.details.closing import Withdrawal
from crm.cases.details.common import MoveDetail
from crm.cases.details.table import DETAILS
from crm.cases.errors import CaseRefusedError
from crm.cases.followers import PressedWithdrawals
from crm.cases.models import Case
from crm.cases.moves import CaseMoves
from crm.cases.page_schemas import CaseView
from crm.cases.schemas import CallbackNumber, CallLink, CaseChange, CaseDraft, CaseQuery, CaseRow, CaseVersion
from crm.cases.service import CaseService
from crm.cases.state import CaseAction
from crm.cases.viewers import viewer_of
from crm.cases.views import CaseViews
from crm.cases.visibility import Viewer
from crm.enterprises import repository as enterprises
from crm.units import repository as units
from hotline.accounts.roles import Permission
from hotline.kernel.http import Page, RequestContext, Routes

_MOST = 256 * 1024
"""Bytes: content and demand may have 20,000 characters each."""


def case_routes(service: CaseService, moves: CaseMoves, views: CaseViews, pressed: PressedWithdrawals) -> Routes:
    routes = Routes("/api/cases", tag="cases")
    answer = _Answer(views)
    _add_reading_and_writing(routes, service, answer)
    for action, detail in DETAILS.items():
        if action is not CaseAction.WITHDRAW:
            _add_move(routes, moves, answer, action, detail)
    _add_withdrawal(routes, moves, answer, pressed)
    return routes


class _Answer:
    def __init__(self, views: CaseViews) -> None:
        self._views = views

    async def __call__(self, ctx: RequestContext, row: Case, viewer: Viewer | None = None) -> CaseView:
        """The whole case; whoever sees a confidential one that is not being written by them is on record."""
        if row.confidential and (ctx.request.method == "GET" or row.created_by != ctx.user.user_id):
            await ctx.audit("case.view_confidential", row.id)
        return await self._views.of(ctx.db, row, viewer or await viewer_of(ctx.db, ctx.user))


def _add_reading_and_writing(routes: Routes, service: CaseService, answer: _Answer) -> None:
    @routes.get("", permission=Permission.CASE_READ)
    async def list_cases(ctx: RequestContext, query: CaseQuery) -> Page[CaseRow]:
        viewer = await viewer_of(ctx.db, ctx.user)
        found = await repository.find(ctx.db, query, viewer)
        names = await enterprises.names(ctx.db, [row.enterprise_id for row in found.rows if row.enterprise_id])
        now = ctx.clock.now()
        led = await units.named(ctx.db, {row.lead_unit_id for row in found.rows if row.lead_unit_id})

        def view(row: Case) -> CaseRow:
            unit = led.get(row.lead_unit_id or "")
            name = names.get(row.enterprise_id or "")
            return CaseRow.of(row, name, unit.name if unit else None, for_unit=not viewer.staff, now=now)

        return found.page(view)

    @routes.post("", permission=Permission.CASE_WRITE, status=201, max_body=_MOST)
    async def open_case(ctx: RequestContext, body: CaseDraft) -> CaseView:
        return await answer(ctx, await service.open(ctx.db, body, who=ctx.user))

    @routes.get("/{case_id}", permission=Permission.CASE_READ)
    async def read_case(ctx: RequestContext, case_id: str) -> CaseView:
        """By its id, or by its number."""
        viewer = await viewer_of(ctx.db, ctx.user)
        return await answer(ctx, await service.read(ctx.db, case_id, who=ctx.user, viewer=viewer), viewer)

    @routes.get("/{case_id}/version", permission=Permission.CASE_READ)
    async def read_version(ctx: RequestContext, case_id: str) -> CaseVersion:
        """Whether the page is still what the case is: cheap, and no view of what it says."""
        row = await service.read(ctx.db, case_id, who=ctx.user)
        return CaseVersion(version=row.version, updated_at=row.updated_at)

    @routes.patch("/{case_id}", permission=Permission.CASE_WRITE, max_body=_MOST)
    async def save_case(ctx: RequestContext, case_id: str, body: CaseChange) -> CaseView:
        return await answer(ctx, await service.save(ctx.db, case_id, body, who=ctx.user, audit=ctx.audit))

    @routes.post("/{case_id}/calls", permission=Permission.CASE_WRITE)
    async def link_call(ctx: RequestContext, case_id: str, body: CallLink) -> CaseView:
        row = await service.link_call(ctx.db, case_id, body.call_id, who=ctx.user, audit=ctx.audit)
        return await answer(ctx, row)

    @routes.post("/{case_id}/unmask", permission=Permission.NUMBER_UNMASK)
    async def unmask_case(ctx: RequestContext, case_id: str) -> CallbackNumber:
        """The callback number, readable; each use is audited."""
        row = await service.read(ctx.db, case_id, who=ctx.user)
        await ctx.audit("case.unmask", row.id)
        return CallbackNumber(callback_number=row.callback_number)


def _add_move(routes: Routes, moves: CaseMoves, answer: _Answer, action: CaseAction, detail: type[MoveDetail]) -> None:
    async def move_case(ctx: RequestContext, case_id: str, body: MoveDetail) -> CaseView:
        viewer = await viewer_of(ctx.db, ctx.user)
        row = await moves.move(ctx.db, case_id, action, body, who=ctx.user, audit=ctx.audit, viewer=viewer)
        return await answer(ctx, row, viewer)

    # Each action has a body and a name of its own in the API's description.
    move_case.__name__ = f"{action.value}_case"
    move_case.__annotations__["body"] = detail
    path = f"/{{case_id}}/{action.value.replace('_', '-')}"
    routes.post(path, permission=Permission.CASE_WRITE, max_body=_MOST)(move_case)


def _add_withdrawal(routes: Routes, moves: CaseMoves, answer: _Answer, pressed: PressedWithdrawals) -> None:
    @routes.post("/{case_id}/withdraw", permission=Permission.CASE_WRITE, max_body=_MOST, transaction=False)
    async def withdraw_case(ctx: RequestContext, case_id: str, body: Withdrawal) -> CaseView:
        """Refused where a unit pressed the caller for it; the supervisors are notified then."""
        try:
            async with ctx.transaction() as db:
                row = await moves.move(db, case_id, CaseAction.WITHDRAW, body, who=ctx.user, audit=ctx.audit)
                return await answer(ctx, row)
        except CaseRefusedError as refused:
            if refused.context.get("reason") == "pressed":
                async with ctx.transaction() as db:
                    if (case := await repository.case(db, case_id)) is not None:
                        await pressed.pressed(db, case, by=ctx.user.user_id, request_id=body.request_id)
            raise
