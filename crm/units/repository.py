"""Queries on units and specialists."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from crm.units.models import PhoneKind, Specialist, SpecialistPhone, Unit

_WHOLE = selectinload(Unit.specialists).selectinload(Specialist.phones)


async def units(db: AsyncSession, *, active: bool) -> Sequence[Unit]:
    """Units in use, or those closed, by name, with everybody they name."""
    query = select(Unit).where(Unit.active == active).order_by(Unit.name).options(_WHOLE)
    return (await db.scalars(query)).all()


async def unit(db: AsyncSession, unit_id: str, *, lock: bool = False) -> Unit | None:
    query = select(Unit).where(Unit.id == unit_id).options(_WHOLE)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await db.scalars(query)).one_or_none()


async def name_taken(db: AsyncSession, name: str, *, besides: str | None) -> bool:
    query = select(Unit.id).where(Unit.name == name, Unit.id != (besides or ""))
    return (await db.scalars(query)).first() is not None


async def parents(db: AsyncSession) -> dict[str, str | None]:
    """The tree: each unit's id and its parent's. Locked, so that no two changes together make a cycle."""
    query = select(Unit.id, Unit.parent_id).order_by(Unit.id).with_for_update()
    return {id: parent for id, parent in await db.execute(query)}


async def specialist(db: AsyncSession, specialist_id: str) -> Specialist | None:
    """The specialist with unit and phones."""
    query = (
        select(Specialist)
        .where(Specialist.id == specialist_id)
        .options(joinedload(Specialist.unit), selectinload(Specialist.phones))
    )
    return (await db.scalars(query)).one_or_none()


async def by_internal_phone(db: AsyncSession, number: str) -> Specialist | None:
    """A specialist, with the unit, who has this number as an internal phone."""
    query = (
        select(Specialist)
        .join(Specialist.phones)
        .where(SpecialistPhone.kind == PhoneKind.INTERNAL, SpecialistPhone.number == number)
        .order_by(Specialist.id)
        .limit(1)
        .options(joinedload(Specialist.unit))
    )
    return (await db.scalars(query)).first()
