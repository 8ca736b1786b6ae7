"""What was heard a moment ago: newer than a snapshot that was asked for before."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from datetime import datetime
from typing import Generic, TypeVar

from hotline.kernel.clock import Clock

K = TypeVar("K", bound=Hashable)
MOST = 5_000
"""A busy minute; a snapshot is compared within seconds."""


class Recent(Generic[K]):
    """Keys in the order in which they were noted; the oldest are forgotten."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._noted: deque[tuple[datetime, K]] = deque(maxlen=MOST)

    def note(self, key: K) -> None:
        self._noted.append((self._clock.now(), key))

    def since(self, at: datetime) -> frozenset[K]:
        """All that was noted at `at` or later."""
        return frozenset(key for noted, key in self._noted if noted >= at)
