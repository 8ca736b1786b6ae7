"""Unread events of one call. Written from outside, read only by the call's flow."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from hotline.kernel.clock import Clock
from ivr.events import ChannelEvent, DigitPressed

LIMIT = 256
"""Events waiting in one call. Beyond it keys are dropped; the others are bounded by what we command."""


class Mailbox:
    """`read` is called with each event, in order, and only while the flow is in `drain` or `pump`."""

    def __init__(self, clock: Clock, read: Callable[[ChannelEvent], None]) -> None:
        self._clock = clock
        self._read = read
        self._events: deque[ChannelEvent] = deque()
        self._wake = asyncio.Event()
        self._deadline: float | None = None

    def put(self, event: ChannelEvent) -> None:
        """From outside, at any time."""
        if len(self._events) >= LIMIT and isinstance(event, DigitPressed):
            return
        self._events.append(event)
        self._wake.set()

    def wake(self) -> None:
        """Have the reader check its condition again."""
        self._wake.set()

    def tick(self) -> None:
        """Once a second: wake a reader whose deadline has passed."""
        if self._deadline is not None and self._clock.monotonic() >= self._deadline:
            self._wake.set()

    def drain(self) -> None:
        """Read what is there."""
        while self._events:
            self._read(self._events.popleft())

    async def pump(self, done: Callable[[], bool], within: timedelta | None) -> bool:
        """Read until `done`; False if the time is over first. Two at once would take each other's events."""
        deadline = None if within is None else self._clock.monotonic() + within.total_seconds()
        try:
            while True:
                self.drain()
                if done():
                    return True
                if deadline is not None and self._clock.monotonic() >= deadline:
                    return False
                self._deadline = deadline
                self._wake.clear()
                await self._wake.wait()
        finally:
            self._deadline = None
