"""Flows from a shell or from git: what the page `/flows` does, in the database of a running service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from callflow.document import read_file
from callflow.lint import World
from callflow.versions import repository
from callflow.versions.compare import compare
from callflow.versions.models import FlowPublication
from callflow.versions.service import DRAFT, FlowService
from callflow.versions.state import FlowAlias, VersionSource
from callflow.versions.text import to_content, to_yaml
from hotline.accounts.audit import AuditLog
from hotline.app.composition import flow_library
from hotline.app.settings import Settings
from hotline.kernel.clock import SystemClock
from hotline.kernel.http import PageQuery
from hotline.kernel.jobs import JobQueue
from hotline.kernel.revision import current_database

_MOST = 200
"""Versions listed."""


async def listed(settings: Settings) -> list[str]:
    """A line a flow, and under it a line a version, the newest first."""
    lines = []
    async with _flows(settings) as (_, db):
        now = SystemClock().now()
        for flow in await repository.flows(db):
            aliases = {alias: await repository.started(db, flow.id, alias, now) for alias in FlowAlias}
            force = {rows[0].number: alias for alias, rows in aliases.items() if rows}
            lines.append(f"{flow.id}: {flow.title}")
            for row in (await repository.versions(db, flow.id, PageQuery(limit=_MOST))).rows:
                mark = f"  [{force[row.number]}]" if row.number in force else ""
                lines.append(
                    f"  {row.number:>4}  {row.created_at:%Y-%m-%d %H:%M} UTC  {row.source:<8}{mark}  {row.note}"
                )
    return lines


async def exported(settings: Settings, flow: str, number: int) -> str:
    """The document as YAML; number 0 is the draft."""
    async with _flows(settings) as (service, db):
        return to_yaml(await service.content(db, flow, number))


async def differences(settings: Settings, flow: str, before: int, after: int) -> list[str]:
    """A line for each field that differs."""
    async with _flows(settings) as (service, db):
        old, new = await service.content(db, flow, before), await service.content(db, flow, after)
    return [
        f"{each.change:<8} {'.'.join(filter(None, (each.node, field.path)))}: {field.before!r} -> {field.after!r}"
        for each in compare(old, new)
        for field in each.fields
    ]


async def publish(
    settings: Settings,
    file: Path,
    world: World,
    *,
    note: str,
    alias: FlowAlias,
    starts_at: datetime | None,
    despite_tests: bool,
) -> FlowPublication:
    """Make the file the draft and a version, and put it in force. Raises as `FlowService`."""
    content = to_content(read_file(file))
    async with _flows(settings, world) as (service, _):
        await service.require_fit(content, despite_tests=despite_tests)
    async with _flows(settings, write=True) as (service, db):
        id = str(content.get("id", ""))
        row = await service.flow(db, id)
        before = await service.live_number(db, id, alias)
        await service.save_draft(db, id, content, row.draft_version, by=None)
        published = await service.publish_draft(
            db,
            id,
            draft_version=None,
            alias=alias,
            live=None,
            note=note,
            starts_at=starts_at,
            by=None,
            source=VersionSource.COMMAND,
        )
        await _record(db, "flow.publish", published, before)
        return published


async def put_in_force(settings: Settings, flow: str, number: int, *, reason: str, alias: FlowAlias) -> FlowPublication:
    """Let new calls begin on a version there is. Raises as `FlowService.put_in_force`."""
    async with _flows(settings, write=True) as (service, db):
        before = await service.live_number(db, flow, alias)
        published = await service.put_in_force(
            db, flow, number, alias=alias, live=None, reason=reason, starts_at=None, by=None
        )
        await _record(db, "flow.publish_version", published, before)
        return published


async def _record(db: AsyncSession, action: str, published: FlowPublication, before: int) -> None:
    after: dict[str, Any] = {
        "number": published.number,
        "alias": published.alias,
        "starts_at": published.starts_at.isoformat(),
        "reason": published.reason,
    }
    await AuditLog(SystemClock()).command_line(db, action, published.flow_id, before={"number": before}, after=after)


@asynccontextmanager
async def _flows(
    settings: Settings, world: World | None = None, *, write: bool = False
) -> AsyncIterator[tuple[FlowService, AsyncSession]]:
    clock = SystemClock()
    async with current_database(settings.database_url) as database:
        library = flow_library(settings, database, clock)
        await library.reload()
        known = world or World(today=clock.now().date())
        service = FlowService(library, JobQueue(clock), clock, lambda: known)
        async with database.transaction() if write else database.snapshot() as db:
            yield service, db


def said(published: FlowPublication) -> Iterator[str]:
    """What was done, for a terminal."""
    yield f"{published.flow_id}, version {published.number}, is in force"
    yield f"for {'callers' if published.alias == FlowAlias.LIVE else 'test numbers'}"
    yield f"from {published.starts_at:%Y-%m-%d %H:%M:%S} UTC on."


__all__ = ["DRAFT", "differences", "exported", "listed", "publish", "put_in_force", "said"]
