"""Queries on agents."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cti.presence.models import Agent
from hotline.accounts.models import User


async def all_agents(db: AsyncSession) -> Sequence[tuple[Agent, User]]:
    """Agents with an active account, by number."""
    query = select(Agent, User).join(User, User.id == Agent.user_id).where(User.active).order_by(Agent.number)
    return [(agent, user) for agent, user in (await db.execute(query)).all()]


async def agent_of_user(db: AsyncSession, user_id: str) -> Agent | None:
    return (await db.scalars(select(Agent).where(Agent.user_id == user_id))).one_or_none()
