"""The one place where an agent's state changes: checked by the table, logged, followed by the queue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog

from cti.presence.membership import Memberships
from cti.presence.session import AgentCall, AgentSession, Phone, desired
from cti.presence.state import (
    OFF,
    AgentState,
    CallSideEvent,
    CallSideState,
    PresenceConflictError,
    Wanted,
    Wish,
    advance,
)
from hotline.kernel.clock import Backoff, Clock
from hotline.kernel.tasks import TaskOwner
from ivr.errors import PhoneError

log = structlog.get_logger(__name__)
_C, _E = CallSideState, CallSideEvent
FOLLOW_AGAIN = timedelta(seconds=1)
FOLLOW_AT_LEAST_EVERY = timedelta(seconds=30)
"""A membership that Asterisk did not take is tried again after the first, and then ever more slowly."""


class AgentMachine:
    """A command changes the membership first and the wish after it, so that a refused change is never shown.

    An event changes the phone's side at once; the membership follows, and where that fails, it is tried again until
    Asterisk has it so; until then the agent's screen says why.
    `command()`, `change_phone()` and `end_wrap_up()` are called with the session's lock held.
    """

    def __init__(
        self,
        memberships: Memberships,
        clock: Clock,
        tasks: TaskOwner,
        *,
        on_change: Callable[[str], None],
    ) -> None:
        self._memberships = memberships
        self._clock = clock
        self._tasks = tasks
        self._on_change = on_change

    # --- what is wanted ---------------------------------------------------------------------------------

    async def command(self, session: AgentSession, wish: Wish) -> None:
        """Returns once Asterisk has it. A command in wrap-up ends that too: the agent has finished with the call.

        Raises a PhoneError with the state as it was, to which the membership returns. So it is with an unexpected
        error.
        """
        before, call = session.call_side, session.call
        side = advance(before, _E.WRAP_UP_ENDED, own_call=bool(session.own_devices)) if before is _C.WRAP_UP else before
        await self._apply(session, wish, side)
        # The phone may have rung meanwhile: that side is kept, and its event syncs the membership again.
        self._set(session, wish=wish, side=side if (session.call_side, session.call) == (before, call) else None)

    def impose(self, session: AgentSession, wish: Wish) -> None:
        """The service wants it on the agent's behalf, at once; the membership follows."""
        self._set(session, wish=wish)
        self.follow(session)

    def pause_if_ready(self, session: AgentSession, reason: str) -> None:
        """The service pauses who would get calls; a pause that the agent chose keeps its reason."""
        if session.wish.wanted is Wanted.READY:
            self.impose(session, Wish(Wanted.PAUSED, reason))

    async def change_phone(self, session: AgentSession, phone: Phone) -> None:
        """Move the membership to the agent's other phone. Raises a PhoneError with the phone as it was."""
        before, session.phone = session.phone, phone
        try:
            await self._apply(session, session.wish, session.call_side)
        except Exception:
            session.phone = before
            raise

    # --- what the phone does ----------------------------------------------------------------------------

    def event(self, session: AgentSession, event: CallSideEvent, call: AgentCall | None = None) -> bool:
        """What a call did, which the agent has from now on where it is given.

        An event that does not fit is logged and changes nothing; returns whether it fitted.
        """
        try:
            side = advance(session.call_side, event, own_call=bool(session.own_devices))
        except PresenceConflictError as error:
            log.warning(
                "call event does not match the agent's state",
                agent=session.number,
                state=session.call_side.value,
                reason=error.detail,
            )
            return False
        session.call = call or session.call
        self._set(session, side=side)
        self.follow(session)
        return True

    def own_call(self, session: AgentSession, endpoint: str, *, busy: bool) -> None:
        """One of the agent's phones began or ended a call of the agent's own. Safe to call again."""
        had = bool(session.own_devices)
        (session.own_devices.add if busy else session.own_devices.discard)(endpoint)
        if session.at_rest and had is not bool(session.own_devices):
            self.event(session, _E.OWN_CALL_ENDED if had else _E.OWN_CALL_BEGAN)

    def replace_leg(self, session: AgentSession, channel: str) -> None:
        """The agent continues the same call on another channel."""
        if session.call is not None:
            session.call.agent_channel, session.call.held = channel, False
            session.call_side_at = self._clock.now()
            self._on_change(session.number)

    def adopt(self, session: AgentSession, *, wish: Wish | None = None, side: CallSideState | None = None) -> None:
        """Take what Asterisk shows; the caller brings the membership in line."""
        self._set(session, wish=wish, side=side)

    def _set(self, session: AgentSession, *, wish: Wish | None = None, side: CallSideState | None = None) -> None:
        shown = session.state, session.pause_reason
        before = session.call_side
        if wish is not None:
            session.wish, session.wish_known = OFF if session.retired else wish, True
        if side is not None and (side is not before or side is _C.TALKING or side is _C.RINGING):
            session.call_side, session.call_side_at = side, self._clock.now()
            if side is _C.WRAP_UP:
                self._begin_wrap_up(session)
            else:
                session.wrap_up_until = None
            if session.at_rest:
                session.call = None
        if shown != (session.state, session.pause_reason):
            self._state_changed(session, previous=shown[0])
        self._on_change(session.number)

    def _state_changed(self, session: AgentSession, *, previous: AgentState) -> None:
        state = session.state
        reason = session.pause_reason if state is AgentState.PAUSED else ""
        if state is not previous or state is AgentState.PAUSED:
            session.since = self._clock.now()
            log.info(
                "agent state changed", agent=session.number, previous=previous.value, state=state.value, reason=reason
            )

    # --- membership -------------------------------------------------------------------------------------

    async def sync(self, session: AgentSession) -> None:
        """Bring the membership in line with the state, now. Raises PhoneError. With the session's lock held."""
        await self._memberships.apply(session.number, desired(session, session.wish, session.call_side))
        if session.out_of_sync:
            session.out_of_sync = False
            log.info("queue membership in sync again", agent=session.number)
            self._on_change(session.number)

    def follow(self, session: AgentSession) -> None:
        """Bring the membership in line in the background, and try again until it is."""
        self._tasks.spawn(self._follow(session), name="follow")

    async def _apply(self, session: AgentSession, wish: Wish, side: CallSideState) -> None:
        """Have the membership that goes with `wish` and `side`, or the present one again, and raise."""
        try:
            await self._memberships.apply(session.number, desired(session, wish, side))
        except Exception:
            self.follow(session)
            raise
        if session.out_of_sync:
            self.follow(session)

    async def _follow(self, session: AgentSession) -> None:
        if await self._synced(session) or session.out_of_sync:
            return  # With `out_of_sync`, another task tries again already.
        session.out_of_sync = True
        self._on_change(session.number)
        backoff = self._backoff()
        while session.out_of_sync:
            await backoff.wait()
            await self._synced(session)

    async def _synced(self, session: AgentSession) -> bool:
        async with session.lock:
            try:
                await self.sync(session)
            except PhoneError as error:
                log.warning("queue membership out of sync", agent=session.number, error_id=error.error_id)
                return False
            except Exception:
                # Our bug: the next try may fare better, and until then the agent's screen must say why.
                log.exception("queue membership out of sync", agent=session.number)
                return False
        return True

    # --- wrap-up ----------------------------------------------------------------------------------------

    async def end_wrap_up(self, session: AgentSession) -> None:
        """Into whatever is wanted. Raises a PhoneError with the wrap-up as it was."""
        await self.command(session, session.wish)

    def restart_wrap_up(self, session: AgentSession) -> None:
        """Its timer may have failed with the link."""
        if session.wrap_up_until is None or session.wrap_up_until <= self._clock.now():
            self._begin_wrap_up(session)

    def _begin_wrap_up(self, session: AgentSession) -> None:
        session.wrap_up_until = self._clock.now() + session.wrap_up
        self._tasks.spawn(self._run_wrap_up(session), name="wrap-up")

    async def _run_wrap_up(self, session: AgentSession) -> None:
        backoff = self._backoff()
        while session.call_side is _C.WRAP_UP and session.wrap_up_until is not None:
            left = session.wrap_up_until - self._clock.now()
            if left > timedelta(0):
                await self._clock.sleep(left)
                continue
            async with session.lock:
                if session.call_side is not _C.WRAP_UP:
                    return
                try:
                    await self.end_wrap_up(session)
                except PhoneError as error:
                    log.warning("ending the wrap-up failed", agent=session.number, error_id=error.error_id)
                except Exception:
                    # Our bug: who is left in wrap-up gets no calls, so it is tried again.
                    log.exception("ending the wrap-up failed", agent=session.number)
            await backoff.wait()

    def _backoff(self) -> Backoff:
        return Backoff(self._clock, first=FOLLOW_AGAIN, most=FOLLOW_AT_LEAST_EVERY)
