"""Whoever looks at cases, with the units they work for."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository
from crm.cases.visibility import UNIT_STAFF, Viewer, is_staff
from crm.units import repository as units
from hotline.kernel.http import Principal
from hotline.kernel.trees import above, below


async def viewer_of(db: AsyncSession, who: Principal) -> Viewer:
    """Reads the tree of units only for units' people."""
    if is_staff(who) or UNIT_STAFF.isdisjoint(who.roles):
        return Viewer(who=who)
    home = await units.unit_of_user(db, who.user_id)
    if home is None:
        return Viewer(who=who)
    parents = await units.parents_of_all(db)
    own = below(parents, home)
    many = await repository.have_many_cases(db, own)
    return Viewer(who=who, home=home, units=own, above=frozenset(above(parents, home)), many_cases=many)
