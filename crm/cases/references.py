"""Which cases belong to which calls, for the call log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository
from crm.cases.visibility import may_view
from cti.ports import CaseReference
from hotline.kernel.gate import Principal


class CaseReferences:
    """Implements `cti.ports.CasesOfCalls` and `CasesThatKeep`; a confidential case shows its number and no title."""

    async def of_calls(self, db: AsyncSession, call_ids: Sequence[str]) -> dict[str, list[CaseReference]]:
        found: dict[str, list[CaseReference]] = defaultdict(list)
        for call_id, case in await repository.of_calls(db, call_ids):
            title = "" if case.confidential else case.title
            found[call_id].append(CaseReference(id=case.id, number=case.number, title=title, state=case.state))
        return dict(found)

    async def closed_to(self, db: AsyncSession, call_ids: Sequence[str], who: Principal) -> set[str]:
        found = await repository.of_calls(db, call_ids)
        return {call_id for call_id, case in found if case.confidential and not may_view(who, case)}

    async def kept(self, db: AsyncSession, call_ids: Sequence[str], *, since: datetime) -> set[str]:
        return await repository.calls_in_use(db, call_ids, since=since)
