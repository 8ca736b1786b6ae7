"""`hotline agent …`: who takes calls. The running service takes it up within seconds.

Commands import what they need themselves, as in `hotline.cli.main`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli.terminal import ask_password, run

if TYPE_CHECKING:
    from cti.presence.models import Agent
    from cti.presence.schemas import AgentView
    from hotline.accounts.models import User

agent_app = typer.Typer(help="Agents: who takes calls, at which queues.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(help="The agent's number (工号), e.g. 1007")]
QueueList = Annotated[str, typer.Option(help="By comma; queue:penalty rings after those of a lower penalty")]
WrapUp = Annotated[int, typer.Option(help="Seconds after each call before the next one comes")]


@agent_app.command("create")
def create_agent(
    number: Number,
    user: Annotated[str, typer.Option(help="The account; created with the role agent where there is none")],
    queues: QueueList,
    name: Annotated[str, typer.Option(help="As colleagues know them; for a new account")] = "",
    wrap_up: WrapUp = 30,
    change_password: Annotated[
        bool,
        typer.Option("--change-password/--keep-password", help="Whether a new account's first log-in must change it"),
    ] = True,
) -> None:
    """Make somebody an agent; for a new account, asks for the password or reads it from standard input."""
    from hotline.app.settings import load_settings
    from hotline.cli import agent_edits
    from hotline.kernel.errors import InvalidInputError

    settings = load_settings()
    draft = agent_edits.draft_of(number, user, queues, wrap_up)
    is_new = run(agent_edits.is_new(settings, draft.username))
    if is_new and not name:
        raise InvalidInputError(f"There is no account {draft.username}; give --name too, and it is created.")
    if is_new:
        name = agent_edits.name_of(draft, name)
    password = ask_password() if is_new else ""
    run(agent_edits.create(settings, draft, name=name, password=password, one_time=change_password))
    typer.echo(
        f"{draft.username} is agent {number} now; a desk phone registers with what `hotline phone {number}` prints."
    )


@agent_app.command("change")
def change_agent(number: Number, queues: QueueList, wrap_up: WrapUp = 30) -> None:
    """Replace an agent's queues and time for wrap-up."""
    from hotline.app.settings import load_settings
    from hotline.cli import agent_edits

    _show(run(agent_edits.change(load_settings(), number, queues, wrap_up)))


@agent_app.command("deactivate")
def deactivate_agent(number: Number) -> None:
    """No more calls: a talk in progress continues to its end; then the agent is signed out and logged out."""
    from hotline.app.settings import load_settings
    from hotline.cli import agent_edits

    _show(run(agent_edits.deactivate(load_settings(), number)))


@agent_app.command("activate")
def activate_agent(number: Number) -> None:
    """An agent again, by the same number, with the same phones."""
    from hotline.app.settings import load_settings
    from hotline.cli import agent_edits

    _show(run(agent_edits.activate(load_settings(), number)))


@agent_app.command("list")
def list_agents() -> None:
    """All who are or were agents."""
    from cti.presence import repository
    from cti.presence.models import is_agent
    from hotline.app.settings import load_settings
    from hotline.kernel.revision import current_database

    async def ask() -> list[tuple[Agent, User]]:
        async with current_database(load_settings().database_url) as database, database.snapshot() as db:
            return list(await repository.listed(db))

    for agent, user in run(ask()):
        queues = ",".join(f"{share['queue']}:{share['penalty']}".removesuffix(":0") for share in agent.queues)
        state = "active" if is_agent(agent, user) else "deactivated"
        typer.echo(f"{agent.number:<10} {user.username:<16} {state:<12} {queues:<24} {user.name}")


@agent_app.command("endpoints")
def print_endpoints() -> None:
    """Print the agents' phones for an Asterisk of your own: part of instance/pjsip.conf, with passwords.

    Then `asterisk -rx 'module reload res_pjsip.so'`. The one-box does both by itself.
    """
    from hotline.app.settings import load_settings
    from hotline.kernel.revision import current_database
    from hotline.onebox.phones import phones_of
    from hotline.onebox.render import endpoints

    async def ask() -> str:
        async with current_database(load_settings().database_url) as database, database.snapshot() as db:
            return endpoints(await phones_of(db))

    typer.echo(run(ask()))


def _show(agent: AgentView) -> None:
    typer.echo(f"{agent.number} ({agent.name}): {'active' if agent.active else 'deactivated'}.")
