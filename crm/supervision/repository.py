"""Queries on supervision tasks and the ledger; only on cases and entries that the viewer may know of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Case
from crm.cases.repository import visible, visible_conditions
from crm.cases.visibility import Viewer
from crm.knowledge.models import KnowledgeEntry
from crm.supervision.models import LedgerEntry, SupervisionTask
from crm.supervision.schemas import LedgerQuery, SupervisionQuery
from crm.supervision.state import OPEN_TASKS, SupervisionState
from hotline.kernel.paging import Slice, fetch_page


def _seen(statement: Select[Any], viewer: Viewer) -> Select[Any]:
    """Of a unit: the tasks issued to it, or to one below it."""
    # There are few tasks: the case of each is looked at, rather than all cases of the unit.
    of_case = and_(*visible_conditions(replace(viewer, many_cases=True)))
    statement = statement.outerjoin(Case, Case.id == SupervisionTask.case_id)
    statement = statement.where(or_(SupervisionTask.entry_id.is_not(None), of_case))
    return statement if viewer.staff else statement.where(SupervisionTask.unit_id.in_(sorted(viewer.units)))


async def tasks(db: AsyncSession, query: SupervisionQuery, viewer: Viewer) -> Slice[SupervisionTask]:
    """The most pressing first; counted where only open ones are asked for."""
    statement = _seen(select(SupervisionTask), viewer)
    for column, wanted in (
        (SupervisionTask.state, query.state),
        (SupervisionTask.case_id, query.case_id),
        (SupervisionTask.entry_id, query.entry_id),
        (SupervisionTask.unit_id, query.unit_id),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if query.open is not None:
        states = sorted(OPEN_TASKS)
        is_open = SupervisionTask.state.in_(states)
        statement = statement.where(is_open if query.open else SupervisionTask.state.not_in(states))
    order = [SupervisionTask.due_at, SupervisionTask.id]
    return await fetch_page(db, statement, query, by=order, descending=False, with_total=query.open is True)


async def task(db: AsyncSession, task_id: str, viewer: Viewer, *, lock: bool = False) -> SupervisionTask | None:
    query = _seen(select(SupervisionTask), viewer).where(SupervisionTask.id == task_id)
    if lock:
        query = query.with_for_update(of=SupervisionTask).execution_options(populate_existing=True)
    found: SupervisionTask | None = (await db.scalars(query)).one_or_none()
    return found


async def task_of_key(db: AsyncSession, key: str) -> SupervisionTask | None:
    return (await db.scalars(select(SupervisionTask).where(SupervisionTask.key == key))).one_or_none()


async def issued_about(db: AsyncSession, entry_id: str) -> list[SupervisionTask]:
    """Those that wait for the unit; locked."""
    wanted = (SupervisionTask.entry_id == entry_id, SupervisionTask.state == SupervisionState.ISSUED)
    return list(await db.scalars(select(SupervisionTask).where(*wanted).with_for_update()))


async def knowledge_of(db: AsyncSession, ids: set[str]) -> dict[str, KnowledgeEntry]:
    return {row.id: row for row in await db.scalars(select(KnowledgeEntry).where(KnowledgeEntry.id.in_(sorted(ids))))}


async def cases_of(db: AsyncSession, ids: set[str]) -> dict[str, Case]:
    return {row.id: row for row in await db.scalars(select(Case).where(Case.id.in_(sorted(ids))))}


async def entries(db: AsyncSession, query: LedgerQuery, viewer: Viewer) -> Slice[LedgerEntry]:
    """The newest first; open ones are counted."""
    statement = visible(select(LedgerEntry).join(Case, Case.id == LedgerEntry.case_id), viewer)
    struck = LedgerEntry.struck_off_at
    statement = statement.where(struck.is_(None) if query.open else struck.is_not(None))
    if query.case_id is not None:
        statement = statement.where(LedgerEntry.case_id == query.case_id)
    return await fetch_page(db, statement, query, by=[LedgerEntry.id], with_total=query.open)


async def entry(db: AsyncSession, entry_id: str, *, lock: bool = False) -> LedgerEntry | None:
    query = select(LedgerEntry).where(LedgerEntry.id == entry_id)
    return (await db.scalars(query.with_for_update() if lock else query)).one_or_none()


async def entry_of_case(db: AsyncSession, case_id: str) -> LedgerEntry | None:
    query = select(LedgerEntry).where(LedgerEntry.case_id == case_id).with_for_update()
    return (await db.scalars(query)).one_or_none()
