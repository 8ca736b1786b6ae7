"""Queries on enterprises that are alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm.enterprises.models import Contact, ContactNumber, Enterprise, EnterpriseDuplicate
from hotline.kernel.paging import PageQuery, Slice, fetch_page

_MOST_OTHERS = 50
_AT_ONCE = 200
_LIVE = Enterprise.merged_into.is_(None)


async def like(db: AsyncSession, enterprise: Enterprise) -> list[tuple[str, list[str]]]:
    """By reason, the ids of other enterprises like this one."""
    others: Select[Any] = select(Enterprise.id).where(_LIVE, Enterprise.id != enterprise.id).limit(_MOST_OTHERS)
    found: list[tuple[str, Select[Any]]] = [("name", others.where(Enterprise.name_folded == enterprise.name_folded))]
    if enterprise.organisation_code:
        found.append(("code", others.where(Enterprise.organisation_code == enterprise.organisation_code)))
    own = select(ContactNumber.number).join(Contact).where(Contact.enterprise_id == enterprise.id)
    owners = select(Contact.enterprise_id).join(ContactNumber).where(ContactNumber.number.in_(own))
    found.append(("number", others.where(Enterprise.id.in_(owners))))
    return [(reason, list(await db.scalars(query))) for reason, query in found]


async def groups(db: AsyncSession, reason: str) -> list[list[str]]:
    """The ids of enterprises that share a name, an organisation code or a number."""
    key: ColumnElement[Any]
    member: ColumnElement[Any]
    if reason == "number":
        key, member = ContactNumber.number.expression, Contact.enterprise_id.expression
        rows: Any = select(key, member).join(Contact, ContactNumber.contact_id == Contact.id)
        rows = rows.join(Enterprise, Enterprise.id == Contact.enterprise_id).where(_LIVE).distinct()
        shared: Any = select(key).group_by(key).having(func.count() > 1)
    else:
        key = (Enterprise.name_folded if reason == "name" else Enterprise.organisation_code).expression
        rows = select(key, Enterprise.id).where(_LIVE)
        shared = select(key).where(_LIVE, key.is_not(None)).group_by(key).having(func.count() > 1)
    found: dict[str, list[str]] = defaultdict(list)
    for value, enterprise_id in await db.execute(rows.where(key.in_(shared))):
        found[value].append(enterprise_id)
    return [members for members in found.values() if len(members) > 1]


async def known(db: AsyncSession, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], EnterpriseDuplicate]:
    wanted = set(pairs)
    firsts = sorted({first for first, _ in wanted})
    result: dict[tuple[str, str], EnterpriseDuplicate] = {}
    for start in range(0, len(firsts), _AT_ONCE):
        some = firsts[start : start + _AT_ONCE]
        for row in await db.scalars(select(EnterpriseDuplicate).where(EnterpriseDuplicate.first_id.in_(some))):
            if (row.first_id, row.second_id) in wanted:
                result[row.first_id, row.second_id] = row
    return result


async def drop_unfound(db: AsyncSession, enterprise_id: str, found: Mapping[tuple[str, str], Any]) -> None:
    """Remove the pairs of this enterprise that no reason is left for, unless somebody said they are two."""
    rows = await db.scalars(
        select(EnterpriseDuplicate).where(_of(enterprise_id), EnterpriseDuplicate.kept_apart_at.is_(None))
    )
    gone = [row.id for row in rows if (row.first_id, row.second_id) not in found]
    if gone:
        await db.execute(delete(EnterpriseDuplicate).where(EnterpriseDuplicate.id.in_(gone)))


async def drop_all_of(db: AsyncSession, enterprise_id: str) -> None:
    await db.execute(delete(EnterpriseDuplicate).where(_of(enterprise_id)))


def _of(enterprise_id: str) -> ColumnElement[bool]:
    return or_(EnterpriseDuplicate.first_id == enterprise_id, EnterpriseDuplicate.second_id == enterprise_id)


async def page(
    db: AsyncSession, query: PageQuery, *, enterprise_id: str | None
) -> tuple[Slice[EnterpriseDuplicate], dict[str, Enterprise]]:
    """Pairs that nobody has said to be two, the newest first, and the enterprises they name."""
    first, second = aliased(Enterprise), aliased(Enterprise)
    statement: Select[Any] = select(EnterpriseDuplicate).where(EnterpriseDuplicate.kept_apart_at.is_(None))
    statement = statement.join(first, and_(first.id == EnterpriseDuplicate.first_id, first.merged_into.is_(None)))
    statement = statement.join(second, and_(second.id == EnterpriseDuplicate.second_id, second.merged_into.is_(None)))
    if enterprise_id is not None:
        statement = statement.where(_of(enterprise_id))
    found = await fetch_page(db, statement, query, by=[EnterpriseDuplicate.id])
    ids: Collection[str] = {id_ for row in found.rows for id_ in (row.first_id, row.second_id)}
    rows = await db.scalars(select(Enterprise).where(Enterprise.id.in_(list(ids))))
    return found, {row.id: row for row in rows}
