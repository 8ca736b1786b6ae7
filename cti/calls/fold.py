"""Pure: folds a call's events, in order, into its record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from callflow.events import (
    CallArrived,
    CallEnded,
    CallFoundClosed,
    CallIdentified,
    CallQueued,
    CallTakenUp,
    DigitsEntered,
    FlowFailed,
    FlowStarted,
    NodeEntered,
    QueueLeft,
    SafeFlowUsed,
    SurveyAnswered,
    VoicemailLeft,
)
from cti.calls.merge import VAGUE_REASONS
from cti.calls.record import Attempt, CallRecord, PathStep, SpecialistPart
from cti.events import (
    AgentAnswered,
    AgentLost,
    AgentMissed,
    AgentRang,
    ConsultStarted,
    HoldBegan,
    HoldEnded,
    SpecialistAnswered,
    SpecialistMissed,
    TalkEnded,
    ThreeWayFailed,
    ThreeWayMerged,
)
from hotline.kernel.events import Event


@dataclass(slots=True)
class _Stay:
    """One wait at a desk."""

    queue: str
    began: datetime
    waited: int | None = None


class Fold:
    """For one use: `Fold(call_id, events).record()`. `events` are in the order of time and not empty."""

    def __init__(self, call_id: str, events: Sequence[Event]) -> None:
        self._record = CallRecord(call_id=call_id, started_at=events[0].at)
        self._stays: list[_Stay] = []
        self._holds: dict[str, datetime] = {}
        self._arrived = False
        self._last_to_go = ""
        """Who ended the talk or the wait; who ended the call, where nobody saw that."""
        self._taken_up = False
        """Whether the last thing was that the service came back to the call."""
        for event in events:
            handle = _HANDLERS.get(type(event))
            if handle is not None:
                handle(self, event)
            self._taken_up = isinstance(event, CallTakenUp)

    def record(self) -> CallRecord:
        """The record, with what is still open closed where the call has ended."""
        record = self._record
        if record.ended_at is not None:
            self._close(record, record.ended_at)
        record.waited_seconds = sum(stay.waited or 0 for stay in self._stays)
        record.talk_seconds = sum(attempt.talk_seconds for attempt in record.attempts)
        return record

    def _close(self, record: CallRecord, at: datetime) -> None:
        record.ended_by = record.ended_by or self._last_to_go
        for agent in list(self._holds):
            self._end_hold(agent, at)
        for stay in self._stays:
            if stay.waited is None:
                stay.waited = _seconds(stay.began, at)
        for attempt in record.attempts:
            if attempt.ended_at is not None:
                continue
            attempt.ended_at = at
            if attempt.answered_at is not None:
                attempt.talk_seconds = _seconds(attempt.answered_at, at)
            else:
                attempt.result = "withdrawn"
                attempt.rang_seconds = round(max(0.0, (at - attempt.rang_at).total_seconds()), 1)
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
        step = PathStep(at=event.at, node=event.node, label=event.label, action=event.action)
        self._record.path.append(step)

    def found_closed(self, event: CallFoundClosed) -> None:
        self._record.out_of_hours = True

    def digits_entered(self, event: DigitsEntered) -> None:
        for step in reversed(self._record.path):
            if step.node == event.node:
                step.digits = f"{step.digits} {event.digits}".strip()
                return
        self._record.path.append(PathStep(at=event.at, node=event.node, label="", digits=event.digits))

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

    # --- the desk ---------------------------------------------------------------------------------------

    def queued(self, event: CallQueued) -> None:
        record = self._record
        if self._taken_up and self._stays and self._stays[-1].queue == event.queue:
            return  # The desk it is at already.
        record.queued_at = record.queued_at or event.at
        if record.answered_at is None:
            record.queue = event.queue
        self._stays.append(_Stay(event.queue, event.at))

    def queue_left(self, event: QueueLeft) -> None:
        if event.outcome == "abandoned":
            self._last_to_go = "caller"
        stay = self._open_stay(event.queue)
        if stay is None and event.outcome != "answered":
            stay = _Stay(event.queue, event.at - timedelta(seconds=event.waited))
            self._stays.append(stay)
            self._record.queued_at = self._record.queued_at or stay.began
        if stay is not None:
            # A service that came back to a waiting caller counts from then on.
            waited = 0 if event.outcome == "answered" else _seconds(stay.began, event.at)
            stay.waited = max(event.waited, waited)
        if event.outcome == "answered" and event.agent and not self._talked(event.agent):
            self._add_talk(event.agent, event.queue, event.at, event.talked)

    def rang(self, event: AgentRang) -> None:
        self._record.attempts.append(Attempt(agent=event.agent, queue=event.queue, rang_at=event.at))

    def missed(self, event: AgentMissed) -> None:
        attempt = self._ringing(event.agent)
        if attempt is None:
            rang_at = event.at - timedelta(seconds=event.rang_seconds)
            attempt = Attempt(agent=event.agent, queue=event.queue, rang_at=rang_at)
            self._record.attempts.append(attempt)
        attempt.result, attempt.ended_at = event.reason, event.at
        attempt.rang_seconds = event.rang_seconds

    def answered(self, event: AgentAnswered) -> None:
        record = self._record
        attempt = self._ringing(event.agent)
        if attempt is None:
            attempt = Attempt(agent=event.agent, queue=event.queue, rang_at=event.at)
            record.attempts.append(attempt)
        attempt.answered_at, attempt.result = event.at, "answered"
        attempt.rang_seconds = round(max(0.0, (event.at - attempt.rang_at).total_seconds()), 1)
        record.answered_at = record.answered_at or event.at
        record.queue = event.queue
        self._last_to_go = ""
        began = event.at - timedelta(seconds=event.waited_seconds)
        record.queued_at = record.queued_at or began
        stay = self._open_stay(event.queue)
        if stay is None:
            self._stays.append(stay := _Stay(event.queue, began))
        stay.waited = event.waited_seconds

    def talk_ended(self, event: TalkEnded) -> None:
        self._end_hold(event.agent, event.at)
        self._last_to_go = event.by if event.by in ("caller", "agent") else ""
        attempt = self._talking(event.agent)
        if attempt is None:
            self._add_talk(event.agent, event.queue, event.at, event.talk_seconds)
        else:
            attempt.ended_at, attempt.talk_seconds = event.at, event.talk_seconds
            if attempt.result == "lost":
                self._last_to_go = ""

    def agent_lost(self, event: AgentLost) -> None:
        self._last_to_go = ""
        for attempt in reversed(self._record.attempts):
            if attempt.agent == event.agent and attempt.answered_at is not None:
                attempt.result = "lost"
                return

    def _add_talk(self, agent: str, queue: str, ended: datetime, talked: int) -> None:
        """A talk whose beginning nobody told."""
        record = self._record
        began = ended - timedelta(seconds=talked)
        attempt = Attempt(
            agent=agent,
            queue=queue,
            rang_at=began,
            answered_at=began,
            ended_at=ended,
            result="answered",
            talk_seconds=talked,
        )
        record.attempts.append(attempt)
        record.answered_at = record.answered_at or began
        record.queue = queue or record.queue

    def hold_began(self, event: HoldBegan) -> None:
        self._holds.setdefault(event.agent, event.at)

    def hold_ended(self, event: HoldEnded) -> None:
        self._end_hold(event.agent, event.at)

    def _end_hold(self, agent: str, at: datetime) -> None:
        began = self._holds.pop(agent, None)
        if began is not None:
            self._record.hold_seconds += _seconds(began, at)

    def _open_stay(self, queue: str) -> _Stay | None:
        """The oldest wait at this desk that has not ended; the one just answered counts as open for its end."""
        waiting = [stay for stay in self._stays if stay.queue == queue and stay.waited is None]
        return waiting[0] if waiting else None

    def _ringing(self, agent: str) -> Attempt | None:
        return next((a for a in reversed(self._record.attempts) if a.agent == agent and a.result == "ringing"), None)

    def _talking(self, agent: str) -> Attempt | None:
        attempts = reversed(self._record.attempts)
        return next((a for a in attempts if a.agent == agent and a.answered_at and a.ended_at is None), None)

    def _talked(self, agent: str) -> bool:
        return any(a.agent == agent and a.answered_at is not None for a in self._record.attempts)

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

    def threeway_failed(self, event: ThreeWayFailed) -> None:
        if self._record.threeway and self._record.threeway[-1].result == "ringing":
            self._record.threeway[-1].result = "failed"

    def _set_part(self, specialist_id: str, result: str, *, only_from: str = "") -> None:
        for part in reversed(self._record.threeway):
            if part.specialist_id == specialist_id and (not only_from or part.result == only_from):
                part.result = result
                return


def _seconds(began: datetime, ended: datetime) -> int:
    return max(0, int((ended - began).total_seconds()))


_HANDLERS: Mapping[type[Event], Callable[[Fold, Any], None]] = {
    CallArrived: Fold.arrived,
    CallIdentified: Fold.identified,
    FlowStarted: Fold.flow_started,
    FlowFailed: Fold.flow_failed,
    NodeEntered: Fold.node_entered,
    CallFoundClosed: Fold.found_closed,
    DigitsEntered: Fold.digits_entered,
    SurveyAnswered: Fold.surveyed,
    VoicemailLeft: Fold.voicemail_left,
    SafeFlowUsed: Fold.safe_flow_used,
    CallEnded: Fold.ended,
    CallQueued: Fold.queued,
    QueueLeft: Fold.queue_left,
    AgentRang: Fold.rang,
    AgentMissed: Fold.missed,
    AgentAnswered: Fold.answered,
    AgentLost: Fold.agent_lost,
    TalkEnded: Fold.talk_ended,
    HoldBegan: Fold.hold_began,
    HoldEnded: Fold.hold_ended,
    ConsultStarted: Fold.consult_started,
    SpecialistAnswered: Fold.specialist_answered,
    SpecialistMissed: Fold.specialist_missed,
    ThreeWayMerged: Fold.merged,
    ThreeWayFailed: Fold.threeway_failed,
}
HANDLED = tuple(_HANDLERS)
"""The events that tell something for a record."""
