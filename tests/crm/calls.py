"""A call log of a few lines, at our own port."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.kernel.http import Principal


@dataclass(frozen=True, kw_only=True)
class Party:
    caller_number: str
    enterprise_id: str | None = None
    contact_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class FakeEarlierCall:
    call_id: str
    started_at: datetime
    queue: str | None
    outcome: str
    agents: tuple[str, ...]
    talk_seconds: int
    survey: int | None


class FakeCalls:
    def __init__(self) -> None:
        self.parties: dict[str, Party] = {}
        self.three_ways: set[str] = set()
        self.specialists: dict[str, list[str]] = {}
        self.rang: dict[str, list[datetime]] = {}
        self.log: list[tuple[str, FakeEarlierCall]] = []
        self.not_readable: set[str] = set()

    async def rings(self, db: AsyncSession, call_ids: Collection[str]) -> Mapping[str, Sequence[datetime]]:
        return {call_id: self.rang[call_id] for call_id in call_ids if call_id in self.rang}

    def answered(self, call_id: str, number: str) -> None:
        call = FakeEarlierCall(
            call_id=call_id,
            started_at=datetime(2026, 3, 1, 1, 0, tzinfo=UTC),
            queue="enterprise",
            outcome="answered",
            agents=("1001",),
            talk_seconds=90,
            survey=1,
        )
        self.log.append((number, call))

    async def party(self, db: AsyncSession, call_id: str) -> Party | None:
        return self.parties.get(call_id)

    async def earlier(
        self, db: AsyncSession, *, number: str, enterprise_ids: Sequence[str], excluding: str, limit: int
    ) -> Sequence[FakeEarlierCall]:
        found = [call for known, call in reversed(self.log) if known == number and call.call_id != excluding]
        return found[:limit]

    async def known_to(self, db: AsyncSession, call_id: str, who: Principal) -> bool:
        return call_id not in self.not_readable

    async def had_three_way(self, db: AsyncSession, call_id: str) -> bool:
        return call_id in self.three_ways

    async def specialists_of(self, db: AsyncSession, call_id: str) -> Sequence[str]:
        return self.specialists.get(call_id, [])
