"""Watches agents whose page is gone: without one, a ringing call would not be seen."""

from __future__ import annotations

from datetime import datetime, timedelta

from cti.presence.machine import AgentMachine
from cti.presence.reasons import PAGE_CLOSED
from cti.presence.session import AgentSession
from cti.presence.state import Wanted
from hotline.kernel.clock import Clock
from hotline.kernel.tasks import TaskOwner


class Pages:
    """With the last page gone for `grace`, the agent gets no more calls; a talk is never touched."""

    def __init__(self, machine: AgentMachine, clock: Clock, tasks: TaskOwner, *, grace: timedelta) -> None:
        self._machine = machine
        self._clock = clock
        self._tasks = tasks
        self._grace = grace

    def opened(self, session: AgentSession) -> None:
        session.pages += 1
        session.page_gone_at = None

    def closed(self, session: AgentSession) -> None:
        session.pages = max(0, session.pages - 1)
        self.watch(session)

    def watch(self, session: AgentSession) -> None:
        """From when the page went, or from now where the agent was found without one. Safe to call again."""
        if session.pages == 0 and session.wish.wanted is not Wanted.OFF:
            session.page_gone_at = session.page_gone_at or self._clock.now()
            self._tasks.spawn(self._pause_without_page(session, session.page_gone_at), name="page-grace")

    async def _pause_without_page(self, session: AgentSession, since: datetime) -> None:
        await self._clock.sleep(since + self._grace - self._clock.now())
        async with session.lock:
            if session.page_gone_at == since:
                self._machine.pause_if_ready(session, PAGE_CLOSED)
