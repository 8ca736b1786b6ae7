"""Queries on imports and their rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.kernel.imports.models import ImportFile, ImportRecord, ImportRow
from hotline.kernel.imports.ports import EarlierRow, PreparedRow, RowOutcome, WrittenRow
from hotline.kernel.imports.schemas import ImportRowQuery
from hotline.kernel.imports.state import ImportState
from hotline.kernel.paging import Slice, fetch_page


async def record(db: AsyncSession, import_id: str, *, lock: bool = False) -> ImportRecord | None:
    query = select(ImportRecord).where(ImportRecord.id == import_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await db.scalars(query)).one_or_none()


async def file(db: AsyncSession, import_id: str) -> bytes | None:
    return await db.scalar(select(ImportFile.data).where(ImportFile.import_id == import_id))


async def running(db: AsyncSession) -> int:
    """How many are being checked, written or undone."""
    busy = [ImportState.CHECKING, ImportState.APPLYING, ImportState.REVERTING]
    return await db.scalar(select(func.count()).where(ImportRecord.state.in_(busy))) or 0


async def forget_rows(db: AsyncSession, import_id: str) -> None:
    await db.execute(delete(ImportRow).where(ImportRow.import_id == import_id))


async def forget_file(db: AsyncSession, import_id: str) -> None:
    await db.execute(delete(ImportFile).where(ImportFile.import_id == import_id))


async def forget_older(db: AsyncSession, before: datetime, *, most: int) -> int:
    """Remove imports last touched before this moment, with their rows; how many went."""
    old = select(ImportRecord.id).where(ImportRecord.updated_at < before).limit(most)
    ids = list(await db.scalars(old))
    for table in (ImportRow, ImportFile):
        await db.execute(delete(table).where(table.import_id.in_(ids)))
    await db.execute(delete(ImportRecord).where(ImportRecord.id.in_(ids)))
    return len(ids)


async def add_rows(db: AsyncSession, rows: list[dict[str, Any]]) -> None:
    if rows:
        await db.execute(insert(ImportRow), rows)


async def unchecked(db: AsyncSession, import_id: str, *, most: int) -> Sequence[ImportRow]:
    query = select(ImportRow).where(ImportRow.import_id == import_id, ImportRow.outcome.is_(None))
    return (await db.scalars(query.order_by(ImportRow.number).limit(most))).all()


async def to_apply(db: AsyncSession, import_id: str, *, after: int, most: int) -> list[PreparedRow]:
    """Rows that create or update something, past the row number `after`."""
    wanted = [RowOutcome.CREATE, RowOutcome.UPDATE]
    query = _prepared(import_id).where(ImportRow.number > after, ImportRow.outcome.in_(wanted)).limit(most)
    return [_as_prepared(row) for row in await db.execute(query)]


async def without_error(db: AsyncSession, import_id: str) -> list[PreparedRow]:
    """All rows that passed the check so far."""
    query = _prepared(import_id).where(ImportRow.outcome != RowOutcome.ERROR)
    return [_as_prepared(row) for row in await db.execute(query)]


async def refused(db: AsyncSession, import_id: str) -> list[int]:
    """The numbers of the rows that did not."""
    query = select(ImportRow.number).where(ImportRow.import_id == import_id, ImportRow.outcome == RowOutcome.ERROR)
    return list(await db.scalars(query.order_by(ImportRow.number)))


def _prepared(import_id: str) -> Select[Any]:
    columns = (ImportRow.number, ImportRow.outcome, ImportRow.target, ImportRow.subject, ImportRow.value)
    return select(*columns).where(ImportRow.import_id == import_id).order_by(ImportRow.number)


def _as_prepared(row: Sequence[Any]) -> PreparedRow:
    number, outcome, target, subject, value = row
    return PreparedRow(number=number, outcome=RowOutcome(outcome), target=target, subject=subject, value=value or {})


async def to_undo(db: AsyncSession, import_id: str, *, upto: int, most: int) -> list[WrittenRow]:
    """Rows that were written, down from the row number `upto`."""
    query = (
        select(ImportRow.number, ImportRow.target, ImportRow.undo)
        .where(ImportRow.import_id == import_id, ImportRow.number <= upto, ImportRow.undo.is_not(None))
        .order_by(ImportRow.number.desc())
        .limit(most)
    )
    return [WrittenRow(number, target or "", undo or {}) for number, target, undo in await db.execute(query)]


async def earlier(db: AsyncSession, import_id: str, keys: Collection[str], *, before: int) -> dict[str, EarlierRow]:
    """The rows above `before` that have one of `keys` and no error, by key; of several, the first."""
    wanted = list(keys)
    if not wanted:
        return {}
    good = (ImportRow.import_id == import_id, ImportRow.number < before, ImportRow.outcome != RowOutcome.ERROR)
    # One query for each index: with "or" SQLite reads every row above.
    either = [
        select(ImportRow.number, ImportRow.target, column).where(*good, column.in_(wanted))
        for column in (ImportRow.key, ImportRow.other_key)
    ]
    found: dict[str, EarlierRow] = {}
    for number, target, key in await db.execute(union_all(*either).order_by("number")):
        found.setdefault(str(key), EarlierRow(number, target))
    return found


_CHECKED = (
    update(ImportRow)
    .where(ImportRow.import_id == bindparam("b_import"), ImportRow.number == bindparam("b_number"))
    .values(
        {name: bindparam(name) for name in ("outcome", "key", "other_key", "subject", "target", "problems", "value")}
    )
)


async def store_verdicts(db: AsyncSession, rows: list[dict[str, Any]]) -> None:
    """Each with b_import and b_number and the columns of a checked row."""
    if rows:
        connection = await db.connection()
        await connection.execute(_CHECKED, rows)


_WRITTEN = (
    update(ImportRow)
    .where(ImportRow.import_id == bindparam("b_import"), ImportRow.number == bindparam("b_number"))
    .values(undo=bindparam("undo"))
)


async def store_undo(db: AsyncSession, import_id: str, undo: dict[int, dict[str, Any]]) -> None:
    """What it takes to take each of these rows back."""
    rows = [{"b_import": import_id, "b_number": number, "undo": how} for number, how in undo.items()]
    if rows:
        await (await db.connection()).execute(_WRITTEN, rows)


async def counts(db: AsyncSession, import_id: str) -> dict[str, int]:
    query = select(ImportRow.outcome, func.count()).where(ImportRow.import_id == import_id).group_by(ImportRow.outcome)
    return {outcome: count for outcome, count in await db.execute(query) if outcome}


async def rows(db: AsyncSession, import_id: str, query: ImportRowQuery) -> Slice[ImportRow]:
    statement = select(ImportRow).where(ImportRow.import_id == import_id, ImportRow.outcome.is_not(None))
    if query.outcome is not None:
        statement = statement.where(ImportRow.outcome == query.outcome)
    return await fetch_page(db, statement, query, by=[ImportRow.number], descending=False)
