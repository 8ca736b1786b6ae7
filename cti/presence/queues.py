"""Who waits at which queue, in memory, from app_queue's events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hotline.kernel.bus import Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.recent import Recent
from ivr.events import CallerAbandonedQueue, CallerJoinedQueue, CallerLeftQueue, ChannelHungUp, PhoneEvent
from ivr.switchboard import PhoneSnapshot

LABELS: Final = {"enterprise": ("企业服务专席", "Enterprise queue"), "public": ("综合服务席", "Public queue")}
"""Queue → its name in Chinese and English; another queue shows its own name."""
_ANY: Final = ""
"""Whichever queue: the channel has hung up."""


@dataclass(frozen=True, slots=True)
class Waiting:
    count: int
    longest_since: datetime | None


class QueueBoard:
    def __init__(self, phone: Dispatcher[PhoneEvent], clock: Clock, *, on_change: Callable[[], None]) -> None:
        self._clock = clock
        self._on_change = on_change
        self._since: dict[str, dict[str, datetime]] = {queue: {} for queue in LABELS}
        self._left: Recent[tuple[str, str]] = Recent(clock)
        """Queue and channel; also of callers without any other event."""
        self._unsubscribe = phone.subscribe(
            self._on_event, CallerJoinedQueue, CallerLeftQueue, CallerAbandonedQueue, ChannelHungUp
        )

    def close(self) -> None:
        self._unsubscribe()

    @property
    def queues(self) -> list[str]:
        return list(self._since)

    def waiting(self, queue: str) -> Waiting:
        since = self._since.get(queue, {})
        return Waiting(len(since), min(since.values(), default=None))

    def resync(self, snapshot: PhoneSnapshot) -> None:
        """Take Asterisk's word for who waits, but for those who joined or left since it was asked."""
        now, left = self._clock.now(), self._left.since(snapshot.asked_at)
        for since in self._since.values():
            for channel in [channel for channel, joined in since.items() if joined < snapshot.asked_at]:
                del since[channel]
        for entry in snapshot.entries:
            if not left & {(entry.queue, entry.channel), (_ANY, entry.channel)}:
                self._since.setdefault(entry.queue, {}).setdefault(entry.channel, now - entry.waited)
        self._on_change()

    def _on_event(self, event: PhoneEvent) -> None:
        match event:
            case CallerJoinedQueue():
                self._since.setdefault(event.queue, {})[event.channel] = self._clock.now()
            case CallerLeftQueue() | CallerAbandonedQueue():
                self._left.note((event.queue, event.channel))
                if self._since.get(event.queue, {}).pop(event.channel, None) is None:
                    return
            case ChannelHungUp():
                self._left.note((_ANY, event.channel))
                if not any([since.pop(event.channel, None) for since in self._since.values()]):
                    return
        self._on_change()
