"""`hotline user …`: people who log in. Whoever may run this on the machine needs no second person."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hotline.accounts.roles import Role
from hotline.cli.terminal import ask_password, checked, run

user_app = typer.Typer(help="People who log in.", no_args_is_help=True)
Roles = Annotated[list[Role], typer.Option("--role", help="May be given several times")]


@user_app.command("create")
def create_user(
    username: str,
    name: Annotated[str, typer.Option(help="As colleagues know them")],
    role: Roles,
    organisation: Annotated[str, typer.Option(help="Its name; the hotline's own by default")] = "",
    change_password: Annotated[
        bool, typer.Option("--change-password/--keep-password", help="Whether the first log-in must change it")
    ] = True,
) -> None:
    """Create a user; asks for the password, or reads it from standard input when that is no terminal."""
    from hotline.accounts.models import PasswordState
    from hotline.accounts.schemas import NewUser
    from hotline.accounts.service import allowed_roles
    from hotline.app.settings import load_settings

    settings = load_settings()
    draft = checked(lambda: NewUser(username=username, name=name, roles=role))
    password = ask_password()
    state = PasswordState.ONE_TIME if change_password else PasswordState.OWN

    async def work() -> None:
        from hotline.accounts.offline import accounts_of

        allowed_roles(draft.roles)
        async with accounts_of(settings) as (accounts, database):
            password_hash = await accounts.users.hash_password(password, username=draft.username)
            async with database.transaction() as db:
                user = await accounts.users.create_user(
                    db,
                    username=draft.username,
                    name=draft.name,
                    password_hash=password_hash,
                    roles=draft.roles,
                    password_state=state,
                )
                if organisation:
                    where = await accounts.organisations.id_of(db, organisation)
                    await accounts.organisations.assign(db, user, where)
                await _audit(
                    db,
                    "user.create",
                    user.id,
                    username=user.username,
                    organisation_id=user.organisation_id,
                    roles=user.roles,
                )

    run(work())
    typer.echo(f"Created {draft.username}." + (" The first log-in asks for a new password." if change_password else ""))


@user_app.command("roles")
def set_roles(username: str, role: Roles) -> None:
    """Replace a user's roles at once, for a first installation; later security administrators do this in pairs."""
    from hotline.app.settings import load_settings

    settings = load_settings()

    async def work() -> list[str]:
        from hotline.accounts import repository
        from hotline.accounts.models import RequestState
        from hotline.accounts.offline import accounts_of

        async with accounts_of(settings) as (accounts, database), database.transaction() as db:
            user = await _user(db, username)
            before = user.roles
            for request in await repository.role_requests(db, user_ids=[user.id], state=RequestState.PENDING):
                request.state = RequestState.SUPERSEDED
            await accounts.users.set_roles(db, user.id, role)
            await accounts.sessions.end_all(db, user.id)
            await _audit(db, "user.set_roles", user.id, before=before, after=user.roles)
            return list(user.roles)

    typer.echo(f"{username} is {', '.join(run(work())) or 'without a role'} now; their sessions have ended.")


@user_app.command("reset")
def reset_user(
    username: str,
    password: Annotated[bool, typer.Option("--password", help="A new one, good for one log-in")] = False,
    second_factor: Annotated[bool, typer.Option("--second-factor", help="Remove it, for a lost phone")] = False,
    unlock: Annotated[bool, typer.Option("--unlock", help="Forget failed attempts to log in")] = False,
) -> None:
    """Let somebody in again; asks for the new password, or reads it from standard input."""
    from hotline.app.settings import load_settings
    from hotline.kernel.errors import InvalidInputError

    if not (password or second_factor or unlock):
        raise InvalidInputError("Say what to reset: --password, --second-factor or --unlock.")
    settings = load_settings()
    entered = ask_password() if password else ""

    async def work() -> None:
        from hotline.accounts.models import PasswordState
        from hotline.accounts.offline import accounts_of

        async with accounts_of(settings) as (accounts, database):
            async with database.snapshot() as db:
                user_id = (await _user(db, username)).id
            password_hash = await accounts.users.hash_new_password(user_id, entered) if password else None
            async with database.transaction() as db:
                if password_hash is not None:
                    before = (await accounts.users.user(db, user_id)).password_state
                    user = await accounts.users.set_password(db, user_id, password_hash, state=PasswordState.ONE_TIME)
                    await _audit(db, "user.set_password", user_id, before=before, after=user.password_state)
                if second_factor:
                    had = await accounts.second_factor.reset(db, user_id)
                    await _audit(db, "user.reset_second_factor", user_id, before=had, after=False)
                if unlock:
                    locked = await accounts.attempts.unlock(db, user_id)
                    await _audit(db, "user.unlock", user_id, before=locked, after=[])

    run(work())
    done = [
        what for what, asked in (("password", password), ("second factor", second_factor), ("lock", unlock)) if asked
    ]
    typer.echo(f"Reset for {username}: {', '.join(done)}.")


@user_app.command("list")
def list_users() -> None:
    """All users, with their roles and what keeps them out."""
    from hotline.app.settings import load_settings

    settings = load_settings()

    async def work() -> list[str]:
        from sqlalchemy import select

        from hotline.accounts.models import User
        from hotline.accounts.offline import accounts_of
        from hotline.accounts.views import user_views

        async with accounts_of(settings) as (accounts, database), database.snapshot() as db:
            users = list(await db.scalars(select(User).order_by(User.username)))
            views = await user_views(db, accounts, users)
        lines = []
        for user in users:
            view = views[user.id]
            notes = ["" if view.active else "deactivated", "locked" if view.locked else ""]
            notes += [f"waits for {', '.join(view.pending_roles)}" if view.pending_roles else ""]
            state = "; ".join(filter(None, notes)) or "active"
            lines.append(f"{view.username:<16} {','.join(view.roles) or '-':<36} {state:<12} {view.name}")
        return lines

    for line in run(work()):
        typer.echo(line)


async def _user(db: Any, username: str) -> Any:
    from hotline.accounts.repository import user_by_username
    from hotline.accounts.schemas import fold_username
    from hotline.accounts.service import UserNotFoundError

    user = await user_by_username(db, fold_username(username))
    if user is None:
        raise UserNotFoundError(f"No user has the name {username}.")
    return user


async def _audit(db: Any, action: str, target: str, **detail: Any) -> None:
    from hotline.accounts.audit import AuditLog
    from hotline.kernel.clock import SystemClock

    await AuditLog(SystemClock()).command_line(db, action, target, **detail)
