"""What happens to a three-way call when a leg hangs up: the dialplan acts, this follows, and completes what failed."""

from __future__ import annotations

import structlog

from cti.events import AgentLeftCall, CallerRequeued, LegDropped
from cti.threeway.conversation import SPECIALIST_LEFT, Conversation, Trouble
from cti.threeway.conversations import ConversationRegistry
from cti.threeway.leg_hangup import LegHangup
from cti.threeway.moves import Moves
from cti.threeway.rollback import Rollback
from cti.threeway.state import ThreewayEvent, ThreewayState
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.tasks import TaskOwner
from ivr.dialplan import CallPlace
from ivr.errors import ChannelGoneError, PhoneError
from ivr.events import ChannelHungUp, PhoneEvent

log = structlog.get_logger(__name__)
_S, _E = ThreewayState, ThreewayEvent
_CALLER_ON_HOLD = (_S.CONSULT_RINGING, _S.CONSULTING, _S.MERGING, _S.RETURNING)


class Hangups:
    def __init__(
        self,
        phone: Dispatcher[PhoneEvent],
        bus: Bus,
        clock: Clock,
        moves: Moves,
        conversations: ConversationRegistry,
        leg_hangup: LegHangup,
        rollback: Rollback,
        tasks: TaskOwner,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._moves = moves
        self._conversations = conversations
        self._leg_hangup = leg_hangup
        self._rollback = rollback
        self._tasks = tasks
        self._unsubscribe = phone.subscribe(self._on_hang_up, ChannelHungUp)

    def close(self) -> None:
        self._unsubscribe()

    def resume(self) -> None:
        """Finish the returns that no task is driving: found in Asterisk's state after a restart of the service."""
        for c in self._conversations.in_state(_S.RETURNING):
            if not c.lock.locked():
                self._tasks.spawn(self._return(c, None), name="return")

    def _on_hang_up(self, event: PhoneEvent) -> None:
        assert isinstance(event, ChannelHungUp)
        c = self._conversations.of_leg(event.channel, event.unique_id)
        if c is None:
            return
        if event.channel == c.caller_channel:
            self._caller_gone(c)
        elif event.channel == c.agent_channel:
            self._agent_gone(c)
        else:
            self._specialist_gone(c, event.cause)

    def _caller_gone(self, c: Conversation) -> None:
        before = c.state
        self._conversations.move(c, _E.CALLER_GONE)
        # In the room the dialplan has ended it for all; a phone that rings or listens to music it cannot reach.
        if before in (_S.CONSULT_RINGING, _S.TOGGLED):
            self._tasks.spawn(self._leg_hangup.hang_up(c.specialist_leg), name="end-specialist")

    def _agent_gone(self, c: Conversation) -> None:
        before = c.state
        self._conversations.move(c, _E.AGENT_GONE)
        if c.state is _S.WITHOUT_AGENT:
            self._bus.publish(AgentLeftCall(at=self._clock.now(), call_id=c.call_id, agent=c.agent))
        if before in (_S.CONSULT_RINGING, _S.TOGGLED):
            self._tasks.spawn(self._leg_hangup.hang_up(c.specialist_leg), name="end-specialist")
        if before in _CALLER_ON_HOLD:
            self._tasks.spawn(self._see_to_caller(c), name="see-to-caller")

    def _specialist_gone(self, c: Conversation, cause: int) -> None:
        c.specialist_channel = ""
        match c.state:
            case _S.CONSULT_RINGING:
                # The end of dialling says so too, and why; unless it has already said "answered".
                c.specialist_lost, c.specialist_cause = True, cause
                c.specialist_cause_known.set()
            case _S.CONSULTING | _S.MERGING:
                self._conversations.move(c, _E.SPECIALIST_GONE)
                self._dropped(c)
                self._tasks.spawn(self._return(c, SPECIALIST_LEFT), name="return")
            case _S.MERGED | _S.TOGGLED:
                c.trouble = None
                self._conversations.move(c, _E.SPECIALIST_GONE)
                self._dropped(c)
            case _:
                self._conversations.move(c, _E.SPECIALIST_GONE)

    async def _return(self, c: Conversation, trouble: Trouble | None) -> None:
        async with c.lock:
            if c.state is _S.RETURNING:
                await self._rollback.bring_back(c, trouble)

    async def _see_to_caller(self, c: Conversation) -> None:
        """The agent is lost in a consultation: the dialplan puts the caller back in the queue, or else we do."""
        try:
            place = await self._moves.settle(c)
        except ChannelGoneError:
            return
        except PhoneError:
            try:
                await self._moves.requeue(c)
            except PhoneError as error:
                log.warning("requeueing the caller failed", call_id=c.call_id, error_id=error.error_id)
                return
            place = CallPlace.QUEUE
        if place == CallPlace.QUEUE:
            self._bus.publish(CallerRequeued(at=self._clock.now(), call_id=c.call_id, agent=c.agent))

    def _dropped(self, c: Conversation) -> None:
        by = "agent" if c.specialist_dropped else "self"
        self._bus.publish(LegDropped(at=self._clock.now(), call_id=c.call_id, agent=c.agent, leg="specialist", by=by))
