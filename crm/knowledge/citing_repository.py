"""Queries on what cites entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Case
from crm.cases.repository import visible
from crm.cases.visibility import Viewer
from crm.knowledge.models import KnowledgeCitation, KnowledgeEntry, KnowledgeVersion
from crm.knowledge.state import KnowledgeState

_E = KnowledgeEntry


async def citable(db: AsyncSession, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], KnowledgeVersion]:
    """Versions by entry and number, of entries that are published now."""
    pairs = set(wanted)
    query = (
        select(KnowledgeVersion)
        .join(_E, _E.id == KnowledgeVersion.entry_id)
        .where(_E.state == KnowledgeState.PUBLISHED, KnowledgeVersion.entry_id.in_(sorted({id for id, _ in pairs})))
    )
    found = {(row.entry_id, row.number): row for row in await db.scalars(query)} if pairs else {}
    return {pair: row for pair, row in found.items() if pair in pairs}


async def cite(db: AsyncSession, rows: Sequence[KnowledgeCitation]) -> None:
    """Add citations, and count the use of each entry."""
    db.add_all(rows)
    await db.flush()
    for entry_id in sorted({row.entry_id for row in rows}):
        await db.execute(update(_E).where(_E.id == entry_id).values(uses=_E.uses + 1))


async def citing_cases(
    db: AsyncSession, entry_id: str, viewer: Viewer, *, most: int
) -> Sequence[tuple[str, int, datetime]]:
    """Number of the case, number of the version and moment of the latest citations that the viewer may know of."""
    columns: list[Any] = [Case.number, KnowledgeVersion.number, KnowledgeCitation.cited_at]
    query: Select[Any] = (
        select(*columns)
        .join(KnowledgeCitation, KnowledgeCitation.case_id == Case.id)
        .join(KnowledgeVersion, KnowledgeVersion.id == KnowledgeCitation.version_id)
        .where(KnowledgeCitation.entry_id == entry_id)
        .order_by(KnowledgeCitation.id.desc())
    )
    found = await db.execute(visible(query, viewer).limit(most))
    return [(row[0], row[1], row[2]) for row in found]


async def count_citing(db: AsyncSession, entry_id: str) -> dict[int, int]:
    """How many cases cite each version."""
    query = (
        select(KnowledgeVersion.number, func.count())
        .join(KnowledgeCitation, KnowledgeCitation.version_id == KnowledgeVersion.id)
        .where(KnowledgeCitation.entry_id == entry_id)
        .group_by(KnowledgeVersion.number)
    )
    return {number: count for number, count in await db.execute(query)}
