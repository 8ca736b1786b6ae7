"""Pure: folds a call's events, in order, into its record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, get_args

from callflow.events import (
    CallArrived,
    CallEnded,
    CallFoundClosed,
    CallIdentified,
    CallResumed,
    DialBegan,
    DialEnded,
    DigitsEntered,
    FlowFailed,
    FlowStarted,
    NodeEntered,
    SafeFlowUsed,
    SubflowEntered,
    SubflowLeft,
    SurveyAnswered,
    VoicemailLeft,
)
from cti.calls.asterisk_logs.merge import VAGUE_REASONS
from cti.calls.history.attempts import HANDLERS as AT_DESKS
from cti.calls.history.attempts import Attempts
from cti.calls.history.record import LABEL, CallRecord, RecordedStep, SpecialistPart, ThreewayMove, ThreewayMoveKind
from cti.events import (
    AgentLeftCall,
    CallerBackWithAgent,
    CallerRequeued,
    ConsultStarted,
    LegDropped,
    SpecialistAnswered,
    SpecialistMissed,
    ThreeWayFailed,
    ThreeWayMerged,
    ThreeWayToggled,
)
from hotline.kernel.events import Event

_Move = ThreewayMoveKind
_MoveEvent = ThreeWayMerged | ThreeWayToggled | LegDropped | CallerBackWithAgent | AgentLeftCall | CallerRequeued
THREEWAY_MOVES: tuple[type[Event], ...] = get_args(_MoveEvent)


class Fold:
    """For one use: `Fold(call_id, events).record()`. `events` are in the order of time and not empty."""

    def __init__(self, call_id: str, events: Sequence[Event]) -> None:
        self._record = CallRecord(call_id=call_id, started_at=events[0].at)
        self._attempts = Attempts(self._record)
        self._arrived = False
        self._subflows: list[str] = []
        self._dialled_talk = 0
        for event in events:
            if (handle := _HANDLERS.get(type(event))) is not None:
                handle(self, event)
            elif (at_queue := AT_DESKS.get(type(event))) is not None:
                at_queue(self._attempts, event)
            self._attempts.taken_up = isinstance(event, CallResumed)

    def record(self) -> CallRecord:
        """The record, with what is still open closed where the call has ended."""
        record = self._record
        if record.ended_at is not None:
            self._close(record, record.ended_at)
        self._attempts.sum_up()
        record.talk_seconds += self._dialled_talk
        return record

    def _close(self, record: CallRecord, at: datetime) -> None:
        # If it is unknown who ended the call, it was whoever ended the talk or the wait.
        record.ended_by = record.ended_by or self._attempts.last_to_go
        self._attempts.close(at)
        for part in record.threeway:
            if part.result == "ringing":
                part.result = "cancelled"

    # --- the caller and the path ------------------------------------------------------------------------

    def arrived(self, event: CallArrived) -> None:
        if self._arrived:
            return
        self._arrived = True
        record = self._record
        record.started_at = event.at
        record.caller_number, record.caller_name = event.caller_number, event.caller_name
        record.dialed, record.entry, record.channel = event.dialed, event.entry, event.channel

    def identified(self, event: CallIdentified) -> None:
        record = self._record
        record.enterprise_id, record.enterprise_name = event.enterprise_id, event.enterprise_name
        record.contact_id, record.contact_name = event.contact_id, event.contact_name

    def flow_started(self, event: FlowStarted) -> None:
        self._record.flow, self._record.flow_version = event.flow, event.version

    def flow_failed(self, event: FlowFailed) -> None:
        self._record.flow_failed = True

    def node_entered(self, event: NodeEntered) -> None:
        # Of two flows with a node of the same name, the log tells which it was.
        label = " › ".join((*self._subflows, event.label or event.node)) if self._subflows else event.label
        label = label[:LABEL]
        step = RecordedStep(at=event.at, node=event.node, label=label, action=event.action)
        self._record.path.append(step)

    def subflow_entered(self, event: SubflowEntered) -> None:
        self._subflows.append(event.flow)

    def subflow_left(self, event: SubflowLeft) -> None:
        if event.flow in self._subflows:
            del self._subflows[self._subflows.index(event.flow) :]

    def dial_began(self, event: DialBegan) -> None:
        if event.number and self._record.path:
            step = self._record.path[-1]
            step.label = f"{step.label or step.node} {event.number}"[:LABEL]

    def dial_ended(self, event: DialEnded) -> None:
        if event.outcome == "answered":
            record = self._record
            record.answered_at = record.answered_at or event.at - timedelta(seconds=event.talked)
            self._dialled_talk += event.talked

    def found_closed(self, event: CallFoundClosed) -> None:
        self._record.out_of_hours = True

    def digits_entered(self, event: DigitsEntered) -> None:
        for step in reversed(self._record.path):
            if step.node == event.node:
                step.digits = f"{step.digits} {event.digits}".strip()
                return
        self._record.path.append(RecordedStep(at=event.at, node=event.node, label="", digits=event.digits))

    def surveyed(self, event: SurveyAnswered) -> None:
        self._record.survey = event.rating

    def voicemail_left(self, event: VoicemailLeft) -> None:
        self._record.voicemail = event.file.rpartition("/")[2]
        self._record.voicemail_seconds = event.seconds

    def safe_flow_used(self, event: SafeFlowUsed) -> None:
        if self._record.safe_reason in VAGUE_REASONS:
            self._record.safe_reason = event.reason or "unknown"

    def ended(self, event: CallEnded) -> None:
        record = self._record
        if record.ended_at is None:
            record.ended_at, record.ended_in = event.at, event.in_node
            record.ended_by = event.by
            record.cause = event.cause if event.cause >= 0 else None

    # --- three-way calls --------------------------------------------------------------------------------

    def consult_started(self, event: ConsultStarted) -> None:
        part = SpecialistPart(
            specialist_id=event.specialist_id,
            specialist=event.specialist,
            unit=event.unit,
            agent=event.agent,
            at=event.at,
        )
        self._record.threeway.append(part)

    def specialist_answered(self, event: SpecialistAnswered) -> None:
        self._set_part(event.specialist_id, "consulted", only_from="ringing")

    def specialist_missed(self, event: SpecialistMissed) -> None:
        self._set_part(event.specialist_id, event.reason, only_from="ringing")

    def merged(self, event: ThreeWayMerged) -> None:
        self._set_part(event.specialist_id, "merged")
        self._moved(event, _Move.MERGED)

    def toggled(self, event: ThreeWayToggled) -> None:
        self._moved(event, _Move.WITH_CALLER if event.with_caller else _Move.WITH_SPECIALIST)

    def leg_dropped(self, event: LegDropped) -> None:
        if event.leg == "caller":
            self._moved(event, _Move.CALLER_DROPPED)
        else:
            self._moved(event, _Move.SPECIALIST_DROPPED if event.by == "agent" else _Move.SPECIALIST_LEFT)

    def back_with_agent(self, event: CallerBackWithAgent) -> None:
        self._moved(event, _Move.BACK_WITH_AGENT)

    def agent_left(self, event: AgentLeftCall) -> None:
        self._moved(event, _Move.AGENT_LEFT)

    def requeued(self, event: CallerRequeued) -> None:
        self._moved(event, _Move.REQUEUED)

    def threeway_failed(self, event: ThreeWayFailed) -> None:
        if self._record.threeway and self._record.threeway[-1].result == "ringing":
            self._record.threeway[-1].result = "failed"

    def _moved(self, event: _MoveEvent, kind: ThreewayMoveKind) -> None:
        self._record.threeway_moves.append(ThreewayMove(at=event.at, kind=kind, agent=event.agent))

    def _set_part(self, specialist_id: str, result: str, *, only_from: str = "") -> None:
        for part in reversed(self._record.threeway):
            if part.specialist_id == specialist_id and (not only_from or part.result == only_from):
                part.result = result
                return


_HANDLERS: Mapping[type[Event], Callable[[Fold, Any], None]] = {
    CallArrived: Fold.arrived,
    CallIdentified: Fold.identified,
    FlowStarted: Fold.flow_started,
    FlowFailed: Fold.flow_failed,
    NodeEntered: Fold.node_entered,
    SubflowEntered: Fold.subflow_entered,
    SubflowLeft: Fold.subflow_left,
    DialBegan: Fold.dial_began,
    DialEnded: Fold.dial_ended,
    CallFoundClosed: Fold.found_closed,
    DigitsEntered: Fold.digits_entered,
    SurveyAnswered: Fold.surveyed,
    VoicemailLeft: Fold.voicemail_left,
    SafeFlowUsed: Fold.safe_flow_used,
    CallEnded: Fold.ended,
    ConsultStarted: Fold.consult_started,
    SpecialistAnswered: Fold.specialist_answered,
    SpecialistMissed: Fold.specialist_missed,
    ThreeWayMerged: Fold.merged,
    ThreeWayToggled: Fold.toggled,
    LegDropped: Fold.leg_dropped,
    CallerBackWithAgent: Fold.back_with_agent,
    AgentLeftCall: Fold.agent_left,
    CallerRequeued: Fold.requeued,
    ThreeWayFailed: Fold.threeway_failed,
}
HANDLED = (*_HANDLERS, *AT_DESKS)
"""The events that contribute to a record."""
