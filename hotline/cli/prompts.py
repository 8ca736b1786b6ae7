"""`hotline prompt …`: list, build, upload, forget, check and export prompts."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from hotline.kernel.errors import HotlineError

if TYPE_CHECKING:
    from hotline.app.settings import Settings
    from ivr.prompts.library import BuildReport, PromptLibrary

T = TypeVar("T")
Act = tuple[str, str, dict[str, Any]]
"""Action, target and detail of an audit entry."""

prompt_app = typer.Typer(help="What the hotline says: list, build, upload, check, export.", no_args_is_help=True)

LanguageArgument = Annotated[str, typer.Argument(help="zh or en")]
PromptArgument = Annotated[str, typer.Argument(help="A prompt's id, as `list` shows it")]


@prompt_app.command("list")
def list_prompts(language: Annotated[str, typer.Option(help="Only zh or en")] = "") -> None:
    """Show every prompt, where its sound comes from, and its words."""

    async def rows(library: PromptLibrary) -> None:
        for row in library.status():
            if language in ("", row.prompt.language):
                note = "" if row.production_ready or row.source == "missing" else " (demo)"
                source = row.source + note
                typer.echo(
                    f"{row.prompt.language}  {row.prompt.id:<24}{source:<16}{row.seconds:5.1f} s  {row.prompt.text}"
                )

    _run(rows)


@prompt_app.command()
def build() -> None:
    """Make what is missing or changed; what cannot be made is named, and the old sound stays in use."""

    async def work(library: PromptLibrary) -> BuildReport:
        report = await library.ensure(_progress if sys.stderr.isatty() else None)
        if sys.stderr.isatty():
            typer.echo("\r\033[K", err=True, nl=False)
        return report

    report = _run(
        work,
        audit=lambda report: (
            ("prompt.build", "prompts", {"made": report.synthesised, "failed": len(report.failed)})
            if report.synthesised or report.copied
            else None
        ),
    )
    typer.echo(
        f"{report.total} sounds: {report.synthesised} made, {report.copied} from the cache, "
        f"{len(report.failed)} failed, in {report.seconds:.1f} s."
    )
    for why in sorted(set(report.failed.values())):
        paths = sorted(path for path, reason in report.failed.items() if reason == why)
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        typer.echo(f"{', '.join(paths[:3])}{more}: {why}", err=True)
    if not report.complete:
        typer.echo(f"{len(report.missing)} sounds are missing.", err=True)
        raise typer.Exit(1)


@prompt_app.command()
def upload(
    prompt: PromptArgument,
    language: LanguageArgument,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="WAV, FLAC, Ogg or MP3")],
    new: Annotated[bool, typer.Option(help="Allow an id that the catalogue does not have")] = False,
    text: Annotated[str, typer.Option(help="What it says, where the catalogue has other words")] = "",
) -> None:
    """Use a recording for a prompt from now on, levelled and trimmed; calls hear it at once."""
    data = file.read_bytes()
    seconds = _run(
        lambda library: library.upload(prompt, language, data, text=text, by="command line", new=new),
        audit=lambda seconds: (
            "prompt.upload",
            f"{language}/{prompt}",
            {"seconds": round(seconds, 1), "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()},
        ),
    )
    typer.echo(f"{language}/{prompt}: {seconds:.1f} s.")


@prompt_app.command()
def forget(prompt: PromptArgument, language: LanguageArgument) -> None:
    """Go back to the words of the catalogue, spoken by the voice; the recording stays among the versions."""
    gone = _run(
        lambda library: library.forget_recording(prompt, language, by="command line"),
        audit=lambda gone: ("prompt.forget", f"{language}/{prompt}", {}) if gone else None,
    )
    typer.echo("The voice speaks it again." if gone else "There was no recording, and no other text.")


@prompt_app.command()
def check(
    production: Annotated[
        bool, typer.Option(help="Also refuse demo voices, whose licence forbids real service")
    ] = False,
) -> None:
    """Exit 1 when a prompt cannot be played (or, with --production, may not be)."""

    async def problems(library: PromptLibrary) -> list[str]:
        found = [f"{r.prompt.language}/{r.prompt.id}: missing" for r in library.status() if r.source == "missing"]
        if production:
            found += [f"{path}: demo voice, not licensed for service" for path in library.unfit_for_production()]
        return found

    found = _run(problems)
    for line in found:
        typer.echo(line, err=True)
    if found:
        raise typer.Exit(1)
    typer.echo("Every prompt can be played.")


@prompt_app.command()
def export(
    prompt: PromptArgument,
    language: LanguageArgument,
    target: Annotated[
        Path | None, typer.Argument(help="A .wav file to write; without it, the sound's path is shown")
    ] = None,
) -> None:
    """Write a prompt as a WAV to listen to, or show where its sound lies."""

    async def path(library: PromptLibrary) -> str:
        return library.export(prompt, language)

    source = _run(path)
    if target is None:
        typer.echo(source)
    elif target.suffix == ".wav":
        import soundfile

        data, rate = soundfile.read(
            source, format="RAW", subtype="PCM_16", samplerate=16000, channels=1, endian="LITTLE", dtype="int16"
        )
        soundfile.write(target, data, rate)
    else:
        shutil.copyfile(source, target)


def _run(work: Callable[[PromptLibrary], Awaitable[T]], *, audit: Callable[[T], Act | None] | None = None) -> T:
    """Run `work` with this instance's library; an expected error is one line and exit code 1.

    What `audit` makes of the result goes into the audit log, where there is one: prompts may come before the database.
    """
    from hotline.app.settings import load_settings
    from ivr.prompts.library import PromptLibrary

    async def main() -> T:
        settings = load_settings()
        library = PromptLibrary(settings)
        try:
            result = await work(library)
            if audit is not None and (act := audit(result)) is not None:
                await _record(settings, act)
            return result
        finally:
            await library.close()

    try:
        return asyncio.run(main())
    except (HotlineError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


async def _record(settings: Settings, act: Act) -> None:
    from hotline.accounts.audit import AuditLog
    from hotline.kernel.clock import SystemClock
    from hotline.kernel.revision import current_database

    action, target, detail = act
    try:
        async with current_database(settings.database_url) as database, database.transaction() as db:
            await AuditLog(SystemClock()).command_line(db, action, target, **detail)
    except HotlineError as error:
        typer.echo(f"Done, but not in the audit log: {error.detail}", err=True)


def _progress(done: int, total: int, path: str) -> None:
    typer.echo(f"\r\033[K{done}/{total} {path}", err=True, nl=False)
