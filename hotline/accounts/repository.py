"""Queries on accounts."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from hotline.accounts.models import AuditEntry, Organisation, PasswordHistory, RoleRequest, User, UserSession
from hotline.accounts.schemas import AuditQuery, UserQuery
from hotline.kernel.http import Slice, fetch_page
from hotline.kernel.words import search_words


async def user_by_id(db: AsyncSession, user_id: str, *, lock: bool = False) -> User | None:
    return await db.get(User, user_id, with_for_update=True if lock else None, populate_existing=lock)


async def user_by_username(db: AsyncSession, username: str) -> User | None:
    return await db.scalar(select(User).where(User.username == username))


async def users(db: AsyncSession, query: UserQuery) -> Slice[User]:
    statement = select(User)
    if query.active is not None:
        statement = statement.where(User.active == query.active)
    for word in search_words(query.search):
        statement = statement.where(
            or_(User.username.icontains(word, autoescape=True), User.name.icontains(word, autoescape=True))
        )
    return await fetch_page(db, statement, query, by=(User.username,), descending=False)


async def organisation_names(db: AsyncSession, ids: Iterable[str]) -> dict[str, str]:
    """By id."""
    statement = select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids))
    return {id: name for id, name in await db.execute(statement)}


async def active_users(db: AsyncSession) -> list[User]:
    return list(await db.scalars(select(User).where(User.active)))


async def live_session(db: AsyncSession, token_hash: str, now: datetime) -> UserSession | None:
    """The session with its user, unless it is over or the user was deactivated."""
    statement = (
        select(UserSession)
        .join(UserSession.user)
        .where(UserSession.token_hash == token_hash, UserSession.expires_at > now, User.active)
        .options(joinedload(UserSession.user))
    )
    return await db.scalar(statement)


def replace_token(session: UserSession) -> str:
    """A new token for the session, once more is known of who holds it than before."""
    token = secrets.token_urlsafe(32)
    session.token_hash = hashlib.sha256(token.encode()).hexdigest()
    return token


async def sessions_of(db: AsyncSession, user_id: str, now: datetime) -> list[UserSession]:
    return list(
        await db.scalars(
            select(UserSession)
            .where(UserSession.user_id == user_id, UserSession.expires_at > now)
            .order_by(UserSession.renewed_at.desc(), UserSession.id)
        )
    )


async def former_passwords(db: AsyncSession, user_id: str) -> list[PasswordHistory]:
    """The latest first, without the present one."""
    return list(
        await db.scalars(
            select(PasswordHistory)
            .where(PasswordHistory.user_id == user_id)
            .order_by(PasswordHistory.at.desc(), PasswordHistory.id.desc())
        )
    )


async def role_request(db: AsyncSession, request_id: str) -> RoleRequest | None:
    """Locked, with its user."""
    return await db.scalar(
        select(RoleRequest)
        .where(RoleRequest.id == request_id)
        .options(joinedload(RoleRequest.user, innerjoin=True))
        .with_for_update()
    )


async def role_requests(
    db: AsyncSession, *, user_ids: list[str] | None = None, state: str, most: int = 500
) -> list[RoleRequest]:
    """The oldest first, with their users."""
    statement = select(RoleRequest).options(joinedload(RoleRequest.user)).order_by(RoleRequest.id).limit(most)
    statement = statement.where(RoleRequest.state == state)
    if user_ids is not None:
        statement = statement.where(RoleRequest.user_id.in_(user_ids))
    return list(await db.scalars(statement))


async def renew_session(db: AsyncSession, session_id: str, *, now: datetime, expires_at: datetime) -> None:
    await db.execute(
        update(UserSession).where(UserSession.id == session_id).values(renewed_at=now, expires_at=expires_at)
    )


async def end_session(db: AsyncSession, token_hash: str) -> int:
    """How many ended: one or none."""
    return await _delete(db, UserSession.token_hash == token_hash)


async def end_sessions(db: AsyncSession, user_id: str, *, except_hash: str = "") -> int:
    return await _delete(db, UserSession.user_id == user_id, UserSession.token_hash != except_hash)


async def forget_old_sessions(db: AsyncSession, now: datetime) -> int:
    return await _delete(db, UserSession.expires_at <= now)


async def audit_entries(db: AsyncSession, query: AuditQuery) -> Slice[AuditEntry]:
    statement = select(AuditEntry)
    for value, column in (
        (query.user_id, AuditEntry.user_id),
        (query.username, AuditEntry.username),
        (query.action, AuditEntry.action),
        (query.target, AuditEntry.target),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if query.from_ is not None:
        statement = statement.where(AuditEntry.at >= query.from_)
    if query.to is not None:
        statement = statement.where(AuditEntry.at < query.to)
    return await fetch_page(db, statement, query, by=(AuditEntry.at, AuditEntry.id))


async def audit_actions(db: AsyncSession) -> list[str]:
    return list(await db.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)))


async def _delete(db: AsyncSession, *conditions: Any) -> int:
    result = await db.execute(delete(UserSession).where(*conditions).execution_options(synchronize_session=False))
    return cast(CursorResult[Any], result).rowcount
