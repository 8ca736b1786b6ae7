"""What suggestions ask of the cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class PastDispatch:
    """What a case was about, and where it finally went."""

    case_id: str
    text: str
    item_id: str
    unit_id: str | None


class DispatchHistory(Protocol):
    async def latest(self, db: AsyncSession, *, limit: int) -> Sequence[PastDispatch]:
        """The newest cases with an item whose handling is over, newest first; no confidential one."""
        ...
