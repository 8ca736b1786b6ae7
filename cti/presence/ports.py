"""What the roster of agents asks of the floor above; `hotline/app/composition.py` hands it in."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


class InternalPhones(Protocol):
    async def holder(self, db: AsyncSession, number: str) -> str | None:
        """Who has this number as an internal phone, and where, in words for an administrator; None if nobody has it."""
        ...
