"""What is still open at a unit."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Assignment, AssignmentState

_OPEN = (AssignmentState.DISPATCHED, AssignmentState.SIGNED)


class OpenAssignments:
    """Implements `crm.ports.OpenCases`."""

    async def of_unit(self, db: AsyncSession, unit_id: str) -> int:
        query = select(func.count()).where(Assignment.unit_id == unit_id, Assignment.state.in_(_OPEN))
        return await db.scalar(query) or 0
