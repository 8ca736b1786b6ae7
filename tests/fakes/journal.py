"""An `EventJournal` in memory."""

from __future__ import annotations

from hotline.kernel.events import Event


class ListJournal:
    """Keeps events in a list."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def append(self, event: Event) -> int:
        self.events.append(event)
        return len(self.events)
