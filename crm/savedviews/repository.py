"""Queries on saved views."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.savedviews.models import SavedView


async def seen_by(db: AsyncSession, user_id: str, roles: Collection[str]) -> Sequence[SavedView]:
    """The user's own, and those shared with one of their roles; by name."""
    query = select(SavedView).where(or_(SavedView.owner_id == user_id, SavedView.shared_with.in_(sorted(roles))))
    return (await db.scalars(query.order_by(SavedView.name, SavedView.id).limit(500))).all()


async def view(db: AsyncSession, view_id: str, *, lock: bool = False) -> SavedView | None:
    query = select(SavedView).where(SavedView.id == view_id)
    return (await db.scalars(query.with_for_update() if lock else query)).one_or_none()


async def count_of(db: AsyncSession, owner_id: str) -> int:
    return await db.scalar(select(func.count()).where(SavedView.owner_id == owner_id)) or 0
