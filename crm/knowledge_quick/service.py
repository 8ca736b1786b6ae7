"""Entries at hand before anything is typed: one's stars, what one cited last, and what everybody cites today."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm.knowledge.reading import KnowledgeReading
from crm.knowledge.schemas import EntryRow
from crm.knowledge_quick import repository
from crm.knowledge_quick.errors import TooManyFavouritesError
from crm.knowledge_quick.models import KnowledgeFavourite
from hotline.kernel.clock import Clock
from hotline.kernel.db import is_duplicate
from hotline.kernel.http import Principal
from hotline.kernel.ids import uuid7

MOST_FAVOURITES = 50
_SHOWN = 8
_RECENT = timedelta(days=30)


class QuickEntries(BaseModel):
    """Published entries alone."""

    favourites: list[EntryRow]
    """Starred last first."""
    recent: list[EntryRow]
    """Cited by the reader in the last 30 days, the last one first."""
    today: list[EntryRow]
    """Cited most today, by everybody."""


class KnowledgeQuick:
    """Each method works in the caller's transaction. `zone` is the hotline's, by which a day begins."""

    def __init__(self, clock: Clock, zone: ZoneInfo, reading: KnowledgeReading) -> None:
        self._clock = clock
        self._zone = zone
        self._reading = reading

    async def entries(self, db: AsyncSession, *, who: Principal) -> QuickEntries:
        now = self._clock.now()
        favourites = await repository.favourites(db, who.user_id, most=MOST_FAVOURITES)
        recent = await repository.recently_cited(db, who.user_id, since=now - _RECENT, most=_SHOWN)
        today = await repository.most_cited(db, since=self._midnight(now), most=_SHOWN)
        rows = {row.id: row for row in await self._reading.published_rows(db, {*favourites, *recent, *today})}
        return QuickEntries(
            favourites=[rows[id] for id in favourites if id in rows],
            recent=[rows[id] for id in recent if id in rows],
            today=[rows[id] for id in today if id in rows],
        )

    async def star(self, db: AsyncSession, entry_id: str, *, who: Principal) -> None:
        """Safe to call twice. Raises NotFoundError, TooManyFavouritesError."""
        await self._reading.load(db, entry_id, await self._reading.reader_of(db, who))
        if await repository.favourite(db, who.user_id, entry_id) is not None:
            return
        if await repository.favourite_count(db, who.user_id) >= MOST_FAVOURITES:
            raise TooManyFavouritesError(f"{MOST_FAVOURITES} entries are starred already; take a star away first.")
        try:
            async with db.begin_nested():
                db.add(
                    KnowledgeFavourite(id=uuid7(), user_id=who.user_id, entry_id=entry_id, added_at=self._clock.now())
                )
        except IntegrityError as error:
            if not is_duplicate(error):
                raise

    async def unstar(self, db: AsyncSession, entry_id: str, *, who: Principal) -> None:
        """Safe to call twice."""
        await repository.forget(db, who.user_id, entry_id)

    def _midnight(self, now: datetime) -> datetime:
        return now.astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
