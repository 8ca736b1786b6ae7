"""Which facts of Asterisk's own logs the call log does not have yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callflow.events import CallArrived, CallEnded, CallQueued, QueueLeft, SafeFlowUsed
from cti.calls import repository
from cti.calls.asterisk_logs.facts import LoggedFact
from cti.calls.asterisk_logs.merge import unmatched
from cti.calls.history.recorder import CallRecorder
from cti.calls.models import CallAttemptRow, CallFactRow, CallRecordRow
from cti.events import AgentAnswered, AgentLost, AgentMissed, AgentRang, TalkEnded
from hotline.kernel.events import Event


async def new_facts(db: AsyncSession, recorder: CallRecorder, facts: Iterable[LoggedFact]) -> list[LoggedFact]:
    """Those of `facts` (all of calls that are known) that stand for something the service did not see.

    In doubt a fact counts as news: the record's projection sorts it out again, with all that is known at hand.
    """
    by_call: dict[str, list[LoggedFact]] = defaultdict(list)
    for fact in facts:
        by_call[fact.event.call_id].append(fact)
    seen: dict[str, Sequence[Event]] = {}
    for call_id in by_call:
        if (trace := recorder.trace(call_id)) is not None:
            seen[call_id] = list(trace.seen.values())
    seen |= await _stored(db, [call_id for call_id in by_call if call_id not in seen])
    found = []
    for call_id, its_facts in by_call.items():
        fresh = {id(event) for event in unmatched(seen.get(call_id, ()), [fact.event for fact in its_facts])}
        found += [fact for fact in its_facts if id(fact.event) in fresh]
    return found


async def calls_of_channels(db: AsyncSession, unique_ids: Iterable[str]) -> dict[str, str]:
    """Which call each of these channels was, as far as earlier facts show."""
    query = select(CallFactRow.unique_id, CallFactRow.call_id).where(
        CallFactRow.unique_id.in_(list(unique_ids)), CallFactRow.call_id.is_not(None)
    )
    return {unique_id: call_id for unique_id, call_id in (await db.execute(query)).all() if call_id}


async def _stored(db: AsyncSession, call_ids: Sequence[str]) -> dict[str, Sequence[Event]]:
    """What records of whole calls say the service saw; of other calls, nothing: their records may be missing parts."""
    if not call_ids:
        return {}
    rows = {key: row for key, row in (await repository.records(db, call_ids)).items() if row.whole}
    attempts: dict[str, list[CallAttemptRow]] = defaultdict(list)
    for attempt in await repository.attempts_of(db, list(rows)):
        attempts[attempt.call_id].append(attempt)
    return {call_id: _recorded_facts(row, attempts[call_id]) for call_id, row in rows.items()}


def _recorded_facts(row: CallRecordRow, attempts: Sequence[CallAttemptRow]) -> list[Event]:
    call_id, ended_at = row.call_id, row.ended_at or row.started_at
    arrived = CallArrived(
        at=row.started_at, call_id=call_id, caller_number="", caller_name="", dialed="", entry="", channel=""
    )
    events: list[Event] = [arrived, CallEnded(at=ended_at, call_id=call_id, cause=0, by="", in_node="")]
    if row.safe_reason:
        events.append(SafeFlowUsed(at=row.started_at, call_id=call_id, reason=row.safe_reason))
    if row.queued_at is not None:
        events.append(CallQueued(at=row.queued_at, call_id=call_id, queue=row.queue, priority=0))
        if row.answered_at is None:
            events.append(QueueLeft(at=ended_at, call_id=call_id, queue=row.queue, outcome="", waited=0))
    for attempt in attempts:
        events += _attempt_facts(call_id, attempt)
    return events


def _attempt_facts(call_id: str, attempt: CallAttemptRow) -> list[Event]:
    agent, queue = attempt.agent, attempt.queue
    events: list[Event] = [AgentRang(at=attempt.rang_at, call_id=call_id, agent=agent, queue=queue)]
    ended_at = attempt.ended_at or attempt.rang_at
    if attempt.answered_at is None:
        return [
            *events,
            AgentMissed(at=ended_at, call_id=call_id, agent=agent, queue=queue, rang_seconds=0, reason=attempt.result),
        ]
    if attempt.result == "lost":
        events.append(AgentLost(at=ended_at, call_id=call_id, agent=agent))
    return [
        *events,
        AgentAnswered(at=attempt.answered_at, call_id=call_id, agent=agent, queue=queue, waited_seconds=0),
        TalkEnded(at=ended_at, call_id=call_id, agent=agent, queue=queue, talk_seconds=0, by=""),
    ]
