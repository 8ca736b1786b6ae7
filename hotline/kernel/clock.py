"""Time as a dependency, so that tests never wait for it."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the service asks of time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back; only differences mean anything."""
        ...

    async def sleep(self, delay: timedelta) -> None: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, delay: timedelta) -> None:
        await asyncio.sleep(delay.total_seconds())


class Backoff:
    """The pauses between tries of one thing: the first is `first`, each later one twice as long, up to `most`."""

    def __init__(self, clock: Clock, *, first: timedelta, most: timedelta) -> None:
        self._clock = clock
        self._pause = first
        self._most = most

    async def wait(self) -> None:
        await self._clock.sleep(self._pause)
        self._pause = min(self._pause * 2, self._most)


async def sleep_unless(clock: Clock, delay: timedelta, woken: asyncio.Event) -> None:
    """Sleep for `delay` by `clock`, or until `woken` is set; it is cleared in either case."""
    sleep = asyncio.ensure_future(clock.sleep(delay))
    wake = asyncio.ensure_future(woken.wait())
    try:
        await asyncio.wait((sleep, wake), return_when=asyncio.FIRST_COMPLETED)
    finally:
        sleep.cancel()
        wake.cancel()
    woken.clear()
