"""What `hotline agent …` does to the database, each with its entry in the audit log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from callflow.document import SHIPPED_FLOW, load_flow
from callflow.registry import all_actions
from crm.units.directory import SpecialistNumbers
from cti.presence.roster import AgentRoster, queues_of
from cti.presence.schemas import AgentDraft, AgentQueues, AgentView, QueueShare
from hotline.accounts.audit import AuditLog
from hotline.accounts.models import PasswordState
from hotline.accounts.offline import users_of
from hotline.accounts.repository import user_by_username
from hotline.accounts.roles import Role
from hotline.accounts.schemas import NewUser, fold_username
from hotline.accounts.service import AccountService
from hotline.app.settings import Settings
from hotline.cli.terminal import checked
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database

_audit = AuditLog(SystemClock())


def draft_of(number: str, user: str, queues: str, wrap_up: int) -> AgentDraft:
    """Arguments of a command, checked. Raises InvalidInputError."""
    return checked(lambda: AgentDraft(number=number, username=user, queues=_queues(queues), wrap_up_seconds=wrap_up))


def name_of(draft: AgentDraft, name: str) -> str:
    """The name of a new account, checked. Raises InvalidInputError."""
    return checked(lambda: NewUser(username=draft.username, name=name, roles=[Role.AGENT])).name


async def is_new(settings: Settings, username: str) -> bool:
    """Whether no account has this name yet."""
    async with users_of(settings) as (_, database), database.snapshot() as db:
        return await user_by_username(db, fold_username(username)) is None


async def create(settings: Settings, draft: AgentDraft, *, name: str, password: str, one_time: bool) -> None:
    """With a password, the account too; `one_time`: the first log-in must change it."""
    async with _roster(settings) as (roster, accounts, database):
        password_hash = await accounts.hash_password(password, username=draft.username) if password else None
        async with database.transaction() as db:
            if password_hash is not None:
                user = await accounts.create_user(
                    db,
                    username=draft.username,
                    name=name,
                    password_hash=password_hash,
                    roles=[Role.AGENT],
                    password_state=PasswordState.ONE_TIME if one_time else PasswordState.OWN,
                )
                await _audit.command_line(db, "user.create", user.id, username=user.username, roles=user.roles)
            await _record(db, "agent.create", await roster.create(db, draft))


async def change(settings: Settings, number: str, queues: str, wrap_up: int) -> AgentView:
    """Replace the agent's queues. Raises InvalidInputError."""
    wanted = checked(lambda: AgentQueues(queues=_queues(queues), wrap_up_seconds=wrap_up))
    return await _edit(settings, "agent.change", lambda roster, db: roster.change(db, number, wanted))


async def deactivate(settings: Settings, number: str) -> AgentView:
    return await _edit(settings, "agent.deactivate", lambda roster, db: roster.deactivate(db, number))


async def activate(settings: Settings, number: str) -> AgentView:
    return await _edit(settings, "agent.activate", lambda roster, db: roster.activate(db, number))


async def _edit(
    settings: Settings, action: str, edit: Callable[[AgentRoster, AsyncSession], Awaitable[AgentView]]
) -> AgentView:
    async with _roster(settings) as (roster, _, database), database.transaction() as db:
        agent = await edit(roster, db)
        await _record(db, action, agent)
        return agent


@asynccontextmanager
async def _roster(settings: Settings) -> AsyncIterator[tuple[AgentRoster, AccountService, Database]]:
    flow = await asyncio.to_thread(load_flow, settings.flow or SHIPPED_FLOW, all_actions())
    async with users_of(settings) as (accounts, database):
        yield AgentRoster(SystemClock(), lambda: queues_of(flow), SpecialistNumbers()), accounts, database


async def _record(db: AsyncSession, action: str, agent: AgentView) -> None:
    await _audit.command_line(db, action, agent.number, **agent.audited())


def _queues(text: str) -> list[QueueShare]:
    shares = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        queue, _, penalty = part.partition(":")
        shares.append(QueueShare.model_validate({"queue": queue, "penalty": penalty or 0}))
    return shares
