"""Queries on the knowledge base."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.catalogue.models import CatalogueItem
from crm.knowledge.asking import ask
from crm.knowledge.content import KnowledgeContent
from crm.knowledge.guards import KnowledgeReader
from crm.knowledge.models import KnowledgeCategory, KnowledgeEntry, KnowledgeVersion
from crm.knowledge.reviewing import REMIND_BEFORE, ReviewReminder
from crm.knowledge.schemas import KnowledgeList, KnowledgeQuery
from crm.knowledge.search_index import ANYWHERE, KnowledgeSearch, facet, typed_alternatives
from crm.knowledge.state import KnowledgeState, RevisionState
from crm.units.models import Specialist
from hotline.accounts.roles import Role
from hotline.kernel.paging import Slice, fetch_page
from hotline.kernel.search import is_hit
from hotline.kernel.trees import below

_E = KnowledgeEntry
UNUSED = timedelta(days=90)
_UNDER_WAY = sorted(set(RevisionState) - {RevisionState.NONE})
_RETIRED = (KnowledgeState.EXPIRED, KnowledgeState.WITHDRAWN)


def readable(reader: KnowledgeReader) -> ColumnElement[bool]:
    """Published entries are everybody's; the others, and revisions, are their unit's and the hotline's editors'."""
    published: ColumnElement[bool] = _E.state == KnowledgeState.PUBLISHED
    return published if (own := _own(reader)) is None else or_(published, own)


def _own(reader: KnowledgeReader) -> ColumnElement[bool] | None:
    if reader.hotline:
        return _E.id.is_not(None)
    return _E.unit_id.in_(sorted(reader.units)) if reader.units else None


async def page(
    db: AsyncSession, query: KnowledgeQuery, reader: KnowledgeReader, *, today: date, midnight: datetime
) -> Slice[KnowledgeEntry]:
    """What is published most used first, what is to be reviewed most pressing first, the rest newest first. See
    `find_knowledge` for a search of what is published. `midnight` is when today began.
    """
    statement = await _filtered(db, select(_E).where(_listed(query.list, reader, today, midnight)), query)
    match query.list:
        case KnowledgeList.PUBLISHED:
            return await fetch_page(db, statement, query, by=[_E.uses, _E.id])
        case KnowledgeList.REVIEW_DUE:
            return await fetch_page(db, statement, query, by=[_E.review_due_on, _E.id], descending=False)
        case _:
            return await fetch_page(db, statement, query, by=[_E.id])


async def counts(
    db: AsyncSession, reader: KnowledgeReader, *, today: date, midnight: datetime
) -> dict[KnowledgeList, int]:
    """How many wait in each list but the published and the retired ones."""
    waiting = [one for one in KnowledgeList if one not in (KnowledgeList.PUBLISHED, KnowledgeList.RETIRED)]
    parts = [
        select(func.count()).select_from(_E).where(_listed(one, reader, today, midnight)).scalar_subquery()
        for one in waiting
    ]
    found = (await db.execute(select(*parts))).one()
    return dict(zip(waiting, found, strict=True))


def _listed(name: KnowledgeList, reader: KnowledgeReader, today: date, midnight: datetime) -> ColumnElement[bool]:
    if name is KnowledgeList.PUBLISHED:
        return _E.state == KnowledgeState.PUBLISHED
    own = _own(reader)
    if name is KnowledgeList.REVIEW_DUE and Role.SUPERVISOR in reader.who.roles:
        own = _E.id.is_not(None)
    return _E.id.is_(None) if own is None else and_(own, _waiting(name, reader, today, midnight))


def _waiting(name: KnowledgeList, reader: KnowledgeReader, today: date, midnight: datetime) -> ColumnElement[bool]:
    match name:
        case KnowledgeList.MINE:
            return and_(_E.revised_by == reader.who.user_id, _E.revision_state.in_(_UNDER_WAY))
        case KnowledgeList.DRAFTS:
            return _E.revision_state == RevisionState.DRAFT
        case KnowledgeList.TO_APPROVE:
            return _E.revision_state == RevisionState.UNIT_REVIEW
        case KnowledgeList.TO_PUBLISH:
            return _E.revision_state.in_([RevisionState.EDITOR_REVIEW, RevisionState.SCHEDULED])
        case KnowledgeList.REVIEW_DUE:
            return and_(_E.state == KnowledgeState.PUBLISHED, _E.review_due_on <= today)
        case KnowledgeList.NEVER_USED:
            return and_(_E.state == KnowledgeState.PUBLISHED, _E.uses == 0, _E.published_at < midnight - UNUSED)
        case KnowledgeList.RETIRED:
            return _E.state.in_(_RETIRED)
        case KnowledgeList.PUBLISHED:
            return _E.state == KnowledgeState.PUBLISHED


async def _filtered(db: AsyncSession, statement: Select[Any], query: KnowledgeQuery) -> Select[Any]:
    for column, wanted in ((_E.kind, query.kind), (_E.scope, query.scope), (_E.unit_id, query.unit_id)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if query.category_id is not None:
        ids = below(await category_parents(db), query.category_id)
        statement = statement.where(_E.category_id.in_(sorted(ids)))
    for name, value in (("stage", query.stage), ("industry", query.industry)):
        if value:
            statement = statement.where(is_hit(_E.id, KnowledgeSearch, [[facet(name, value)]], most=None))
    if query.search.strip():
        statement = statement.where(is_found(query.search))
    return statement


def is_found(search: str) -> ColumnElement[bool]:
    """All the words are in the entry, whatever its state. A search of nothing but punctuation finds nothing."""
    words = [typed_alternatives(word, ANYWHERE) for word in ask(search).words]
    return is_hit(_E.id, KnowledgeSearch, [words], most=None) if words else _E.id.is_(None)


async def rows_of(db: AsyncSession, ids: Sequence[str]) -> Sequence[KnowledgeEntry]:
    """In the order of `ids`."""
    found = {row.id: row for row in await db.scalars(select(_E).where(_E.id.in_(ids)))} if ids else {}
    return [found[id] for id in ids if id in found]


async def filters_of(db: AsyncSession, query: KnowledgeQuery) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What the list's filters ask for, as facets of the search."""
    found: dict[str, str | None] = {
        "kind": query.kind,
        "scope": query.scope,
        "unit": query.unit_id,
        "stage": query.stage,
    }
    found["industry"] = query.industry or None
    facets: list[tuple[str, tuple[str, ...]]] = [
        (name, (str(value),)) for name, value in found.items() if value is not None
    ]
    if query.category_id is not None:
        facets.append(("category", tuple(sorted(below(await category_parents(db), query.category_id)))))
    return tuple(facets)


async def contents(db: AsyncSession, rows: Sequence[KnowledgeEntry]) -> list[tuple[str, KnowledgeContent]]:
    """(entry id, what it says): what is published, or was last, else the revision."""
    return [(id, KnowledgeContent.model_validate(said)) for id, said in (await stored_contents(db, rows)).items()]


async def stored_contents(db: AsyncSession, rows: Sequence[KnowledgeEntry]) -> dict[str, dict[str, Any]]:
    """The same as it is stored, by entry."""
    versions = await published(db, rows)
    found = {row.id: versions[row.id].content if row.id in versions else row.revision for row in rows}
    return {id: content for id, content in found.items() if content is not None}


async def entry(
    db: AsyncSession, entry_id: str, reader: KnowledgeReader, *, lock: bool = False
) -> KnowledgeEntry | None:
    query = select(_E).where(_E.id == entry_id, readable(reader))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await db.scalars(query)).one_or_none()


async def entry_of_id(db: AsyncSession, entry_id: str) -> KnowledgeEntry | None:
    return await db.get(KnowledgeEntry, entry_id)


async def versions(db: AsyncSession, entry_id: str) -> Sequence[KnowledgeVersion]:
    """The newest first."""
    query = select(KnowledgeVersion).where(KnowledgeVersion.entry_id == entry_id)
    return (await db.scalars(query.order_by(KnowledgeVersion.number.desc()))).all()


async def version(db: AsyncSession, entry_id: str, number: int) -> KnowledgeVersion | None:
    query = select(KnowledgeVersion).where(KnowledgeVersion.entry_id == entry_id, KnowledgeVersion.number == number)
    return (await db.scalars(query)).one_or_none()


async def published(db: AsyncSession, rows: Sequence[KnowledgeEntry]) -> dict[str, KnowledgeVersion]:
    """The version that was published last, by entry."""
    ids = [row.id for row in rows if row.published_number is not None]
    query = (
        select(KnowledgeVersion)
        .join(_E, and_(_E.id == KnowledgeVersion.entry_id, _E.published_number == KnowledgeVersion.number))
        .where(_E.id.in_(ids))
    )
    return {row.entry_id: row for row in await db.scalars(query)} if ids else {}


async def subjects(db: AsyncSession, ids: Collection[str], reader: KnowledgeReader) -> dict[str, str]:
    """Names of catalogue items, specialists and of entries that the reader may read, by id."""
    if not ids:
        return {}
    wanted = sorted(ids)
    found: dict[str, str] = {}
    for query in (
        select(CatalogueItem.id, CatalogueItem.name).where(CatalogueItem.id.in_(wanted)),
        select(Specialist.id, Specialist.name).where(Specialist.id.in_(wanted)),
        select(_E.id, _E.title).where(_E.id.in_(wanted), readable(reader)),
    ):
        found |= {id: text for id, text in await db.execute(query)}
    return found


async def existing(db: AsyncSession, column: Any, ids: Iterable[str]) -> set[str]:
    """Those of `ids` that the column holds."""
    wanted = sorted(set(ids))
    return set(await db.scalars(select(column).where(column.in_(wanted)))) if wanted else set()


async def due(db: AsyncSession, *, now: datetime, today: date, after: str, most: int) -> Sequence[KnowledgeEntry]:
    """Entries whose moment has come: to be published, or past their last day; those with a later id. Locked."""
    expired = and_(_E.state == KnowledgeState.PUBLISHED, _E.expires_on < today)
    scheduled = and_(_E.revision_state == RevisionState.SCHEDULED, _E.publish_at <= now)
    query = (
        select(_E)
        .where(_E.id > after, or_(expired, scheduled))
        .order_by(_E.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return (await db.scalars(query)).all()


async def to_remind(db: AsyncSession, *, today: date, most: int) -> Sequence[KnowledgeEntry]:
    """Published entries of whose review or last day the unit is to be reminded. Locked."""
    ahead = today + REMIND_BEFORE
    review = or_(
        and_(_E.review_due_on <= ahead, _E.review_reminded < ReviewReminder.SOON),
        and_(_E.review_due_on <= today, _E.review_reminded < ReviewReminder.DUE),
        and_(_E.review_due_on < today, _E.review_reminded < ReviewReminder.OVERDUE),
    )
    expiring = and_(_E.expires_on <= ahead, _E.expiry_alerted.is_(False))
    query = select(_E).where(_E.state == KnowledgeState.PUBLISHED, or_(review, expiring))
    return (await db.scalars(query.order_by(_E.id).limit(most).with_for_update(skip_locked=True))).all()


async def categories(db: AsyncSession) -> Sequence[KnowledgeCategory]:
    query = select(KnowledgeCategory).order_by(KnowledgeCategory.position, KnowledgeCategory.name, KnowledgeCategory.id)
    return (await db.scalars(query)).all()


async def category(db: AsyncSession, category_id: str) -> KnowledgeCategory | None:
    return await db.get(KnowledgeCategory, category_id)


async def category_parents(db: AsyncSession, *, lock: bool = False) -> dict[str, str | None]:
    """Each category's id and its parent's. Locked, so that no two changes together make a cycle."""
    query = select(KnowledgeCategory.id, KnowledgeCategory.parent_id).order_by(KnowledgeCategory.id)
    return {id: parent for id, parent in await db.execute(query.with_for_update() if lock else query)}
