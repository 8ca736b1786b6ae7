"""Keeps the announcements and the switch of the menus: changed by version, read by calls from memory."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from callflow.announcements import repository
from callflow.announcements.errors import (
    AnnouncementConflictError,
    AnnouncementEndError,
    AnnouncementNotFoundError,
    AnnouncementsFullError,
    AnnouncementSilentError,
)
from callflow.announcements.models import MENU, AnnouncementRow, MenuSwitchRow
from callflow.announcements.schemas import (
    AnnouncementBoard,
    AnnouncementChange,
    AnnouncementDraft,
    AnnouncementPrompt,
    AnnouncementSwitch,
    AnnouncementView,
    MenuSwitch,
    MenuSwitchView,
)
from callflow.ports import LiveAnnouncement, OnAir
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database, DuplicateError
from hotline.kernel.ids import uuid7
from hotline.kernel.tasks import TaskOwner, repeat
from ivr.prompts.catalogue import shipped_catalogue
from ivr.telephony import PromptPaths

log = structlog.get_logger(__name__)

RELOAD = timedelta(seconds=2)
"""Another process's change is heard by the next caller within it."""
RETRY = timedelta(seconds=2)
MOST = 100
MOST_ON = 3
"""At once: each keeps a caller from a person for some seconds."""
LONGEST = timedelta(days=90)
LONGEST_NO_MENU = timedelta(days=1)
_TOPICS = "topic-"
"""How the prompts of the catalogue begin that are meant for announcements."""


class AnnouncementService:
    """Writers work in the caller's transaction; `on_air` never waits.

    `on_air` follows a change of this process at once, one of another within `RELOAD`. While the database is away,
    what was on stays on up to its end.
    """

    def __init__(self, database: Database, clock: Clock, prompts: PromptPaths) -> None:
        self._database = database
        self._clock = clock
        self._prompts = prompts
        self._topics: tuple[tuple[LiveAnnouncement, datetime, datetime], ...] = ()
        self._no_menu_until: datetime | None = None
        self._changed = asyncio.Event()
        self._tasks = TaskOwner("announcements")

    async def start(self) -> None:
        """The database may be away; it is read once it is back."""
        work = repeat(self._follow, clock=self._clock, pause=RETRY, trouble="announcements unread")
        self._tasks.spawn(work, name="read")

    async def close(self) -> None:
        await self._tasks.close()

    def on_air(self) -> OnAir:
        """What the next caller hears."""
        now = self._clock.now()
        topics = tuple(topic for topic, start, end in self._topics if start <= now < end)
        return OnAir(topics, no_menu=_runs(self._no_menu_until, now))

    async def reload(self) -> None:
        """Read everything."""
        async with self._database.snapshot() as db:
            rows, switch = await repository.announcements(db), await repository.menu_switch(db)
        self._topics = tuple(
            (LiveAnnouncement(row.topic, row.prompt), row.on_from, row.until)
            for row in rows
            if row.on_from is not None and row.until is not None
        )
        self._no_menu_until = switch.until if switch else None

    async def board(self, db: AsyncSession) -> AnnouncementBoard:
        """All there is to see on the page."""
        catalogue = shipped_catalogue()
        return AnnouncementBoard(
            announcements=[self._view(row) for row in await repository.announcements(db)],
            menu=await self.menu(db),
            prompts=[
                AnnouncementPrompt(id=id, text=catalogue.get(id, "zh").text)
                for id in catalogue.ids("zh")
                if id.startswith(_TOPICS)
            ],
        )

    async def menu(self, db: AsyncSession) -> MenuSwitchView:
        return self._menu_view(await repository.menu_switch(db))

    async def create(self, db: AsyncSession, draft: AnnouncementDraft) -> AnnouncementView:
        """Raises `AnnouncementsFullError`."""
        if await repository.count(db) >= MOST:
            raise AnnouncementsFullError(f"There are {MOST} already; change or remove one of them.")
        row = AnnouncementRow(id=uuid7(), **draft.model_dump(), switched_by="", version=1)
        db.add(row)
        await self._after(db)
        return self._view(row)

    async def change(
        self, db: AsyncSession, announcement_id: str, change: AnnouncementChange
    ) -> tuple[AnnouncementView, AnnouncementView]:
        """Before and after. Raises `AnnouncementNotFoundError`, `AnnouncementConflictError`; `AnnouncementSilentError`
        for a new prompt without a sound while the announcement is on.
        """
        row = await self._load(db, announcement_id, change.version)
        before = self._view(row)
        if before.state != "off":
            self._require_sound(change.prompt)
        row.topic, row.text, row.prompt = change.topic, change.text, change.prompt
        row.version += 1
        await self._after(db)
        return before, self._view(row)

    async def switch(
        self, db: AsyncSession, announcement_id: str, switch: AnnouncementSwitch, *, by: str
    ) -> tuple[AnnouncementView, AnnouncementView]:
        """Before and after. Raises also `AnnouncementEndError`, `AnnouncementSilentError`, `AnnouncementsFullError`."""
        row = await self._load(db, announcement_id, switch.version)
        before, now = self._view(row), self._clock.now()
        if switch.until is None:
            row.on_from = row.until = None
        else:
            start = max(switch.on_from or now, now)
            _require_end(switch.until, start, LONGEST)
            self._require_sound(row.prompt)
            await self._require_room(db, row, start, switch.until)
            row.on_from, row.until = start, switch.until
        row.switched_by = by[:100]
        row.version += 1
        await self._after(db)
        return before, self._view(row)

    async def remove(self, db: AsyncSession, announcement_id: str, version: int) -> AnnouncementView:
        """What it was. Raises `AnnouncementNotFoundError`, `AnnouncementConflictError`."""
        row = await self._load(db, announcement_id, version)
        view = self._view(row)
        await db.delete(row)
        await self._after(db)
        return view

    async def switch_menu(
        self, db: AsyncSession, switch: MenuSwitch, *, by: str
    ) -> tuple[MenuSwitchView, MenuSwitchView]:
        """Before and after. Raises `AnnouncementConflictError`, `AnnouncementEndError`."""
        row = await repository.menu_switch(db, lock=True)
        before = self._menu_view(row)
        if before.version != switch.version:
            raise _conflict(before.version, switch.version)
        if switch.until is not None:
            _require_end(switch.until, self._clock.now(), LONGEST_NO_MENU)
        if row is None:
            row = MenuSwitchRow(id=MENU, version=0)
            db.add(row)
        row.until, row.switched_by = switch.until, by[:100]
        row.version += 1
        try:
            await self._after(db)
        except DuplicateError:
            raise _conflict(1, switch.version) from None
        return before, self._menu_view(row)

    # --- inner ------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        await self.reload()
        self._changed.clear()
        try:
            async with asyncio.timeout(RELOAD.total_seconds()):
                await self._changed.wait()
        except TimeoutError:
            pass

    async def _after(self, db: AsyncSession) -> None:
        await db.flush()
        event.listen(db.sync_session, "after_commit", self._committed)

    def _committed(self, _session: Any) -> None:
        self._changed.set()

    async def _load(self, db: AsyncSession, announcement_id: str, version: int) -> AnnouncementRow:
        row = await repository.locked(db, announcement_id)
        if row is None:
            raise AnnouncementNotFoundError("It was removed; load the page again.")
        if row.version != version:
            raise _conflict(row.version, version)
        return row

    def _require_sound(self, prompt: str) -> None:
        if not self._prompts.available(prompt, "zh"):
            raise AnnouncementSilentError(
                f"Callers would hear nothing: record {prompt!r} first, at /flows/prompts/{prompt}."
            )

    async def _require_room(self, db: AsyncSession, row: AnnouncementRow, start: datetime, end: datetime) -> None:
        others = [
            each
            for each in await repository.announcements(db)
            if each.id != row.id and each.on_from and each.until and each.on_from < end and each.until > start
        ]
        if len(others) >= MOST_ON:
            raise AnnouncementsFullError(
                f"{MOST_ON} are on in that time, and each keeps callers waiting; switch one of them off first."
            )

    def _view(self, row: AnnouncementRow) -> AnnouncementView:
        now = self._clock.now()
        on = _runs(row.until, now)
        return AnnouncementView(
            id=row.id,
            version=row.version,
            topic=row.topic,
            text=row.text,
            prompt=row.prompt,
            playable=self._prompts.available(row.prompt, "zh"),
            state="off" if not on else "scheduled" if row.on_from and row.on_from > now else "on",
            on_from=row.on_from if on else None,
            until=row.until if on else None,
            switched_by=row.switched_by,
        )

    def _menu_view(self, row: MenuSwitchRow | None) -> MenuSwitchView:
        if row is None:
            return MenuSwitchView(version=0, no_menu=False, until=None, switched_by="")
        on = _runs(row.until, self._clock.now())
        return MenuSwitchView(
            version=row.version, no_menu=on, until=row.until if on else None, switched_by=row.switched_by
        )


def _runs(until: datetime | None, now: datetime) -> bool:
    return until is not None and now < until


def _require_end(until: datetime, start: datetime, longest: timedelta) -> None:
    if until <= start:
        raise AnnouncementEndError("The end is before the start; choose a later one.")
    if until - start > longest:
        raise AnnouncementEndError(f"It may be on for {longest.days} days at most; choose an earlier end.")


def _conflict(found: int, given: int) -> AnnouncementConflictError:
    return AnnouncementConflictError(
        f"It is at version {found}, not {given}; load it again and repeat the change.", version=found
    )
