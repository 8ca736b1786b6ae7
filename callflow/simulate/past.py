"""A call as it was logged, told as what each node of its own flow came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from callflow.document import CheckedNode, Flow
from callflow.queues.policy import QueueOptions

Known = Literal["no", "contact", "enterprise", "skip_menu"]


@dataclass(frozen=True, slots=True)
class PastStay:
    """At a queue; seconds. `outcome` as the action's, or "abandoned"."""

    queue: str
    outcome: str
    waited: float
    talked: float = 0.0


@dataclass(frozen=True, slots=True)
class PastStep:
    """One node; it took `seconds`, the last one until the end of the call."""

    node: str
    seconds: float
    keys: tuple[str, ...] = ()
    """What was keyed at each question; with a • for each key that is not kept."""
    outcomes: tuple[str, ...] = ()
    """The one that led on, or those that may have; none where the call ended here, or a key of the flow led on."""
    escape: str = ""
    """The key that works everywhere and led on."""
    stay: PastStay | None = None


@dataclass(frozen=True, slots=True)
class PastCall:
    call_id: str
    at: datetime
    number: str
    dialed: str
    entry: str
    known: Known
    steps: tuple[PastStep, ...]
    message: float = 0.0
    """Seconds of the voicemail."""

    @property
    def nodes(self) -> list[str]:
        return [step.node for step in self.steps]

    @property
    def stays(self) -> list[PastStay]:
        return [step.stay for step in self.steps if step.stay is not None]

    @property
    def person_at(self) -> float | None:
        """Seconds until an agent answered; None where none did."""
        elapsed = 0.0
        for step in self.steps:
            if step.stay is not None and step.stay.outcome == "answered":
                return elapsed + step.stay.waited
            elapsed += step.seconds
        return None


@dataclass(frozen=True, slots=True)
class LoggedNode:
    """A row of the call log's path; `at` in seconds from the first."""

    node: str
    at: float
    digits: str


@dataclass(frozen=True, slots=True)
class LoggedTalk:
    """An agent who answered at `at`, in seconds from the first node."""

    queue: str
    at: float
    seconds: float


def past_steps(
    own: Flow, nodes: Sequence[LoggedNode], talks: Sequence[LoggedTalk], *, ended: float
) -> tuple[PastStep, ...] | None:
    """What each node came to, by the branches of the version that the call ran on.

    None for a call that went on otherwise than its flow says: a fault, or the service's absence, led it on.
    """
    steps = []
    for place, logged in enumerate(nodes):
        node = own.nodes.get(logged.node)
        following = nodes[place + 1] if place + 1 < len(nodes) else None
        if node is None:
            return None
        seconds = max(0.0, (following.at if following else ended) - logged.at)
        keys = tuple(logged.digits.split())
        outcomes: tuple[str, ...] = ()
        escape = ""
        if following is not None:
            escape, outcomes = _led_on(own, node, keys, following.node)
            if not (escape or outcomes):
                return None
        stay = _stay(node, logged.at, seconds, outcomes, talks)
        if stay is not None and stay.outcome in node.branches and following is not None:
            outcomes = (stay.outcome,) if stay.outcome in outcomes else outcomes
        steps.append(PastStep(logged.node, seconds, keys, outcomes, escape, stay))
    return tuple(steps)


def _led_on(own: Flow, node: CheckedNode, keys: tuple[str, ...], to: str) -> tuple[str, tuple[str, ...]]:
    """The key that works everywhere, or the outcomes that lead to this node."""
    last = keys[-1] if keys else ""
    if last and last not in node.branches and own.document.keys.get(last) == to:
        return last, ()
    fitting = tuple(outcome for outcome, target in node.branches.items() if target == to)
    if last in fitting:
        return "", (last,)
    if len(fitting) > 1 and node.action.name == "menu":
        # `silence` and `errors` mostly lead to the same node: so many wrong keys, or else silence.
        most: Mapping[str, int] = {"errors": getattr(node.options, "errors", 1)}
        said = "errors" if len(keys) >= most["errors"] else "silence"
        fitting = (said,) if said in fitting else fitting
    return "", fitting


def _stay(
    node: CheckedNode, at: float, seconds: float, outcomes: tuple[str, ...], talks: Sequence[LoggedTalk]
) -> PastStay | None:
    if not isinstance(node.options, QueueOptions):
        return None
    queue = node.options.queue
    for talk in talks:
        # The log has whole seconds in places.
        if talk.queue == queue and at - 1 <= talk.at <= at + seconds + 1:
            return PastStay(queue, "answered", max(0.0, talk.at - at), talk.seconds)
    unanswered = [outcome for outcome in outcomes if outcome != "answered"]
    return PastStay(queue, unanswered[0] if unanswered else "abandoned", seconds)
