"""The in-process bus: events go to the journal, then in order to whoever subscribed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import structlog

from hotline.kernel.events import Event, Recorded

log = structlog.get_logger(__name__)
T = TypeVar("T")


class Dispatcher(Generic[T]):
    """Delivers values to handlers by type, synchronously and in the order they were subscribed.

    Handlers must not block: one that has slow work puts the value in a bounded queue of its own. A handler
    that raises is logged and skipped; the others still get the value.
    """

    def __init__(self) -> None:
        self._handlers: dict[type, tuple[Callable[[T], None], ...]] = {}
        self._subscriptions: list[tuple[tuple[type, ...], Callable[[T], None]]] = []

    def subscribe(self, handler: Callable[[T], None], *types: type) -> Callable[[], None]:
        """Call `handler` for values of `types` and their subclasses; returns the undo, safe to call twice."""
        entry = (types, handler)
        self._subscriptions.append(entry)
        self._handlers.clear()

        def unsubscribe() -> None:
            if entry in self._subscriptions:
                self._subscriptions.remove(entry)
                self._handlers.clear()

        return unsubscribe

    def deliver(self, value: T, kind: type | None = None) -> None:
        """Hand `value` to every handler of its type (`kind`, when the value is a wrapper of it)."""
        key = kind or type(value)
        handlers = self._handlers.get(key)
        if handlers is None:
            handlers = tuple(h for types, h in self._subscriptions if issubclass(key, types))
            self._handlers[key] = handlers
        for handler in handlers:
            try:
                handler(value)
            except Exception:
                log.exception("event handler failed", event_type=key.__name__, handler=repr(handler))


class EventJournal(Protocol):
    """What the bus asks of the journal: never blocks, never raises."""

    def append(self, event: Event) -> int:
        """Take `event` for writing and return its sequence number."""
        ...


class Bus:
    """Publishes domain events: numbered by the journal first, then delivered."""

    def __init__(self, journal: EventJournal) -> None:
        self._journal = journal
        self._dispatcher: Dispatcher[Recorded] = Dispatcher()

    def subscribe(self, handler: Callable[[Recorded], None], *types: type[Event]) -> Callable[[], None]:
        """Call `handler` with each recorded event of `types` (and subclasses); returns the undo."""
        return self._dispatcher.subscribe(handler, *types)

    def publish(self, event: Event) -> Recorded:
        """Journal and deliver `event`; returns it with its sequence number."""
        recorded = Recorded(self._journal.append(event), event)
        self._dispatcher.deliver(recorded, type(event))
        return recorded
