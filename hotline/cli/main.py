"""The command line: `hotline up`, `hotline serve` and what else an operator needs.

Each command imports what it needs itself: all together take seconds to load, and `--help` and `agent list` should not.
"""

from __future__ import annotations

import sys
import time
from contextlib import AsyncExitStack
from typing import Annotated

import typer

from hotline.cli.agents import agent_app
from hotline.cli.audit import audit_app
from hotline.cli.drill import drill_app
from hotline.cli.flows import flow_app
from hotline.cli.prompts import prompt_app
from hotline.cli.terminal import run as run_now
from hotline.cli.users import user_app
from hotline.kernel.errors import HotlineError

app = typer.Typer(
    help="The enterprise service of a 12345 government hotline.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
database_app = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(database_app, name="db")
app.add_typer(user_app, name="user")
app.add_typer(agent_app, name="agent")
app.add_typer(audit_app, name="audit")
app.add_typer(flow_app, name="flow")
app.add_typer(prompt_app, name="prompt")
app.add_typer(drill_app, name="drill")


@app.command()
def up(demo: Annotated[bool, typer.Option(help="Load the demo city where it is missing")] = True) -> None:
    """Run a whole hotline on this machine: Asterisk, service, prompts and demo data. Ctrl-C stops it all."""
    from hotline.app.settings import load_settings
    from hotline.kernel.signals import until_signal
    from hotline.onebox.up import OneBox, banner

    settings = load_settings()

    async def live(stack: AsyncExitStack) -> None:
        box = await stack.enter_async_context(OneBox(settings, demo=demo, progress=typer.echo))
        await box.start()
        typer.echo(banner(box.settings))
        await box.until_refused()

    run_now(until_signal(live, say=typer.echo))


@app.command()
def serve() -> None:
    """Run only the service; an administrator runs Asterisk (see asterisk-config/)."""
    import structlog

    from hotline.app.composition import Hotline
    from hotline.app.settings import load_settings
    from hotline.app.upgrade import upgrade_when_free
    from hotline.kernel.clock import SystemClock
    from hotline.kernel.logs import configure_logging
    from hotline.kernel.signals import until_signal
    from hotline.onebox.preflight import sole_instance

    settings = load_settings()
    configure_logging(format=settings.log_format, level=settings.log_level)

    async def live(stack: AsyncExitStack) -> None:
        stack.enter_context(sole_instance(settings.home))
        await upgrade_when_free(settings, SystemClock())
        hotline = await stack.enter_async_context(Hotline(settings))
        await hotline.until_refused()

    run_now(until_signal(live, say=structlog.get_logger(__name__).info))


@app.command()
def call(
    keys: Annotated[str, typer.Argument(help="Keys to press, one every two seconds; w waits two seconds")] = "",
    number: Annotated[
        str | None, typer.Option("--from", help="The caller's number; '' for none", show_default="one of the demo's")
    ] = None,
    seconds: Annotated[int, typer.Option(min=1, max=3600, help="Hang up after this long")] = 60,
) -> None:
    """Call the running one-box as a caller, with music as the voice; shows only whether the call was answered."""
    from hotline.app.settings import load_settings
    from hotline.onebox.callout import place_call

    run_now(place_call(load_settings(), keys=keys, number=number, seconds=seconds, say=typer.echo))


@app.command()
def phone(
    number: Annotated[str, typer.Argument(help="The agent's number, e.g. 1003; or a demo specialist's, 6001")],
) -> None:
    """Print what a SIP desk phone needs to register as an agent of the one-box."""
    from hotline.app.settings import load_settings
    from hotline.onebox.phones import desk_phone_secret

    settings = load_settings()
    secret = run_now(desk_phone_secret(settings, number))
    asterisk = settings.asterisk
    typer.echo(f"server {asterisk.sip_host}:{asterisk.sip_port} (UDP)\nuser {number}\npassword {secret}")


@app.command()
def retention(
    dry_run: Annotated[bool, typer.Option(help="Show what would be removed, and remove nothing")] = False,
) -> None:
    """Remove data past its retention time, as the service does each night."""
    from hotline.app.retention import retention_of
    from hotline.app.settings import load_settings

    settings = load_settings()

    async def run() -> None:
        async with retention_of(settings) as kept:
            due = await kept.plan()
            done = {} if dry_run else await kept.run()
        for one in due:
            if one.before is None:
                typer.echo(f"{one.name}: kept indefinitely")
                continue
            count = one.count if dry_run else done[one.name].removed
            failed = 0 if dry_run else done[one.name].failed
            what = f"{count} {'would go' if dry_run else 'removed'}" + (f", {failed} could not be" if failed else "")
            typer.echo(f"{one.name}: {what}, older than {one.days} days ({one.before:%Y-%m-%d %H:%M} UTC)")

    run_now(run())


@app.command()
def openapi() -> None:
    """Print the API's description (OpenAPI 3.1), the content of docs/openapi.json."""
    from hotline.app.composition import openapi_document

    sys.stdout.buffer.write(openapi_document())


@database_app.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to this version; safe to repeat."""
    from hotline.app.settings import load_settings
    from hotline.kernel.migrate import upgrade

    settings = load_settings()
    run_now(upgrade(settings.database_url))
    typer.echo("The database is up to date.")


@database_app.command("index")
def index_database() -> None:
    """Index the knowledge base anew while the service runs; until it is done searches ask the former index."""
    from crm.knowledge.indexing import index_again
    from hotline.app.settings import load_settings

    settings = load_settings()
    begun = time.monotonic()

    def say(entries: int, of: int) -> None:
        typer.echo(f"{entries} of {of} entries, {time.monotonic() - begun:.0f} s")

    done = run_now(index_again(settings.database_url, say))
    typer.echo(f"Done: {done} entries are indexed.")


def main() -> None:
    """Entry point of the `hotline` program."""
    try:
        app()
    except HotlineError as error:
        typer.echo(f"hotline: {error.detail}", err=True)
        sys.exit(1)


__all__ = ["app", "main"]
