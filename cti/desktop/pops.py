"""Reads screen pops for pages and pushes them: once for all pages that may know the same, until it succeeds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import timedelta

import structlog
from pydantic import BaseModel

from cti.desktop.client import Client
from cti.desktop.messages import ErrorView, ScreenPopMessage
from cti.ports import ScreenPopReader
from hotline.kernel.clock import Clock
from hotline.kernel.errors import HotlineError, UnavailableError
from hotline.kernel.gate import Principal
from hotline.kernel.tasks import TaskOwner

log = structlog.get_logger(__name__)

POP_WITHIN = timedelta(seconds=1)
"""A page that shows why it has no pop is better than one that only waits."""
POP_AGAIN = timedelta(seconds=2)


class ScreenPopFeed:
    def __init__(self, pops: ScreenPopReader, clock: Clock, at_phone: Callable[[Client, str], bool]) -> None:
        """`at_phone(page, call_id)`: whether the call is still that of the page's agent."""
        self._pops = pops
        self._clock = clock
        self._at_phone = at_phone
        self._tasks = TaskOwner("screen-pops")

    async def close(self) -> None:
        await self._tasks.close()

    def push(self, call_id: str, pages: Iterable[Client]) -> None:
        """Send the pop to those of `pages` that have not got it, without waiting for it."""
        alike: dict[tuple[str, frozenset[str], frozenset[str]], list[Client]] = {}
        for page in pages:
            if page.popped != call_id:
                page.popped = call_id
                who = page.principal
                rights = (who.user_id, frozenset(who.roles), frozenset(who.permissions))
                alike.setdefault(rights, []).append(page)
        for group in alike.values():
            self._tasks.spawn(self._push(call_id, group), name="push")

    async def for_snapshot(self, call_id: str, page: Client) -> BaseModel | None:
        """The pop as it is now; None where it cannot be read: `push()` then tries again."""
        before, page.popped = page.popped, call_id
        try:
            return await self._read(call_id, page.principal)
        except HotlineError:
            page.popped = before
            return None

    async def _push(self, call_id: str, pages: list[Client]) -> None:
        while pages:
            try:
                pop = await self._read(call_id, pages[0].principal)
            except HotlineError as error:
                log.warning("no screen pop", call_id=call_id, agent=pages[0].number, error_id=error.error_id)
                shown = ErrorView(error_id=error.error_id, title=error.title, detail=error.detail)
                message = ScreenPopMessage[BaseModel](call_id=call_id, pop=None, error=shown)
            else:
                message = ScreenPopMessage[BaseModel](call_id=call_id, pop=pop)
            for page in pages:
                page.send(message)
            if message.error is None:
                return
            await self._clock.sleep(POP_AGAIN)
            pages = [page for page in pages if not page.dropped and self._at_phone(page, call_id)]

    async def _read(self, call_id: str, who: Principal) -> BaseModel:
        try:
            async with asyncio.timeout(POP_WITHIN.total_seconds()):
                return await self._pops.read(call_id, who)
        except TimeoutError:
            raise UnavailableError("The database did not answer in time; it is asked again.") from None
