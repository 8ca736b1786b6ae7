"""What the knowledge base did not answer this week: searches without a hit, and consult cases closed without citing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel
from sqlalchemy import case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Case, CaseType
from crm.cases.repository import visible
from crm.cases.state import CaseState
from crm.cases.viewers import viewer_of
from crm.cases.visibility import is_staff, title_in_lists
from crm.knowledge.guards import KnowledgeReader
from crm.knowledge.models import KnowledgeCitation
from crm.knowledge.reading import KnowledgeReading
from crm.knowledge_requests.guards import sees_all
from crm.knowledge_requests.models import CaseFollowUp, KnowledgeMiss, KnowledgeRequest
from crm.knowledge_requests.ratings import KnowledgeRatings, ReportedEntry
from crm.units.models import Unit
from hotline.accounts.roles import Role
from hotline.kernel.clock import Clock
from hotline.kernel.http import Principal
from hotline.kernel.ids import uuid7
from hotline.kernel.search_tokens import folded
from hotline.kernel.words import search_words

WEEK = timedelta(days=7)
_FORGOTTEN = timedelta(days=30)
"""After which a search that nobody repeated is removed: it may hold what a caller said."""
_MOST = 100
_LONGEST = 100
_NUMBER = re.compile(r"\d(?:[\s().-]*\d){4,}")
_CLOSED = (CaseState.CLOSED, CaseState.ARCHIVED, CaseState.CLOSED_DIRECT)


class MissedSearch(BaseModel):
    id: str
    text: str
    count: int
    last_at: datetime


class UncitedCase(BaseModel):
    id: str
    number: str
    title: str
    """As lists show it to this reader."""
    unit_id: str | None
    unit_name: str
    closed_at: datetime


class UnitGaps(BaseModel):
    unit_name: str
    """"" for cases of no unit."""
    count: int


class KnowledgeGaps(BaseModel):
    """Of the last seven days. Searches are the hotline's, cases those that the reader may know of."""

    searches: list[MissedSearch]
    cases: list[UncitedCase]
    reported: list[ReportedEntry]
    """Entries of the reader's that were often called wrong or of no help, in the last 90 days."""
    units: list[UnitGaps]
    """How many such cases there are of each unit; for the hotline's people."""


def kept_text(search: str) -> str | None:
    """The search as it is kept: folded, its words by one space; None for one too short, or with what may be a number
    of a caller. Pure.
    """
    text = " ".join(search_words(folded(search)))[:_LONGEST]
    return None if len(text) < 2 or _NUMBER.search(text) else text


class KnowledgeGapList:
    """Each method works in the caller's transaction."""

    def __init__(self, clock: Clock, reading: KnowledgeReading, ratings: KnowledgeRatings) -> None:
        self._clock = clock
        self._reading = reading
        self._ratings = ratings

    async def missed(self, db: AsyncSession, search: str, *, who: Principal) -> None:
        """An agent's search found nothing; others' are not counted."""
        text = kept_text(search)
        if text is None or Role.AGENT not in who.roles:
            return
        insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
        now = self._clock.now()
        await db.execute(delete(KnowledgeMiss).where(KnowledgeMiss.last_at < now - _FORGOTTEN))
        statement = insert(KnowledgeMiss).values(id=uuid7(), text=text, count=1, last_at=now)
        count = case((KnowledgeMiss.last_at < now - WEEK, 1), else_=KnowledgeMiss.count + 1)
        again = {"count": count, "last_at": now}
        await db.execute(statement.on_conflict_do_update(index_elements=["text"], set_=again))

    async def week(self, db: AsyncSession, *, who: Principal) -> KnowledgeGaps:
        reader = await self._reading.reader_of(db, who)
        since = self._clock.now() - WEEK
        return KnowledgeGaps(
            searches=await _searches(db, since) if sees_all(reader) else [],
            cases=await _cases(db, reader, since),
            reported=await self._ratings.often_reported(db, reader),
            units=await _units(db, since) if sees_all(reader) else [],
        )


async def _searches(db: AsyncSession, since: datetime) -> list[MissedSearch]:
    """The most frequent first."""
    query = select(KnowledgeMiss).where(KnowledgeMiss.last_at >= since)
    rows = await db.scalars(query.order_by(KnowledgeMiss.count.desc(), KnowledgeMiss.id.desc()).limit(_MOST))
    return [MissedSearch.model_validate(row, from_attributes=True) for row in rows]


def _uncited(since: datetime) -> Sequence[object]:
    cited = select(KnowledgeCitation.case_id).where(KnowledgeCitation.case_id == Case.id)
    asked = select(KnowledgeRequest.case_id).where(KnowledgeRequest.case_id == Case.id)
    said = select(CaseFollowUp.case_id).where(CaseFollowUp.case_id == Case.id)
    return (
        Case.closed_at >= since,
        Case.type == CaseType.CONSULT,
        Case.state.in_(_CLOSED),
        ~cited.exists(),
        ~asked.exists(),
        ~said.exists(),
    )


async def _cases(db: AsyncSession, reader: KnowledgeReader, since: datetime) -> list[UncitedCase]:
    viewer = await viewer_of(db, reader.who)
    if not (is_staff(reader.who) or viewer.units):
        return []
    query = visible(select(Case).where(*_uncited(since)), viewer)  # type: ignore[arg-type]
    rows: Sequence[Case] = (await db.scalars(query.order_by(Case.closed_at.desc(), Case.id).limit(_MOST))).all()
    wanted = {row.lead_unit_id for row in rows if row.lead_unit_id}
    named = {id: name for id, name in await db.execute(select(Unit.id, Unit.name).where(Unit.id.in_(sorted(wanted))))}
    return [
        UncitedCase(
            id=row.id,
            number=row.number,
            # What is asked of a unit begins with it: of an anonymous case units do not see the hotline's title.
            title=title_in_lists(row, for_unit=True),
            unit_id=row.lead_unit_id,
            unit_name=named.get(row.lead_unit_id or "", ""),
            closed_at=row.closed_at,
        )
        for row in rows
        if row.closed_at is not None
    ]


async def _units(db: AsyncSession, since: datetime) -> list[UnitGaps]:
    query = select(Unit.name, func.count()).select_from(Case).outerjoin(Unit, Unit.id == Case.lead_unit_id)
    query = query.where(*_uncited(since)).group_by(Unit.name).order_by(func.count().desc(), Unit.name)  # type: ignore[arg-type]
    return [UnitGaps(unit_name=name or "", count=count) for name, count in await db.execute(query)]
