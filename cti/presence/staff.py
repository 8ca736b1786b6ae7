"""Keeps the agents in memory in line with the table of agents, while they work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

import structlog

from cti.presence import repository
from cti.presence.machine import AgentMachine
from cti.presence.session import AgentSession, QueueMembership
from cti.presence.state import OFF, AgentState
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.tasks import TaskOwner
from ivr.errors import PhoneError

log = structlog.get_logger(__name__)


class Staff:
    """`on_left(session)` is called once an agent who was to go is signed out and forgotten."""

    def __init__(
        self,
        sessions: dict[str, AgentSession],
        machine: AgentMachine,
        clock: Clock,
        tasks: TaskOwner,
        *,
        on_left: Callable[[AgentSession], None],
    ) -> None:
        self._sessions = sessions
        self._machine = machine
        self._clock = clock
        self._tasks = tasks
        self._on_left = on_left

    async def load(self, database: Database) -> set[str]:
        """Read who is an agent; the numbers of those who are new, changed or to go."""
        async with database.snapshot() as db:
            rows = await repository.all_agents(db)
        changed = set()
        for agent, user in rows:
            queues = tuple(QueueMembership(share["queue"], int(share.get("penalty", 0))) for share in agent.queues)
            if self.upsert(user.id, agent.number, user.name, queues, timedelta(seconds=agent.wrap_up_seconds)):
                changed.add(agent.number)
        for number in self._sessions.keys() - {agent.number for agent, _ in rows}:
            session = self._sessions[number]
            if session.retired:
                self.release_retired(session)  # Asterisk may have refused it the last time.
            else:
                changed.add(number)
                self.retire(number)
        return changed

    def upsert(
        self, user_id: str, number: str, name: str, queues: Iterable[QueueMembership], wrap_up: timedelta
    ) -> bool:
        """Whether anything is new. Who is at work continues, and is moved to the new queues.

        Who comes back during the last call finishes it, and signs in again after it.
        """
        session = self._sessions.get(number)
        wanted = (user_id, name, tuple(queues), wrap_up, False)
        if session is None:
            session = self._sessions[number] = AgentSession(
                user_id=user_id, number=number, name=name, queues=(), wrap_up=wrap_up, since=self._clock.now()
            )
        elif wanted == (session.user_id, session.name, session.queues, session.wrap_up, session.retired):
            return False
        session.user_id, session.name, session.queues, session.wrap_up, session.retired = wanted
        if session.state is not AgentState.OFFLINE:
            self._machine.follow(session)
        return True

    def retire(self, number: str) -> None:
        """Sign the agent out at once, and forget them: now, or after the call and its wrap-up."""
        session = self._sessions[number]
        session.retired = True
        log.info("agent retired", agent=number, state=session.state.value)
        self._machine.impose(session, OFF)
        self.release_retired(session)

    def release_retired(self, session: AgentSession) -> None:
        """After any change: forget who is retired and has no call any more."""
        if session.retired and session.at_rest:
            self._tasks.spawn(self._release(session), name="release")

    async def _release(self, session: AgentSession) -> None:
        async with session.lock:
            if not session.retired or not session.at_rest or self._sessions.get(session.number) is not session:
                return
            try:
                await self._machine.sync(session)
            except PhoneError as error:  # Tried again when the link is back, and by each `load()`.
                log.warning("signing out an agent failed", agent=session.number, error_id=error.error_id)
                return
            if session.retired and session.at_rest:
                del self._sessions[session.number]
                log.info("agent removed", agent=session.number)
                self._on_left(session)
