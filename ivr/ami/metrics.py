"""What the phone edge counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from hotline.kernel.metrics import REGISTRY

_actions = Counter("hotline_ami_actions", "AMI actions by name and outcome.", ["action", "outcome"], registry=REGISTRY)
_events = Counter("hotline_ami_events", "Phone events handed on, by type.", ["event"], registry=REGISTRY)
_faults = Counter("hotline_ami_faults", "Messages or handlers that failed, by kind.", ["kind"], registry=REGISTRY)
_state = Gauge("hotline_ami_link_state", "1 for the state the AMI connection is in.", ["state"], registry=REGISTRY)
ping_seconds = Histogram(
    "hotline_ami_ping_seconds",
    "Round trip of the keep-alive ping.",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3),
    registry=REGISTRY,
)

# labels() costs more than all else that is done with an event or an answer.
_event_counters: dict[str, Counter] = {}
_action_counters: dict[tuple[str, str], Counter] = {}


def action_done(action: str, outcome: str) -> None:
    """`outcome`: ok, refused, unknown, unavailable or unsafe."""
    counter = _action_counters.get((action, outcome))
    if counter is None:
        counter = _action_counters[action, outcome] = _actions.labels(action, outcome)
    counter.inc()


def event_handed_on(event: str) -> None:
    counter = _event_counters.get(event)
    if counter is None:
        counter = _event_counters[event] = _events.labels(event)
    counter.inc()


def fault(kind: str) -> None:
    """`kind`: malformed, handler."""
    _faults.labels(kind).inc()


def link_state(state: str, states: list[str]) -> None:
    for one in states:
        _state.labels(one).set(one == state)
