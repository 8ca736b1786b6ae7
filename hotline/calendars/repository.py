"""Queries on notices and tables of working hours."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calendars.models import HolidayNoticeRow, HoursTableRow


async def notices(db: AsyncSession) -> Sequence[HolidayNoticeRow]:
    """All of them, by year and version."""
    query = select(HolidayNoticeRow).order_by(HolidayNoticeRow.year, HolidayNoticeRow.version)
    return (await db.scalars(query)).all()


async def notices_of(db: AsyncSession, year: int) -> Sequence[HolidayNoticeRow]:
    """Those of one year, newest version first."""
    query = select(HolidayNoticeRow).where(HolidayNoticeRow.year == year).order_by(HolidayNoticeRow.version.desc())
    return (await db.scalars(query)).all()


async def tables(db: AsyncSession) -> Sequence[HoursTableRow]:
    return (await db.scalars(select(HoursTableRow).order_by(HoursTableRow.name))).all()


async def table(db: AsyncSession, name: str, *, lock: bool = False) -> HoursTableRow | None:
    query = select(HoursTableRow).where(HoursTableRow.name == name)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await db.scalars(query)).one_or_none()
