"""`hotline flow simulate` and `test`: calls through a flow file, without a telephone and in no time."""

from __future__ import annotations

import json
from collections.abc import Coroutine
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from hotline.cli.flow_checks import FlowFile, JsonOption, LanguageOption, installed_world
from hotline.cli.terminal import checked, run

if TYPE_CHECKING:
    from callflow.document import Flow
    from callflow.simulate.record import SimulatedCall

T = TypeVar("T")
SILENT, HANG_UP = ("", "-"), "h"


def add_trials(flow_app: typer.Typer) -> None:
    """Register the commands of this module."""
    flow_app.command("simulate")(simulate)
    flow_app.command("test")(run_cases)


def simulate(
    file: FlowFile,
    keys: Annotated[
        str,
        typer.Option(help="An answer a question, with commas: keys, - for silence, h to hang up; 0@2.5: after 2.5 s"),
    ] = "",
    at: Annotated[str, typer.Option(help="When, e.g. 2026-10-01T09:00; default: now")] = "",
    number: Annotated[str, typer.Option("--from", help="The caller's number; '' for a hidden one")] = "13900000000",
    known: Annotated[
        Literal["no", "contact", "enterprise", "skip_menu"], typer.Option(help="Whom the number belongs to")
    ] = "no",
    queues: Annotated[
        str, typer.Option(help="What happens at queues, in turn, e.g. timed_out,answered:30 (after 30 s)")
    ] = "",
    case: Annotated[str, typer.Option(help="How the case stands that is asked for, e.g. closed; none; away")] = "none",
    as_json: JsonOption = False,
) -> None:
    """Print a simulated call: where it goes, what is heard and pressed, with seconds from the answer."""
    from callflow.simulate.caller import SimulatedCaller
    from callflow.simulate.run import simulate as simulated

    answers, timed = _keys(keys)
    given = {
        "number": number,
        "at": at or datetime.now().astimezone().isoformat(),
        "known": known,
        "answers": answers,
        "keys": timed,
        "queues": [_behaviour(text) for text in queues.split(",") if text],
        "case": case,
    }
    caller = checked(lambda: SimulatedCaller.model_validate(given))
    from hotline.app.settings import load_settings

    flow, world = _flow(file), installed_world(load_settings())
    call = _quietly(simulated(flow, caller, world))
    if as_json:
        typer.echo(json.dumps(asdict(call) | {"person_at": call.person_at}, ensure_ascii=False, indent=2))
    else:
        _print(call)


def _quietly(work: Coroutine[Any, Any, T]) -> T:
    """Without the engine's log: what goes wrong in a trial is part of its result."""
    from structlog.testing import capture_logs

    with capture_logs():
        return run(work)


def _flow(file: FlowFile) -> Flow:
    from callflow.document import load_flow
    from callflow.registry import all_actions

    return load_flow(file, all_actions())


def _keys(text: str) -> tuple[list[str], list[dict[str, Any]]]:
    """Answers to questions, and keys at a moment."""
    answers: list[str] = []
    timed: list[dict[str, Any]] = []
    for part in text.split(",") if text else []:
        press, moment, seconds = part.strip().partition("@")
        if moment:
            timed.append({"at": seconds, "press": press})
        else:
            answers.append("" if press in SILENT else "hang up" if press == HANG_UP else press)
    return answers, timed


def _behaviour(text: str) -> dict[str, str]:
    outcome, given, seconds = text.strip().partition(":")
    return {"outcome": outcome, "after": seconds} if given else {"outcome": outcome}


def _print(call: SimulatedCall) -> None:
    stays = {(stay.node, stay.at): stay for stay in call.stays}
    for step in call.steps:
        onward = f" → {step.outcome}" if step.outcome else ""
        keys = f", pressed {step.keys}" if step.keys else ""
        typer.echo(f"{step.at:7.1f} s  {step.node} ({step.action}){onward}{keys}")
        for part in step.heard:
            cut = f" of {part.whole:.1f}" if part.seconds < part.whole else ""
            typer.echo(f"             {part.seconds:4.1f}{cut} s  {part.text}  {part.words}".rstrip())
        stay = stays.get((step.node, round(step.at, 1)))
        if stay is not None:
            talk = f", talked {stay.talked:.0f} s" if stay.talked else ""
            typer.echo(f"             {stay.queue}: {stay.outcome} after {stay.waited:.0f} s{talk}")
    for failure in call.failures:
        typer.echo(f"failed: {failure}")
    person = "no person" if call.person_at is None else f"a person after {call.person_at:g} s"
    typer.echo(f"{call.seconds:7.1f} s  ended by {call.ended_by}; {person}.")


def run_cases(file: FlowFile, language: LanguageOption = "en", as_json: JsonOption = False) -> None:
    """Run the test cases that are kept with a flow; exit status 1 where one does not pass."""
    from callflow.simulate.cases import run_tests
    from hotline.app.settings import load_settings

    flow, world = _flow(file), installed_world(load_settings())
    results = _quietly(run_tests(flow, world))
    if as_json:
        rows = [{"name": r.name, "passed": r.passed, "unmet": [each._asdict() for each in r.unmet]} for r in results]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for result in results:
            typer.echo(f"{'passed' if result.passed else 'FAILED'}  {result.name}")
            for each in result.unmet:
                typer.echo(f"        {each.zh if language == 'zh' else each.en}")
        typer.echo(f"{sum(result.passed for result in results)} of {len(results)} passed.")
    if not all(result.passed for result in results):
        raise typer.Exit(1)
