"""Reminders of reviews and of last days, to the unit's people; of a late review also to those who look after units,
and a supervision task (督办) of the unit.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from crm.knowledge import repository
from crm.knowledge.models import KnowledgeEntry
from crm.knowledge.reading import KnowledgeReading
from crm.knowledge.reviewing import ReviewReminder, expires_soon, reminder_on
from crm.supervision.service import SupervisionService
from crm.units import repository as units
from hotline.accounts.roles import Role
from hotline.kernel.jobs import JobContext
from hotline.notices.contract import Notice, NoticeSubject
from hotline.notices.kinds import NoticeKind, Placeholder
from hotline.notices.service import NoticeService

REMIND = "knowledge.remind"
REMIND_EVERY = timedelta(minutes=10)
_AT_ONCE = 100
_REVIEWS = {
    ReviewReminder.SOON: NoticeKind.KNOWLEDGE_REVIEW_SOON,
    ReviewReminder.DUE: NoticeKind.KNOWLEDGE_REVIEW_DUE,
    ReviewReminder.OVERDUE: NoticeKind.KNOWLEDGE_REVIEW_OVERDUE,
}


class KnowledgeReminders:
    """Each reminder goes out once, in the transaction that keeps that it did."""

    def __init__(self, reading: KnowledgeReading, notices: NoticeService, supervision: SupervisionService) -> None:
        self._reading = reading
        self._notices = notices
        self._supervision = supervision

    async def sweep(self, ctx: JobContext) -> None:
        while True:
            async with ctx.database.transaction() as db:
                today = self._reading.today()
                rows = await repository.to_remind(db, today=today, most=_AT_ONCE)
                for row in rows:
                    await self._remind(db, row, today)
                await db.flush()
            if len(rows) < _AT_ONCE:
                return

    async def _remind(self, db: AsyncSession, row: KnowledgeEntry, today: date) -> None:
        stage = reminder_on(row.review_due_on, today)
        if stage > row.review_reminded:
            row.review_reminded = stage
            late = stage is ReviewReminder.OVERDUE
            key = f"review:{row.id}:{row.review_due_on}:{stage.value}"
            await self._notify(db, _REVIEWS[stage], row, row.review_due_on, key=key, late=late)
            if late:
                await self._supervision.hold_to_review(db, row, key=f"{row.id}:{row.review_due_on}")
        if not row.expiry_alerted and row.expires_on is not None:
            row.expiry_alerted = True
            if expires_soon(row.expires_on, today):
                key = f"expires:{row.id}:{row.expires_on}"
                await self._notify(db, NoticeKind.KNOWLEDGE_EXPIRES, row, row.expires_on, key=key, late=False)

    async def _notify(
        self, db: AsyncSession, kind: NoticeKind, row: KnowledgeEntry, day: date | None, *, key: str, late: bool
    ) -> None:
        """To the unit; a late review to the hotline, since the supervision task has a notice to the unit."""
        named = (await units.named(db, [row.unit_id])).get(row.unit_id) if row.unit_id else None
        roles = set() if row.unit_id else {Role.KB_EDITOR}
        if late:
            roles |= {Role.KB_REVIEWER, Role.SUPERVISOR}
        await self._notices.notify(
            db,
            Notice(
                kind=kind,
                subject=NoticeSubject(kind="knowledge", id=row.id),
                values={
                    Placeholder.ENTRY: row.title,
                    Placeholder.UNIT: named.name if named else "12345",
                    **({Placeholder.DATE: day} if day else {}),
                },
                units=[row.unit_id] if row.unit_id and not late else (),
                roles=roles,
                key=key,
            ),
        )
