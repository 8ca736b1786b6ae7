"""Queries of what is to be indexed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.knowledge.models import KnowledgeEntry, KnowledgeVersion
from crm.knowledge.search_index import KnowledgeSearch

_E = KnowledgeEntry


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """What its tokens are made of."""

    id: str
    version: int
    unit_id: str | None
    state: str
    content: str | None
    """As JSON: what is published, or was last, else the revision."""


async def entries_to_index(
    db: AsyncSession, after: str, *, unless_of: int | None, most: int, only: Collection[str] | None = None
) -> list[StoredEntry]:
    """Entries after the one with this id; those only that the search has not by the tokens of this scheme."""
    said = func.coalesce(cast(KnowledgeVersion.content, Text), cast(_E.revision, Text))
    versions = and_(_E.id == KnowledgeVersion.entry_id, _E.published_number == KnowledgeVersion.number)
    columns: list[Any] = [_E.id, _E.version, _E.unit_id, _E.state, said]
    query: Select[Any] = select(*columns).outerjoin(KnowledgeVersion, versions).where(_E.id > after)
    if unless_of is not None:
        query = query.where(_not_of(unless_of))
    if only is not None:
        query = query.where(_E.id.in_(sorted(only)))
    return [StoredEntry(*row) for row in await db.execute(query.order_by(_E.id).limit(most))]


async def count_stale(db: AsyncSession, scheme: int) -> int:
    """Entries that the search has not by the tokens of this scheme."""
    return await db.scalar(select(func.count()).select_from(_E).where(_not_of(scheme))) or 0


def _not_of(scheme: int) -> ColumnElement[bool]:
    return _E.id.not_in(select(KnowledgeSearch.subject_id).where(KnowledgeSearch.scheme == scheme))


async def entry_versions(db: AsyncSession) -> dict[str, int]:
    """Of every entry the version of its row."""
    return {id: version for id, version in await db.execute(select(_E.id, _E.version))}


async def present_entries(db: AsyncSession, ids: Collection[str]) -> set[str]:
    """Those of them that there are."""
    return set(await db.scalars(select(_E.id).where(_E.id.in_(sorted(ids)))))


async def locked_versions(db: AsyncSession, ids: Collection[str]) -> dict[str, int]:
    """By entry the version of its row; none of them changes before the transaction ends."""
    query = select(_E.id, _E.version).where(_E.id.in_(sorted(ids))).with_for_update(read=True)
    return {id: version for id, version in await db.execute(query)}
