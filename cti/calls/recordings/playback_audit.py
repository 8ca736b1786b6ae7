"""Who listened to what in the last minutes: a browser asks for a recording in many parts, and playing it is one act."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import timedelta
from weakref import WeakValueDictionary

from cti.calls.schemas import Side
from hotline.kernel.clock import Clock

AUDIT_EVERY = timedelta(minutes=10)
_REMEMBERED = 10_000
_Key = tuple[str, str, bool]
"""User, call, and whether it is the message left rather than the talk."""


class PlaybackAudit:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._written: OrderedDict[_Key, float] = OrderedDict()
        self._locks: WeakValueDictionary[_Key, asyncio.Lock] = WeakValueDictionary()

    async def note(self, user_id: str, call_id: str, side: Side, write: Callable[[], Awaitable[None]]) -> None:
        """Return once this listening is written down: by `write`, unless one of the last minutes was.

        Raises what `write` raises; nothing may be played then, and the next requested part is written again.
        """
        key = (user_id, call_id, side is Side.VOICEMAIL)
        async with self._locks.setdefault(key, asyncio.Lock()):
            now = self._clock.monotonic()
            last = self._written.get(key)
            if last is not None and now - last < AUDIT_EVERY.total_seconds():
                return
            await write()
            self._written[key] = now
            self._written.move_to_end(key)
            if len(self._written) > _REMEMBERED:
                self._written.popitem(last=False)
