"""Pure: a call of the log, and what becomes of it in another version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from callflow.actions.subflow import SubflowOptions, called_flows
from callflow.document import Flow
from callflow.simulate.past import Known, LoggedNode, LoggedTalk, PastCall, past_steps
from callflow.simulate.replay import ReplayedCall, Replayer
from cti.replay.state import LeftOut, ReplayOutcome

Stay = tuple[str, str, float]
"""Queue, outcome, and seconds waited."""


@dataclass(frozen=True, slots=True)
class CallFromLog:
    """What the call log has of it; `nodes`, `talks` and `ended` in seconds from the first node."""

    call_id: str
    at: datetime
    version: int
    number: str
    dialed: str
    entry: str
    enterprise: bool
    contact: bool
    nodes: tuple[LoggedNode, ...]
    talks: tuple[LoggedTalk, ...]
    ended: float
    message: float
    outcome: str


@dataclass(frozen=True, slots=True)
class CallShift:
    """What became of a call, and what would have."""

    call_id: str
    at: datetime
    before: str
    after: ReplayOutcome | str
    unforeseen: str = ""
    person_before: float | None = None
    person_after: float | None = None
    stays_before: tuple[Stay, ...] = ()
    stays_after: tuple[Stay, ...] = ()
    touched: bool = False
    """Whether it met a node that the other version has otherwise."""

    @property
    def shifted(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class PathNode:
    """`at` in seconds from the beginning of the call."""

    node: str
    at: float


@dataclass(frozen=True, slots=True)
class ReplayedPaths:
    before: tuple[PathNode, ...] = ()
    after: tuple[PathNode, ...] = ()


def past_of(logged: CallFromLog, own: Flow) -> PastCall | None:
    """None where the log cannot be told by the version it ran on."""
    steps = past_steps(own, logged.nodes, logged.talks, ended=logged.ended)
    if not steps:
        return None
    known: Known = _known(logged)
    if any(step.outcomes == ("skip_menu",) for step in steps):
        known = "skip_menu"
    return PastCall(
        call_id=logged.call_id,
        at=logged.at,
        number=logged.number,
        dialed=logged.dialed,
        entry=logged.entry,
        known=known,
        steps=steps,
        message=logged.message,
    )


def _calls(own: Flow, node: str) -> bool:
    return node in own.nodes and isinstance(own.nodes[node].options, SubflowOptions)


def _known(logged: CallFromLog) -> Literal["no", "contact", "enterprise"]:
    if logged.enterprise:
        return "enterprise"
    return "contact" if logged.contact else "no"


async def shift_of(logged: CallFromLog, own: Flow, replayer: Replayer) -> CallShift | LeftOut:
    if called_flows(own) and any(_calls(own, each.node) for each in logged.nodes):
        return LeftOut.SUBFLOW
    past = past_of(logged, own)
    if past is None:
        return LeftOut.OFF_PATH
    stays = tuple((stay.queue, stay.outcome, stay.waited) for stay in past.stays)
    before = logged.outcome
    if replayer.untouched(past):
        person = past.person_at
        return CallShift(logged.call_id, logged.at, before, before, "", person, person, stays, stays)
    replayed = await replayer.replay(past)
    call = replayed.call
    return CallShift(
        logged.call_id,
        logged.at,
        before,
        before if call.nodes == past.nodes and not replayed.unforeseen else _outcome(replayed),
        replayed.unforeseen,
        past.person_at,
        None if replayed.unforeseen else call.person_at,
        stays,
        () if replayed.unforeseen else tuple((stay.queue, stay.outcome, stay.waited) for stay in call.stays),
        touched=True,
    )


async def paths_of(logged: CallFromLog, own: Flow, replayer: Replayer) -> ReplayedPaths:
    """Empty for a call that went otherwise than its version says."""
    past = past_of(logged, own)
    if past is None:
        return ReplayedPaths()
    replayed = await replayer.replay(past)
    return ReplayedPaths(
        before=tuple(PathNode(node.node, round(node.at, 1)) for node in logged.nodes),
        after=tuple(PathNode(step.node, step.at) for step in replayed.call.steps),
    )


def _outcome(replayed: ReplayedCall) -> ReplayOutcome:
    """The best service first, as `cti.calls.history.record.outcome_of`."""
    call = replayed.call
    if replayed.unforeseen:
        return ReplayOutcome.UNFORESEEN
    if call.person_at is not None:
        return ReplayOutcome.ANSWERED
    if any(step.action == "voicemail" and step.outcome == "recorded" for step in call.steps):
        return ReplayOutcome.VOICEMAIL
    if call.stays:
        return ReplayOutcome.ABANDONED_QUEUE
    if any(step.action == "hours" and step.outcome == "closed" for step in call.steps):
        return ReplayOutcome.OUT_OF_HOURS
    return ReplayOutcome.ABANDONED_MENU
