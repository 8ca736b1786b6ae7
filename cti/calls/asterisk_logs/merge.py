"""Pure: which facts of Asterisk's own logs are new_facts, and which the service saw itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from callflow.events import CallArrived, CallEnded, CallQueued, QueueLeft, SafeFlowUsed, VoicemailLeft
from cti.events import AgentAnswered, AgentLost, AgentMissed, AgentRang, TalkEnded
from hotline.kernel.events import Event

_ONCE = (CallEnded, VoicemailLeft)
"""A call has one of each: whatever the service saw goes before what the logs say."""
VAGUE_REASONS = frozenset({"", "lost", "unmatched", "unknown"})
"""The reason recorded for a call in the safe flow while the real one is unknown."""
_EARLY = timedelta(seconds=3)
"""The logs have whole seconds, and app_queue logs some things a moment after the event."""
_LATE = timedelta(seconds=60)
"""The service may have been stopped, or its connection slow, when a thing happened: it dates it when it hears it."""
Group = tuple[type[Event], str, str]


def unmatched(live: Iterable[Event], logged: Sequence[Event]) -> list[Event]:
    """Those of `logged` that stand for something not among `live`."""
    if not logged:
        return []
    seen: dict[Group, list[Event]] = defaultdict(list)
    for event in live:
        seen[_group(event)].append(event)
    groups: dict[Group, list[Event]] = defaultdict(list)
    for event in logged:
        groups[_group(event)].append(event)
    new_facts: list[Event] = []
    for group, events in groups.items():
        if group[0] in _ONCE:
            new_facts += [] if seen[group] else [max(events, key=lambda event: event.at)]
        elif group[0] is CallArrived:
            new_facts += _earlier_arrival(seen[group], events)
        elif group[0] is SafeFlowUsed:
            new_facts += _better_reason(seen[group], events)
        else:
            new_facts += _unmatched(seen[group], events)
    return new_facts


def _earlier_arrival(live: list[Event], logged: list[Event]) -> list[Event]:
    """A service that came later dates the arrival by its own start."""
    first = min(logged, key=lambda event: event.at)
    return [] if any(event.at - first.at <= _EARLY for event in live) else [first]


def _better_reason(live: list[Event], logged: list[Event]) -> list[Event]:
    known = {event.reason for event in live if isinstance(event, SafeFlowUsed)} - VAGUE_REASONS
    better = [event for event in logged if isinstance(event, SafeFlowUsed) and event.reason not in VAGUE_REASONS]
    if known or (live and not better):
        return []
    return [*better[:1]] or logged[:1]


def _group(event: Event) -> Group:
    """Events of one group may stand for the same thing."""
    match event:
        case CallQueued():
            return type(event), event.queue, ""
        case QueueLeft():
            # The logs show an answered wait by its talk; only unanswered waits are compared.
            return type(event), event.queue, "answered" if event.outcome == "answered" else ""
        case AgentRang() | AgentMissed() | AgentAnswered() | TalkEnded():
            return type(event), event.queue, event.agent
        case AgentLost():
            return type(event), "", event.agent
        case _:
            return type(event), "", ""


def _unmatched(live: list[Event], logged: list[Event]) -> list[Event]:
    """`logged` without those that a live event represents; the nearest pairs are matched first."""
    pairs = sorted(
        (abs(here.at - there.at), i, j)
        for i, here in enumerate(live)
        for j, there in enumerate(logged)
        if -_EARLY <= here.at - there.at <= _LATE
    )
    used: set[int] = set()
    known: set[int] = set()
    for _, i, j in pairs:
        if i not in used and j not in known:
            used.add(i)
            known.add(j)
    return [event for j, event in enumerate(logged) if j not in known]
