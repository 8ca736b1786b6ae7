"""Figures of the knowledge base, each with what it is made of."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, model_validator
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.schemas import Id
from crm.knowledge.content import Day
from crm.knowledge_figures import repository
from crm.knowledge_figures.figures import CitationTimes, KnowledgeShare, citation_times, reviewed_on_time
from crm.ports import CallHistory
from hotline.kernel.clock import Clock

_LONGEST = timedelta(days=366)


class KnowledgeFiguresQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    first: Day
    last: Day
    """Both included, in the hotline's zone."""
    unit_id: Id | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not timedelta() <= self.last - self.first <= _LONGEST:
            raise ValueError("`last` is `first` or up to 366 days later, please")
        return self


class KnowledgeFigures(BaseModel):
    reviewed: KnowledgeShare
    """Reviews done by the day they were due, of those due in the period up to today (知识库及时率)."""
    direct: KnowledgeShare | None
    """Consult cases answered at once by citing an entry, of those that left their draft in the period; a case that is
    closed so has no unit, so there is none for one unit."""
    times: CitationTimes
    """From the last ring of the case's call at the agent who answered it to the first citation in the case."""
    gaps: KnowledgeShare
    """Requests for what is missing that are overdue now, of those open now."""


class KnowledgeFigureService:
    """`zone` is the hotline's, by which days begin and end."""

    def __init__(self, clock: Clock, zone: ZoneInfo, calls: CallHistory) -> None:
        self._clock = clock
        self._zone = zone
        self._calls = calls

    async def read(self, db: AsyncSession, query: KnowledgeFiguresQuery) -> KnowledgeFigures:
        now = self._clock.now()
        begin, end = self._midnight(query.first), self._midnight(query.last + timedelta(days=1))
        last = min(query.last, now.astimezone(self._zone).date())
        cited, left = (0, 0) if query.unit_id else await repository.consults(db, begin, end)
        overdue, waiting = await repository.gaps(db, now, query.unit_id)
        return KnowledgeFigures(
            reviewed=reviewed_on_time(await repository.reviews(db, query.first, last, query.unit_id)),
            direct=None if query.unit_id else KnowledgeShare(count=cited, of=left),
            times=await self._times(db, begin, end, query.unit_id),
            gaps=KnowledgeShare(count=overdue, of=waiting),
        )

    async def _times(self, db: AsyncSession, begin: datetime, end: datetime, unit_id: str | None) -> CitationTimes:
        found = await repository.citations(db, begin, end, unit_id)
        rings = await self._calls.rings(db, {call for _, _, call in found})
        of_case: dict[str, tuple[datetime, list[datetime]]] = {}
        for case, at, call in found:
            of_case.setdefault(case, (at, []))[1].extend(rings.get(call, ()))
        return citation_times(of_case.values(), cases=await repository.cited_cases(db, begin, end, unit_id))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self._zone)
