"""What this floor asks of the floors below about calls; `hotline/app.py` hands it in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True, kw_only=True)
class CallParty:
    """Who is on a call, as far as the telephone side knows. `number` as the trunk shows it, "" when withheld."""

    number: str
    enterprise_id: str | None = None
    contact_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierCall:
    """A call in the past, for the screen pop. `outcome` and `survey` as in the call log."""

    call_id: str
    started_at: datetime
    queue: str | None
    outcome: str
    agents: tuple[str, ...]
    talk_seconds: int
    survey: int | None


class CallHistory(Protocol):
    """The call log, of live and of ended calls."""

    async def party(self, db: AsyncSession, call_id: str) -> CallParty | None:
        """Who is or was on this call; None where it is not known."""
        ...

    async def earlier(
        self, db: AsyncSession, *, number: str, enterprise_id: str | None, besides: str, limit: int
    ) -> Sequence[EarlierCall]:
        """The latest calls from this number or, where given, of this enterprise, newest first, without `besides`."""
        ...

    async def had_three_way(self, db: AsyncSession, call_id: str) -> bool:
        """Whether a specialist and the caller spoke with the agent on this call."""
        ...
