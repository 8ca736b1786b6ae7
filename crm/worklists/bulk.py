"""The same action on many cases: each its own move in its own transaction, and a report of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import BaseModel, Field

from crm.cases.details.common import MoveDetail, PlainMove
from crm.cases.details.dispatching import Dispatch
from crm.cases.details.tracking import Urge
from crm.cases.moves import CaseMoves
from crm.cases.schemas import CaseBody, Id, Words
from crm.cases.state import CaseAction
from hotline.accounts.roles import Permission
from hotline.kernel.errors import HotlineError
from hotline.kernel.http import RequestContext, Routes

MOST = 100


class BulkItem(CaseBody):
    case_id: Id
    version: int
    request_id: Id
    """Of this case's action: sent again, what was done is not done twice."""


class BulkMove(CaseBody):
    items: list[BulkItem] = Field(min_length=1, max_length=MOST)


class BulkDispatch(BulkMove):
    lead_unit_id: Id
    advice: Words = ""


class BulkUrge(BulkMove):
    words: Words = ""


class BulkOutcome(BaseModel):
    case_id: str
    done: bool
    error_id: str | None = None
    reason: str | None = None
    """The guard's, where one refused."""
    detail: str | None = None


def bulk_routes(moves: CaseMoves) -> Routes:
    """Each answers with one outcome a case, in the order given; a case has moved whole, or not at all."""
    routes = Routes("/api/bulk", tag="worklists")

    @routes.post("/dispatch", permission=Permission.CASE_WRITE, transaction=False)
    async def dispatch_many(ctx: RequestContext, body: BulkDispatch) -> list[BulkOutcome]:
        def detail(one: BulkItem) -> MoveDetail:
            return Dispatch(
                version=one.version, request_id=one.request_id, lead_unit_id=body.lead_unit_id, advice=body.advice
            )

        return await _move_each(ctx, moves, CaseAction.DISPATCH, body.items, detail)

    @routes.post("/urge", permission=Permission.CASE_WRITE, transaction=False)
    async def urge_many(ctx: RequestContext, body: BulkUrge) -> list[BulkOutcome]:
        def detail(one: BulkItem) -> MoveDetail:
            return Urge(version=one.version, request_id=one.request_id, words=body.words)

        return await _move_each(ctx, moves, CaseAction.URGE, body.items, detail)

    @routes.post("/claim", permission=Permission.CASE_WRITE, transaction=False)
    async def claim_many(ctx: RequestContext, body: BulkMove) -> list[BulkOutcome]:
        def detail(one: BulkItem) -> MoveDetail:
            return PlainMove(version=one.version, request_id=one.request_id)

        return await _move_each(ctx, moves, CaseAction.CLAIM, body.items, detail)

    return routes


async def _move_each(
    ctx: RequestContext,
    moves: CaseMoves,
    action: CaseAction,
    items: Sequence[BulkItem],
    detail_of: Callable[[BulkItem], MoveDetail],
) -> list[BulkOutcome]:
    outcomes = []
    for one in items:
        try:
            async with ctx.transaction() as db:
                await moves.move(db, one.case_id, action, detail_of(one), who=ctx.user, audit=ctx.audit)
        except HotlineError as error:
            outcomes.append(_refused(one, error))
            continue
        outcomes.append(BulkOutcome(case_id=one.case_id, done=True))
    return outcomes


def _refused(one: BulkItem, error: HotlineError) -> BulkOutcome:
    reason = error.context.get("reason")
    return BulkOutcome(
        case_id=one.case_id,
        done=False,
        error_id=error.error_id,
        reason=str(reason) if reason else None,
        detail=error.detail,
    )
