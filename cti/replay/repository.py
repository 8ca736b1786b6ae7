"""Queries of replays, and on the calls they take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from callflow.simulate.past import LoggedNode, LoggedTalk
from cti.calls.history.record import Outcome
from cti.calls.models import CallAttemptRow, CallRecordRow, CallStepRow
from cti.calls.repository import parts_of
from cti.replay.logged import CallFromLog, CallShift
from cti.replay.models import FlowReplay, FlowReplayCall
from cti.replay.schemas import ReplayCallQuery
from cti.replay.state import ReplayState
from hotline.kernel.paging import Slice, fetch_page

_C = CallRecordRow
_TOLD = (
    Outcome.ANSWERED,
    Outcome.ABANDONED_MENU,
    Outcome.ABANDONED_QUEUE,
    Outcome.VOICEMAIL,
    Outcome.OUT_OF_HOURS,
)
"""Outcomes of calls that a flow led to their end."""
KEPT = 20
"""Replays of a flow; older ones go with their calls."""


def _of(flow: str, since: datetime, until: datetime) -> ColumnElement[bool]:
    return and_(_C.flow == flow, _C.started_at >= since, _C.started_at < until, _C.outcome != Outcome.LIVE)


def _whole() -> ColumnElement[bool]:
    return and_(_C.outcome.in_(_TOLD), _C.gap.is_(False), _C.safe_reason == "", _C.flow_version.is_not(None))


async def count_calls(db: AsyncSession, flow: str, since: datetime, until: datetime) -> tuple[int, int]:
    """All calls of the flow that have ended, and those of them that the log has whole."""
    whole = func.count().filter(_whole())
    row = (await db.execute(select(func.count(), whole).where(_of(flow, since, until)))).one()
    return row[0], row[1]


async def versions_of(db: AsyncSession, flow: str, since: datetime, until: datetime) -> list[int]:
    query = select(_C.flow_version).where(_of(flow, since, until), _whole()).distinct()
    return [number for number in await db.scalars(query) if number is not None]


async def waits_of(db: AsyncSession, flow: str, since: datetime, until: datetime) -> dict[str, float]:
    """Mean seconds until an agent answered, by queue."""
    query = (
        select(_C.queue, func.avg(_C.waited_seconds))
        .where(_of(flow, since, until), _whole(), _C.answered_at.is_not(None), _C.queue != "")
        .group_by(_C.queue)
    )
    return {queue: float(seconds) for queue, seconds in await db.execute(query)}


async def logged_calls(
    db: AsyncSession, flow: str, since: datetime, until: datetime, *, after: tuple[datetime, str] | None, most: int
) -> list[CallFromLog]:
    """The next calls that the log has whole, in the order of their beginning."""
    query = select(_C).where(_of(flow, since, until), _whole()).order_by(_C.started_at, _C.call_id).limit(most)
    if after is not None:
        query = query.where(tuple_(_C.started_at, _C.call_id) > after)
    rows = (await db.scalars(query)).all()
    ids = [row.call_id for row in rows]
    steps = await parts_of(db, CallStepRow, ids)
    attempts = await parts_of(db, CallAttemptRow, ids)
    return [_logged(row, steps.get(row.call_id, []), attempts.get(row.call_id, [])) for row in rows]


async def logged_call(
    db: AsyncSession, flow: str, since: datetime, until: datetime, call_id: str
) -> CallFromLog | None:
    row = (await db.scalars(select(_C).where(_of(flow, since, until), _whole(), _C.call_id == call_id))).one_or_none()
    if row is None:
        return None
    steps = await parts_of(db, CallStepRow, [call_id])
    attempts = await parts_of(db, CallAttemptRow, [call_id])
    return _logged(row, steps.get(call_id, []), attempts.get(call_id, []))


def _logged(row: CallRecordRow, steps: Sequence[CallStepRow], attempts: Sequence[CallAttemptRow]) -> CallFromLog:
    begins = steps[0].at if steps else row.started_at

    def seconds(at: datetime) -> float:
        return max(0.0, (at - begins).total_seconds())

    return CallFromLog(
        call_id=row.call_id,
        at=row.started_at,
        version=row.flow_version or 0,
        number=row.number_digits,
        dialed=row.dialed,
        entry=row.entry,
        enterprise=row.enterprise_id is not None,
        contact=row.contact_id is not None,
        nodes=tuple(LoggedNode(step.node, seconds(step.at), step.digits) for step in steps),
        talks=tuple(_talks(attempts, seconds)),
        ended=seconds(row.ended_at or row.started_at),
        message=row.voicemail_seconds,
        outcome=row.outcome,
    )


def _talks(attempts: Sequence[CallAttemptRow], seconds: Any) -> Iterator[LoggedTalk]:
    for attempt in attempts:
        if attempt.answered_at is not None:
            yield LoggedTalk(attempt.queue, seconds(attempt.answered_at), float(attempt.talk_seconds))


# --- replays --------------------------------------------------------------------------------------------


async def replay(db: AsyncSession, flow: str, id: str) -> FlowReplay | None:
    return (await db.scalars(select(FlowReplay).where(FlowReplay.flow_id == flow, FlowReplay.id == id))).one_or_none()


async def replays(db: AsyncSession, flow: str) -> Sequence[FlowReplay]:
    query = select(FlowReplay).where(FlowReplay.flow_id == flow).order_by(FlowReplay.started_at.desc()).limit(KEPT)
    return (await db.scalars(query)).all()


async def running(db: AsyncSession) -> FlowReplay | None:
    return (await db.scalars(select(FlowReplay).where(FlowReplay.state == ReplayState.RUNNING).limit(1))).one_or_none()


async def end_running(db: AsyncSession, now: datetime) -> None:
    """A service that starts runs none; what is still called running ended with the one before."""
    running = update(FlowReplay).where(FlowReplay.state == ReplayState.RUNNING)
    await db.execute(running.values(state=ReplayState.FAILED, ended_at=now))


async def forget_old(db: AsyncSession, flow: str) -> None:
    kept = select(FlowReplay.id).where(FlowReplay.flow_id == flow).order_by(FlowReplay.started_at.desc()).limit(KEPT)
    ids = (await db.scalars(kept)).all()
    old = select(FlowReplay.id).where(FlowReplay.flow_id == flow, FlowReplay.id.not_in(ids))
    gone = (await db.scalars(old)).all()
    if gone:
        await db.execute(delete(FlowReplayCall).where(FlowReplayCall.replay_id.in_(gone)))
        await db.execute(delete(FlowReplay).where(FlowReplay.id.in_(gone)))


async def add_shifts(db: AsyncSession, replay_id: str, shifts: Sequence[CallShift]) -> None:
    if shifts:
        await db.execute(
            insert(FlowReplayCall),
            [
                {
                    "replay_id": replay_id,
                    "call_id": shift.call_id,
                    "started_at": shift.at,
                    "before": shift.before,
                    "after": str(shift.after),
                    "unforeseen": shift.unforeseen,
                    "person_before": shift.person_before,
                    "person_after": shift.person_after,
                }
                for shift in shifts
            ],
        )


async def find_shifts(db: AsyncSession, replay_id: str, query: ReplayCallQuery) -> Slice[FlowReplayCall]:
    calls = select(FlowReplayCall).where(FlowReplayCall.replay_id == replay_id)
    if query.before is not None:
        calls = calls.where(FlowReplayCall.before == query.before)
    if query.after is not None:
        calls = calls.where(FlowReplayCall.after == query.after)
    return await fetch_page(db, calls, query, by=(FlowReplayCall.started_at, FlowReplayCall.call_id))
