"""Queries on cases."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select
from sqlalchemy import case as sql_case
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.following import following
from crm.cases.models import (
    Assignment,
    AssignmentState,
    Case,
    CaseCall,
    CaseCallback,
    CaseRecusal,
    CaseReply,
    CaseStep,
    ReplyKind,
)
from crm.cases.schemas import CaseQuery
from crm.cases.search_index import CaseSearch, word_alternatives
from crm.cases.state import NEVER_WITH_UNIT, OPEN, CaseAction, CaseState
from crm.cases.visibility import Viewer, is_entrusted
from hotline.accounts.models import User
from hotline.kernel.http import Principal
from hotline.kernel.ids import is_uuid
from hotline.kernel.paging import Slice, SortColumn, count_up_to, fetch_page
from hotline.kernel.planning import Unindexed
from hotline.kernel.search import is_hit
from hotline.kernel.words import plain, search_words

_LONGEST_NUMBER = 16
_MOST_FOUND = 3000
_MANY = 3000
_MOSTLY = frozenset({CaseState.ARCHIVED, CaseState.CLOSED_DIRECT})
_OVER = (AssignmentState.RETURNED, AssignmentState.ENDED)


async def case(db: AsyncSession, case_id: str, *, lock: bool = False) -> Case | None:
    """The case of this id, or of this number; `lock` keeps its row until the transaction ends."""
    query = select(Case).where(Case.id == case_id if is_uuid(case_id) else Case.number == case_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await db.scalars(query)).one_or_none()


async def lock(db: AsyncSession, *names: str) -> None:
    """Keep the rows of these cases, by id or number, until the transaction ends; always in the order of their ids."""
    query = select(Case.id).where(or_(Case.id.in_(names), Case.number.in_(names))).order_by(Case.id)
    await db.execute(query.with_for_update())


async def count_followers(db: AsyncSession, case_id: str) -> int:
    """How many cases wait for this one's answer."""
    query = select(func.count()).select_from(Case).where(Case.duplicate_of_id == case_id, following())
    return await db.scalar(query) or 0


async def followers_after(db: AsyncSession, master_id: str, after: str, *, limit: int) -> list[str]:
    """Ids of the cases that wait for this one's answer, from the one after `after`, in order."""
    query = select(Case.id).where(Case.duplicate_of_id == master_id, following(), Case.id > after)
    return list(await db.scalars(query.order_by(Case.id).limit(limit)))


async def final_reply(db: AsyncSession, case_id: str) -> CaseReply | None:
    """The latest final answer of the lead unit."""
    query = select(CaseReply).where(CaseReply.case_id == case_id, CaseReply.kind == ReplyKind.FINAL)
    return (await db.scalars(query.order_by(CaseReply.id.desc()).limit(1))).first()


async def has_noted_repeat(db: AsyncSession, case_id: str, user_id: str) -> bool:
    query = select(CaseStep.id).where(
        CaseStep.case_id == case_id, CaseStep.action == CaseAction.NOTE_REPEAT, CaseStep.by == user_id
    )
    return (await db.scalars(query.limit(1))).first() is not None


async def call_ids(db: AsyncSession, case_id: str) -> list[str]:
    query = select(CaseCall.call_id).where(CaseCall.case_id == case_id).order_by(CaseCall.linked_at, CaseCall.call_id)
    return list(await db.scalars(query))


async def steps(db: AsyncSession, case_id: str) -> list[CaseStep]:
    return list(await db.scalars(select(CaseStep).where(CaseStep.case_id == case_id).order_by(CaseStep.id)))


async def assignments(db: AsyncSession, case_id: str) -> list[Assignment]:
    """All of them, oldest first; a parent before its children."""
    return list(await db.scalars(select(Assignment).where(Assignment.case_id == case_id).order_by(Assignment.id)))


async def replies(db: AsyncSession, case_id: str) -> list[CaseReply]:
    return list(await db.scalars(select(CaseReply).where(CaseReply.case_id == case_id).order_by(CaseReply.id)))


async def callbacks(db: AsyncSession, case_id: str) -> list[CaseCallback]:
    """Attempts to call back, oldest first."""
    query = select(CaseCallback).where(CaseCallback.case_id == case_id).order_by(CaseCallback.id)
    return list(await db.scalars(query))


async def is_recused(db: AsyncSession, case_id: str, user_id: str) -> bool:
    return await db.get(CaseRecusal, (case_id, user_id)) is not None


async def assigned_units(db: AsyncSession, case_id: str) -> set[str]:
    """The units the case is with: neither returned nor ended."""
    query = select(Assignment.unit_id).where(Assignment.case_id == case_id, Assignment.state.not_in(_OVER))
    return set(await db.scalars(query))


async def have_many_cases(db: AsyncSession, unit_ids: Collection[str]) -> bool:
    """Whether more than `_MANY` cases are, or were, with these units."""
    theirs = select(Assignment.case_id).where(Assignment.unit_id.in_(sorted(unit_ids)))
    return await count_up_to(db, theirs, _MANY) is None


async def step_of_request(db: AsyncSession, case_id: str, request_id: str) -> CaseStep | None:
    query = select(CaseStep).where(CaseStep.case_id == case_id, CaseStep.request_id == request_id)
    return (await db.scalars(query)).first()


async def changes_since(db: AsyncSession, case_id: str, version: int) -> list[dict[str, Any]]:
    """Steps after that version, for whoever must merge: action, who and when."""
    query = (
        select(CaseStep.action, CaseStep.at, User.name)
        .outerjoin(User, User.id == CaseStep.by)
        .where(CaseStep.case_id == case_id, CaseStep.version > version)
        .order_by(CaseStep.id)
    )
    return [{"action": action, "at": at.isoformat(), "by": name or ""} for action, at, name in await db.execute(query)]


async def names_of(db: AsyncSession, user_ids: Iterable[str]) -> dict[str, str]:
    """Names of users, by id."""
    return {id: name for id, name in await db.execute(select(User.id, User.name).where(User.id.in_(set(user_ids))))}


async def writer_name(db: AsyncSession, user_id: str) -> str:
    """The name of whoever wrote a case; "" for one the accounts do not know."""
    return await db.scalar(select(User.name).where(User.id == user_id)) or ""


async def find(db: AsyncSession, query: CaseQuery, viewer: Viewer) -> Slice[Case]:
    """The page of cases that `viewer` may know of, newest first."""
    who = viewer.who
    statement: Select[Any] = visible(select(Case), viewer)
    statement = statement.where(*_states(query, viewer), *_created(query))
    for column, wanted in (
        (Unindexed(Case.type), query.type),
        (Case.urgency, query.urgency),
        (Case.enterprise_id, query.enterprise_id),
        (Case.contact_id, query.contact_id),
        (Case.duplicate_of_id, query.duplicate_of_id),
        (Case.created_by, who.user_id if query.mine else None),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    hidden = hidden_from(viewer)
    if query.enterprise_id is not None or query.contact_id is not None:
        statement = statement.where(identity_known(viewer))
    if query.call_id is not None:
        statement = statement.where(Case.id.in_(select(CaseCall.case_id).where(CaseCall.call_id == query.call_id)))
    if query.search.strip():
        statement = statement.where(found_by(query.search, hidden))
    return await fetch_page(db, statement, query, by=sort_key(query.search, Case.id))


def sort_key(search: str, *columns: SortColumn) -> list[SortColumn]:
    """What a search by words has found is sorted; without one, the index that is sorted so is read."""
    return [Unindexed(column) for column in columns] if search.strip() and not _digits(search) else list(columns)


def in_states(states: Collection[str], viewer: Viewer, *, by_creation: bool) -> ColumnElement[bool]:
    """`by_creation`: whether they are sorted by it, as the index of one state is."""
    seen = frozenset(states) if viewer.staff else frozenset(states) - NEVER_WITH_UNIT
    if not seen:
        return false()
    if len(seen) == 1 and by_creation:
        return Case.state == next(iter(seen))
    # Nearly all cases are over in one of these: they are found by how they are sorted.
    column = Case.state if seen.isdisjoint(_MOSTLY) else Unindexed(Case.state)
    return column.in_(sorted(seen))


async def is_common(db: AsyncSession, condition: ColumnElement[bool]) -> bool:
    """Whether more than `_MANY` cases are so."""
    return await count_up_to(db, select(Case.id).where(condition), _MANY) is None


def _states(query: CaseQuery, viewer: Viewer) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [in_states(query.state, viewer, by_creation=False)] if query.state else []
    if query.open is not None:
        found.append(Case.state.in_(OPEN) if query.open else Case.state.not_in(OPEN))
    return found


def _created(query: CaseQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Case.created_at >= query.since] if query.since is not None else []
    return found if query.before is None else [*found, Case.created_at < query.before]


def hidden_from(viewer: Viewer) -> ColumnElement[bool]:
    """Cases of which lists show `viewer` neither caller nor words."""
    return Case.confidential.is_(True) if viewer.staff else or_(Case.confidential, Case.anonymous)


def identity_known(viewer: Viewer) -> ColumnElement[bool]:
    """A hidden identity shows to those who open the case, which is audited; a filter must not show it."""
    return or_(not_(hidden_from(viewer)), Case.created_by == viewer.who.user_id)


def found_by(text: str, hidden: ColumnElement[bool]) -> ColumnElement[bool]:
    """Every word of `text`, each the beginning of the number or in what was written; digits alone are a number.

    Not in a case that is hidden from who asks: a match would reveal its content. Of very many, the newest.
    """
    words = search_words(text)
    if digits := _digits(text):
        # Not by LIKE, for which SQLite reads every number.
        return Case.number.between(digits, digits.ljust(_LONGEST_NUMBER, "9"))
    searches = [word_alternatives(word) for word in words]
    if not all(searches):
        return false()
    return and_(not_(hidden), is_hit(Case.id, CaseSearch, [searches], most=_MOST_FOUND))


def _digits(text: str) -> str:
    """The beginning of a case's number, if `text` is that alone; else ""."""
    digits = plain("".join(search_words(text))).replace("-", "")
    return digits if digits.isdecimal() else ""


async def of_caller(
    db: AsyncSession, who: Principal, *, enterprise_ids: Iterable[str], contact_ids: Iterable[str], limit: int
) -> Sequence[Case]:
    """Cases of these enterprises or contacts that `who` may know of: open ones first, the newest first among each."""
    statement = (
        visible(select(Case), Viewer(who=who))
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


def visible(statement: Select[Any], viewer: Viewer) -> Select[Any]:
    """Only cases that `viewer` may know of, as `Viewer.may_view` decides for one of them."""
    return statement.where(*visible_conditions(viewer))


def visible_conditions(viewer: Viewer) -> list[ColumnElement[bool]]:
    """The same, for whoever puts them beside others."""
    who = viewer.who
    recused = select(CaseRecusal.case_id).where(CaseRecusal.user_id == who.user_id)
    not_recused = Case.id.not_in(recused)
    if not viewer.staff:
        accused = or_(Case.unit_complained_of_id.is_(None), Case.unit_complained_of_id.not_in(viewer.accused))
        return [not_recused, assigned(viewer.units, Assignment.state.not_in(_OVER), many=viewer.many_cases), accused]
    if is_entrusted(who):
        return [not_recused]
    return [not_recused, or_(Case.confidential.is_(False), Case.created_by == who.user_id)]


def assigned(unit_ids: Collection[str], *conditions: ColumnElement[bool], many: bool) -> ColumnElement[bool]:
    """Whether a case has an assignment of these units like this. Of few, the cases are found by them; of `many`, each
    case that is found otherwise is looked at, since to find and sort all of them costs more the older the hotline is.
    """
    unit = Unindexed(Assignment.unit_id) if many else Assignment.unit_id
    found = select(Assignment.case_id).where(unit.in_(sorted(unit_ids)), *conditions)
    if not many:
        return Case.id.in_(found)
    # The offset keeps PostgreSQL from making a join of it, for which it reads all of the units' assignments.
    return found.where(Assignment.case_id == Case.id).offset(0).exists()
