"""Tells of a caller who waits again without the flow's doing: an agent was lost, and the dialplan saw to it."""

from __future__ import annotations

from callflow.events import CallQueued
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.clock import Clock
from ivr.dialplan import CallPlace, Variable
from ivr.events import CallerJoinedQueue, ChannelHungUp, ChannelVariableSet, PhoneEvent

PRIORITY = 1000
"""As hotline.conf and threeway.conf give them: before all others."""


class Requeues:
    """Publishes `CallQueued` for such a stay. The dialplan says what it is about to do, app_queue that it is done."""

    def __init__(self, phone: Dispatcher[PhoneEvent], bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._due: set[str] = set()
        """The channels of callers who are on their way back."""
        self._unsubscribe = phone.subscribe(self._on_event, ChannelVariableSet, CallerJoinedQueue, ChannelHungUp)

    def close(self) -> None:
        self._unsubscribe()

    def _on_event(self, event: PhoneEvent) -> None:
        match event:
            case (
                ChannelVariableSet(variable=Variable.LOST_AGENT)
                | ChannelVariableSet(variable=Variable.PLACE, value=CallPlace.QUEUE)
            ):
                self._due.add(event.channel)
            case CallerJoinedQueue() if event.channel in self._due:
                self._due.discard(event.channel)
                self._bus.publish(
                    CallQueued(at=self._clock.now(), call_id=event.call_id, queue=event.queue, priority=PRIORITY)
                )
            case ChannelHungUp():
                self._due.discard(event.channel)
            case _:
                pass
