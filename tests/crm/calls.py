"""A call log of a few lines, at our own port."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.ports import CallParty, EarlierCall


class FakeCalls:
    def __init__(self) -> None:
        self.parties: dict[str, CallParty] = {}
        self.three_ways: set[str] = set()
        self.log: list[tuple[str, EarlierCall]] = []

    def answered(self, call_id: str, number: str) -> None:
        call = EarlierCall(
            call_id=call_id,
            started_at=datetime(2026, 3, 1, 1, 0, tzinfo=UTC),
            queue="enterprise",
            outcome="answered",
            agents=("1001",),
            talk_seconds=90,
            survey=1,
        )
        self.log.append((number, call))

    async def party(self, db: AsyncSession, call_id: str) -> CallParty | None:
        return self.parties.get(call_id)

    async def earlier(
        self, db: AsyncSession, *, number: str, enterprise_id: str | None, besides: str, limit: int
    ) -> Sequence[EarlierCall]:
        found = [call for known, call in reversed(self.log) if known == number and call.call_id != besides]
        return found[:limit]

    async def had_three_way(self, db: AsyncSession, call_id: str) -> bool:
        return call_id in self.three_ways
