"""What a case sheet shows besides the case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Assignment, CaseReply, CaseStep
from crm.units.models import Unit
from hotline.accounts.models import User


async def assignments(db: AsyncSession, case_id: str) -> list[tuple[Assignment, str]]:
    """Each with the name of its unit, oldest first."""
    query = (
        select(Assignment, Unit.name)
        .join(Unit, Unit.id == Assignment.unit_id)
        .where(Assignment.case_id == case_id)
        .order_by(Assignment.id)
    )
    return [(row[0], row[1]) for row in await db.execute(query)]


async def replies(db: AsyncSession, case_id: str) -> Sequence[CaseReply]:
    return (await db.scalars(select(CaseReply).where(CaseReply.case_id == case_id).order_by(CaseReply.id))).all()


async def steps(db: AsyncSession, case_id: str) -> Sequence[CaseStep]:
    return (await db.scalars(select(CaseStep).where(CaseStep.case_id == case_id).order_by(CaseStep.id))).all()


async def user_names(db: AsyncSession, ids: Iterable[str]) -> dict[str, str]:
    rows = await db.execute(select(User.id, User.name).where(User.id.in_(set(ids))))
    return {row[0]: row[1] for row in rows}
