"""The demo city's calls: as many as its cases refer to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.schemas import CaseDraft
from crm.units.models import Specialist
from cti.calls.history.record import Attempt, CallRecord, SpecialistPart
from hotline.kernel.http import Principal
from hotline.kernel.ids import uuid7

_TALK = timedelta(minutes=8)


@dataclass(frozen=True, slots=True)
class _Party:
    caller_number: str
    enterprise_id: str | None
    contact_id: str | None


class DemoCalls:
    """The calls that this load has written into the call log; implements `crm.ports.CallHistory`."""

    def __init__(self) -> None:
        self.records: dict[str, CallRecord] = {}

    async def party(self, _db: AsyncSession, call_id: str) -> _Party | None:
        record = self.records.get(call_id)
        return _Party(record.caller_number, record.enterprise_id, record.contact_id) if record else None

    async def earlier(
        self, _db: AsyncSession, *, number: str, enterprise_ids: Sequence[str], excluding: str, limit: int
    ) -> Sequence[Any]:
        return ()

    async def known_to(self, _db: AsyncSession, call_id: str, who: Principal) -> bool:
        return call_id in self.records

    async def rings(self, db: AsyncSession, call_ids: Collection[str]) -> Mapping[str, Sequence[datetime]]:
        return {}

    async def had_three_way(self, _db: AsyncSession, call_id: str) -> bool:
        return (record := self.records.get(call_id)) is not None and record.had_three_way

    async def specialists_of(self, _db: AsyncSession, call_id: str) -> Sequence[str]:
        record = self.records.get(call_id)
        return [part.specialist_id for part in record.threeway] if record else []


def three_way_call(
    draft: CaseDraft, agent: str, specialist: Specialist, *, unit: str, enterprise: str, ended_at: datetime
) -> CallRecord:
    """An agent's call with the caller of `draft`, which the specialist joined."""
    began = ended_at - _TALK
    return CallRecord(
        call_id=uuid7(),
        started_at=began,
        caller_number=draft.callback_number,
        dialed="12345",
        enterprise_id=draft.enterprise_id,
        enterprise_name=enterprise,
        contact_id=draft.contact_id,
        queue="enterprise",
        queued_at=began,
        answered_at=began,
        attempts=[Attempt(agent=agent, queue="enterprise", rang_at=began, answered_at=began, result="answered")],
        talk_seconds=int(_TALK.total_seconds()),
        threeway=[
            SpecialistPart(
                specialist_id=specialist.id,
                specialist=specialist.name,
                unit=unit,
                agent=agent,
                at=began + _TALK / 2,
                result="merged",
            )
        ],
        ended_at=ended_at,
        ended_by="caller",
        cause=16,
        whole=True,
    )
