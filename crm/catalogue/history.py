"""The cases of the past from which suggestions learn."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Case
from crm.cases.state import CaseState
from crm.catalogue.ports import PastDispatch

_SETTLED = (CaseState.REPLIED, CaseState.CALLBACK, CaseState.CLOSED, CaseState.ARCHIVED)
"""A unit has answered: before, the case may still go elsewhere."""


class DispatchedCases:
    """Implements `crm.catalogue.ports.DispatchHistory`."""

    async def latest(self, db: AsyncSession, *, limit: int) -> list[PastDispatch]:
        query = (
            select(Case.id, Case.title, Case.content, Case.demand, Case.item_id, Case.lead_unit_id)
            .where(Case.item_id.is_not(None), Case.state.in_(_SETTLED), Case.confidential.is_(False))
            .order_by(Case.id.desc())
            .limit(limit)
        )
        return [
            PastDispatch(case_id, "\n".join((title, content, demand)), item_id, unit_id)
            for case_id, title, content, demand, item_id, unit_id in await db.execute(query)
            if item_id is not None
        ]
