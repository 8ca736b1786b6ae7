"""Rows of replays as they are shown."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from callflow.versions.repository import user_names
from cti.replay.logged import PathNode
from cti.replay.models import FlowReplay, FlowReplayCall
from cti.replay.schemas import ReplayCallView, ReplayPathNode, ReplaySummary, ReplayView
from cti.replay.state import ReplayState


async def replay_views(db: AsyncSession, rows: Sequence[FlowReplay]) -> list[ReplayView]:
    names = await user_names(db, [row.started_by for row in rows])
    return [
        ReplayView(
            id=row.id,
            flow_id=row.flow_id,
            number=row.number,
            since=row.since,
            until=row.until,
            state=ReplayState(row.state),
            by=names.get(row.started_by or "", ""),
            started_at=row.started_at,
            ended_at=row.ended_at,
            total=row.total,
            done=row.done,
            summary=ReplaySummary.model_validate(row.summary),
        )
        for row in rows
    ]


def path_view(path: Sequence[PathNode]) -> list[ReplayPathNode]:
    return [ReplayPathNode(node=each.node, at=each.at) for each in path]


def replay_call_view(row: FlowReplayCall) -> ReplayCallView:
    return ReplayCallView(
        call_id=row.call_id,
        started_at=row.started_at,
        before=row.before,
        after=row.after,
        unforeseen=row.unforeseen,
        person_before=row.person_before,
        person_after=row.person_after,
    )
