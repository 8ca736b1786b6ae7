"""Queries on facts from Asterisk's own logs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from cti.calls.models import CallFactRow
from hotline.kernel.codec import decode
from hotline.kernel.events import Event

KEPT = timedelta(days=2)
"""How long a line is kept whose channel never turns out to be one of our calls'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedFact:
    """One event read from a log. `key` is the same whenever the same line is read; `event.call_id` may be ""."""

    key: str
    unique_id: str
    event: Event


async def unapplied_calls(db: AsyncSession) -> list[str]:
    """Calls whose records do not know all their facts yet."""
    query = select(CallFactRow.call_id).where(CallFactRow.applied.is_(False), CallFactRow.call_id.is_not(None))
    return [call_id for call_id in await db.scalars(query.distinct()) if call_id]


async def facts_of(db: AsyncSession, call_id: str) -> dict[str, Event]:
    query = select(CallFactRow).where(CallFactRow.call_id == call_id).order_by(CallFactRow.key)
    rows = await db.scalars(query)
    return {row.key: decode(row.name, row.at, call_id, row.payload) for row in rows}


async def mark_applied(db: AsyncSession, keys: Sequence[str]) -> None:
    if keys:
        await db.execute(update(CallFactRow).where(CallFactRow.key.in_(keys)).values(applied=True))


async def add_facts(db: AsyncSession, facts: Iterable[LoggedFact]) -> None:
    """Keep these; those kept already wait as they are."""
    rows = [
        {
            "key": fact.key,
            "call_id": fact.event.call_id or None,
            "unique_id": fact.unique_id,
            "at": fact.event.at,
            "name": fact.event.name,
            "payload": fact.event.payload(),
            "applied": False,
        }
        for fact in facts
    ]
    if rows:
        dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
        await db.execute(dialect.insert(CallFactRow).on_conflict_do_nothing(), rows)


async def pending_facts(db: AsyncSession, calls: Mapping[str, str]) -> list[LoggedFact]:
    """Facts that waited to know their call; `calls` says which call each channel (by unique id) was."""
    rows = await db.scalars(
        select(CallFactRow).where(CallFactRow.call_id.is_(None), CallFactRow.unique_id.in_(list(calls)))
    )
    return [
        LoggedFact(
            key=row.key,
            unique_id=row.unique_id,
            event=decode(row.name, row.at, calls[row.unique_id], row.payload),
        )
        for row in rows
    ]


async def drop_pending(db: AsyncSession, calls: Iterable[str]) -> None:
    """The facts of these channels no longer wait: new ones are added again, with their call."""
    await db.execute(delete(CallFactRow).where(CallFactRow.call_id.is_(None), CallFactRow.unique_id.in_(list(calls))))


async def forget_foreign(db: AsyncSession, now: datetime) -> None:
    """Drop old facts of channels that were none of our calls."""
    await db.execute(delete(CallFactRow).where(CallFactRow.call_id.is_(None), CallFactRow.at < now - KEPT))
