"""Queries on enterprises and contacts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from crm.enterprises.models import Contact, ContactNumber, Enterprise
from crm.enterprises.names import code_prefix, normal_name
from crm.enterprises.schemas import EnterpriseQuery
from hotline.kernel.paging import Slice, fetch_page

_INITIALS = re.compile(r"[a-z0-9]{2,40}")
_AT_ONCE = joinedload(Enterprise.contacts).joinedload(Contact.numbers)
_WITH_CONTACTS = selectinload(Enterprise.contacts).selectinload(Contact.numbers)


async def enterprise(db: AsyncSession, enterprise_id: str, *, lock: bool = False) -> Enterprise | None:
    """The enterprise with its contacts and their numbers; `lock` keeps its row until the transaction ends."""
    query = select(Enterprise).where(Enterprise.id == enterprise_id)
    if not lock:
        return (await db.scalars(query.options(_AT_ONCE))).unique().one_or_none()
    # PostgreSQL locks no outer join.
    query = query.options(_WITH_CONTACTS).with_for_update().execution_options(populate_existing=True)
    return (await db.scalars(query)).one_or_none()


async def names(db: AsyncSession, ids: Iterable[str]) -> dict[str, str]:
    """The names of the enterprises with these ids."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = await db.execute(select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(wanted)))
    return {row.id: row.name for row in rows}


async def contact(db: AsyncSession, contact_id: str) -> Contact | None:
    query = select(Contact).where(Contact.id == contact_id).options(selectinload(Contact.numbers))
    return (await db.scalars(query)).one_or_none()


async def code_taken(db: AsyncSession, credit_code: str, *, besides: str | None) -> bool:
    query = select(Enterprise.id).where(Enterprise.credit_code == credit_code, Enterprise.id != (besides or ""))
    return (await db.scalars(query)).first() is not None


async def search(db: AsyncSession, query: EnterpriseQuery, *, number: str | None) -> Slice[Enterprise]:
    """Those whose number, or beginning of name, initials or code, is `query.search`; then those that contain it.

    `number` is the search text as a canonical number, where it is one. Newest first among equals.
    """
    if not query.search.strip():
        everything: Select[Any] = select(Enterprise)
        return await fetch_page(db, everything, query, by=[Enterprise.id])
    best, others = _conditions(query.search, number)
    if not best:
        return Slice([])
    statement: Select[Any] = select(Enterprise).where(or_(*best, *others))
    return await fetch_page(db, statement, query, by=[case((or_(*best), 1), else_=0), Enterprise.id])


def _conditions(text: str, number: str | None) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
    best: list[ColumnElement[bool]] = []
    others: list[ColumnElement[bool]] = []
    if name := normal_name(text):
        best.append(Enterprise.name_normal.startswith(name, autoescape=True))
        others.append(Enterprise.name_normal.contains(name, autoescape=True))
        if _INITIALS.fullmatch(name):
            best.append(Enterprise.initials.contains(f" {name}"))
            others.append(Enterprise.initials.contains(name))
    if prefix := code_prefix(text):
        best.append(Enterprise.credit_code.startswith(prefix))
    if number:
        owners = select(Contact.enterprise_id).join(ContactNumber).where(ContactNumber.number == number)
        best.append(Enterprise.id.in_(owners))
    return best, others


class DirectoryRow(NamedTuple):
    """One number of one contact, as the in-memory directory keeps it."""

    number: str
    purpose: str
    enterprise_id: str
    skips_menu: bool
    enterprise_name: str
    contact_id: str
    contact_name: str


async def directory_rows(db: AsyncSession, enterprise_ids: Iterable[str] | None = None) -> list[DirectoryRow]:
    """Every number in the book, or those of some enterprises."""
    query = (
        select(
            ContactNumber.number,
            ContactNumber.purpose,
            Enterprise.id,
            Enterprise.skips_menu,
            Enterprise.name,
            Contact.id,
            Contact.name,
        )
        .join(Contact, ContactNumber.contact_id == Contact.id)
        .join(Enterprise, Contact.enterprise_id == Enterprise.id)
    )
    if enterprise_ids is not None:
        query = query.where(Enterprise.id.in_(list(enterprise_ids)))
    return [DirectoryRow(*row) for row in await db.execute(query)]
