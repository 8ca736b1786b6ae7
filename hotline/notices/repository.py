"""Queries on notices, messages and templates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, String, false, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.models import User
from hotline.accounts.roles import Role
from hotline.kernel.paging import Slice, fetch_page
from hotline.notices.models import MessageState, NoticeRecord, NoticeTemplate, OutgoingMessage
from hotline.notices.schemas import InboxQuery, MessageQuery

MOST_COUNTED = 100
"""Unread notices beyond this are not counted."""


async def recipients(db: AsyncSession, *, users: Collection[str], roles: Collection[Role], excluding: str) -> list[str]:
    """The ids of the active ones among `users`, and of the active users with one of `roles`."""
    wanted: list[ColumnElement[bool]] = [User.id.in_(users)] if users else []
    # Roles are a JSON list of words; with its quotes, no word is part of another.
    wanted += [User.roles.cast(String).contains(f'"{role}"') for role in roles]
    statement = select(User.id).where(User.active, User.id != excluding, or_(false(), *wanted)).order_by(User.id)
    return list(await db.scalars(statement))


async def insert_notices(db: AsyncSession, rows: list[dict[str, Any]]) -> int:
    """How many were new: the same key for the same user is left out."""
    if not rows:
        return 0
    statement = _dialect(db).insert(NoticeRecord).values(rows).on_conflict_do_nothing(index_elements=["key", "user_id"])
    return len((await db.scalars(statement.returning(NoticeRecord.id))).all())


async def insert_message(db: AsyncSession, row: dict[str, Any]) -> bool:
    """Whether it was new; not, where one has the same key."""
    statement = _dialect(db).insert(OutgoingMessage).values(row).on_conflict_do_nothing(index_elements=["key"])
    return await db.scalar(statement.returning(OutgoingMessage.id)) is not None


async def inbox(db: AsyncSession, user_id: str, query: InboxQuery) -> Slice[NoticeRecord]:
    statement = select(NoticeRecord).where(NoticeRecord.user_id == user_id)
    if query.unread:
        statement = statement.where(NoticeRecord.read_at.is_(None))
    return await fetch_page(db, statement, query, by=(NoticeRecord.id,))


async def unread(db: AsyncSession, user_id: str) -> tuple[int, str]:
    """How many, up to `MOST_COUNTED`, and the newest one's id."""
    mine = select(NoticeRecord.id).where(NoticeRecord.user_id == user_id, NoticeRecord.read_at.is_(None))
    newest = mine.order_by(NoticeRecord.id.desc()).limit(MOST_COUNTED).subquery()
    count, latest = (await db.execute(select(func.count(), func.max(newest.c.id)))).one()
    return count, latest or ""


async def mark_read(db: AsyncSession, user_id: str, *, up_to: str, only: bool, now: datetime) -> int:
    """How many unread ones there were: that one, or with `only` false also those before it."""
    which = NoticeRecord.id == up_to if only else NoticeRecord.id <= up_to
    statement = (
        update(NoticeRecord)
        .where(NoticeRecord.user_id == user_id, NoticeRecord.read_at.is_(None), which)
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )
    return cast(CursorResult[Any], await db.execute(statement)).rowcount


async def notice_of(db: AsyncSession, user_id: str, notice_id: str) -> NoticeRecord | None:
    return await db.scalar(select(NoticeRecord).where(NoticeRecord.id == notice_id, NoticeRecord.user_id == user_id))


async def messages(db: AsyncSession, query: MessageQuery) -> Slice[OutgoingMessage]:
    statement = select(OutgoingMessage)
    for value, column in (
        (query.state, OutgoingMessage.state),
        (query.channel, OutgoingMessage.channel),
        (query.kind, OutgoingMessage.kind),
        (query.number, OutgoingMessage.subject_number),
    ):
        if value is not None:
            statement = statement.where(column == value)
    return await fetch_page(db, statement, query, by=(OutgoingMessage.id,))


async def messages_about(db: AsyncSession, subject_id: str, *, most: int = 200) -> list[OutgoingMessage]:
    """The newest first."""
    about = select(OutgoingMessage).where(OutgoingMessage.subject_id == subject_id)
    return list(await db.scalars(about.order_by(OutgoingMessage.id.desc()).limit(most)))


async def message(db: AsyncSession, message_id: str, *, lock: bool = False) -> OutgoingMessage | None:
    return await db.get(OutgoingMessage, message_id, with_for_update=True if lock else None, populate_existing=True)


async def count_unsent(db: AsyncSession) -> dict[str, int]:
    """By state, of those that wait and those given up; the sent ones are too many to count for a page."""
    state = OutgoingMessage.state
    unsent = state.in_([MessageState.WAITING, MessageState.DEAD])
    rows = await db.execute(select(state, func.count()).where(unsent).group_by(state))
    return {state: count for state, count in rows}


async def troubled(db: AsyncSession, *, since: datetime) -> Mapping[str, str]:
    """The channels whose messages fail, each with the latest reason: waiting to be retried, or given up since."""
    failed = OutgoingMessage.state == MessageState.WAITING, OutgoingMessage.attempts >= 2
    lost = OutgoingMessage.state == MessageState.DEAD, OutgoingMessage.tried_at >= since
    statement = (
        select(OutgoingMessage.channel, OutgoingMessage.reason)
        .where(or_(failed[0] & failed[1], lost[0] & lost[1]))
        .order_by(OutgoingMessage.tried_at)
        .limit(1000)
    )
    return {channel: reason for channel, reason in await db.execute(statement)}


async def template(db: AsyncSession, kind: str, *, lock: bool = False) -> NoticeTemplate | None:
    return await db.get(NoticeTemplate, kind, with_for_update=True if lock else None, populate_existing=lock)


async def templates(db: AsyncSession) -> dict[str, NoticeTemplate]:
    """Those edited, by kind."""
    return {row.kind: row for row in await db.scalars(select(NoticeTemplate))}


def _dialect(db: AsyncSession) -> Any:
    return postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
