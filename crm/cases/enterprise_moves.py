"""Cases that change their enterprise when two enterprises become one, or two again."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Case

_AT_ONCE = 500


class EnterpriseCaseMoves:
    """Implements `crm.enterprises.merging.MovedCases`."""

    async def move(self, db: AsyncSession, *, source: str, target: str) -> list[str]:
        """All cases of `source` to `target`; returns their ids."""
        ids = list(await db.scalars(select(Case.id).where(Case.enterprise_id == source).order_by(Case.id)))
        await db.execute(update(Case).where(Case.enterprise_id == source).values(enterprise_id=target))
        return ids

    async def move_back(
        self, db: AsyncSession, ids: Collection[str], *, contacts: Collection[str], source: str, target: str
    ) -> int:
        """Of the cases now at `source`, those of `ids` and those of `contacts` to `target`; how many went.

        A case that names a contact belongs to the contact's enterprise.
        """
        wanted = list(ids)
        count = 0
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            query = select(Case.id).where(Case.enterprise_id == source, Case.id.in_(some))
            found = list(await db.scalars(query))
            count += len(found)
            await db.execute(update(Case).where(Case.id.in_(found)).values(enterprise_id=target))
        if contacts:
            later = select(Case.id).where(Case.enterprise_id == source, Case.contact_id.in_(list(contacts)))
            found = list(await db.scalars(later))
            count += len(found)
            for start in range(0, len(found), _AT_ONCE):
                some = found[start : start + _AT_ONCE]
                await db.execute(update(Case).where(Case.id.in_(some)).values(enterprise_id=target))
        return count
