"""Queries on agents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from cti.presence.models import Agent, is_agent
from hotline.accounts.models import User, UserSession


async def all_agents(db: AsyncSession) -> Sequence[tuple[Agent, User]]:
    """Those who take calls now, by number."""
    return [(agent, user) for agent, user in await listed(db) if is_agent(agent, user)]


async def listed(db: AsyncSession) -> Sequence[tuple[Agent, User]]:
    """All who are or were agents, by number."""
    query = select(Agent, User).join(User, User.id == Agent.user_id).order_by(Agent.number)
    return [(agent, user) for agent, user in (await db.execute(query)).all()]


async def agent_of_user(db: AsyncSession, user_id: str) -> Agent | None:
    query = select(Agent).where(Agent.user_id == user_id, Agent.deactivated_at.is_(None))
    return (await db.scalars(query)).one_or_none()


async def by_number(db: AsyncSession, number: str) -> tuple[Agent, User] | None:
    """Also one who is deactivated."""
    query = select(Agent, User).join(User, User.id == Agent.user_id).where(Agent.number == number)
    row = (await db.execute(query)).one_or_none()
    return (row[0], row[1]) if row else None


async def taken(db: AsyncSession, *, number: str, user_id: str) -> Agent | None:
    """An agent of this number or user."""
    return (await db.scalars(select(Agent).where((Agent.number == number) | (Agent.user_id == user_id)))).first()


async def end_sessions_of_departed(db: AsyncSession) -> None:
    """Of agents who were deactivated since they logged in."""
    departed = select(Agent.id).where(
        Agent.user_id == UserSession.user_id, Agent.deactivated_at > UserSession.created_at
    )
    await db.execute(
        delete(UserSession).where(departed.correlate(UserSession).exists()).execution_options(synchronize_session=False)
    )


async def set_web_session(db: AsyncSession, number: str, token_hash: str | None) -> None:
    """Note by which log-in agent `number`'s browser phone has its password."""
    await db.execute(update(Agent).where(Agent.number == number).values(web_session=token_hash))


async def web_sessions_over(db: AsyncSession, now: datetime) -> Sequence[str]:
    """The numbers of agents whose browser phone has its password by a log-in that is over."""
    live = (
        select(UserSession.id)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.token_hash == Agent.web_session,
            UserSession.user_id == Agent.user_id,
            UserSession.expires_at > now,
            User.active,
        )
    )
    query = select(Agent.number).where(Agent.web_session.is_not(None), ~live.correlate(Agent).exists())
    return (await db.scalars(query.order_by(Agent.number))).all()
