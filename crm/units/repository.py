"""Queries on units and specialists."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from crm.units.models import PhoneKind, Specialist, SpecialistPhone, Unit
from hotline.accounts.models import User
from hotline.kernel.trees import below

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


async def name_taken(db: AsyncSession, name: str, *, excluding: str | None) -> bool:
    query = select(Unit.id).where(Unit.name == name, Unit.id != (excluding or ""))
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


async def specialist_of_user(db: AsyncSession, user_id: str) -> Specialist | None:
    """The active specialist whom this user is, with unit and phones, while both belong to the same organisation."""
    query = (
        select(Specialist)
        .join(Unit, Unit.id == Specialist.unit_id)
        .join(User, (User.id == Specialist.user_id) & (User.organisation_id == Unit.organisation_id))
        .where(Specialist.user_id == user_id, Specialist.active, Unit.active)
        .options(joinedload(Specialist.unit))
    )
    return (await db.scalars(query)).one_or_none()


async def is_specialist(db: AsyncSession, user_id: str, *, excluding: str) -> bool:
    """Whether the user is another specialist than `excluding`."""
    query = select(Specialist.id).where(Specialist.user_id == user_id, Specialist.id != excluding)
    return (await db.scalars(query)).first() is not None


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


async def parents_of_all(db: AsyncSession) -> dict[str, str | None]:
    """The tree as `parents`, not locked."""
    return {id: parent for id, parent in await db.execute(select(Unit.id, Unit.parent_id))}


async def unit_of_user(db: AsyncSession, user_id: str) -> str | None:
    """The unit whose organisation the user belongs to; None for whoever works for no handling unit."""
    query = select(Unit.id).join(User, User.organisation_id == Unit.organisation_id).where(User.id == user_id)
    return await db.scalar(query)


async def units_of_user(db: AsyncSession, user_id: str) -> frozenset[str]:
    """The unit of the user's organisation and all below it in the tree of units; empty for everybody else."""
    home = await unit_of_user(db, user_id)
    return frozenset() if home is None else below(await parents_of_all(db), home)


async def unit_of_organisation(db: AsyncSession, organisation_id: str) -> Unit | None:
    return (await db.scalars(select(Unit).where(Unit.organisation_id == organisation_id))).one_or_none()


async def active_below(db: AsyncSession, unit_id: str) -> int:
    """How many units in use are right below it."""
    return await db.scalar(select(func.count()).where(Unit.parent_id == unit_id, Unit.active)) or 0


async def people_of(db: AsyncSession, unit_ids: Collection[str]) -> Sequence[User]:
    """The active users of these units' organisations."""
    query = select(User).join(Unit, Unit.organisation_id == User.organisation_id)
    return (await db.scalars(query.where(Unit.id.in_(unit_ids), User.active.is_(True)))).all()


async def people(db: AsyncSession, organisation_id: str) -> Sequence[User]:
    """The users of a unit's organisation, by name; those who left too."""
    query = select(User).where(User.organisation_id == organisation_id).order_by(User.active.desc(), User.name, User.id)
    return (await db.scalars(query)).all()


async def named(db: AsyncSession, ids: Iterable[str]) -> dict[str, Unit]:
    """Those of these units that exist, without their specialists."""
    return {row.id: row for row in await db.scalars(select(Unit).where(Unit.id.in_(list(ids))))}
