"""The one place where an agent's state changes: checked by the table, logged, published, followed by the queue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog

from cti.events import AgentStateChanged
from cti.presence.membership import Memberships
from cti.presence.session import AgentCall, AgentSession, Phone
from cti.presence.state import AgentEvent, AgentState, PresenceConflictError, advance
from hotline.kernel.bus import Bus
from hotline.kernel.clock import Backoff, Clock
from hotline.kernel.tasks import TaskOwner
from ivr.errors import PhoneError

log = structlog.get_logger(__name__)
_S, _E = AgentState, AgentEvent
FOLLOW_AGAIN = timedelta(seconds=1)
FOLLOW_AT_LEAST_EVERY = timedelta(seconds=30)
"""A membership that Asterisk did not take is tried again after the first, and then ever more slowly."""


class AgentMachine:
    """A command changes the membership first and the state after it, so that nobody sees what Asterisk refused.

    An event changes the state at once; the membership follows, and where that fails, it is tried again until
    Asterisk has it so; until then the agent's screen says why.
    `command()` and `pause()` are called with the session's lock held.
    """

    def __init__(
        self,
        memberships: Memberships,
        bus: Bus,
        clock: Clock,
        tasks: TaskOwner,
        *,
        on_change: Callable[[str], None],
    ) -> None:
        self._memberships = memberships
        self._bus = bus
        self._clock = clock
        self._tasks = tasks
        self._on_change = on_change

    async def command(self, session: AgentSession, event: AgentEvent, reason: str = "") -> None:
        """Raises PresenceConflictError, or a PhoneError with the state as it was, to which the membership returns.

        So it is with an unexpected error.
        """
        before, state = session.state, advance(session.state, event)
        old_reason = session.pause_reason
        if state is before and reason == old_reason:
            return
        session.state, session.pause_reason = state, reason
        try:
            await self._memberships.apply(session)
        except Exception:
            if session.state is state:
                session.state, session.pause_reason = before, old_reason
            self.follow(session)
            raise
        self.followed(session)
        if session.state is not state:
            return  # The phone rang meanwhile, and that has been told.
        session.state = before
        self.set(session, state, reason)
        self._on_change(session.number)

    async def change_phone(self, session: AgentSession, phone: Phone) -> None:
        """Move the membership to the agent's other phone. Raises a PhoneError with the phone as it was."""
        before, session.phone = session.phone, phone
        try:
            await self._memberships.apply(session)
        except Exception:
            session.phone = before
            self.follow(session)
            raise
        session.changed_at = self._clock.now()
        self.followed(session)

    def event(self, session: AgentSession, event: AgentEvent, call: AgentCall | None = None) -> bool:
        """What a call brought about, which the agent has from now on where it is given.

        An event that does not fit is logged and changes nothing; returns whether it fitted.
        """
        try:
            state = advance(session.state, event)
        except PresenceConflictError as error:
            log.warning(
                "call does not fit the agent's state",
                agent=session.number,
                state=session.state.value,
                reason=error.detail,
            )
            return False
        session.call = call or session.call
        self.set(session, state, "")
        if event is _E.TALK_ENDED:
            self.begin_wrap_up(session)
        elif event is _E.RING_ENDED and session.pause_after:
            self.set(session, _S.PAUSED, session.pause_after)
        self._on_change(session.number)
        self.follow(session)
        return True

    async def pause(self, session: AgentSession, reason: str) -> None:
        """At once, or after the call where there is one."""
        if session.state in (_S.TALKING, _S.RINGING):
            session.pause_after = reason
            self._on_change(session.number)
        else:
            await self.command(session, _E.PAUSE, reason)

    def set(self, session: AgentSession, state: AgentState, reason: str) -> None:
        """Take a state as given: from the table, or from what Asterisk says."""
        previous, session.state, session.pause_reason = session.state, state, reason
        session.since = session.changed_at = self._clock.now()
        if state is not _S.WRAP_UP:
            session.wrap_up_until = None
        if state in (_S.READY, _S.PAUSED, _S.OFFLINE):
            session.call = None
        if state in (_S.PAUSED, _S.OFFLINE):
            session.pause_after = ""
        log.info("agent moved", agent=session.number, previous=previous.value, state=state.value, reason=reason)
        self._bus.publish(
            AgentStateChanged(
                at=session.since, agent=session.number, state=state.value, previous=previous.value, reason=reason
            )
        )

    def follow(self, session: AgentSession) -> None:
        """Bring the membership in line with a state that was not commanded, in the background."""
        self._tasks.spawn(self._follow(session), name="follow")

    async def _follow(self, session: AgentSession) -> None:
        if await self._in_line(session) or session.astray:
            return  # With `astray`, somebody tries again already.
        session.astray = True
        self._on_change(session.number)
        backoff = self._backoff()
        while session.astray:
            await backoff.wait()
            await self._in_line(session)

    async def _in_line(self, session: AgentSession) -> bool:
        async with session.lock:
            try:
                await self._memberships.apply(session)
            except PhoneError as error:
                log.warning("queue membership did not follow", agent=session.number, error_id=error.error_id)
                return False
            except Exception:
                # Our bug: the next try may fare better, and until then the agent's screen must say why.
                log.exception("queue membership did not follow", agent=session.number)
                return False
        self.followed(session)
        return True

    def followed(self, session: AgentSession) -> None:
        """Asterisk has the membership as the state wants it."""
        if session.astray:
            session.astray = False
            log.info("queue membership is as it should be again", agent=session.number)
            self._on_change(session.number)

    def settle(self, session: AgentSession, state: AgentState, reason: str) -> None:
        """Into a state that nobody commanded; the membership follows."""
        self.set(session, state, reason)
        self._on_change(session.number)
        self.follow(session)

    # --- wrap-up ----------------------------------------------------------------------------------------

    def begin_wrap_up(self, session: AgentSession) -> None:
        session.wrap_up_until = self._clock.now() + session.wrap_up
        self._tasks.spawn(self._run_wrap_up(session), name="wrap-up")

    async def end_wrap_up(self, session: AgentSession) -> None:
        if session.leaving:
            # Not by way of ready: the queue would ring at once.
            await self.command(session, _E.SIGN_OUT)
        elif session.pause_after:
            await self.command(session, _E.PAUSE, session.pause_after)
        else:
            await self.command(session, _E.WRAP_UP_ENDED)

    async def _run_wrap_up(self, session: AgentSession) -> None:
        backoff = self._backoff()
        while session.state is _S.WRAP_UP and session.wrap_up_until is not None:
            left = session.wrap_up_until - self._clock.now()
            if left > timedelta(0):
                await self._clock.sleep(left)
                continue
            async with session.lock:
                if session.state is not _S.WRAP_UP:
                    return
                try:
                    await self.end_wrap_up(session)
                except PhoneError as error:
                    log.warning("wrap-up could not be ended", agent=session.number, error_id=error.error_id)
                except Exception:
                    # Our bug: who is left in wrap-up gets no calls, so it is tried again.
                    log.exception("wrap-up could not be ended", agent=session.number)
            await backoff.wait()

    def _backoff(self) -> Backoff:
        return Backoff(self._clock, first=FOLLOW_AGAIN, most=FOLLOW_AT_LEAST_EVERY)
