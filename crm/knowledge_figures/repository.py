"""Queries of the figures; `begin` and `end` are moments, `end` left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Subquery, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Case, CaseCall, CaseStep, CaseType
from crm.cases.state import CaseAction, CaseState
from crm.knowledge.models import KnowledgeCitation, KnowledgeEntry, KnowledgeReview
from crm.knowledge.state import KnowledgeState
from crm.knowledge_requests.models import KnowledgeRequest, KnowledgeRequestKind
from crm.knowledge_requests.state import KnowledgeRequestState

_R, _E, _S, _C = KnowledgeReview, KnowledgeEntry, CaseStep, KnowledgeCitation
MOST_TIMES = 20_000
"""Cases that are timed; the page says of how many."""


async def reviews(db: AsyncSession, first: date, last: date, unit_id: str | None) -> Sequence[tuple[date, date | None]]:
    """Due from `first` to `last`: those that were done, and those that wait."""
    done = select(_R.due_on, _R.done_on).where(_R.due_on.between(first, last))
    waiting = select(_E.review_due_on).where(
        _E.state == KnowledgeState.PUBLISHED, _E.review_due_on.between(first, last)
    )
    if unit_id is not None:
        done, waiting = done.where(_R.unit_id == unit_id), waiting.where(_E.unit_id == unit_id)
    found: list[tuple[date, date | None]] = [(due, at) for due, at in await db.execute(done)]
    return found + [(due, None) for due in await db.scalars(waiting) if due is not None]


async def consults(db: AsyncSession, begin: datetime, end: datetime) -> tuple[int, int]:
    """Consult cases answered at once by citing, and all that left their draft."""
    left = (
        select(_S.case_id)
        .join(Case, Case.id == _S.case_id)
        .where(
            _S.action.in_([CaseAction.CLOSE_DIRECT, CaseAction.SUBMIT]),
            _S.at >= begin,
            _S.at < end,
            _S.source == CaseState.DRAFT,
            Case.type == CaseType.CONSULT,
        )
    )
    cited = left.where(_S.action == CaseAction.CLOSE_DIRECT, _S.case_id.in_(select(_C.case_id)))
    counts = [await db.scalar(select(func.count()).select_from(one.subquery())) or 0 for one in (cited, left)]
    return counts[0], counts[1]


async def citations(
    db: AsyncSession, begin: datetime, end: datetime, unit_id: str | None
) -> Sequence[tuple[str, datetime, str]]:
    """Case, first citation in it, and call, of each call that belongs to a case with one; of the newest cases."""
    cited = _first_citations(begin, end, unit_id)
    newest = select(cited).order_by(cited.c.at.desc(), cited.c.case_id).limit(MOST_TIMES).subquery()
    query = select(newest.c.case_id, newest.c.at, CaseCall.call_id).join(CaseCall, CaseCall.case_id == newest.c.case_id)
    return [(case, at, call) for case, at, call in await db.execute(query)]


async def cited_cases(db: AsyncSession, begin: datetime, end: datetime, unit_id: str | None) -> int:
    return await db.scalar(select(func.count()).select_from(_first_citations(begin, end, unit_id))) or 0


def _first_citations(begin: datetime, end: datetime, unit_id: str | None) -> Subquery:
    first = select(_C.case_id, func.min(_C.cited_at).label("at")).where(_C.cited_at >= begin, _C.cited_at < end)
    if unit_id is not None:
        first = first.join(_E, _E.id == _C.entry_id).where(_E.unit_id == unit_id)
    return first.group_by(_C.case_id).subquery()


async def gaps(db: AsyncSession, now: datetime, unit_id: str | None) -> tuple[int, int]:
    """Requests for what is missing that are overdue, and all that are open."""
    request = KnowledgeRequest
    query = select(func.count()).where(
        request.kind.in_([KnowledgeRequestKind.GAP, KnowledgeRequestKind.AMENDMENT]),
        request.state != KnowledgeRequestState.CLOSED,
    )
    if unit_id is not None:
        query = query.where(request.unit_id == unit_id)
    return await db.scalar(query.where(request.due_at < now)) or 0, await db.scalar(query) or 0
