"""What the call flow needs from the floors above, and from the outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from hotline.calendars.current import Calendars

CalendarSource = Callable[[], Calendars]
"""The tables of working hours and the holidays as they are now; never waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerIdentity:
    """Who is known to call from a number."""

    enterprise_id: str | None
    enterprise_name: str
    contact_id: str | None
    contact_name: str
    skip_menu: bool = False
    """This enterprise goes straight to its queue."""


class CallerDirectory(Protocol):
    async def identify(self, number: str) -> CallerIdentity | None:
        """Whose `number` it is, or None. The caller waits: an answer after 300 ms is not used."""
        ...


class NobodyKnown:
    """A directory for a hotline that has none."""

    async def identify(self, number: str) -> CallerIdentity | None:
        return None
