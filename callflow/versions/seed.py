"""The flow that an installation comes with, taken into the store as a version like any other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from callflow.versions import repository
from callflow.versions.models import FlowEntryNumber, FlowPublication, FlowRow, FlowVersionRow
from callflow.versions.state import FlowAlias, VersionSource
from callflow.versions.text import digest_of, of_json, to_json

EVERY_NUMBER = ""


async def seed_flow(db: AsyncSession, content: Mapping[str, Any], source: VersionSource, *, now: datetime) -> bool:
    """Publish `content` where it is new; true if anything was written.

    The shipped flow is published where nobody has published another one. The file of the setting `flow` is published
    whenever it holds something new: a start with the same file does not undo what was published since.
    """
    id, digest = str(content["id"]), digest_of(content)
    flow = await repository.flow(db, id, lock=True)
    if flow is not None and await repository.version_like(db, id, digest) is not None:
        return False
    live = None
    if flow is not None:
        live = await _live(db, id, now)
        if source is VersionSource.SHIPPED and live is not None and live.source != VersionSource.SHIPPED:
            return False
    number = await repository.newest_number(db, id) + 1
    if flow is None:
        flow = FlowRow(id=id, title=str(content.get("title", "")), draft_version=0, draft_base=0, created_at=now)
        _set_draft(flow, content, number, now)
        db.add(flow)
        await db.flush()
    elif live is None or digest_of_draft(flow) == live.digest:
        _set_draft(flow, content, number, now)
    row = add_version(db, flow, content, number, source=source, note="", by=None, now=now)
    db.add(FlowPublication(flow_id=id, alias=FlowAlias.LIVE, number=row.number, starts_at=now, created_at=now))
    await _lead_calls(db, id, taking_over=source is VersionSource.FILE)
    await db.flush()
    return True


def add_version(
    db: AsyncSession,
    flow: FlowRow,
    content: Mapping[str, Any],
    number: int,
    *,
    source: VersionSource,
    note: str,
    by: str | None,
    now: datetime,
) -> FlowVersionRow:
    """The document, which was checked, as a version, which is never removed."""
    row = FlowVersionRow(
        flow_id=flow.id,
        number=number,
        content=to_json(content),
        digest=digest_of(content),
        nodes=len(content["nodes"]),
        note=note,
        source=source,
        created_by=by,
        created_at=now,
    )
    db.add(row)
    return row


def digest_of_draft(flow: FlowRow) -> str:
    return digest_of(of_json(flow.draft))


def _set_draft(flow: FlowRow, content: Mapping[str, Any], number: int, now: datetime) -> None:
    flow.title, flow.draft = str(content.get("title", "")), to_json(content)
    flow.draft_version += 1
    flow.draft_base, flow.draft_by, flow.draft_at = number, None, now


async def _live(db: AsyncSession, id: str, now: datetime) -> FlowVersionRow | None:
    started = await repository.started(db, id, FlowAlias.LIVE, now)
    return await repository.version(db, id, started[0].number) if started else None


async def _lead_calls(db: AsyncSession, id: str, *, taking_over: bool) -> None:
    entry = await db.get(FlowEntryNumber, EVERY_NUMBER)
    if entry is None:
        db.add(FlowEntryNumber(number=EVERY_NUMBER, flow_id=id, alias=FlowAlias.LIVE))
    elif taking_over:
        entry.flow_id, entry.alias = id, FlowAlias.LIVE
