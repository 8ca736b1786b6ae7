"""Follows the calls on agents' phones through app_queue's events and publishes their outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Protocol

from cti.events import AgentAnswered, AgentLost, AgentMissed, AgentRang, HoldBegan, HoldEnded, TalkEnded
from cti.presence.session import AgentCall, AgentSession
from cti.presence.state import CallSideEvent, CallSideState
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.recent import Recent
from hotline.kernel.tasks import TaskOwner
from ivr import events as phone_events
from ivr.dialplan import Variable
from ivr.events import (
    AgentCompleted,
    AgentConnected,
    AgentRinging,
    AgentRingTimedOut,
    ChannelHungUp,
    ChannelVariableSet,
    HangupRequested,
    HoldStarted,
    PhoneEvent,
)
from ivr.switchboard import PhoneSnapshot

_C, _E = CallSideState, CallSideEvent
_SETTLE = timedelta(milliseconds=200)
"""app_queue reports a missed ring a moment before or after the hang-up of its leg."""


_ENDS_WITHIN = timedelta(seconds=2)
"""From who hangs up to the end of the other leg. A caller who was dropped from a three-way call may be long gone."""


class Move(Protocol):
    def __call__(self, session: AgentSession, event: CallSideEvent, call: AgentCall | None = None) -> bool:
        """Advance the state, with `call` as the one the agent has from now on; whether the event fitted."""
        ...


class AgentCalls:
    """`move` advances the phone's side where it can, `missed` counts an unanswered ring, `lost` pauses an agent whose
    phone is gone, `changed` notifies the screens.
    """

    def __init__(
        self,
        phone: Dispatcher[PhoneEvent],
        bus: Bus,
        clock: Clock,
        tasks: TaskOwner,
        sessions: Mapping[str, AgentSession],
        *,
        move: Move,
        missed: Callable[[AgentSession], None],
        lost: Callable[[AgentSession], None],
        changed: Callable[[AgentSession], None],
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._tasks = tasks
        self._sessions = sessions
        self._move = move
        self._missed = missed
        self._lost = lost
        self._changed = changed
        self._rings: dict[tuple[str, str], AgentCall] = {}
        """Agent's number and call → the ring whose end was not published yet: two queues may try one agent."""
        self.gone: Recent[str] = Recent(clock)
        """The channels that hung up lately, whether any agent was known to have them or not."""
        self._unsubscribe = phone.subscribe(
            self._on_event,
            AgentRinging,
            AgentRingTimedOut,
            AgentConnected,
            AgentCompleted,
            ChannelHungUp,
            HangupRequested,
            HoldStarted,
            phone_events.ChannelUnheld,
            ChannelVariableSet,
        )

    def close(self) -> None:
        self._unsubscribe()

    def reset(self, snapshot: PhoneSnapshot, *, restarted: bool) -> None:
        """Forget the rings that ended unobserved: their reason is unknown, so nothing is published."""
        # A restarted Asterisk reuses channel names.
        present = frozenset() if restarted else {channel.name for channel in snapshot.channels}
        for key, ring in list(self._rings.items()):
            # Those whose hang-up was received are about to be published.
            known = ring.agent_channel in present or ring.agent_channel in self.gone.since(ring.rang_at)
            if ring.rang_at < snapshot.asked_at and not known:
                del self._rings[key]

    def end_unseen(self, session: AgentSession) -> None:
        """The agent's call ended unobserved."""
        call = session.call
        if session.call_side is _C.TALKING and call is not None and call.ended_at is None:
            self._end_talk(session, call, by="system")

    def _on_event(self, event: PhoneEvent) -> None:
        match event:
            case AgentRinging():
                self._on_ringing(event)
            case AgentRingTimedOut():
                self._on_timed_out(event)
            case AgentConnected():
                self._on_connected(event)
            case AgentCompleted():
                self._on_completed(event)
            case HangupRequested():
                self._on_hangup_requested(event.channel)
            case ChannelHungUp():
                self._on_hung_up(event)
            case HoldStarted() | phone_events.ChannelUnheld():
                self._on_hold(event.channel, held=isinstance(event, HoldStarted))
            case ChannelVariableSet(variable=Variable.LOST_AGENT):
                self._on_lost(event)

    def _on_ringing(self, event: AgentRinging) -> None:
        session = self._sessions.get(event.member_name)
        if session is None:
            return
        ring = AgentCall(
            call_id=event.call_id,
            queue=event.queue,
            caller_channel=event.channel,
            agent_channel=event.agent_channel,
            rang_at=self._clock.now(),
        )
        ring.superseded = not self._move(session, _E.RANG, ring)
        if not ring.superseded:
            self._supersede(session)
        self._rings[session.number, event.call_id] = ring
        self._bus.publish(AgentRang(at=ring.rang_at, call_id=event.call_id, agent=session.number, queue=event.queue))

    def _supersede(self, session: AgentSession) -> None:
        """The phone is another call's now."""
        for (number, _), ring in self._rings.items():
            if number == session.number:
                ring.superseded = True

    def _on_timed_out(self, event: AgentRingTimedOut) -> None:
        session = self._sessions.get(event.member_name)
        if session is None or (ring := self._rings.pop((session.number, event.call_id), None)) is None:
            return
        if session.call_side is _C.RINGING and not ring.superseded:
            self._move(session, _E.RING_ENDED)
        self._publish_missed(session, ring, "timeout")
        if not ring.superseded:
            self._missed(session)

    def _on_connected(self, event: AgentConnected) -> None:
        session = self._sessions.get(event.member_name)
        if session is None:
            return
        self._rings.pop((session.number, event.call_id), None)
        self._supersede(session)
        now = self._clock.now()
        if session.call is None or session.call.agent_channel != event.agent_channel:
            session.call = AgentCall(
                call_id=event.call_id,
                queue=event.queue,
                caller_channel=event.channel,
                agent_channel=event.agent_channel,
                rang_at=now - timedelta(seconds=event.rang),
            )
        session.call.answered_at = now
        self._move(session, _E.ANSWERED)
        self._bus.publish(
            AgentAnswered(
                at=now,
                call_id=event.call_id,
                agent=session.number,
                queue=event.queue,
                waited_seconds=event.waited,
            )
        )

    def _on_completed(self, event: AgentCompleted) -> None:
        """app_queue's call ends with its caller. The talk ends with the agent's own leg, which follows at once, or
        only after the agent has spoken with a specialist.
        """
        session = self._sessions.get(event.member_name)
        if session is not None and (call := session.call) is not None and call.agent_channel == event.agent_channel:
            if event.reason in ("caller", "agent") and not self._ending(call):
                call.ended_by, call.ended_by_at = event.reason, self._clock.now()

    def _on_hung_up(self, event: ChannelHungUp) -> None:
        self.gone.note(event.channel)
        for key, ring in self._rings.items():
            if ring.agent_channel == event.channel:
                self._tasks.spawn(self._publish_withdrawn(key, ring), name="withdrawn")
        for session in self._sessions.values():
            call = session.call
            if call is None or call.agent_channel != event.channel or call.ended_at is not None:
                continue
            if session.call_side is _C.RINGING:
                self._move(session, _E.RING_ENDED)
            elif session.call_side is _C.TALKING:
                self._end_talk(session, call, by=call.ended_by if self._ending(call) else "system")
                self._move(session, _E.TALK_ENDED)
            return

    def _on_hangup_requested(self, channel: str) -> None:
        for session in self._sessions.values():
            if (call := session.call) is not None and not self._ending(call):
                if channel in (call.agent_channel, call.caller_channel):
                    call.ended_by = "agent" if channel == call.agent_channel else "caller"
                    call.ended_by_at = self._clock.now()

    def _ending(self, call: AgentCall) -> bool:
        """Whether somebody hung up a moment ago: the first one ends the call, all that follows is Asterisk's doing."""
        return self._clock.now() - call.ended_by_at < _ENDS_WITHIN

    def _on_lost(self, event: ChannelVariableSet) -> None:
        """The dialplan has seen the phone fall silent; whether app_queue has said before that the talk ended or not."""
        session = self._sessions.get(event.value)
        if session is None:
            return
        self._bus.publish(AgentLost(at=self._clock.now(), call_id=event.call_id, agent=session.number))
        call = session.call
        # A wrap-up of no length was over before the dialplan had looked. A ring that has begun already may be answered
        # yet, by a phone that has come back. Who talks on another call has a phone.
        if call is None or session.call_side is _C.RINGING or call.call_id == event.call_id:
            self._lost(session)

    async def _publish_withdrawn(self, key: tuple[str, str], ring: AgentCall) -> None:
        await self._clock.sleep(_SETTLE)
        session = self._sessions.get(key[0])
        if self._rings.get(key) is ring:
            del self._rings[key]
            if session is not None:
                self._publish_missed(session, ring, "withdrawn")

    def _on_hold(self, channel: str, *, held: bool) -> None:
        for session in self._sessions.values():
            call = session.call
            if call is None or call.agent_channel != channel or call.held is held or call.ended_at is not None:
                continue
            call.held = held
            kind = HoldBegan if held else HoldEnded
            self._bus.publish(kind(at=self._clock.now(), call_id=call.call_id, agent=session.number))
            self._changed(session)

    def _end_talk(self, session: AgentSession, call: AgentCall, *, by: str) -> None:
        call.ended_at = self._clock.now()
        call.held = False
        began = call.answered_at or call.rang_at
        self._bus.publish(
            TalkEnded(
                at=call.ended_at,
                call_id=call.call_id,
                agent=session.number,
                queue=call.queue,
                talk_seconds=round((call.ended_at - began).total_seconds()),
                by=by,
            )
        )

    def _publish_missed(self, session: AgentSession, ring: AgentCall, reason: str) -> None:
        now = self._clock.now()
        self._bus.publish(
            AgentMissed(
                at=now,
                call_id=ring.call_id,
                agent=session.number,
                queue=ring.queue,
                rang_seconds=round((now - ring.rang_at).total_seconds(), 1),
                reason=reason,
            )
        )
