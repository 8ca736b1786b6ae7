"""Queries on agents."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
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
