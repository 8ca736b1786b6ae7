"""`hotline flow …`: the flows of the database, and files of flows."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callflow.versions.state import FlowAlias
from hotline.cli.flow_checks import add_checks
from hotline.cli.flow_trials import add_trials
from hotline.cli.terminal import run as run_now
from hotline.kernel.errors import InvalidInputError

if TYPE_CHECKING:
    from hotline.app.settings import Settings

flow_app = typer.Typer(help="The call flow.", no_args_is_help=True)
add_checks(flow_app)
add_trials(flow_app)

Number = Annotated[int, typer.Argument(help="a version's number; 0 is the draft", min=0)]
ForTest = Annotated[bool, typer.Option("--test", help="For the test numbers alone")]


@flow_app.command("list")
def list_flows() -> None:
    """All flows with their versions, and which is in force."""
    from hotline.cli.flow_edits import listed

    for line in run_now(listed(_settings())):
        typer.echo(line)


@flow_app.command("show")
def show_flow(flow: str, number: Number = 0) -> None:
    """Print a version as a file, to be edited or kept in git."""
    from hotline.cli.flow_edits import exported

    typer.echo(run_now(exported(_settings(), flow, number)), nl=False)


@flow_app.command("diff")
def compare_versions(flow: str, before: Number, after: Number = 0) -> None:
    """What differs between two versions."""
    from hotline.cli.flow_edits import differences

    for line in run_now(differences(_settings(), flow, before, after)):
        typer.echo(line)


@flow_app.command("publish")
def publish_file(
    file: Path,
    note: Annotated[str, typer.Option(help="What is new, for the history")],
    test: ForTest = False,
    at: Annotated[str, typer.Option(help="From when on, e.g. 2026-12-24T18:00+08:00; else at once")] = "",
    despite_tests: Annotated[bool, typer.Option(help="Although test cases of the flow fail")] = False,
) -> None:
    """Make a file the next version and put it in force; a running service takes it up within seconds."""
    from hotline.cli.flow_checks import installed_world
    from hotline.cli.flow_edits import publish, said

    alias = FlowAlias.TEST if test else FlowAlias.LIVE
    settings = _settings()
    world = installed_world(settings)
    starts_at = _moment(at)
    done = run_now(
        publish(settings, file, world, note=note, alias=alias, starts_at=starts_at, despite_tests=despite_tests)
    )
    typer.echo(" ".join(said(done)))


@flow_app.command("rollback")
def put_in_force(
    flow: str,
    number: Annotated[int, typer.Argument(help="the version to put in force", min=1)],
    reason: Annotated[str, typer.Option(help="Why, for the history")],
    test: ForTest = False,
) -> None:
    """Put a version in force that there is already; calls that run are not touched."""
    from hotline.cli import flow_edits

    alias = FlowAlias.TEST if test else FlowAlias.LIVE
    done = run_now(flow_edits.put_in_force(_settings(), flow, number, reason=reason, alias=alias))
    typer.echo(" ".join(flow_edits.said(done)))


def _settings() -> Settings:
    """With what is logged on standard error: on the other stand documents and dialplan."""
    from hotline.app.settings import load_settings
    from hotline.kernel.logs import configure_logging

    settings = load_settings()
    configure_logging(format=settings.log_format, level="warning")
    return settings


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidInputError(f"{text!r} is no moment with a time zone; write one such as 2026-12-24T18:00+08:00.")
    return moment


@flow_app.command("actions")
def write_actions(folder: Annotated[Path, typer.Argument(help="Where to, e.g. docs/actions")]) -> None:
    """Write the reference of the actions, a page each, from the actions themselves."""
    from callflow.reference import reference_pages
    from callflow.registry import all_actions

    folder.mkdir(parents=True, exist_ok=True)
    pages = reference_pages(all_actions())
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    typer.echo(f"{len(pages)} pages written.")


@flow_app.command("safe")
def print_safe_flow() -> None:
    """Print the dialplan that serves callers without the service: /etc/asterisk/extensions_safe.conf."""
    from hotline.app.composition import safe_flow_of

    typer.echo(run_now(safe_flow_of(_settings())), nl=False)
