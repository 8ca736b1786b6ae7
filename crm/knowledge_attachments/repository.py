"""Queries on files of entries."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.attachments.state import HELD, AttachmentState
from crm.knowledge_attachments.models import KnowledgeFile

_F = KnowledgeFile


async def file(db: AsyncSession, file_id: str, *, lock: bool = False) -> KnowledgeFile | None:
    return await db.get(KnowledgeFile, file_id, with_for_update=lock or None, populate_existing=lock)


async def of_entry(db: AsyncSession, entry_id: str, ids: Collection[str]) -> Sequence[KnowledgeFile]:
    """Those of these that are the entry's, oldest first."""
    query = select(_F).where(_F.entry_id == entry_id, _F.id.in_(sorted(ids))).order_by(_F.id)
    return (await db.scalars(query)).all() if ids else []


async def ready(db: AsyncSession, entry_id: str, ids: Collection[str]) -> Sequence[KnowledgeFile]:
    return [row for row in await of_entry(db, entry_id, ids) if row.state == AttachmentState.READY]


async def quarantined(db: AsyncSession, *, after: str, limit: int) -> Sequence[KnowledgeFile]:
    query = select(_F).where(_F.state == AttachmentState.QUARANTINED, _F.id > after).order_by(_F.id).limit(limit)
    return (await db.scalars(query)).all()


async def in_use(db: AsyncSession, hashes: Sequence[str]) -> set[str]:
    """Those of these contents that a file of an entry shows or will show."""
    query = select(_F.sha256).where(_F.sha256.in_(hashes), _F.state.in_(HELD)).distinct()
    return set(await db.scalars(query))
