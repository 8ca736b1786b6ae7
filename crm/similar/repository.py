"""Queries on the words of open cases, and on what else makes two cases alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, bindparam, delete, func, insert, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from crm.cases import repository as cases
from crm.cases.models import Case
from crm.cases.state import FOLLOWING, OPEN, CaseState
from crm.cases.visibility import Viewer
from crm.similar.models import CaseWord
from crm.similar.words import COMMON, MOST_ASKED, MOST_PLACES
from hotline.kernel.planning import Unindexed

COMPARED = OPEN - {CaseState.DRAFT}
"""A draft is not a case yet."""
_OF_CALLER = 100
"""Of one caller's cases the newest."""


async def write_words(db: AsyncSession, case_id: str, words: Iterable[str]) -> None:
    """Have a case found by these words, and by no others. Words that stay are not written: each is another page."""
    before, after = set(await db.scalars(select(CaseWord.word).where(CaseWord.case_id == case_id))), set(words)
    if gone := before - after:
        await db.execute(delete(CaseWord).where(CaseWord.case_id == case_id, CaseWord.word.in_(sorted(gone))))
    if rows := [{"word": word, "case_id": case_id} for word in sorted(after - before)]:
        await db.execute(insert(CaseWord), rows)


def _newest_of_each(words: int) -> CompoundSelect[Any]:
    # One walk along the index a word, each with its own end: however many cases there are, at most so many rows.
    word, case_id = CaseWord.__table__.c.word, CaseWord.__table__.c.case_id
    walks = (
        select(word, case_id).where(word == bindparam(f"word_{at}")).order_by(case_id.desc()).limit(COMMON).subquery()
        for at in range(words)
    )
    return union_all(*(select(walk) for walk in walks))


_MOST = MOST_ASKED + MOST_PLACES
_OF_WORDS = _newest_of_each(_MOST)
"""Of as many words always: to write a statement of another length takes longer than to run it."""


async def cases_with(db: AsyncSession, words: Sequence[str]) -> list[tuple[str, str]]:
    """(word, case id) for each of these words, at most `_MOST`, and the newest `COMMON` cases that have it."""
    if not words:
        return []
    given = {f"word_{at}": word for at, word in enumerate([*words, *[""] * (_MOST - len(words))])}
    return [(word, case_id) for word, case_id in await db.execute(_OF_WORDS, given)]


async def of_caller(db: AsyncSession, column: InstrumentedAttribute[Any], value: str | None) -> list[str]:
    """Ids of the newest cases in which `column` has this value."""
    if not value:
        return []
    return list(await db.scalars(select(Case.id).where(column == value).order_by(Case.id.desc()).limit(_OF_CALLER)))


async def comparable(db: AsyncSession, ids: Collection[str], viewer: Viewer) -> list[Case]:
    """Those of these cases that are handled just now, that `viewer` may know of, and that are not confidential."""
    if not ids:
        return []
    statement = cases.visible(select(Case), viewer).where(Case.id.in_(ids), *_comparable())
    return list(await db.scalars(statement))


def _comparable() -> list[ColumnElement[bool]]:
    return [Case.state.in_(COMPARED), Case.confidential.is_(False)]


async def followers(db: AsyncSession, ids: Collection[str]) -> dict[str, int]:
    """How many cases follow each of these."""
    query = (
        select(Case.duplicate_of_id, func.count())
        .where(Case.duplicate_of_id.in_(ids), Unindexed(Case.state).in_(FOLLOWING))
        .group_by(Case.duplicate_of_id)
    )
    return {id: count for id, count in await db.execute(query) if id is not None}


async def without_words(db: AsyncSession, after: str, *, limit: int) -> list[Case]:
    """Open cases from the one after `after` that have no words: from before there were any, or loaded from outside."""
    has = select(CaseWord.case_id).where(CaseWord.case_id == Case.id).exists()
    # Of the index of open cases: there are far fewer than all.
    still_open = Case.closed_at.is_(None)
    query: Select[Any] = select(Case).where(still_open, *_comparable(), ~has, Unindexed(Case.id) > after)
    query = query.order_by(Unindexed(Case.id)).limit(limit)
    return list(await db.scalars(query))
