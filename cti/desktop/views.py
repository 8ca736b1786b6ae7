"""Renders agents, calls and queues for a screen, from memory alone."""

from __future__ import annotations

from cti.calls.history.record import CallRecord
from cti.desktop.schemas import (
    AgentStateView,
    CallerView,
    CallState,
    CallView,
    LivePathStepView,
    LiveQueueView,
    Named,
    ThreewaySpecialistView,
    ThreewayView,
    TroubleView,
)
from cti.presence.queues import LABELS, Waiting
from cti.presence.session import AgentCall, AgentSession
from cti.presence.state import AgentState
from cti.threeway.conversation import ThreewayStatus
from hotline.accounts.masking import mask_number, mask_numbers_in


def agent_view(session: AgentSession, *, link: bool) -> AgentStateView:
    return AgentStateView(
        number=session.number,
        name=session.name,
        state=session.state,
        since=session.since,
        wanted=session.wish.wanted,
        pause_reason=session.pause_reason or None,
        phone=session.phone,
        phone_registered=session.phone_registered,
        why_not_ready=session.why_not_ready(link=link),
        wrap_up_until=session.wrap_up_until,
        queues=[workspace.queue for workspace in session.queues],
    )


def call_view(
    state: AgentState, call: AgentCall, record: CallRecord | None, threeway: ThreewayStatus | None, *, unmask: bool
) -> CallView:
    """`record` may be None for a call that was already running when the service started."""
    number, name = (record.caller_number, record.caller_name) if record else ("", "")
    if not unmask:
        number, name = mask_number(number), mask_numbers_in(name)
    return CallView(
        call_id=call.call_id,
        state=_call_state(state, call),
        caller=CallerView(number=number, name=name),
        entry=record.entry if record else "trunk",
        queue=call.queue,
        queued_at=record.queued_at if record else None,
        rang_at=call.rang_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        enterprise=_named(record.enterprise_id, record.enterprise_name) if record else None,
        contact=_named(record.contact_id, record.contact_name) if record else None,
        path=[
            LivePathStepView(at=step.at, node=step.node, label=step.label, digits=step.digits) for step in record.path
        ]
        if record
        else [],
        threeway=_threeway_view(threeway) if threeway and call.ended_at is None else None,
        specialist_joined=_joined(record, threeway),
        recording=call.answered_at is not None and call.ended_at is None,
        survey=record.survey if record else None,
    )


def queue_view(queue: str, waiting: Waiting, sessions: list[AgentSession]) -> LiveQueueView:
    label_zh, label_en = LABELS.get(queue, (queue, queue))
    serving = [session for session in sessions if session.serves(queue)]
    return LiveQueueView(
        name=queue,
        label_zh=label_zh,
        label_en=label_en,
        waiting=waiting.count,
        longest_wait_since=waiting.longest_since,
        ready=sum(session.free for session in serving),
        talking=sum(session.state is AgentState.TALKING for session in serving),
    )


def _call_state(state: AgentState, call: AgentCall) -> CallState:
    match state:
        case AgentState.RINGING:
            return "ringing"
        case AgentState.TALKING:
            return "held" if call.held else "talking"
        case AgentState.WRAP_UP:
            return "wrap_up"
        case _:
            return "ended"


def _joined(record: CallRecord | None, threeway: ThreewayStatus | None) -> bool:
    """The record learns of the merge a moment after the screen, and keeps it when the specialist has gone."""
    merged = threeway is not None and threeway.state in ("merged", "without_agent")
    return merged or (record is not None and record.had_three_way)


def _named(key: str | None, name: str) -> Named | None:
    return Named(id=key, name=name) if key else None


def _threeway_view(status: ThreewayStatus) -> ThreewayView:
    specialist, trouble = status.specialist, status.trouble
    return ThreewayView(
        state=status.state,
        with_caller=status.with_caller,
        specialist=ThreewaySpecialistView(
            id=specialist.specialist_id, name=specialist.name, unit_name=specialist.unit_name
        )
        if specialist
        else None,
        since=status.since,
        error=TroubleView(code=trouble.code, detail=trouble.detail) if trouble else None,
    )
