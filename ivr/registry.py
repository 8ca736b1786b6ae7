"""All live calls, by channel; and the two clocks that keep callers from being stranded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

import structlog

from hotline.kernel.bus import Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.recent import Recent
from hotline.kernel.tasks import TaskOwner, repeat
from ivr.dialplan import DRILL_CHANNEL
from ivr.errors import PhoneError
from ivr.events import (
    AgiCommandBegan,
    AgiCommandDone,
    AgiEnded,
    AgiStarted,
    ChannelEvent,
    ChannelHungUp,
    ChannelVariableSet,
    DigitPressed,
    HangupRequested,
    PhoneEvent,
    QueueEvent,
)
from ivr.lease import Lease
from ivr.session import DEAD_MAN, CallSession
from ivr.state import CallState
from ivr.switchboard import Switchboard

log = structlog.get_logger(__name__)

LEASE_EVERY = timedelta(seconds=3)
RENEW_AFTER = timedelta(seconds=6)
"""The dialplan's own first limit is 12 s; a call shorter than this in AGI needs no renewal at all."""
TICK = timedelta(seconds=1)
PAUSE = timedelta(milliseconds=500)


class CallRegistry:
    """Sorts phone events into calls, and starts a session for each new one.

    `on_call` gets every unknown call that AGI has started for; it must start the call's flow.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        phone: Dispatcher[PhoneEvent],
        clock: Clock,
        on_call: Callable[[CallSession, AgiStarted], None],
        *,
        lease: Lease | None = None,
    ) -> None:
        self._switchboard = switchboard
        self._phone = phone
        self._clock = clock
        self._on_call = on_call
        self._lease = lease or Lease(switchboard, clock)
        self._by_unique_id: dict[str, CallSession] = {}
        self.gone: Recent[str] = Recent(clock)
        """Unique ids of channels that hung up lately, calls or not."""
        self._tasks = TaskOwner("calls")
        self._unsubscribe: Callable[[], None] | None = None

    def __len__(self) -> int:
        return len(self._by_unique_id)

    def __iter__(self) -> Iterator[CallSession]:
        return iter(tuple(self._by_unique_id.values()))

    def by_unique_id(self, unique_id: str) -> CallSession | None:
        return self._by_unique_id.get(unique_id)

    def start(self) -> None:
        """Listen, and hold the lease: from now on the dialplan sends callers here."""
        self._unsubscribe = self._phone.subscribe(
            self._route,
            AgiStarted,
            AgiCommandBegan,
            AgiCommandDone,
            AgiEnded,
            DigitPressed,
            HangupRequested,
            ChannelHungUp,
            QueueEvent,
            ChannelVariableSet,
        )
        self._keep("lease", self._hold_lease, trouble="lease not renewed")
        # A failure in one call must not stop the renewal of all others' dead-man timers.
        self._keep("tick", self._tick, trouble="call tick failed")

    def _keep(self, name: str, work: Callable[[], Awaitable[None]], *, trouble: str) -> None:
        self._tasks.spawn(repeat(work, clock=self._clock, pause=PAUSE, trouble=trouble), name=name)

    async def close(self) -> None:
        """Release the lease, so that the next caller gets the safe flow at once; safe to call twice."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
            await self._tasks.close()
            await self._lease.release()

    def add(self, session: CallSession) -> None:
        """Take in a session; one already known by its channel is replaced."""
        self._by_unique_id[session.unique_id] = session

    def remove(self, session: CallSession) -> None:
        """Forget a call that is over; safe to call twice."""
        if self._by_unique_id.get(session.unique_id) is session:
            del self._by_unique_id[session.unique_id]

    def new_session(
        self, *, call_id: str, channel: str, unique_id: str, state: CallState = CallState.IN_FLOW
    ) -> CallSession:
        """A session on this switchboard, taken in."""
        session = CallSession(
            call_id=call_id,
            channel=channel,
            unique_id=unique_id,
            switchboard=self._switchboard,
            clock=self._clock,
            state=state,
        )
        self.add(session)
        return session

    def _route(self, event: PhoneEvent) -> None:
        assert isinstance(event, ChannelEvent)
        if isinstance(event, ChannelHungUp):
            self.gone.note(event.unique_id)
        session = self._by_unique_id.get(event.unique_id)
        if session is not None:
            session.deliver(event)
        elif isinstance(event, AgiStarted) and not event.channel.startswith(DRILL_CHANNEL):
            session = self.new_session(
                call_id=event.call_id or event.unique_id, channel=event.channel, unique_id=event.unique_id
            )
            session.deliver(event)
            self._on_call(session, event)

    # --- never strand a caller --------------------------------------------------------------------------

    async def renew_lease(self) -> None:
        """Claim new calls for the next ten seconds. An extra renewal does no harm."""
        if self._switchboard.ready:
            try:
                await self._lease.renew()
            except PhoneError as error:
                log.warning("lease not renewed", reason=error.error_id)

    async def _hold_lease(self) -> None:
        await self.renew_lease()
        await self._clock.sleep(LEASE_EVERY)

    async def _tick(self) -> None:
        await self._clock.sleep(TICK)
        for session in self:
            session.tick()
        await self._renew()

    async def _renew(self) -> None:
        """Renew the dead-man timer of calls in AGI. One in a queue has none: it would cut off a talk."""
        limit = self._clock.monotonic() - RENEW_AFTER.total_seconds()
        due = [s for s in self if s.tended and s.state is CallState.IN_FLOW and s.renewed_at <= limit]
        if due and self._switchboard.ready:
            await asyncio.gather(*(self._renew_one(session) for session in due))

    async def _renew_one(self, session: CallSession) -> None:
        # Checked once more: a call that has since left for a queue would be cut off in its talk. A command
        # to leave that is sent after this one is also carried out after it.
        if session.state is not CallState.IN_FLOW or not session.tended:
            return
        session.renewed_at = self._clock.monotonic()
        try:
            await self._switchboard.set_absolute_timeout(session.channel, DEAD_MAN)
        except PhoneError as error:
            log.debug("dead-man timer not renewed", call_id=session.call_id, reason=error.error_id)
