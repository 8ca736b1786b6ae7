"""What this floor asks of the call log and of the roster of agents; `hotline/app/composition.py` hands it in.

The rows are protocols, since the floor that keeps the log cannot import this one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.kernel.http import Principal


class CallPartyInfo(Protocol):
    """Who is on a call, as far as the telephone side knows."""

    @property
    def caller_number(self) -> str:
        """As the trunk shows it; "" when withheld."""
        ...

    @property
    def enterprise_id(self) -> str | None: ...
    @property
    def contact_id(self) -> str | None: ...


class EarlierCallInfo(Protocol):
    """A call in the past, for the screen pop. `outcome` and `survey` as in the call log."""

    @property
    def call_id(self) -> str: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def queue(self) -> str | None: ...
    @property
    def outcome(self) -> str: ...
    @property
    def agents(self) -> Sequence[str]: ...
    @property
    def talk_seconds(self) -> int: ...
    @property
    def survey(self) -> int | None: ...


class CallHistory(Protocol):
    """The call log, of live and of ended calls."""

    async def party(self, db: AsyncSession, call_id: str) -> CallPartyInfo | None:
        """Who is or was on this call; None where it is not known."""
        ...

    async def earlier(
        self, db: AsyncSession, *, number: str, enterprise_ids: Sequence[str], excluding: str, limit: int
    ) -> Sequence[EarlierCallInfo]:
        """The latest calls from this number or of these enterprises, newest first, without `excluding`."""
        ...

    async def known_to(self, db: AsyncSession, call_id: str, who: Principal) -> bool:
        """Whether `who` may know of this call: it is or was at their phone, or they may read all."""
        ...

    async def rings(self, db: AsyncSession, call_ids: Collection[str]) -> Mapping[str, Sequence[datetime]]:
        """When each of these calls, once it is over, rang at agents who answered it."""
        ...

    async def had_three_way(self, db: AsyncSession, call_id: str) -> bool:
        """Whether a specialist and the caller spoke with the agent on this call."""
        ...

    async def specialists_of(self, db: AsyncSession, call_id: str) -> Sequence[str]:
        """The ids of the specialists who did, in order."""
        ...


@dataclass(frozen=True, slots=True)
class CitableKnowledge:
    """A published version of an entry of the knowledge base."""

    title: str
    for_agents: bool
    """An agent may answer from it; else only the unit's specialist."""


class KnowledgeBook(Protocol):
    """What cases may cite."""

    async def citable(
        self, db: AsyncSession, wanted: Collection[tuple[str, int]]
    ) -> Mapping[tuple[str, int], CitableKnowledge]:
        """By entry and number of the version; without those that are not published."""
        ...


class OpenCases(Protocol):
    """The cases that units have not answered yet."""

    async def of_unit(self, db: AsyncSession, unit_id: str) -> int:
        """How many assignments of this unit are open."""
        ...


class InternalNumbers(Protocol):
    """The numbers that phones at our Asterisk register by or dial."""

    async def holder(self, db: AsyncSession, number: str) -> str | None:
        """Who already has this number, in words for the administrator of the units; None if nobody has it."""
        ...
