"""What is published: at once or at its moment, hidden after its last day, looked through by the day it is due."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm.knowledge import repository
from crm.knowledge.content import KnowledgeContent
from crm.knowledge.errors import KnowledgeTransitionError
from crm.knowledge.models import KnowledgeEntry, KnowledgeReview, KnowledgeVersion
from crm.knowledge.reading import KnowledgeReading
from crm.knowledge.search_index import index_entries
from crm.knowledge.state import KnowledgeState, RevisionState
from hotline.kernel.clock import Clock
from hotline.kernel.errors import HotlineError
from hotline.kernel.ids import uuid7
from hotline.kernel.jobs import JobContext

log = structlog.get_logger(__name__)
SWEEP = "knowledge.sweep"
SWEEP_EVERY = timedelta(seconds=30)
_AT_ONCE = 100


class PublicationFollower(Protocol):
    """Works in the transaction that publishes an entry, or gives its revision up."""

    async def published(self, db: AsyncSession, entry: KnowledgeEntry, *, by: str) -> None: ...

    async def discarded(self, db: AsyncSession, entry: KnowledgeEntry, *, by: str) -> None: ...


class ReviewFollower(Protocol):
    """Works in the transaction that keeps that an entry was reviewed."""

    async def reviewed(self, db: AsyncSession, entry: KnowledgeEntry, *, by: str) -> None: ...


class KnowledgePublishing:
    """Each method but `sweep` works in the caller's transaction."""

    def __init__(self, clock: Clock, reading: KnowledgeReading, *, review_days: int) -> None:
        self._clock = clock
        self._reading = reading
        self._review_days = timedelta(days=review_days)
        self.review_followers: list[ReviewFollower] = []
        self.followers: list[PublicationFollower] = []
        """Set by whoever wires the features."""

    async def publish(
        self, db: AsyncSession, row: KnowledgeEntry, content: KnowledgeContent | None, *, by: str
    ) -> None:
        """The revision becomes the next version."""
        if content is None:
            raise KnowledgeTransitionError("There is no revision to publish; load the entry again.")
        now = self._clock.now()
        latest = await repository.versions(db, row.id)
        row.published_number = latest[0].number + 1 if latest else 1
        row.published_at, row.publish_at = now, None
        await self.reviewed(db, row, by=by)
        if row.expires_on != content.expires_on:
            row.expiry_alerted = False
        db.add(
            KnowledgeVersion(
                id=uuid7(),
                entry_id=row.id,
                number=row.published_number,
                content=content.stored(),
                written_by=row.revised_by or "",
                approved_by=row.approved_by or "",
                published_by=by,
                published_at=now,
            )
        )
        row.revision = None
        describe_entry(row, content)
        await db.flush()
        for follower in self.followers:
            await follower.published(db, row, by=by)

    async def reviewed(self, db: AsyncSession, row: KnowledgeEntry, *, by: str) -> None:
        """Of an entry that is published: keep that it was, by when it was due, and set the next day.

        Once a day: whoever confirms it again has done no other review.
        """
        today = self._reading.today()
        due, following = row.review_due_on, today + self._review_days
        if due is not None and due != following and row.state == KnowledgeState.PUBLISHED:
            db.add(KnowledgeReview(id=uuid7(), entry_id=row.id, unit_id=row.unit_id, due_on=due, done_on=today))
        row.review_due_on, row.review_reminded = following, 0
        for follower in self.review_followers:
            await follower.reviewed(db, row, by=by)

    async def sweep(self, ctx: JobContext) -> None:
        """Publish what is scheduled for now, and hide what is past its last day.

        One that cannot be, such as a revision that today's program does not understand, holds up no other.
        """
        after = ""
        while True:
            async with ctx.database.transaction() as db:
                now, today = self._clock.now(), self._reading.today()
                rows = await repository.due(db, now=now, today=today, after=after, most=_AT_ONCE)
                for entry_id in (ids := [row.id for row in rows]):
                    try:
                        async with db.begin_nested():
                            await self._sweep_one(db, entry_id)
                    except (ValueError, IntegrityError, HotlineError) as error:
                        # Its message may quote the entry.
                        log.error("entry not published or hidden", entry_id=entry_id, error=type(error).__name__)
            if len(ids) < _AT_ONCE:
                return
            after = ids[-1]

    async def _sweep_one(self, db: AsyncSession, entry_id: str) -> None:
        now, today = self._clock.now(), self._reading.today()
        row = await db.get_one(KnowledgeEntry, entry_id)
        if row.revision_state == RevisionState.SCHEDULED and row.publish_at is not None and row.publish_at <= now:
            content = KnowledgeContent.model_validate(row.revision)
            row.revision_state = RevisionState.NONE
            await self.publish(db, row, content, by=row.scheduled_by or "")
            row.state = KnowledgeState.PUBLISHED
            log.info("entry published as scheduled", entry_id=row.id, number=row.published_number)
        if row.state == KnowledgeState.PUBLISHED and row.expires_on is not None and row.expires_on < today:
            row.state = KnowledgeState.EXPIRED
            log.info("entry expired", entry_id=row.id, last_day=row.expires_on)
        row.version += 1
        row.updated_at = now
        await db.flush()
        await index_entries(db, await repository.contents(db, [row]))


def describe_entry(row: KnowledgeEntry, content: KnowledgeContent) -> None:
    """Its columns that say again what the content says."""
    row.title, row.kind, row.category_id = content.title, content.kind.value, content.category_id
    row.scope, row.expires_on = content.scope.value, content.expires_on
