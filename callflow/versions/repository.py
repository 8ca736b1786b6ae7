"""Queries on flows and their versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callflow.versions.models import FlowEntryNumber, FlowPublication, FlowRow, FlowVersionRow
from callflow.versions.state import FlowAlias
from hotline.accounts.models import User
from hotline.kernel.http import PageQuery
from hotline.kernel.paging import Slice, fetch_page


async def flows(db: AsyncSession) -> Sequence[FlowRow]:
    """All, by id."""
    return (await db.scalars(select(FlowRow).order_by(FlowRow.id))).all()


async def flow(db: AsyncSession, id: str, *, lock: bool = False) -> FlowRow | None:
    query = select(FlowRow).where(FlowRow.id == id)
    return await db.scalar(query.with_for_update() if lock else query)


async def version(db: AsyncSession, flow_id: str, number: int) -> FlowVersionRow | None:
    query = select(FlowVersionRow).where(FlowVersionRow.flow_id == flow_id, FlowVersionRow.number == number)
    return await db.scalar(query)


async def version_like(db: AsyncSession, flow_id: str, digest: str) -> FlowVersionRow | None:
    """The newest version that means the same."""
    query = (
        select(FlowVersionRow)
        .where(FlowVersionRow.flow_id == flow_id, FlowVersionRow.digest == digest)
        .order_by(FlowVersionRow.number.desc())
        .limit(1)
    )
    return await db.scalar(query)


async def newest_number(db: AsyncSession, flow_id: str) -> int:
    """0 where the flow has no version."""
    query = select(func.max(FlowVersionRow.number)).where(FlowVersionRow.flow_id == flow_id)
    return await db.scalar(query) or 0


async def versions(db: AsyncSession, flow_id: str, query: PageQuery) -> Slice[FlowVersionRow]:
    """The newest first."""
    statement = select(FlowVersionRow).where(FlowVersionRow.flow_id == flow_id)
    return await fetch_page(db, statement, query, by=[FlowVersionRow.id])


async def publication(db: AsyncSession, flow_id: str, id: str) -> FlowPublication | None:
    query = select(FlowPublication).where(FlowPublication.flow_id == flow_id, FlowPublication.id == id)
    return await db.scalar(query)


async def publications(db: AsyncSession, flow_id: str, query: PageQuery) -> Slice[FlowPublication]:
    """The newest first."""
    statement = select(FlowPublication).where(FlowPublication.flow_id == flow_id)
    return await fetch_page(db, statement, query, by=[FlowPublication.id])


async def started(
    db: AsyncSession, flow_id: str, alias: FlowAlias, now: datetime, *, most: int = 1
) -> Sequence[FlowPublication]:
    """What has started by `now`, the one in force first."""
    query = (
        select(FlowPublication)
        .where(
            FlowPublication.flow_id == flow_id,
            FlowPublication.alias == alias,
            FlowPublication.starts_at <= now,
            FlowPublication.cancelled_at.is_(None),
        )
        .order_by(FlowPublication.starts_at.desc(), FlowPublication.id.desc())
        .limit(most)
    )
    return (await db.scalars(query)).all()


async def scheduled(db: AsyncSession, now: datetime, flow_id: str | None = None) -> Sequence[FlowPublication]:
    """What has not started by `now`, the next one first."""
    query = select(FlowPublication).where(FlowPublication.starts_at > now, FlowPublication.cancelled_at.is_(None))
    if flow_id is not None:
        query = query.where(FlowPublication.flow_id == flow_id)
    return (await db.scalars(query.order_by(FlowPublication.starts_at, FlowPublication.id))).all()


async def entry_numbers(db: AsyncSession) -> Sequence[FlowEntryNumber]:
    return (await db.scalars(select(FlowEntryNumber).order_by(FlowEntryNumber.number))).all()


async def user_names(db: AsyncSession, ids: Iterable[str | None]) -> dict[str, str]:
    """Names of users, by id."""
    wanted = {id for id in ids if id}
    return {id: name for id, name in await db.execute(select(User.id, User.name).where(User.id.in_(wanted)))}
