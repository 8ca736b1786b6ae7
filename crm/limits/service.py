"""The city's own limits."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.repository import names_of
from crm.limits import repository
from crm.limits.errors import LimitNotFoundError, LimitVersionConflictError, UnknownHoursError
from crm.limits.keeper import limit_table
from crm.limits.models import LimitRevision, OwnLimit
from crm.limits.profiles import shipped_limits
from crm.limits.schemas import LimitChange, LimitRevisionView, LimitView
from hotline.calendars.service import CalendarService
from hotline.kernel.clock import Clock
from hotline.kernel.http import Page, PageQuery, Principal
from hotline.kernel.ids import uuid7


class LimitService:
    """Each method works in the caller's transaction."""

    def __init__(self, clock: Clock, calendars: CalendarService) -> None:
        self._clock = clock
        self._calendars = calendars

    async def limits(self, db: AsyncSession) -> list[LimitView]:
        """All in force, in the order they are shipped in."""
        versions = {row.key: row.version for row in await repository.own_limits(db)}
        rows = (await limit_table(db)).rows
        return [
            LimitView.of(row, shipped, versions.get(row.key, 0))
            for row, shipped in zip(rows, shipped_limits(), strict=True)
        ]

    async def change(
        self, db: AsyncSession, key: str, change: LimitChange, *, who: Principal
    ) -> tuple[LimitView, LimitView]:
        """Before and after. Raises LimitNotFoundError, LimitVersionConflictError, UnknownHoursError."""
        before = await self._view(db, key)
        if self._calendars.current.find(change.hours) is None:
            raise UnknownHoursError("Name a table of the calendar page, or 24x7.")
        if before.version != change.version:
            raise LimitVersionConflictError(
                f"It is at version {before.version}, not {change.version}; load it again and repeat the change.",
                version=before.version,
            )
        row = await db.get(OwnLimit, key, with_for_update=True)
        if row is None:
            row = OwnLimit(key=key, version=0)
            db.add(row)
        row.amount, row.hours, row.source = change.amount, change.hours, change.source
        row.version, row.changed_at = row.version + 1, self._clock.now()
        await db.flush()
        after = await self._view(db, key)
        db.add(
            LimitRevision(
                id=uuid7(),
                key=key,
                changed_by=who.user_id,
                changed_at=row.changed_at,
                was_amount=before.amount,
                was_hours=before.hours,
                was_source=before.source,
                amount=after.amount,
                hours=after.hours,
                source=after.source,
                reason=change.reason,
                running=await repository.running_by(db, key),
            )
        )
        return before, after

    async def revisions(self, db: AsyncSession, query: PageQuery) -> Page[LimitRevisionView]:
        """Who changed which limit, and why; the newest first."""
        found = await repository.limit_revisions(db, query)
        people = await names_of(db, {row.changed_by for row in found.rows})
        return found.page(lambda row: LimitRevisionView.of(row, people))

    async def _view(self, db: AsyncSession, key: str) -> LimitView:
        found = next((view for view in await self.limits(db) if view.key == key), None)
        if found is None:
            raise LimitNotFoundError("No limit has this key; look at the list of limits.")
        return found
