"""`hotline flow check` and `rules`: what is wrong with a flow file, before anybody calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hotline.cli.terminal import run

if TYPE_CHECKING:
    from callflow.lint import Finding, World
    from hotline.app.settings import Settings
    from hotline.calendars.current import Calendars

LanguageOption = Annotated[Literal["zh", "en"], typer.Option(help="zh or en")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead")]
FlowFile = Annotated[Path, typer.Argument(help="A flow in YAML or JSON")]


def add_checks(flow_app: typer.Typer) -> None:
    """Register the commands of this module."""
    flow_app.command("check")(check)
    flow_app.command("rules")(rules)


def check(file: FlowFile, language: LanguageOption = "en", as_json: JsonOption = False) -> None:
    """Print what is wrong with a flow file, how bad it is, and how to mend it; exit status 1 where it is an error.

    It checks against the prompts, queues and calendars of this installation, as far as there is one.
    """
    from callflow.document import read_file
    from callflow.lint import Severity, lint
    from callflow.lint.view import FindingView
    from hotline.app.settings import load_settings

    text, world = read_file(file), installed_world(load_settings())
    findings = lint(text, world)
    if as_json:
        typer.echo(json.dumps([FindingView.of(one).model_dump() for one in findings], ensure_ascii=False, indent=2))
    else:
        _print(file, findings, language)
        _print_reach(text, world)
    if any(one.severity is Severity.ERROR for one in findings):
        raise typer.Exit(1)


def _print(file: Path, findings: Sequence[Finding], language: Literal["zh", "en"]) -> None:
    for one in findings:
        typer.echo(f"{file}:{one.line}: {one.severity}: {one.where}: {one.message(language)} [{one.rule}]")
        typer.echo(f"    {one.mend(language)}")
    counts = [(name, sum(one.severity == name for one in findings)) for name in ("error", "warning", "hint")]
    typer.echo(", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts) + ".")


def _print_reach(text: str, world: World) -> None:
    from callflow.lint.check import subject_of
    from callflow.lint.reach import person_reach

    subject, _ = subject_of(text, world)
    if subject is None:
        return
    reach = person_reach(subject)
    for name, way in (("Quickest", reach.quickest), ("Slowest", reach.slowest)):
        if way is not None:
            typer.echo(f"{name} way to a person: {way.seconds:g} s, {' → '.join(way.nodes)}")
    for one in reach.by_key:
        span = "no person" if one.slowest is None else f"a person after {one.quickest:g} to {one.slowest:g} s"
        typer.echo(f"  {one.menu}, {one.key}: {span}")


def rules() -> None:
    """Print all rules that `check` knows, the content of docs/flow-rules.md."""
    from callflow.lint.rules_page import rules_page

    typer.echo(rules_page(), nl=False)


def installed_world(settings: Settings) -> World:
    """What this installation has; its parts are unknown where there is none yet."""
    from datetime import UTC, datetime

    from callflow.lint.reader import read_world
    from crm.enterprises.numbers import NumberPlan
    from crm.units.trunk import TrunkNumbers
    from hotline.onebox.configure import SHIPPED
    from hotline.onebox.render import Directories

    own = Directories.of(settings).etc / "queues.conf"
    return read_world(
        settings,
        queues=own if own.exists() else SHIPPED / "queues.conf",
        calendars=run(_calendars(settings)),
        today=datetime.now(UTC).astimezone(settings.time_zone).date(),
        budgets=settings.flow_budgets,
        outside=TrunkNumbers(NumberPlan(settings.crm.area_code), settings.asterisk.dial_prefixes).allows_a_flow,
    )


async def _calendars(settings: Settings) -> Calendars | None:
    """Those of the database; None where there is no database to ask."""
    from hotline.calendars.service import read_calendars
    from hotline.kernel.errors import HotlineError
    from hotline.kernel.revision import current_database

    try:
        async with current_database(settings.database_url) as database, database.snapshot() as db:
            return await read_calendars(db)
    except HotlineError:
        return None
