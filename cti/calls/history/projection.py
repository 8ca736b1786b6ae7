"""Pure: what happened on a call → its record.

A `Trace` holds the facts of one call, each once, whatever the order they came in; the record is folded from them
again. So an event seen twice or late changes nothing that it should not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from callflow.events import (
    CallArrived,
    CallEnded,
    CallQueued,
    CallResumed,
    DigitsEntered,
    NodeEntered,
    QueueLeft,
    SurveyAnswered,
    VoicemailLeft,
)
from cti.calls.asterisk_logs.merge import unmatched
from cti.calls.history.fold import HANDLED, THREEWAY_MOVES, Fold
from cti.calls.history.record import CallRecord
from cti.events import (
    AgentAnswered,
    AgentMissed,
    AgentRang,
    ConsultStarted,
    HoldBegan,
    HoldEnded,
    SpecialistAnswered,
    SpecialistMissed,
    TalkEnded,
)
from hotline.kernel.events import Event

CALL_EVENTS: tuple[type[Event], ...] = (*HANDLED, CallResumed)
"""What a record is made from."""

_PATH_EVENTS = (NodeEntered, DigitsEntered)
MOST_PATH_EVENTS = 1000
"""A caller who plays with the keys for hours fills no memory: later steps of the path are left out."""


@dataclass(frozen=True, slots=True)
class Trace:
    """All that is known of one call. `seen`: by sequence number; `filled`: by key, from Asterisk's own logs."""

    call_id: str
    seen: Mapping[int, Event] = field(default_factory=dict)
    filled: Mapping[str, Event] = field(default_factory=dict)

    @property
    def from_the_start(self) -> bool:
        return any(isinstance(event, CallArrived) for event in self.seen.values())

    @property
    def ended(self) -> bool:
        return any(isinstance(event, CallEnded) for facts in (self.seen, self.filled) for event in facts.values())


def apply(trace: Trace, seq: int, event: Event) -> Trace:
    """`trace` with this event of the journal; the same trace where it adds nothing."""
    if seq in trace.seen or event.call_id != trace.call_id or not isinstance(event, CALL_EVENTS):
        return trace
    if isinstance(event, _PATH_EVENTS) and len(trace.seen) >= MOST_PATH_EVENTS:
        return trace
    return replace(trace, seen={**trace.seen, seq: event})


def fill(trace: Trace, facts: Mapping[str, Event]) -> Trace:
    """`trace` with facts from Asterisk's own logs; duplicates of live events are removed when the record is made."""
    return replace(trace, filled={**trace.filled, **facts})


_COURSE: Mapping[type[Event], int] = {
    kind: place
    for place, kinds in enumerate(
        (
            (CallArrived,),
            (),  # whatever is not named here
            (CallQueued,),
            (AgentRang,),
            (AgentMissed,),
            (AgentAnswered,),
            (HoldBegan, HoldEnded, ConsultStarted, SpecialistAnswered, SpecialistMissed, *THREEWAY_MOVES),
            (TalkEnded,),
            (QueueLeft,),
            (SurveyAnswered, VoicemailLeft),
            (CallEnded,),
        )
    )
    for kind in kinds
}
_ANYTHING = 1


def _in_course(event: Event) -> tuple[int, int, datetime]:
    """By time; within one second by the natural course of a call, because queue_log knows no smaller times."""
    return int(event.at.timestamp()), _COURSE.get(type(event), _ANYTHING), event.at


def project(trace: Trace) -> CallRecord | None:
    """The record; None of a call nothing is known of."""
    in_time = sorted(trace.seen.items(), key=lambda item: (item[1].at, item[0]))
    seen = [event for _, event in in_time]
    missed = unmatched(seen, [trace.filled[key] for key in sorted(trace.filled)])
    if not seen and not missed:
        return None
    events = sorted([*seen, *missed], key=_in_course) if missed else seen
    record = Fold(trace.call_id, events).record()
    record.gap = bool(missed or record.safe_reason) or any(isinstance(event, CallResumed) for event in seen)
    kinds = {type(event) for event in missed}
    record.whole = trace.from_the_start and record.ended_at is not None and not kinds & {CallArrived, CallEnded}
    return record
