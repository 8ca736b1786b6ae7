"""What a page shows has changed: one way only, from the services that change to whoever shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hotline.kernel.bus import Dispatcher


@dataclass(frozen=True, slots=True)
class AgentChanged:
    number: str


@dataclass(frozen=True, slots=True)
class CallChanged:
    call_id: str


@dataclass(frozen=True, slots=True)
class QueuesChanged:
    """Who waits, or who serves."""


Change = AgentChanged | CallChanged | QueuesChanged


class Changes:
    """Delivered at once and in order; a listener that raises disturbs nobody."""

    def __init__(self) -> None:
        self._dispatcher: Dispatcher[Change] = Dispatcher()

    def agent(self, number: str) -> None:
        self._dispatcher.deliver(AgentChanged(number))

    def call(self, call_id: str) -> None:
        self._dispatcher.deliver(CallChanged(call_id))

    def queues(self) -> None:
        self._dispatcher.deliver(QueuesChanged())

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener`, which must not block, with every change; returns the undo."""
        return self._dispatcher.subscribe(listener, AgentChanged, CallChanged, QueuesChanged)
