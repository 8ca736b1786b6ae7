"""Queries on knowledge requests; only on those that the reader may know of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Case
from crm.cases.repository import visible
from crm.cases.visibility import Viewer
from crm.knowledge.guards import KnowledgeReader
from crm.knowledge.models import KnowledgeEntry
from crm.knowledge.repository import readable
from crm.knowledge_requests.guards import sees_all
from crm.knowledge_requests.models import KnowledgeMiss, KnowledgeRequest
from crm.knowledge_requests.schemas import KnowledgeRequestList, KnowledgeRequestQuery
from crm.knowledge_requests.state import UNANSWERED, WAITING, KnowledgeRequestState
from hotline.kernel.paging import Slice, fetch_page

_Q = KnowledgeRequest
_WAITING = sorted(WAITING)
_UNANSWERED = sorted(UNANSWERED)
COUNTED = (
    *(KnowledgeRequestList.WAITING, KnowledgeRequestList.OVERDUE),
    *(KnowledgeRequestList.TO_AGREE, KnowledgeRequestList.ANSWERED),
)


def known_to(reader: KnowledgeReader) -> ColumnElement[bool]:
    """The hotline's knowledge editors and supervisors see all, a unit its own, everybody what they made."""
    if sees_all(reader):
        return _Q.id.is_not(None)
    of_unit = _Q.unit_id.in_(sorted(reader.units)) if reader.units else false()
    return or_(_Q.made_by == reader.who.user_id, of_unit)


def _listed(name: KnowledgeRequestList, reader: KnowledgeReader, now: datetime) -> ColumnElement[bool]:
    match name:
        case KnowledgeRequestList.WAITING:
            return _Q.state.in_(_WAITING)
        case KnowledgeRequestList.OVERDUE:
            return and_(_Q.state.in_(_UNANSWERED), _Q.due_at < now)
        case KnowledgeRequestList.TO_AGREE:
            return _Q.state == KnowledgeRequestState.DECLINED
        case KnowledgeRequestList.ANSWERED:
            return _Q.state == KnowledgeRequestState.ANSWERED
        case KnowledgeRequestList.MADE_BY_ME:
            return _Q.made_by == reader.who.user_id
        case KnowledgeRequestList.CLOSED:
            return _Q.state == KnowledgeRequestState.CLOSED


async def page(
    db: AsyncSession, query: KnowledgeRequestQuery, reader: KnowledgeReader, *, now: datetime
) -> Slice[KnowledgeRequest]:
    """What waits by its limit, the rest the newest first."""
    statement = select(_Q).where(known_to(reader), _listed(query.list, reader, now))
    for column, wanted in ((_Q.kind, query.kind), (_Q.unit_id, query.unit_id), (_Q.entry_id, query.entry_id)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if query.list in (KnowledgeRequestList.WAITING, KnowledgeRequestList.OVERDUE):
        return await fetch_page(db, statement, query, by=[_Q.due_at, _Q.id], descending=False)
    return await fetch_page(db, statement, query, by=[_Q.id])


async def counts(db: AsyncSession, reader: KnowledgeReader, *, now: datetime) -> dict[KnowledgeRequestList, int]:
    parts = [
        select(func.count()).select_from(_Q).where(known_to(reader), _listed(one, reader, now)).scalar_subquery()
        for one in COUNTED
    ]
    found = (await db.execute(select(*parts))).one()
    return dict(zip(COUNTED, found, strict=True))


async def request(
    db: AsyncSession, request_id: str, reader: KnowledgeReader, *, lock: bool = False
) -> KnowledgeRequest | None:
    query = select(_Q).where(_Q.id == request_id, known_to(reader))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await db.scalars(query)).one_or_none()


async def request_of_id(db: AsyncSession, request_id: str) -> KnowledgeRequest | None:
    return await db.get(KnowledgeRequest, request_id)


async def answered_by(db: AsyncSession, entry_id: str) -> Sequence[KnowledgeRequest]:
    """Those that this entry's publication closes. Locked."""
    query = select(_Q).where(_Q.answer_id == entry_id, _Q.state == KnowledgeRequestState.ANSWERED)
    return (await db.scalars(query.order_by(_Q.id).with_for_update())).all()


async def overdue(db: AsyncSession, *, now: datetime, most: int) -> Sequence[KnowledgeRequest]:
    """Those whose limit ran out, and of whom nobody was notified yet. Locked."""
    query = select(_Q).where(_Q.state.in_(_UNANSWERED), _Q.due_at < now, _Q.alerted_at.is_(None))
    return (await db.scalars(query.order_by(_Q.due_at, _Q.id).limit(most).with_for_update(skip_locked=True))).all()


async def entry_titles(db: AsyncSession, ids: set[str], reader: KnowledgeReader) -> dict[str, str]:
    """Of those entries that the reader may read."""
    query = select(KnowledgeEntry.id, KnowledgeEntry.title).where(KnowledgeEntry.id.in_(sorted(ids)), readable(reader))
    return {id: title for id, title in await db.execute(query)} if ids else {}


async def forget_miss(db: AsyncSession, miss_id: str) -> None:
    await db.execute(delete(KnowledgeMiss).where(KnowledgeMiss.id == miss_id))


async def case_numbers(db: AsyncSession, ids: set[str], viewer: Viewer) -> dict[str, str]:
    """Numbers by id, of the cases that the viewer may know of."""
    if not ids:
        return {}
    found = await db.scalars(visible(select(Case).where(Case.id.in_(sorted(ids))), viewer))
    return {row.id: row.number for row in found}
