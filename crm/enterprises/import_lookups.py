"""Queries of an import of enterprises."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from crm.enterprises.models import Contact, Enterprise

_WITH_CONTACTS = selectinload(Enterprise.contacts).selectinload(Contact.numbers)


@dataclass(frozen=True, slots=True)
class Known:
    """Enterprises that are there, with contacts and numbers."""

    by_code: dict[str, Enterprise]
    by_name: dict[str, list[Enterprise]]
    """By folded name."""


async def known_enterprises(db: AsyncSession, codes: Collection[str], folded: Collection[str]) -> Known:
    """Those with one of these credit codes or names that were not merged into others."""
    query = (
        select(Enterprise)
        .where(Enterprise.merged_into.is_(None))
        .where(or_(Enterprise.credit_code.in_(list(codes)), Enterprise.name_folded.in_(list(folded))))
        .order_by(Enterprise.id)
        .options(_WITH_CONTACTS)
    )
    found = (await db.scalars(query)).all()
    by_name: dict[str, list[Enterprise]] = defaultdict(list)
    for enterprise in found:
        by_name[enterprise.name_folded].append(enterprise)
    return Known({one.credit_code: one for one in found if one.credit_code}, dict(by_name))


async def taken_codes(db: AsyncSession, codes: Collection[str]) -> list[str]:
    query = select(Enterprise.credit_code).where(Enterprise.credit_code.in_(list(codes)))
    return [code for code in await db.scalars(query) if code is not None]


async def with_contacts(db: AsyncSession, ids: Collection[str]) -> dict[str, Enterprise]:
    """The enterprises of these ids, locked until the transaction ends."""
    if not ids:
        return {}
    query = select(Enterprise).where(Enterprise.id.in_(list(ids))).with_for_update()
    query = query.options(_WITH_CONTACTS).execution_options(populate_existing=True)
    return {row.id: row for row in await db.scalars(query)}
