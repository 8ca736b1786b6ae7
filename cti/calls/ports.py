"""What the call log asks of others; `cti/service.py` hands it in. Cases: see `cti.ports.CasesOfCalls`."""

from __future__ import annotations

from typing import Protocol

from hotline.kernel.events import Recorded


class AgentLookup(Protocol):
    """Presence's knowledge of who is which agent."""

    def number_of(self, user_id: str) -> str | None:
        """The agent's number (工号) of this user; None for one who is no agent."""
        ...

    def call_of(self, user_id: str) -> str | None:
        """The call that rings or is at this user's phone, or the last one until its wrap-up is over."""
        ...


class JournalReader(Protocol):
    """What the recorder asks of `hotline.kernel.journal.Journal`."""

    @property
    def available(self) -> bool:
        """Whether the database took the last batch."""
        ...

    async def flush(self) -> None: ...

    async def read(self, after_seq: int, limit: int = 1000) -> list[Recorded]: ...

    async def for_call(self, call_id: str) -> list[Recorded]: ...
