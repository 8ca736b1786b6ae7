"""Queries on what a person, or everybody today, uses most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.knowledge.models import KnowledgeCitation, KnowledgeEntry
from crm.knowledge.state import KnowledgeState
from crm.knowledge_quick.models import KnowledgeFavourite

_F, _C, _E = KnowledgeFavourite, KnowledgeCitation, KnowledgeEntry


async def favourite(db: AsyncSession, user_id: str, entry_id: str) -> KnowledgeFavourite | None:
    return (await db.scalars(select(_F).where(_F.user_id == user_id, _F.entry_id == entry_id))).one_or_none()


async def favourite_count(db: AsyncSession, user_id: str) -> int:
    return await db.scalar(select(func.count()).where(_F.user_id == user_id)) or 0


async def forget(db: AsyncSession, user_id: str, entry_id: str) -> None:
    await db.execute(delete(_F).where(_F.user_id == user_id, _F.entry_id == entry_id))


async def favourites(db: AsyncSession, user_id: str, *, most: int) -> Sequence[str]:
    """Ids of published entries, the one starred last first."""
    query = select(_F.entry_id).join(_E, _E.id == _F.entry_id)
    query = query.where(_F.user_id == user_id, _E.state == KnowledgeState.PUBLISHED)
    return (await db.scalars(query.order_by(_F.id.desc()).limit(most))).all()


async def recently_cited(db: AsyncSession, user_id: str, *, since: datetime, most: int) -> Sequence[str]:
    """Ids of published entries that the user cited, the one cited last first."""
    last = func.max(_C.cited_at)
    query = select(_C.entry_id).join(_E, _E.id == _C.entry_id)
    query = query.where(_C.cited_by == user_id, _C.cited_at >= since, _E.state == KnowledgeState.PUBLISHED)
    return (await db.scalars(query.group_by(_C.entry_id).order_by(last.desc(), _C.entry_id).limit(most))).all()


async def most_cited(db: AsyncSession, *, since: datetime, most: int) -> Sequence[str]:
    """Ids of published entries, the one cited most first."""
    query = select(_C.entry_id).join(_E, _E.id == _C.entry_id)
    query = query.where(_C.cited_at >= since, _E.state == KnowledgeState.PUBLISHED)
    return (await db.scalars(query.group_by(_C.entry_id).order_by(func.count().desc(), _C.entry_id).limit(most))).all()
