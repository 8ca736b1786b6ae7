"""Queries on announcements."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callflow.announcements.models import MENU, AnnouncementRow, MenuSwitchRow


async def announcements(db: AsyncSession) -> Sequence[AnnouncementRow]:
    """All of them, by topic."""
    return (await db.scalars(select(AnnouncementRow).order_by(AnnouncementRow.topic, AnnouncementRow.id))).all()


async def locked(db: AsyncSession, announcement_id: str) -> AnnouncementRow | None:
    query = select(AnnouncementRow).where(AnnouncementRow.id == announcement_id).with_for_update()
    return (await db.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def count(db: AsyncSession) -> int:
    return await db.scalar(select(func.count()).select_from(AnnouncementRow)) or 0


async def menu_switch(db: AsyncSession, *, lock: bool = False) -> MenuSwitchRow | None:
    query = select(MenuSwitchRow).where(MenuSwitchRow.id == MENU)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await db.scalars(query)).one_or_none()
