"""`hotline drill safe-flow`: what callers hear without the service, beside what they hear with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hotline.cli.flow_checks import JsonOption, LanguageOption
from hotline.cli.terminal import run

if TYPE_CHECKING:
    from callflow.drill.record import DrillCall
    from callflow.drill.report import DrilledCase, DrillReport

drill_app = typer.Typer(help="Drills: what happens when something is away.", no_args_is_help=True)
Language = Literal["zh", "en"]


@drill_app.callback()
def drills() -> None:
    """Drills: what happens when something is away."""


@drill_app.command("safe-flow")
def drill_safe_flow(
    language: LanguageOption = "en",
    calls: Annotated[bool, typer.Option(help="Print each call without the service, node by node")] = True,
    as_json: JsonOption = False,
) -> None:
    """Try the live flow's test cases with the service and without; exit status 1 where they differ unforeseen.

    Nothing is stopped and no real caller, agent or queue is touched. With the service stopped before, the calls find
    their own way into the safe flow, as callers do.
    """
    from hotline.app.drill import drill_live_flow, report_view
    from hotline.app.settings import load_settings
    from hotline.kernel.logs import configure_logging
    from hotline.onebox.callout import ami_secret

    settings = load_settings()
    configure_logging(format=settings.log_format, level="error")
    report = run(drill_live_flow(settings, ami_secret(settings)))
    if as_json:
        typer.echo(json.dumps(report_view(report), ensure_ascii=False, indent=2))
    else:
        for line in lines_of(report, language, calls=calls):
            typer.echo(line)
    if not report.equal:
        raise typer.Exit(1)


def lines_of(report: DrillReport, language: Language, *, calls: bool) -> Iterator[str]:
    """The report for a terminal."""
    zh = language == "zh"
    yield f"{report.flow}, {'版本' if zh else 'version'} {report.version}"
    if report.stopped:
        yield "服务已停止，来电自行进入应急流程。" if zh else "The service is stopped; the calls found the safe flow."
    else:
        yield (
            "服务正在运行，来电直接送入应急流程；停止服务后再演练，可一并验证进入应急流程的途径。"
            if zh
            else "The service runs; the calls were put into the safe flow. Stop it and drill again to try the way in."
        )
    for case in report.cases:
        yield from _case(case, language, calls=calls)
    if report.losses:
        yield "服务停止时，来电者得不到：" if zh else "While the service is away, callers miss:"
    for one in report.losses:
        yield f"  {one.node} ({one.label}): {one.loss.zh if zh else one.loss.en}"


_WORDS = {
    "equal": {"zh": "相同", "en": "equal  "},
    "stated": {"zh": "有别", "en": "stated "},
    "differs": {"zh": "不同", "en": "DIFFERS"},
    "skipped": {"zh": "跳过", "en": "skipped"},
}


def _case(case: DrilledCase, language: Language, *, calls: bool) -> Iterator[str]:
    zh = language == "zh"
    if case.skipped is not None:
        yield f"{_WORDS['skipped'][language]}  {case.name}: {case.skipped.zh if zh else case.skipped.en}"
        return
    result = "differs" if not case.equal else "stated" if case.found else "equal"
    yield f"{_WORDS[result][language]}  {case.name}"
    for one in case.found:
        why = f" [{one.stated_zh if zh else one.stated_en}]" if one.stated else ""
        yield f"        {one.node}: {one.zh if zh else one.en}{why}"
    if calls and case.without is not None:
        yield f"        {_way(case.without)}"


def _way(call: DrillCall) -> str:
    return " → ".join(f"{step.node} ({' '.join(step.prompts)})" if step.prompts else step.node for step in call.steps)
