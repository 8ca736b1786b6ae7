"""Queries on work lists. Each goes through `crm.cases.repository.visible`, which decides who sees what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, not_, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.following import following
from crm.cases.models import Case
from crm.cases.repository import (
    found_by,
    hidden_from,
    identity_known,
    in_states,
    is_common,
    sort_key,
    visible,
)
from crm.worklists.rules import RULES, SOON, ListContext, WorkListName
from crm.worklists.schemas import CaseFilters, CaseFlag, CaseSort, ClaimedBy, DueBand, WorkListQuery
from hotline.kernel.paging import InvalidCursorError, PageQuery, Slice, decode_cursor, encode_cursor, fetch_page
from hotline.kernel.planning import Unindexed, literal_number

COUNTED = 1000
"""More than these are not counted, so that a count never costs more than its list."""
_WITH_FOLLOWERS = frozenset({WorkListName.OPEN, WorkListName.ALL, WorkListName.MASS})
_BEFORE_ALL_IDS = "g"
"""Sorts after every id, which are hexadecimal."""


def listed(name: WorkListName, context: ListContext) -> Select[Any]:
    """The cases of a list that the viewer may know of."""
    statement = visible(select(Case), context.viewer).where(RULES[name].holds(context))
    # What is done to a duplicate that waits for its master's answer is done to the master.
    return statement if name in _WITH_FOLLOWERS else statement.where(not_(following()))


async def counts(db: AsyncSession, names: Sequence[WorkListName], context: ListContext) -> dict[str, int]:
    """How many cases each list holds, up to `COUNTED` + 1; one query."""
    if not names:
        return {}
    parts = []
    for name in names:
        bounded = listed(name, replace(context, counting=True)).with_only_columns(Case.id).limit(COUNTED + 1).subquery()
        parts.append(select(literal(name.value).label("name"), func.count().label("found")).select_from(bounded))
    return {row.name: row.found for row in await db.execute(union_all(*parts))}


async def page(
    db: AsyncSession, name: WorkListName, query: WorkListQuery, context: ListContext, *, units: Sequence[str] | None
) -> Slice[Case]:
    """One page; `units` are those that the filter's unit stands for."""
    sort = query.sort or CaseSort(RULES[name].sort)
    looked_up = [await _looked_up(db, column, values, sort) for column, values in _indexed(query, units) if values]
    statement = listed(name, context).where(*looked_up, *_filtered(query, context))
    return await _sorted_page(db, statement, query, sort)


def _indexed(query: CaseFilters, units: Sequence[str] | None) -> Iterator[tuple[Any, Sequence[str]]]:
    """Filters whose columns have an index each, sorted by creation."""
    yield Case.type, query.type
    yield Case.item_id, [query.item_id] if query.item_id is not None else []
    yield Case.lead_unit_id, units or []


async def _looked_up(db: AsyncSession, column: Any, values: Sequence[str], sort: CaseSort) -> ColumnElement[bool]:
    """By its own index where that is sorted as is wished, or has few to sort."""
    found: ColumnElement[bool] = column.in_(values)
    if len(values) == 1 and sort in (CaseSort.CREATED, CaseSort.NEWEST):
        found = column == values[0]
        return found
    return Unindexed(column).in_(values) if await is_common(db, found) else found


async def next_unclaimed(db: AsyncSession, name: WorkListName, context: ListContext) -> Case | None:
    """The case to be worked on next: one that is the viewer's already, else the most pressing that is nobody's.

    Locked; one that another is claiming at this moment is passed over.
    """
    for claim in (Case.claimed_by == context.me, Case.claimed_by.is_(None)):
        statement = listed(name, context).where(claim)
        for dated in (Case.next_due_at.is_not(None), Case.next_due_at.is_(None)):
            first = statement.where(dated).order_by(Case.next_due_at, Case.id).limit(1)
            row: Case | None = (await db.scalars(first.with_for_update(skip_locked=True))).first()
            if row is not None:
                return row
    return None


async def _sorted_page(db: AsyncSession, statement: Select[Any], query: PageQuery, sort: CaseSort) -> Slice[Case]:
    descending = sort.value.startswith("-")
    text = query.search if isinstance(query, CaseFilters) else ""
    match sort:
        case CaseSort.CREATED | CaseSort.NEWEST:
            return await fetch_page(
                db, statement, query, by=sort_key(text, Case.created_at, Case.id), descending=descending
            )
        case CaseSort.UPDATED | CaseSort.LAST_UPDATED:
            return await fetch_page(
                db, statement, query, by=sort_key(text, Case.updated_at, Case.id), descending=descending
            )
        case CaseSort.DUE | CaseSort.LATEST_DUE:
            return await _page_by_due(db, statement, query, descending=descending)


async def _page_by_due(db: AsyncSession, statement: Select[Any], query: PageQuery, *, descending: bool) -> Slice[Case]:
    """Those with a deadline, then those without: two ranges of the index, where one key with nulls would have none."""
    undated = statement.where(Case.next_due_at.is_(None))
    if _among_undated(query.cursor):
        return await fetch_page(db, undated, query, by=[Case.id])
    dated = statement.where(Case.next_due_at.is_not(None))
    found = await fetch_page(db, dated, query, by=[Case.next_due_at, Case.id], descending=descending)
    if found.next is not None:
        return found
    if len(found.rows) == query.limit:
        more = (await db.scalars(undated.with_only_columns(Case.id).limit(1))).first()
        return Slice(found.rows, encode_cursor(_BEFORE_ALL_IDS) if more else None)
    rest = query.model_copy(update={"limit": query.limit - len(found.rows), "cursor": None})
    without = await fetch_page(db, undated, rest, by=[Case.id])
    return Slice([*found.rows, *without.rows], without.next)


def _among_undated(cursor: str | None) -> bool:
    try:
        return cursor is not None and bool(decode_cursor(cursor, str))
    except InvalidCursorError:
        return False


def _filtered(query: CaseFilters, context: ListContext) -> list[ColumnElement[bool]]:
    wanted = [*_equal(query, context), *_between(query), *(_FLAGS[flag] for flag in query.flag)]
    if query.enterprise_id is not None:
        wanted += [Case.enterprise_id == query.enterprise_id, identity_known(context.viewer)]
    if query.claimed is not None:
        wanted.append(_claimed(query.claimed, context))
    if query.due is not None:
        wanted.append(_due(query.due, context))
    if query.search.strip():
        wanted.append(found_by(query.search, hidden_from(context.viewer)))
    return wanted


def _equal(query: CaseFilters, context: ListContext) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.state:
        by_creation = isinstance(query, WorkListQuery) and query.sort in (None, CaseSort.CREATED, CaseSort.NEWEST)
        found.append(in_states(query.state, context.viewer, by_creation=by_creation))
    for column, value in (
        (Case.urgency, query.urgency),
        (Case.channel, query.channel),
        (Case.life_cycle_stage, query.life_cycle_stage),
    ):
        if value is not None:
            found.append(column == value)
    return found


def _between(query: CaseFilters) -> list[ColumnElement[bool]]:
    ranges = (
        (Case.next_due_at, query.due_since, query.due_before),
        (Case.created_at, query.created_since, query.created_before),
        (Case.dispatched_at, query.dispatched_since, query.dispatched_before),
    )
    found: list[ColumnElement[bool]] = []
    for column, since, before in ranges:
        if since is not None:
            found.append(column >= since)
        if before is not None:
            found.append(column < before)
    return found


_FLAGS: dict[CaseFlag, ColumnElement[bool]] = {
    CaseFlag.CONFIDENTIAL: Case.confidential.is_(True),
    CaseFlag.ANONYMOUS: Case.anonymous.is_(True),
    CaseFlag.SENSITIVE: Case.sensitive.is_(True),
    CaseFlag.MASS: Case.mass.is_(True),
    CaseFlag.HARD: Case.hard.is_(True),
    CaseFlag.DESIGNATED: Case.designated.is_(True),
    CaseFlag.URGED: Case.urges > literal_number(0),
    CaseFlag.REWORKED: Case.reworks > 0,
    CaseFlag.RETURNED: Case.returns > 0,
    CaseFlag.DUPLICATE: Case.duplicate_of_id.is_not(None),
    CaseFlag.SUSPENDED: Case.suspended_at.is_not(None),
}


def _claimed(claimed: ClaimedBy, context: ListContext) -> ColumnElement[bool]:
    match claimed:
        case ClaimedBy.ME:
            return Case.claimed_by == context.me
        case ClaimedBy.NOBODY:
            return Case.claimed_by.is_(None)
        case ClaimedBy.OTHERS:
            return and_(Case.claimed_by.is_not(None), Case.claimed_by != context.me)


def _due(due: DueBand, context: ListContext) -> ColumnElement[bool]:
    soon = context.now + SOON
    match due:
        case DueBand.OVERDUE:
            return Case.next_due_at < context.now
        case DueBand.SOON:
            return and_(Case.next_due_at >= context.now, Case.next_due_at < soon)
        case DueBand.LATER:
            return Case.next_due_at >= soon
        case DueBand.NONE:
            return or_(Case.next_due_at.is_(None), Case.suspended_at.is_not(None))
