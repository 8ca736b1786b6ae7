"""Knowledge requests as people read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.lights import Bilingual
from crm.cases.repository import names_of
from crm.cases.viewers import viewer_of
from crm.knowledge.guards import KnowledgeReader
from crm.knowledge.reading import KnowledgeReading
from crm.knowledge_requests import repository
from crm.knowledge_requests.guards import offered_actions
from crm.knowledge_requests.models import KnowledgeRequest, KnowledgeRequestKind
from crm.knowledge_requests.schemas import KnowledgeRequestList, KnowledgeRequestQuery, KnowledgeRequestView
from crm.knowledge_requests.state import UNANSWERED, WAITING, KnowledgeRequestOutcome, KnowledgeRequestState
from crm.units import repository as units
from hotline.calendars.current import Calendars
from hotline.calendars.seed import OFFICE
from hotline.kernel.clock import Clock
from hotline.kernel.errors import NotFoundError
from hotline.kernel.http import Principal
from hotline.kernel.paging import Page
from hotline.kernel.workcalendar import NeverOpens, WorkTime


class KnowledgeRequestReading:
    """Each method works in the caller's transaction."""

    def __init__(self, clock: Clock, reading: KnowledgeReading, calendars: Callable[[], Calendars]) -> None:
        self._clock = clock
        self._reading = reading
        self._calendars = calendars

    async def page(
        self, db: AsyncSession, query: KnowledgeRequestQuery, *, who: Principal
    ) -> Page[KnowledgeRequestView]:
        reader = await self._reading.reader_of(db, who)
        found = await repository.page(db, query, reader, now=self._clock.now())
        views = {view.id: view for view in await self._views(db, found.rows, reader)}
        return found.page(lambda row: views[row.id])

    async def counts(self, db: AsyncSession, *, who: Principal) -> dict[KnowledgeRequestList, int]:
        return await repository.counts(db, await self._reading.reader_of(db, who), now=self._clock.now())

    async def read(self, db: AsyncSession, request_id: str, *, who: Principal) -> KnowledgeRequestView:
        """Raises NotFoundError."""
        reader = await self._reading.reader_of(db, who)
        row = await repository.request(db, request_id, reader)
        if row is None:
            raise NotFoundError("There is no such request, or it is another unit's.")
        return (await self._views(db, [row], reader))[0]

    async def _views(
        self, db: AsyncSession, rows: Sequence[KnowledgeRequest], reader: KnowledgeReader
    ) -> list[KnowledgeRequestView]:
        people = await names_of(db, {one for row in rows for one in (row.made_by, row.taken_by) if one})
        named = await units.named(db, {row.unit_id for row in rows if row.unit_id})
        named_ids = {one for row in rows for one in (row.entry_id, row.answer_id) if one}
        titles = await repository.entry_titles(db, named_ids, reader)
        viewer = await viewer_of(db, reader.who)
        numbers = await repository.case_numbers(db, {row.case_id for row in rows if row.case_id}, viewer)
        now = self._clock.now()

        def view(row: KnowledgeRequest) -> KnowledgeRequestView:
            unit = named.get(row.unit_id or "")
            waiting = row.state in WAITING
            return KnowledgeRequestView(
                id=row.id,
                kind=KnowledgeRequestKind(row.kind),
                unit_id=row.unit_id,
                unit_name=unit.name if unit else "",
                state=KnowledgeRequestState(row.state),
                version=row.version,
                question=row.question,
                proposal=row.proposal,
                entry_id=row.entry_id,
                entry_title=titles.get(row.entry_id or "", ""),
                entry_number=row.entry_number,
                case_number=numbers.get(row.case_id or "", ""),
                answer_id=row.answer_id if row.answer_id in titles else None,
                answer_title=titles.get(row.answer_id or "", ""),
                due_at=row.due_at,
                due_explained=self._explained(row) if waiting else None,
                overdue=row.state in UNANSWERED and row.due_at < now,
                reason=row.reason,
                outcome=KnowledgeRequestOutcome(row.outcome) if row.outcome else None,
                made_by_name=people.get(row.made_by, ""),
                made_at=row.made_at,
                taken_by_name=people.get(row.taken_by or "", ""),
                closed_at=row.closed_at,
                actions=offered_actions(row, reader),
            )

        return [view(row) for row in rows]

    def _explained(self, row: KnowledgeRequest) -> Bilingual | None:
        """Of one that waits: the calendar may have changed since another was counted."""
        try:
            why = self._calendars().calendar(OFFICE).explain(row.due_from, WorkTime(days=row.days))
        except NeverOpens:
            return None
        return Bilingual(zh=why.text("zh"), en=why.text("en"))
