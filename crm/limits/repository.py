"""Queries on deadlines and limits."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Case
from crm.limits.models import CaseDeadline, DeadlineRevision, LimitRevision, OwnLimit, RevisedDeadline
from crm.limits.state import OPEN
from hotline.kernel.http import PageQuery
from hotline.kernel.paging import Slice, fetch_page


async def of_case(db: AsyncSession, case_id: str) -> list[CaseDeadline]:
    """All of them, oldest first."""
    query = select(CaseDeadline).where(CaseDeadline.case_id == case_id).order_by(CaseDeadline.id)
    return list(await db.scalars(query))


async def own_limits(db: AsyncSession) -> Sequence[OwnLimit]:
    return (await db.scalars(select(OwnLimit))).all()


async def cases_with_open(db: AsyncSession, *, after: str, most: int) -> list[str]:
    """Ids of cases that have an open deadline, in their order, beyond `after`."""
    query = (
        select(CaseDeadline.case_id)
        .where(CaseDeadline.state.in_(OPEN), CaseDeadline.case_id > after)
        .distinct()
        .order_by(CaseDeadline.case_id)
        .limit(most)
    )
    return list(await db.scalars(query))


async def running_by(db: AsyncSession, key: str) -> int:
    """How many deadlines run, or are on hold, by the limit of this key."""
    query = select(func.count()).select_from(CaseDeadline).where(CaseDeadline.state.in_(OPEN), CaseDeadline.rule == key)
    return await db.scalar(query) or 0


async def limit_revisions(db: AsyncSession, query: PageQuery) -> Slice[LimitRevision]:
    """The newest first."""
    return await fetch_page(db, select(LimitRevision), query, by=[LimitRevision.id])


async def revisions(db: AsyncSession, query: PageQuery) -> Slice[DeadlineRevision]:
    return await fetch_page(db, select(DeadlineRevision), query, by=[DeadlineRevision.id])


async def revised(db: AsyncSession, revision_id: str, query: PageQuery) -> Slice[RevisedDeadline]:
    statement = select(RevisedDeadline).where(RevisedDeadline.revision_id == revision_id)
    return await fetch_page(db, statement, query, by=[RevisedDeadline.id])


async def numbers_of(db: AsyncSession, case_ids: Collection[str]) -> dict[str, str]:
    rows = await db.execute(select(Case.id, Case.number).where(Case.id.in_(case_ids)))
    return {id: number for id, number in rows}
