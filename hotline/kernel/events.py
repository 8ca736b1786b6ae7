"""Domain events: facts in the past tense, journaled with a sequence number, then published."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar

EVENT_TYPES: dict[str, type[Event]] = {}


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of every domain event.

    Subclasses are frozen keyword-only dataclasses whose fields are JSON-safe: str, int, float, bool, None,
    datetime, and tuples or string-keyed dicts of those. A subclass registers itself under `name`, which is
    its class name in dotted lower case: `CallQueued` → `call.queued`.
    """

    name: ClassVar[str] = "event"

    at: datetime
    call_id: str = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.name = re.sub(r"(?<!^)(?=[A-Z])", ".", cls.__name__).lower()
        known = EVENT_TYPES.setdefault(cls.name, cls)
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"two event classes are named {cls.name!r}: {known.__module__} and {cls.__module__}")
        EVENT_TYPES[cls.name] = cls  # dataclass(slots=True) makes the class twice

    def payload(self) -> dict[str, Any]:
        """All fields except `at` and `call_id`, as the journal stores them."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("at", "call_id")}


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its place in the journal: `seq` grows by one with each event of this service."""

    seq: int
    event: Event
