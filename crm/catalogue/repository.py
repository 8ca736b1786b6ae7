"""Queries on the catalogue."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.catalogue.models import CatalogueItem
from crm.catalogue.outline import Outline, UnitLabel
from crm.catalogue.schemas import MOST_LEVELS
from crm.units.models import Unit


async def outline(db: AsyncSession) -> Outline:
    """The whole catalogue by code, and the names of the units."""
    rows = (await db.scalars(select(CatalogueItem).order_by(CatalogueItem.code))).all()
    units = {
        id: UnitLabel(name, active) for id, name, active in await db.execute(select(Unit.id, Unit.name, Unit.active))
    }
    return Outline(rows, units)


async def item(db: AsyncSession, item_id: str, *, lock: bool = False) -> CatalogueItem | None:
    query = select(CatalogueItem).where(CatalogueItem.id == item_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await db.scalars(query)).one_or_none()


async def parents(db: AsyncSession) -> dict[str, str | None]:
    """Each item's id and its parent's. Locked, so that no two changes together make a cycle, or a sixth level."""
    query = select(CatalogueItem.id, CatalogueItem.parent_id).order_by(CatalogueItem.id).with_for_update()
    return {id: parent for id, parent in await db.execute(query)}


async def code_taken(db: AsyncSession, code: str, *, excluding: str | None) -> bool:
    query = select(CatalogueItem.id).where(CatalogueItem.code == code, CatalogueItem.id != (excluding or ""))
    return (await db.scalars(query)).first() is not None


async def active_below(db: AsyncSession, item_id: str) -> int:
    query = select(func.count()).where(CatalogueItem.parent_id == item_id, CatalogueItem.active)
    return await db.scalar(query) or 0


async def unit_active(db: AsyncSession, unit_id: str) -> bool:
    return await db.scalar(select(Unit.id).where(Unit.id == unit_id, Unit.active)) is not None


async def revision(db: AsyncSession) -> tuple[int, int, int]:
    """Differs after each change of the catalogue or of a unit that suggestions depend on."""
    items = (await db.execute(select(func.count(), func.coalesce(func.sum(CatalogueItem.version), 0)))).one()
    units = await db.scalar(select(func.coalesce(func.sum(Unit.version), 0)))
    return int(items[0]), int(items[1]), int(units or 0)


async def limit_source(db: AsyncSession, item_id: str) -> CatalogueItem | None:
    """As `Outline.limit_source`, without reading the whole catalogue; None for an unknown item too."""
    next_id: str | None = item_id
    for _ in range(MOST_LEVELS):
        found = await db.get(CatalogueItem, next_id) if next_id else None
        if found is None or found.limit_amount is not None:
            return found
        next_id = found.parent_id
    return None
