"""Queries on enterprises and contacts."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from crm.enterprises.credit_codes import code_prefix
from crm.enterprises.models import Contact, ContactNumber, Enterprise
from crm.enterprises.names import normal_name
from crm.enterprises.schemas import CodeState, EnterpriseQuery, EnterpriseSort
from crm.enterprises.search_index import EnterpriseSearch, word_alternatives
from hotline.kernel.paging import Slice, SortColumn, fetch_page
from hotline.kernel.planning import Unindexed
from hotline.kernel.search import IdQuery, hit_ids
from hotline.kernel.words import search_words

_LETTERS = re.compile(r"[a-z0-9]{2,80}")
_COUNTED = 10_000
"""More than these are not counted, so that a count never costs more than its list."""
Canonical = Callable[[str], str | None]
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


async def survivor_of(db: AsyncSession, enterprise_id: str) -> str:
    """The id of the enterprise that this one was merged into, over any number of merges; else itself."""
    seen: set[str] = set()
    while enterprise_id not in seen:
        seen.add(enterprise_id)
        query = select(Enterprise.merged_into).where(Enterprise.id == enterprise_id)
        enterprise_id = await db.scalar(query) or enterprise_id
    return enterprise_id


async def ids_leading_to(db: AsyncSession, enterprise_id: str) -> list[str]:
    """The enterprise itself and all that were merged into it, over any number of merges."""
    found = [enterprise_id]
    latest = found
    while latest:
        rows = await db.scalars(select(Enterprise.id).where(Enterprise.merged_into.in_(latest)))
        latest = [id_ for id_ in rows if id_ not in found]
        found += latest
    return found


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


async def code_taken(db: AsyncSession, credit_code: str, *, excluding: str | None) -> bool:
    query = select(Enterprise.id).where(Enterprise.credit_code == credit_code, Enterprise.id != (excluding or ""))
    return (await db.scalars(query)).first() is not None


_SORT_KEYS: dict[str, SortColumn] = {
    "name": Enterprise.sort_name,
    "created_at": Enterprise.created_at,
    "updated_at": Enterprise.updated_at,
}


async def search(db: AsyncSession, query: EnterpriseQuery, canonical: Canonical) -> Slice[Enterprise]:
    """The page of those that match the filters and every word of `query.search`; without a `sort`, those whose
    number, or beginning of name, pinyin, initials or code, it is come first, the newest first among equals.

    `canonical` gives a text's canonical number, or None where it is none.
    """
    searched = bool(query.search.strip())
    statement: Select[Any] = _filtered(query, searched=searched)
    best: ColumnElement[bool] | None = None
    if searched:
        found = _found_by(query.search, canonical)
        if found is None:
            return Slice([], total=0)
        best, matching = found
        # Read first: else PostgreSQL compares every enterprise, and each of the two queries below searches again.
        ids = list(await db.scalars(_candidates(db.get_bind().dialect.name, query.search, canonical)))
        statement = statement.where(Enterprise.id.in_(ids), matching)
    if query.sort is not EnterpriseSort.BEST:
        key = _SORT_KEYS[query.sort.removeprefix("-")]
        return await fetch_page(
            db,
            statement,
            query,
            by=[key, Enterprise.id],
            descending=query.sort.startswith("-"),
            with_total=True,
            most_counted=_COUNTED,
        )
    by: list[SortColumn] = [Enterprise.id] if best is None else [case((best, 1), else_=0), Enterprise.id]
    return await fetch_page(db, statement, query, by=by, with_total=True, most_counted=_COUNTED)


def _filtered(query: EnterpriseQuery, *, searched: bool) -> Select[Any]:
    """What a search finds is looked up by its ids, not among all that were never merged."""
    merged = Unindexed(Enterprise.merged_into) if searched else Enterprise.merged_into
    statement: Select[Any] = select(Enterprise).where(merged.is_(None))
    if query.kind is not None:
        statement = statement.where(Enterprise.kind == query.kind)
    if query.size is not None:
        statement = statement.where(Enterprise.size == query.size)
    match query.code:
        case CodeState.NONE:
            statement = statement.where(Unindexed(Enterprise.credit_code).is_(None))
        case CodeState.VALID:
            statement = statement.where(Enterprise.credit_code.is_not(None), ~Enterprise.credit_code_confirmed)
        case CodeState.CONFIRMED:
            statement = statement.where(Enterprise.credit_code_confirmed)
    return statement


def _found_by(text: str, canonical: Canonical) -> tuple[ColumnElement[bool], ColumnElement[bool]] | None:
    """What is found first, and what is found at all; None where `text` holds nothing to search for.

    A number or a code may be written with spaces, so the whole text is tried too.
    """
    whole = _conditions(text, canonical(text))
    words = [_conditions(word, canonical(word)) for word in search_words(text)]
    words = [(best, others) for best, others in words if best]
    if not whole[0] or not words:
        return None
    every_word = and_(*(or_(*best, *others) for best, others in words))
    return or_(*whole[0]), or_(*whole[0], *whole[1], every_word)


def _candidates(dialect: str, text: str, canonical: Canonical) -> IdQuery:
    """Enterprises the index finds for `text`, a superset of the matches: the newest of many, and those of that name."""
    words = [alternatives for word in search_words(text) if (alternatives := word_alternatives(word))]
    searches = [search for search in (words, [word_alternatives(text)]) if search and all(search)]
    also: list[IdQuery] = [select(Enterprise.id).where(Enterprise.name_normal == normal_name(text))]
    numbers = {number for word in (text, *search_words(text)) if (number := canonical(word))}
    if numbers:
        also.append(select(Contact.enterprise_id).join(ContactNumber).where(ContactNumber.number.in_(sorted(numbers))))
    if not searches:
        return union(*also)
    return hit_ids(dialect, EnterpriseSearch, searches, also=also)


def _conditions(text: str, number: str | None) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
    best: list[ColumnElement[bool]] = []
    others: list[ColumnElement[bool]] = []
    if name := normal_name(text):
        best.append(Enterprise.name_normal.startswith(name, autoescape=True))
        others.append(Enterprise.name_normal.contains(name, autoescape=True))
        if _LETTERS.fullmatch(name):
            for column in (Enterprise.initials, Enterprise.pinyin):
                best.append(column.contains(f" {name}"))
                others.append(column.contains(name))
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
    kind: str = ""
    credit_code: str | None = None


async def directory_rows(db: AsyncSession, enterprise_ids: Collection[str]) -> list[DirectoryRow]:
    """The numbers of some enterprises."""
    query = _directory_query().where(Enterprise.id.in_(list(enterprise_ids)))
    return [DirectoryRow(*row[1:]) for row in await db.execute(query)]


async def directory_page(db: AsyncSession, *, after: str, most: int) -> tuple[list[DirectoryRow], str]:
    """Up to `most` numbers of the book past the id `after`, and the id of the last of them."""
    query = _directory_query().where(ContactNumber.id > after).order_by(ContactNumber.id).limit(most)
    rows = (await db.execute(query)).all()
    return [DirectoryRow(*row[1:]) for row in rows], rows[-1][0] if rows else after


def _directory_query() -> Select[Any]:
    query: Any = (
        select(
            ContactNumber.id,
            ContactNumber.number,
            ContactNumber.purpose,
            Enterprise.id,
            Enterprise.skips_menu,
            Enterprise.name,
            Contact.id,
            Contact.name,
            Enterprise.kind,
            Enterprise.credit_code,
        )
        .join(Contact, ContactNumber.contact_id == Contact.id)
        .join(Enterprise, Contact.enterprise_id == Enterprise.id)
    )
    statement: Select[Any] = query
    return statement
