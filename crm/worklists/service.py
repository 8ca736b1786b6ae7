"""Work lists: each user's own, with what is in them, and the next case of a pool."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository as cases
from crm.cases.details.common import PlainMove
from crm.cases.models import Case
from crm.cases.moves import CaseMoves
from crm.cases.schemas import CaseRow
from crm.cases.service import Audit
from crm.cases.state import CaseAction
from crm.cases.viewers import viewer_of
from crm.cases.visibility import Viewer
from crm.enterprises import repository as enterprises
from crm.units import repository as units
from crm.worklists import repository
from crm.worklists.errors import NotAPoolError, WorkListHiddenError
from crm.worklists.rules import RULES, ListContext, WorkListName, lists_of
from crm.worklists.schemas import ClaimedCase, WorkListCount, WorkListQuery, WorkListRow
from hotline.kernel.clock import Clock
from hotline.kernel.http import Principal
from hotline.kernel.paging import Page, Slice
from hotline.kernel.trees import below


class WorkListService:
    """Each method works in the caller's transaction. Those on a list raise WorkListHiddenError for another's."""

    def __init__(self, clock: Clock, moves: CaseMoves, zone: ZoneInfo) -> None:
        self._clock = clock
        self._moves = moves
        self._zone = zone

    async def counts(self, db: AsyncSession, *, who: Principal) -> list[WorkListCount]:
        """The user's lists in their order."""
        context = await self._context(db, who)
        names = lists_of(context.viewer)
        found = await repository.counts(db, [name for name in names if RULES[name].counted], context)
        return [_count(name, found.get(name)) for name in names]

    async def page(
        self, db: AsyncSession, name: WorkListName, query: WorkListQuery, *, who: Principal
    ) -> Page[WorkListRow]:
        found, viewer = await self.slice(db, name, query, who=who)
        rows = {row.id: row for row in await self._rows(db, found.rows, viewer)}
        return found.page(lambda case: rows[case.id])

    async def slice(
        self, db: AsyncSession, name: WorkListName, query: WorkListQuery, *, who: Principal
    ) -> tuple[Slice[Case], Viewer]:
        context = await self._allowed(db, name, who)
        within = sorted(below(await units.parents_of_all(db), query.unit_id)) if query.unit_id else None
        return await repository.page(db, name, query, context, units=within), context.viewer

    async def claim_next(
        self, db: AsyncSession, name: WorkListName, request_id: str, *, who: Principal, audit: Audit
    ) -> ClaimedCase:
        """The next case of a pool, claimed; one that the user has claimed already and not finished comes first."""
        context = await self._allowed(db, name, who)
        if not RULES[name].pool:
            raise NotAPoolError("Its cases are not claimed: open one.")
        case = await repository.next_unclaimed(db, name, context)
        if case is None:
            return ClaimedCase(id=None, number=None)
        if case.claimed_by is None:
            claim = PlainMove(version=case.version, request_id=request_id)
            await self._moves.move(db, case.id, CaseAction.CLAIM, claim, who=who, audit=audit)
        return ClaimedCase(id=case.id, number=case.number)

    async def _allowed(self, db: AsyncSession, name: WorkListName, who: Principal) -> ListContext:
        context = await self._context(db, who)
        if name not in lists_of(context.viewer):
            raise WorkListHiddenError("Open one of your own lists.", list=name.value)
        return context

    async def _context(self, db: AsyncSession, who: Principal) -> ListContext:
        now = self._clock.now()
        return ListContext(viewer=await viewer_of(db, who), now=now, today=_day_of(now, self._zone))

    async def _rows(self, db: AsyncSession, rows: Iterable[Case], viewer: Viewer) -> list[WorkListRow]:
        rows = list(rows)
        named = await enterprises.names(db, [row.enterprise_id for row in rows if row.enterprise_id])
        led = await units.named(db, {row.lead_unit_id for row in rows if row.lead_unit_id})
        people = await cases.names_of(db, {row.claimed_by for row in rows if row.claimed_by}) if viewer.staff else {}

        now = self._clock.now()

        def shown(row: Case) -> WorkListRow:
            unit = led.get(row.lead_unit_id or "")
            name = named.get(row.enterprise_id or "")
            base = CaseRow.of(row, name, unit.name if unit else None, now=now, for_unit=not viewer.staff)
            return WorkListRow.shown(row, base, people.get(row.claimed_by or ""))

        return [shown(row) for row in rows]


def _day_of(now: datetime, zone: ZoneInfo) -> datetime:
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _count(name: WorkListName, found: int | None) -> WorkListCount:
    more = found is not None and found > repository.COUNTED
    return WorkListCount(
        name=name, pool=RULES[name].pool, count=min(found, repository.COUNTED) if found is not None else None, more=more
    )
