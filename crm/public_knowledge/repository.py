"""Queries of the public knowledge base: nothing but what is published for everybody, and still holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.knowledge.finding import KnowledgeFilter, KnowledgeHits, find_knowledge, page_of
from crm.knowledge.models import AnswerScope, KnowledgeCategory, KnowledgeEntry
from crm.knowledge.repository import category_parents, filters_of, rows_of
from crm.knowledge.schemas import KnowledgeQuery
from crm.knowledge.state import KnowledgeState
from crm.public_knowledge.schemas import PublicKnowledgeQuery
from hotline.kernel.paging import Slice, fetch_page
from hotline.kernel.trees import below

_E = KnowledgeEntry
_COUNTED = 1000


def open_to_all(today: date) -> ColumnElement[bool]:
    """Also between an entry's last day and the sweep that hides it."""
    return and_(
        _E.scope == AnswerScope.PUBLIC,
        _E.state == KnowledgeState.PUBLISHED,
        or_(_E.expires_on.is_(None), _E.expires_on >= today),
    )


async def page(db: AsyncSession, query: PublicKnowledgeQuery, *, today: date) -> Slice[KnowledgeEntry]:
    """Without a search. The newest first: a cursor holds the sort key, and how often an entry is cited is nobody's."""
    statement = select(_E).where(open_to_all(today))
    if query.kind is not None:
        statement = statement.where(_E.kind == query.kind)
    if query.category_id is not None:
        ids = below(await category_parents(db), query.category_id)
        statement = statement.where(_E.category_id.in_(sorted(ids)))
    return await fetch_page(db, statement, query, by=[_E.published_at, _E.id], with_total=True, most_counted=_COUNTED)


async def found(
    db: AsyncSession, query: PublicKnowledgeQuery, *, now: datetime, today: date
) -> tuple[Slice[KnowledgeEntry], KnowledgeHits]:
    """By a search, the best first; and all that it found."""
    asked = KnowledgeQuery(kind=query.kind, scope=AnswerScope.PUBLIC, category_id=query.category_id)
    hits = await find_knowledge(db, query.search, now=now, wanted=KnowledgeFilter(await filters_of(db, asked)))
    ids, after = page_of(hits, query)
    open_ids = set(await db.scalars(select(_E.id).where(open_to_all(today), _E.id.in_(ids))))
    rows = await rows_of(db, [id for id in ids if id in open_ids])
    return Slice(rows, after, len(hits.hits)), hits


async def titles(db: AsyncSession, ids: Collection[str], *, today: date) -> dict[str, str]:
    """Those of these entries that are open to all."""
    query = select(_E.id, _E.title).where(open_to_all(today), _E.id.in_(sorted(ids)))
    return {id: title for id, title in await db.execute(query)} if ids else {}


async def addresses(db: AsyncSession, *, today: date, most: int) -> Sequence[tuple[str, datetime | None]]:
    """Ids, and when each was published; the newest first."""
    query = select(_E.id, _E.published_at).where(open_to_all(today))
    found = await db.execute(query.order_by(_E.published_at.desc(), _E.id.desc()).limit(most))
    return [(id, at) for id, at in found]


async def category_tree(db: AsyncSession) -> Sequence[KnowledgeCategory]:
    """Those in use."""
    query = select(KnowledgeCategory).where(KnowledgeCategory.active)
    order = (KnowledgeCategory.position, KnowledgeCategory.name, KnowledgeCategory.id)
    return (await db.scalars(query.order_by(*order))).all()
