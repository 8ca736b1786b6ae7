"""`hotline agent …`: who takes calls. The running service takes it up within seconds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from callflow.document import load_flow
from callflow.registry import all_actions
from callflow.service import SHIPPED_FLOW
from crm.units.directory import SpecialistNumbers
from cti.presence.roster import AgentRoster, queues_of
from cti.presence.schemas import AgentDraft, AgentView, Desks, DeskShare
from hotline.accounts.audit import AuditLog
from hotline.accounts.repository import user_by_username
from hotline.accounts.roles import Role
from hotline.accounts.schemas import NewUser, fold_username
from hotline.accounts.service import AccountService
from hotline.app import users_of
from hotline.box.phones import phones_of
from hotline.box.render import endpoints
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.kernel.errors import InvalidInputError
from hotline.kernel.settings import Settings, load_settings
from hotline.terminal import ask_password, checked, run

_audit = AuditLog(SystemClock())

agent_app = typer.Typer(help="Agents: who takes calls, at which desks.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(help="The agent's number (工号), e.g. 1007")]
DeskList = Annotated[str, typer.Option(help="By comma; queue:penalty rings after those of a lower penalty")]
WrapUp = Annotated[int, typer.Option(help="Seconds after each call before the next one comes")]


@agent_app.command("create")
def create_agent(
    number: Number,
    user: Annotated[str, typer.Option(help="The account; created with the role agent where there is none")],
    desks: DeskList,
    name: Annotated[str, typer.Option(help="As colleagues know them; for a new account")] = "",
    wrap_up: WrapUp = 30,
) -> None:
    """Make somebody an agent; for a new account, asks for the password or reads it from standard input."""
    settings = load_settings()
    draft = checked(lambda: AgentDraft(number=number, username=user, desks=_desks(desks), wrap_up_seconds=wrap_up))
    is_new = run(_is_new(settings, draft.username))
    if is_new and not name:
        raise InvalidInputError(f"There is no account {draft.username}; give --name too, and it is created.")
    if is_new:
        name = checked(lambda: NewUser(username=draft.username, name=name, roles=[Role.AGENT])).name
    password = ask_password() if is_new else ""
    run(_create(settings, draft, name=name, password=password))
    typer.echo(
        f"{draft.username} is agent {number} now; a desk phone registers with what `hotline phone {number}` tells."
    )


@agent_app.command("change")
def change_agent(number: Number, desks: DeskList, wrap_up: WrapUp = 30) -> None:
    """Replace an agent's desks and time for wrap-up."""
    wanted = checked(lambda: Desks(desks=_desks(desks), wrap_up_seconds=wrap_up))
    _edit(number, "agent.change", lambda roster, db: roster.change(db, number, wanted))


@agent_app.command("deactivate")
def deactivate_agent(number: Number) -> None:
    """No more calls: a talk in progress goes on to its end; then the agent is signed out and logged out."""
    _edit(number, "agent.deactivate", lambda roster, db: roster.deactivate(db, number))


@agent_app.command("activate")
def activate_agent(number: Number) -> None:
    """An agent again, by the same number, with the same phones."""
    _edit(number, "agent.activate", lambda roster, db: roster.activate(db, number))


@agent_app.command("list")
def list_agents() -> None:
    """All who are or were agents."""

    async def ask() -> list[AgentView]:
        async with _roster(load_settings()) as (roster, _, database), database.snapshot() as db:
            return await roster.listed(db)

    for agent in run(ask()):
        desks = ",".join(f"{desk.queue}:{desk.penalty}" if desk.penalty else desk.queue for desk in agent.desks)
        state = "active" if agent.active else "deactivated"
        typer.echo(f"{agent.number:<10} {agent.username:<16} {state:<12} {desks:<24} {agent.name}")


@agent_app.command("endpoints")
def print_endpoints() -> None:
    """Print the agents' phones for an Asterisk of your own: part of instance/pjsip.conf, with passwords.

    Then `asterisk -rx 'pjsip reload'`. The one-box does both by itself.
    """

    async def ask() -> str:
        async with users_of(load_settings()) as (_, database), database.snapshot() as db:
            return endpoints(await phones_of(db))

    typer.echo(run(ask()))


async def _is_new(settings: Settings, username: str) -> bool:
    async with users_of(settings) as (_, database), database.snapshot() as db:
        return await user_by_username(db, fold_username(username)) is None


async def _create(settings: Settings, draft: AgentDraft, *, name: str, password: str) -> None:
    async with _roster(settings) as (roster, accounts, database):
        password_hash = await accounts.hash_password(password) if password else None
        async with database.transaction() as db:
            if password_hash is not None:
                user = await accounts.create_user(
                    db, username=draft.username, name=name, password_hash=password_hash, roles=[Role.AGENT]
                )
                await _audit.command_line(db, "user.create", user.id, username=user.username, roles=user.roles)
            await _tell(db, "agent.create", await roster.create(db, draft))


def _edit(number: str, action: str, edit: Callable[[AgentRoster, AsyncSession], Awaitable[AgentView]]) -> None:
    async def do() -> AgentView:
        async with _roster(load_settings()) as (roster, _, database), database.transaction() as db:
            agent = await edit(roster, db)
            await _tell(db, action, agent)
            return agent

    agent = run(do())
    typer.echo(f"{agent.number} ({agent.name}): {'active' if agent.active else 'deactivated'}.")


@asynccontextmanager
async def _roster(settings: Settings) -> AsyncIterator[tuple[AgentRoster, AccountService, Database]]:
    flow = await asyncio.to_thread(load_flow, settings.flow or SHIPPED_FLOW, all_actions())
    async with users_of(settings) as (accounts, database):
        yield AgentRoster(SystemClock(), queues_of(flow), SpecialistNumbers()), accounts, database


async def _tell(db: AsyncSession, action: str, agent: AgentView) -> None:
    await _audit.command_line(db, action, agent.number, **agent.audited())


def _desks(text: str) -> list[DeskShare]:
    shares = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        queue, _, penalty = part.partition(":")
        shares.append(DeskShare.model_validate({"queue": queue, "penalty": penalty or 0}))
    return shares
