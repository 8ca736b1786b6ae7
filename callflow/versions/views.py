"""Flows as the API shows them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from callflow.lint import Finding
from callflow.lint.view import FindingView
from callflow.versions import repository
from callflow.versions.models import FlowPublication, FlowRow, FlowVersionRow
from callflow.versions.schemas import (
    FlowDraftView,
    FlowSummary,
    FlowVersionSummary,
    FlowVersionView,
    FlowView,
    LiveView,
    PublicationView,
)
from callflow.versions.seed import digest_of_draft
from callflow.versions.state import FlowAlias, VersionSource
from callflow.versions.text import of_json, to_yaml

FindingsOf = Callable[[str], Awaitable[tuple[Finding, ...]]]
"""Lint of a text."""


async def flow_summary(db: AsyncSession, flow: FlowRow, now: datetime) -> FlowSummary:
    started = [each for alias in FlowAlias for each in await repository.started(db, flow.id, alias, now)]
    names = await repository.user_names(db, [flow.draft_by, *(each.published_by for each in started)])
    live = next((each.number for each in started if each.alias == FlowAlias.LIVE), 0)
    version = await repository.version(db, flow.id, live)
    return FlowSummary(
        id=flow.id,
        title=flow.title,
        in_force=[
            LiveView(
                alias=FlowAlias(each.alias),
                number=each.number,
                since=each.starts_at,
                by=names.get(each.published_by or "", ""),
                reason=each.reason,
            )
            for each in started
        ],
        entry_numbers={
            row.number: FlowAlias(row.alias) for row in await repository.entry_numbers(db) if row.flow_id == flow.id
        },
        draft_changed=version is None or version.digest != digest_of_draft(flow),
        draft_by=names.get(flow.draft_by or "", ""),
        draft_at=flow.draft_at,
    )


async def flow_view(db: AsyncSession, flow: FlowRow, now: datetime, findings: FindingsOf) -> FlowView:
    summary = await flow_summary(db, flow, now)
    scheduled = await repository.scheduled(db, now, flow.id)
    content = of_json(flow.draft)
    text = await asyncio.to_thread(to_yaml, content)
    return FlowView(
        **summary.model_dump(),
        draft=FlowDraftView(
            version=flow.draft_version,
            base=flow.draft_base,
            by=summary.draft_by,
            at=flow.draft_at,
            document=content,
            text=text,
            problems=[FindingView.of(one) for one in await findings(text)],
        ),
        scheduled=await publication_views(db, scheduled),
    )


async def publication_views(db: AsyncSession, rows: Sequence[FlowPublication]) -> list[PublicationView]:
    names = await repository.user_names(db, (row.published_by for row in rows))
    return [publication_view(row, names) for row in rows]


def publication_view(row: FlowPublication, names: dict[str, str]) -> PublicationView:
    return PublicationView(
        id=row.id,
        alias=FlowAlias(row.alias),
        number=row.number,
        starts_at=row.starts_at,
        by=names.get(row.published_by or "", ""),
        reason=row.reason,
        cancelled_at=row.cancelled_at,
    )


def version_summary(row: FlowVersionRow, names: dict[str, str]) -> FlowVersionSummary:
    return FlowVersionSummary(
        number=row.number,
        nodes=row.nodes,
        note=row.note,
        source=VersionSource(row.source),
        by=names.get(row.created_by or "", ""),
        at=row.created_at,
    )


async def version_view(db: AsyncSession, row: FlowVersionRow) -> FlowVersionView:
    names = await repository.user_names(db, [row.created_by])
    content = of_json(row.content)
    text = await asyncio.to_thread(to_yaml, content)
    return FlowVersionView(**version_summary(row, names).model_dump(), document=content, text=text)
