"""Queries on cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy import case as sql_case
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Case, CaseCall, CaseStep
from crm.cases.schemas import CaseQuery
from crm.cases.state import OPEN
from crm.cases.visibility import is_entrusted
from hotline.accounts.models import User
from hotline.kernel.http import Principal
from hotline.kernel.paging import Slice, fetch_page
from hotline.kernel.words import plain, search_words


async def case(db: AsyncSession, case_id: str, *, lock: bool = False) -> Case | None:
    """The case; `lock` keeps its row until the transaction ends."""
    query = select(Case).where(Case.id == case_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await db.scalars(query)).one_or_none()


async def call_ids(db: AsyncSession, case_id: str) -> list[str]:
    query = select(CaseCall.call_id).where(CaseCall.case_id == case_id).order_by(CaseCall.linked_at, CaseCall.call_id)
    return list(await db.scalars(query))


async def steps(db: AsyncSession, case_id: str) -> list[CaseStep]:
    return list(await db.scalars(select(CaseStep).where(CaseStep.case_id == case_id).order_by(CaseStep.id)))


async def writer_name(db: AsyncSession, user_id: str) -> str:
    """The name of whoever wrote a case; "" for one the accounts do not know."""
    return await db.scalar(select(User.name).where(User.id == user_id)) or ""


async def find(db: AsyncSession, query: CaseQuery, who: Principal) -> Slice[Case]:
    """The page of cases that `who` may know of, newest first."""
    statement: Select[Any] = _visible(select(Case), who)
    if query.state:
        statement = statement.where(Case.state.in_(query.state))
    if query.open is not None:
        statement = statement.where(Case.state.in_(OPEN) if query.open else Case.state.not_in(OPEN))
    for column, wanted in (
        (Case.type, query.type),
        (Case.urgency, query.urgency),
        (Case.enterprise_id, query.enterprise_id),
        (Case.contact_id, query.contact_id),
        (Case.created_by, who.user_id if query.mine else None),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if query.enterprise_id is not None or query.contact_id is not None:
        # A confidential case shows its enterprise to those who open it, which is audited; the filter must not.
        statement = statement.where(or_(Case.confidential.is_(False), Case.created_by == who.user_id))
    if query.call_id is not None:
        statement = statement.where(Case.id.in_(select(CaseCall.case_id).where(CaseCall.call_id == query.call_id)))
    if query.since is not None:
        statement = statement.where(Case.created_at >= query.since)
    if query.before is not None:
        statement = statement.where(Case.created_at < query.before)
    if query.search.strip():
        statement = statement.where(_found_by(query.search))
    return await fetch_page(db, statement, query, by=[Case.id])


def _found_by(text: str) -> ColumnElement[bool]:
    """Every word of `text`, each the beginning of the number or in what was written; or the number in groups."""
    words = [or_(_number_begins(word), _written(word)) for word in search_words(text)]
    return or_(_number_begins("".join(search_words(text))), and_(true(), *words))


def _number_begins(text: str) -> ColumnElement[bool]:
    digits = plain(text).replace("-", "")
    return Case.number.startswith(digits) if digits.isdecimal() else false()


def _written(word: str) -> ColumnElement[bool]:
    """Not in a confidential case: a match would reveal its content."""
    columns = (Case.title, Case.content, Case.demand)
    return and_(Case.confidential.is_(False), or_(*(column.icontains(word, autoescape=True) for column in columns)))


async def of_caller(
    db: AsyncSession, who: Principal, *, enterprise_ids: Iterable[str], contact_ids: Iterable[str], limit: int
) -> Sequence[Case]:
    """Cases of these enterprises or contacts that `who` may know of: open ones first, the newest first among each."""
    statement = (
        _visible(select(Case), who)
        .where(or_(Case.enterprise_id.in_(list(enterprise_ids)), Case.contact_id.in_(list(contact_ids))))
        .order_by(sql_case((Case.state.in_(OPEN), 1), else_=0).desc(), Case.id.desc())
        .limit(limit)
    )
    return (await db.scalars(statement)).all()


async def of_calls(db: AsyncSession, ids: Iterable[str]) -> list[tuple[str, Case]]:
    """(call id, case) for each case of these calls, oldest first."""
    query = (
        select(CaseCall.call_id, Case)
        .join(Case, Case.id == CaseCall.case_id)
        .where(CaseCall.call_id.in_(list(ids)))
        .order_by(Case.id)
    )
    return [(row[0], row[1]) for row in await db.execute(query)]


async def calls_in_use(db: AsyncSession, ids: Sequence[str], *, since: datetime) -> set[str]:
    """Those of these calls with a case that is open, or that stopped being open after `since`."""
    closed = select(CaseStep.id).where(
        CaseStep.case_id == Case.id,
        CaseStep.source.in_(OPEN),
        CaseStep.target.not_in(OPEN),
        CaseStep.at > since,
    )
    query = (
        select(CaseCall.call_id)
        .join(Case, Case.id == CaseCall.case_id)
        .where(CaseCall.call_id.in_(ids), or_(Case.state.in_(OPEN), closed.exists()))
    )
    return set(await db.scalars(query))


def _visible(statement: Select[Any], who: Principal) -> Select[Any]:
    if is_entrusted(who):
        return statement
    return statement.where(or_(Case.confidential.is_(False), Case.created_by == who.user_id))
