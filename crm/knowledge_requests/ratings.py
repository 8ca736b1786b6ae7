"""Whether an entry helped: one word of each agent on each version, and the entries that are often found wanting."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.service import Audit
from crm.knowledge.content import KnowledgeBody
from crm.knowledge.guards import KnowledgeReader
from crm.knowledge.models import KnowledgeEntry
from crm.knowledge.reading import KnowledgeReading
from crm.knowledge.state import KnowledgeState
from crm.knowledge_requests.errors import KnowledgeRequestActorError, KnowledgeRequestEntryError
from crm.knowledge_requests.guards import sees_all
from crm.knowledge_requests.models import KnowledgeRating, KnowledgeRequest, KnowledgeRequestKind
from hotline.accounts.roles import Role
from hotline.kernel.clock import Clock
from hotline.kernel.http import Principal
from hotline.kernel.ids import uuid7

LOOKED_BACK = timedelta(days=90)
OFTEN = 2
"""Reports and words of no help together, from which an entry is listed."""
_MOST = 50


class RatingDraft(KnowledgeBody):
    helpful: bool


class EntryRatings(BaseModel):
    helpful: int
    unhelpful: int
    reports: int
    """Requests that call it wrong."""
    mine: bool | None
    """The reader's own word on the present version."""


class ReportedEntry(BaseModel):
    id: str
    title: str
    unit_id: str | None
    unhelpful: int
    reports: int


class KnowledgeRatings:
    """Each method works in the caller's transaction."""

    def __init__(self, clock: Clock, reading: KnowledgeReading) -> None:
        self._clock = clock
        self._reading = reading

    async def rate(
        self, db: AsyncSession, entry_id: str, draft: RatingDraft, *, who: Principal, audit: Audit
    ) -> EntryRatings:
        """The second word of the same agent on the same version replaces the first. Raises NotFoundError and the
        errors of actor and entry.
        """
        if Role.AGENT not in who.roles:
            raise KnowledgeRequestActorError("Agents say whether an entry helped.")
        entry = await self._reading.load(db, entry_id, await self._reading.reader_of(db, who))
        if entry.state != KnowledgeState.PUBLISHED or entry.published_number is None:
            raise KnowledgeRequestEntryError("The entry is not published.")
        insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
        said = {"helpful": draft.helpful, "at": self._clock.now()}
        row = {"id": uuid7(), "entry_id": entry.id, "number": entry.published_number, "user_id": who.user_id, **said}
        statement = insert(KnowledgeRating).values(row)
        before = {"helpful": (await self._ratings(db, entry, who)).mine}
        await db.execute(statement.on_conflict_do_update(index_elements=["entry_id", "number", "user_id"], set_=said))
        after = {"helpful": draft.helpful}
        await audit("knowledge_rating.rate", entry.id, number=entry.published_number, before=before, after=after)
        return await self._ratings(db, entry, who)

    async def of_entry(self, db: AsyncSession, entry_id: str, *, who: Principal) -> EntryRatings:
        """Raises NotFoundError."""
        return await self._ratings(
            db, await self._reading.load(db, entry_id, await self._reading.reader_of(db, who)), who
        )

    async def often_reported(self, db: AsyncSession, reader: KnowledgeReader) -> list[ReportedEntry]:
        """Of the last 90 days, the worst first; a unit's people get their own."""
        since = self._clock.now() - LOOKED_BACK
        unhelpful, reports = await _unhelpful(db, since), await _reports(db, since)
        total = Counter(unhelpful) + Counter(reports)
        often = [id for id, count in total.most_common() if count >= OFTEN]
        query = select(KnowledgeEntry).where(
            KnowledgeEntry.id.in_(often), KnowledgeEntry.state == KnowledgeState.PUBLISHED
        )
        if not sees_all(reader):
            query = query.where(KnowledgeEntry.unit_id.in_(sorted(reader.units)))
        rows = {row.id: row for row in await db.scalars(query)} if often else {}
        return [
            ReportedEntry(
                id=id,
                title=rows[id].title,
                unit_id=rows[id].unit_id,
                unhelpful=unhelpful.get(id, 0),
                reports=reports.get(id, 0),
            )
            for id in often
            if id in rows
        ][:_MOST]

    async def _ratings(self, db: AsyncSession, entry: KnowledgeEntry, who: Principal) -> EntryRatings:
        rating = KnowledgeRating
        counts = await db.execute(
            select(rating.helpful, func.count()).where(rating.entry_id == entry.id).group_by(rating.helpful)
        )
        said = {helpful: count for helpful, count in counts}
        reports = select(func.count()).where(
            KnowledgeRequest.entry_id == entry.id, KnowledgeRequest.kind == KnowledgeRequestKind.ERROR
        )
        mine = select(rating.helpful).where(
            rating.entry_id == entry.id, rating.number == entry.published_number, rating.user_id == who.user_id
        )
        return EntryRatings(
            helpful=said.get(True, 0),
            unhelpful=said.get(False, 0),
            reports=await db.scalar(reports) or 0,
            mine=await db.scalar(mine),
        )


async def _unhelpful(db: AsyncSession, since: object) -> dict[str, int]:
    query = select(KnowledgeRating.entry_id, func.count()).where(
        KnowledgeRating.at >= since, KnowledgeRating.helpful.is_(False)
    )
    return {id: count for id, count in await db.execute(query.group_by(KnowledgeRating.entry_id))}


async def _reports(db: AsyncSession, since: object) -> dict[str, int]:
    query = select(KnowledgeRequest.entry_id, func.count()).where(
        KnowledgeRequest.entry_id.is_not(None),
        KnowledgeRequest.kind == KnowledgeRequestKind.ERROR,
        KnowledgeRequest.made_at >= since,
    )
    found = await db.execute(query.group_by(KnowledgeRequest.entry_id))
    return {id: count for id, count in found if id is not None}
