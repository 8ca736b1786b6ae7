"""Agents, queues, three-way calls and the call log put together, for `hotline/app/composition.py`.

Their pages are `cti.desktop.service`'s.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from callflow.ports import QueueFigures
from cti.calls.ports import JournalReader
from cti.calls.routes import call_routes
from cti.calls.service import CallLog
from cti.changes import Changes
from cti.events import AgentEdited, AgentsChanged
from cti.ports import CasesOfCalls, CtiSettings
from cti.presence.queues import QueueBoard
from cti.presence.repository import end_sessions_of_departed
from cti.presence.service import PresenceService
from cti.presence.session import AgentSession
from cti.requeues import Requeues
from cti.threeway.ports import SpecialistDirectory
from cti.threeway.service import ThreewayService
from hotline.accounts.events import AccessChanged
from hotline.accounts.repository import end_sessions
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import UnavailableError
from hotline.kernel.events import Recorded
from hotline.kernel.http import Routes
from hotline.kernel.tasks import TaskOwner
from ivr.dialplan import HOTLINE_NUMBER
from ivr.events import PhoneEvent
from ivr.switchboard import PhoneSnapshot, Switchboard

log = structlog.get_logger(__name__)

AGENTS_EVERY = timedelta(seconds=5)


class CtiService:
    """`start()` after the database and the bus, `close()` before them; both may be called twice.

    Call `set_link()` with each change of the phone link, and `resync()` each time it is ready.
    """

    def __init__(
        self,
        *,
        switchboard: Switchboard,
        phone: Dispatcher[PhoneEvent],
        bus: Bus,
        journal: JournalReader,
        database: Database,
        clock: Clock,
        settings: CtiSettings,
        specialists: SpecialistDirectory,
        cases: CasesOfCalls,
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._zone = settings.time_zone
        self._tasks = TaskOwner("cti")
        self._loading = asyncio.Lock()
        self._watching = False
        self._unsubscribe = bus.subscribe(self._on_access, AccessChanged)
        self._unsubscribe_edits = bus.subscribe(self._on_edited, AgentEdited)
        self.changes = changes = Changes()
        self.presence = PresenceService(switchboard, phone, bus, clock, on_change=changes.agent, on_left=self._on_left)
        self.queues = QueueBoard(phone, clock, on_change=changes.queues)
        self._requeues = Requeues(phone, bus, clock)
        self.threeway = ThreewayService(
            switchboard,
            phone,
            bus,
            clock,
            specialists,
            on_change=changes.call,
            on_agent_leg=self.presence.replace_leg,
            hotline_number=HOTLINE_NUMBER,
        )
        self.log = CallLog(
            database,
            bus,
            journal,
            clock,
            recordings=settings.recordings,
            agents=self.presence,
            cases=cases,
            logs=settings.asterisk_logs,
            phone=phone,
        )

    @property
    def routes(self) -> list[Routes]:
        return [call_routes(self.log, self._zone)]

    async def start(self) -> None:
        await self.log.start()
        await self.load_agents()
        if not self._watching:
            self._watching = True
            self._tasks.spawn(self._watch_agents(), name="agents")

    async def load_agents(self) -> None:
        """Load the current agents; if the database is away, as soon as it is back."""
        async with self._loading:
            first = not self.presence.loaded
            try:
                if first:
                    async with self._database.transaction() as db:
                        await end_sessions_of_departed(db)
                changed = await self.presence.load(self._database)
            except UnavailableError:
                return
        if changed and not first:
            self._bus.publish(AgentsChanged(at=self._clock.now(), agents=tuple(sorted(changed))))

    async def _watch_agents(self) -> None:
        """The command line edits agents in a process of its own, which publishes no event."""
        while True:
            await self._clock.sleep(AGENTS_EVERY)
            try:
                await self.load_agents()
            except Exception:
                # One failure must not stop the watch: a deactivated agent would continue working.
                log.exception("reading agents failed")

    async def close(self) -> None:
        self._unsubscribe()
        self._unsubscribe_edits()
        await self._tasks.close()
        await self.threeway.close()
        self.queues.close()
        self._requeues.close()
        await self.presence.close()
        await self.log.close()

    def figures(self, queue: str) -> QueueFigures | None:
        """For the call flow: who waits there and who is free, from memory; None where nobody knows the queue."""
        if queue not in self.queues.queues:
            return None
        free = sum(session.free and session.serves(queue) for session in self.presence.sessions())
        return QueueFigures(waiting=self.queues.waiting(queue).count, free=free)

    def set_link(self, up: bool) -> None:
        self.presence.set_link(up)

    async def resync(self, snapshot: PhoneSnapshot) -> None:
        """Reconcile with Asterisk; after each log-in."""
        if not self.presence.loaded:
            await self.load_agents()
        self.queues.resync(snapshot)
        await self.threeway.resync(snapshot)
        await self.presence.resync(snapshot)
        await self.log.resync(snapshot)

    def _on_access(self, recorded: Recorded) -> None:
        assert isinstance(recorded.event, AccessChanged)
        if recorded.event.reason in ("activated", "deactivated", "roles"):
            self._tasks.spawn(self.load_agents(), name="load")

    def _on_edited(self, _recorded: Recorded) -> None:
        self._tasks.spawn(self.load_agents(), name="load")

    def _on_left(self, session: AgentSession) -> None:
        self._tasks.spawn(self._log_out(session), name="log-out")

    async def _log_out(self, session: AgentSession) -> None:
        """Who is an agent no more is logged out, now that no call needs the page; then the phones may go."""
        while True:
            try:
                async with self._database.transaction() as db:
                    await end_sessions(db, session.user_id)
                break
            except Exception as error:
                if not isinstance(error, UnavailableError):
                    log.exception("logging out an agent failed", agent=session.number)
                await self._clock.sleep(AGENTS_EVERY)
        now = self._clock.now()
        self._bus.publish(AccessChanged(at=now, user_id=session.user_id, reason="agent_left"))
        self._bus.publish(AgentsChanged(at=now, agents=(session.number,)))
