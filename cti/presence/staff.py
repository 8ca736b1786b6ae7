"""Keeps the agents in memory in line with the table of agents, while they work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

import structlog

from cti.presence import repository
from cti.presence.machine import AgentMachine
from cti.presence.session import AgentSession, Desk
from cti.presence.state import AT_A_CALL, AgentEvent, AgentState
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
            desks = tuple(Desk(desk["queue"], int(desk.get("penalty", 0))) for desk in agent.desks)
            if self.employ(user.id, agent.number, user.name, desks, timedelta(seconds=agent.wrap_up_seconds)):
                changed.add(agent.number)
        for number in self._sessions.keys() - {agent.number for agent, _ in rows}:
            session = self._sessions[number]
            if session.leaving:
                self.settle(session)  # Asterisk may have refused it the last time.
            else:
                changed.add(number)
                self.dismiss(number)
        return changed

    def employ(self, user_id: str, number: str, name: str, desks: Iterable[Desk], wrap_up: timedelta) -> bool:
        """Whether anything is new. Who is at work goes on, and is moved to the new desks."""
        session = self._sessions.get(number)
        wanted = (user_id, name, tuple(desks), wrap_up, False)
        if session is None:
            session = self._sessions[number] = AgentSession(
                user_id=user_id, number=number, name=name, desks=(), wrap_up=wrap_up, since=self._clock.now()
            )
        elif wanted == (session.user_id, session.name, session.desks, session.wrap_up, session.leaving):
            return False
        session.user_id, session.name, session.desks, session.wrap_up, session.leaving = wanted
        if session.state is not AgentState.OFFLINE:
            self._machine.follow(session)
        return True

    def dismiss(self, number: str) -> None:
        """Sign the agent out and forget them: at once, or after the call and its wrap-up."""
        session = self._sessions[number]
        session.leaving = True
        log.info("agent is to go", agent=number, state=session.state.value)
        self.settle(session)

    def settle(self, session: AgentSession) -> None:
        """After any change: let go who is to go and has no call any more."""
        if session.leaving and session.state not in AT_A_CALL:
            self._tasks.spawn(self._let_go(session), name="let-go")

    async def _let_go(self, session: AgentSession) -> None:
        async with session.lock:
            if not session.leaving or session.state in AT_A_CALL or self._sessions.get(session.number) is not session:
                return
            if session.state is not AgentState.OFFLINE:
                try:
                    await self._machine.command(session, AgentEvent.SIGN_OUT)
                except PhoneError as error:  # `settle()` is called when the link is back, and by each `load()`.
                    log.warning("agent could not be signed out", agent=session.number, error_id=error.error_id)
                    return
            if session.state is AgentState.OFFLINE and session.leaving:
                del self._sessions[session.number]
                log.info("agent has gone", agent=session.number)
                self._on_left(session)
