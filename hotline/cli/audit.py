"""`hotline audit …`: the audit log from the machine itself; reading it is on record too."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hotline.cli.terminal import checked, run

audit_app = typer.Typer(help="Who did what.", no_args_is_help=True)


@audit_app.command("export")
def export_audit(
    since: Annotated[str | None, typer.Option("--from", help="Not before, e.g. 2026-11-01T00:00:00+08:00")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Before this moment")] = None,
    username: Annotated[str | None, typer.Option(help="Only what this user did")] = None,
    action: Annotated[str | None, typer.Option(help="Only this action, e.g. user.set_roles")] = None,
    target: Annotated[str | None, typer.Option(help="Only what was done to this")] = None,
) -> None:
    """Print entries as JSON lines, the newest first."""
    from hotline.accounts.schemas import AuditFilter
    from hotline.app.settings import load_settings

    settings = load_settings()
    given = {"from": since, "to": until, "username": username, "action": action, "target": target}
    query = checked(lambda: AuditFilter.model_validate({k: v for k, v in given.items() if v is not None}))

    async def work() -> None:
        from hotline.accounts.audit import AuditLog
        from hotline.accounts.audit_export import exported_lines, filters_of
        from hotline.kernel.clock import SystemClock
        from hotline.kernel.revision import current_database

        async with current_database(settings.database_url) as database:
            async with database.transaction() as db:
                await AuditLog(SystemClock()).command_line(db, "audit.export", "audit", filters=filters_of(query))
            async for lines in exported_lines(database, query):
                sys.stdout.buffer.write(lines)

    run(work())
