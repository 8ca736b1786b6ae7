"""Queries of merges and notes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm.enterprises.models import Contact, EnterpriseMerge, EnterpriseNote
from hotline.kernel.paging import PageQuery, Slice, fetch_page


async def merge(db: AsyncSession, merge_id: str) -> EnterpriseMerge | None:
    query = select(EnterpriseMerge).where(EnterpriseMerge.id == merge_id).with_for_update()
    return (await db.scalars(query)).one_or_none()


async def merges_of(db: AsyncSession, enterprise_id: str) -> Sequence[EnterpriseMerge]:
    """The merges that this enterprise took part in, the newest first."""
    query = select(EnterpriseMerge).where(
        or_(EnterpriseMerge.survivor_id == enterprise_id, EnterpriseMerge.merged_id == enterprise_id)
    )
    return (await db.scalars(query.order_by(EnterpriseMerge.id.desc()).limit(100))).all()


async def move_contacts(db: AsyncSession, ids: Collection[str], *, source: str, target: str) -> int:
    """Those of `ids` that are at `source` to `target`; how many went."""
    query = select(Contact.id).where(Contact.enterprise_id == source, Contact.id.in_(list(ids)))
    found = list(await db.scalars(query))
    await db.execute(update(Contact).where(Contact.id.in_(found)).values(enterprise_id=target))
    return len(found)


async def move_notes(db: AsyncSession, *, source: str, target: str) -> list[str]:
    """All notes on `source` to `target`; returns their ids."""
    ids = list(await db.scalars(select(EnterpriseNote.id).where(EnterpriseNote.enterprise_id == source)))
    await db.execute(update(EnterpriseNote).where(EnterpriseNote.enterprise_id == source).values(enterprise_id=target))
    return sorted(ids)


async def move_back_notes(db: AsyncSession, ids: Collection[str], *, source: str, target: str) -> int:
    wanted = list(ids)
    count = 0
    for start in range(0, len(wanted), 500):
        query = select(EnterpriseNote.id).where(
            EnterpriseNote.enterprise_id == source, EnterpriseNote.id.in_(wanted[start : start + 500])
        )
        found = list(await db.scalars(query))
        count += len(found)
        await db.execute(update(EnterpriseNote).where(EnterpriseNote.id.in_(found)).values(enterprise_id=target))
    return count


async def notes(db: AsyncSession, enterprise_id: str, query: PageQuery) -> Slice[EnterpriseNote]:
    """The newest first."""
    statement = select(EnterpriseNote).where(EnterpriseNote.enterprise_id == enterprise_id)
    return await fetch_page(db, statement, query, by=[EnterpriseNote.id])
