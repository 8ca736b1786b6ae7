"""A logged call once more, through another flow.

A node that both flows have alike comes to what it came to then, and takes as long; what it did not come to then, or
what the other flow changed, the engine runs over the simulated telephone with the keys and waits of that caller. So a
call that meets nothing new goes as it went, and what nobody can know of a caller is reported as unforeseen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from callflow.action import AnyAction, EscapeError, FlowContext, Options
from callflow.document import CheckedNode, Flow
from callflow.lint.world import World
from callflow.queues.policy import QueueOptions, priority_of
from callflow.simulate.caller import CallerAnswer, QueueBehaviour, SimulatedCaller
from callflow.simulate.past import PastCall, PastStay, PastStep
from callflow.simulate.record import QueueStay, SimulatedCall
from callflow.simulate.run import play_through
from callflow.simulate.telephone import SimulatedClock, SimulatedTelephony
from ivr.telephony import QueueOutcome

_OF_FACTS = frozenset({"answer", "identify", "language", "set", "split", "condition", "hangup", "return"})
"""They go by what is known of the call, take no time of the caller's, and later nodes need what they find."""
_UNKNOWN = frozenset({"menu", "collect", "case_progress", "specialist", "dial", "subflow", "http"})
"""They ask the caller, ring somebody, or ask another service: only a caller who came to them tells the outcome."""


@dataclass(slots=True)
class ReplayedCall:
    """`unforeseen` is the first node whose outcome nobody can know, "" where there is none before a person answers."""

    call: SimulatedCall
    unforeseen: str = ""


@dataclass(slots=True)
class _Replaying:
    """One call under way."""

    past: PastCall
    replayed: ReplayedCall
    visits: Counter[str] = field(default_factory=Counter)
    steps: dict[str, list[PastStep]] = field(default_factory=dict)
    telephony: SimulatedTelephony = cast("SimulatedTelephony", None)
    clock: SimulatedClock = cast("SimulatedClock", None)

    def take(self, telephony: SimulatedTelephony, clock: SimulatedClock) -> None:
        self.telephony, self.clock = telephony, clock

    def next_visit(self, node: str) -> PastStep | None:
        place = self.visits[node]
        self.visits[node] += 1
        steps = self.steps.get(node, [])
        return steps[place] if place < len(steps) else None


class Replayer:
    """For many calls, one after the other, that ran on `own`."""

    def __init__(self, own: Flow, other: Flow, world: World, *, waits: Mapping[str, float]) -> None:
        """`waits` are seconds until an agent answers, by queue, for a caller who did not come to it then."""
        self._own = own
        self._same = {id for id, node in other.nodes.items() if _alike(own.nodes.get(id), node)}
        same_flow = _all_alike(own, other)
        self._known = {
            id for id in self._same if same_flow and dict(own.nodes[id].branches) == dict(other.nodes[id].branches)
        }
        """Nodes at which nothing has changed at all."""
        self._world = world
        self._waits = tuple(QueueBehaviour(queue=queue, after=seconds) for queue, seconds in waits.items())
        self._now: _Replaying = cast("_Replaying", None)
        self._flow = replace(other, nodes={id: self._wrapped(node) for id, node in other.nodes.items()})

    def untouched(self, past: PastCall) -> bool:
        """Whether the call meets nothing that the other flow changed: then it goes as it went."""
        nodes = past.nodes
        return bool(nodes) and nodes[0] == self._flow.document.entry and self._known.issuperset(nodes)

    async def replay(self, past: PastCall) -> ReplayedCall:
        """Never fails; see `callflow.simulate.run.simulate` for its bounds."""
        replayed = ReplayedCall(SimulatedCall())
        self._now = now = _Replaying(past, replayed)
        for step in past.steps:
            now.steps.setdefault(step.node, []).append(step)
        caller = SimulatedCaller.model_construct(
            number=past.number,
            dialed=past.dialed,
            at=past.at,
            known=past.known,
            queues=(*(_behaviour(stay) for stay in past.stays), *self._waits),
            message=past.message or 8.0,
        )
        await play_through(
            self._flow,
            caller,
            self._world,
            replayed.call,
            call_id=past.call_id,
            entry=past.entry,
            on_telephony=now.take,
        )
        return replayed

    def _wrapped(self, node: CheckedNode) -> CheckedNode:
        action: AnyAction = node.action

        def run(ctx: FlowContext, options: Options, /) -> Awaitable[str]:
            return self._run(node, action, ctx, options)

        return replace(node, action=replace(cast("Any", action), run=run))

    async def _run(self, node: CheckedNode, action: AnyAction, ctx: FlowContext, options: Options) -> str:
        now = self._now
        step = now.next_visit(node.id)
        switched = action.name == "menu" and ctx.no_menu
        if step is not None and node.id in self._same and action.name not in _OF_FACTS and not switched:
            outcome = self._as_it_was(node, step, ctx)
        else:
            self._prepare(node, step, action)
            outcome = await action.run(ctx, options)
        now.replayed.call.steps[-1].outcome = outcome
        return outcome

    def _prepare(self, node: CheckedNode, step: PastStep | None, action: AnyAction) -> None:
        """What the caller will do at a node that is new, or that they had not come to."""
        now = self._now
        if step is None or any("•" in key for key in step.keys):
            now.telephony.will_answer(())
            if action.name in _UNKNOWN:
                self._cannot_know(node.id)
            return
        now.telephony.will_answer(
            [CallerAnswer.model_construct(press=key, after=None, hang_up=False) for key in step.keys]
        )
        if not (step.outcomes or step.escape) and action.name not in _OF_FACTS:
            now.telephony.will_leave(step.seconds)
        chosen = step.escape or (step.keys[-1] if step.keys and step.keys[-1] in step.outcomes else "")
        if chosen and action.name == "menu" and chosen not in {*node.branches, *self._flow.document.keys}:
            # Their key is none any more: they will press another one.
            self._cannot_know(node.id)

    def _cannot_know(self, node: str) -> None:
        replayed = self._now.replayed
        if not replayed.unforeseen and replayed.call.person_at is None:
            replayed.unforeseen = node

    def _as_it_was(self, node: CheckedNode, step: PastStep, ctx: FlowContext) -> str:
        telephony = self._now.telephony
        if step.keys:
            ctx.note_digits(" ".join(step.keys))
        if isinstance(node.options, QueueOptions):
            self._note_stay(node, node.options, step, ctx)
        telephony.wait(step.seconds)
        if step.escape:
            if step.escape in ctx.keys:
                raise EscapeError(ctx.keys[step.escape])
            # It leads nowhere any more: to this flow it is a wrong key, and the caller will have to do something else.
            self._cannot_know(node.id)
            return self._first(node)
        if not step.outcomes:
            telephony.end("caller")
        targets = {node.branches[outcome] for outcome in step.outcomes if outcome in node.branches}
        if len(targets) != 1:
            self._cannot_know(node.id)
        return next((outcome for outcome in step.outcomes if outcome in node.branches), self._first(node))

    def _first(self, node: CheckedNode) -> str:
        return next((outcome for outcome in ("silence", "errors", "failed") if outcome in node.branches), "") or next(
            iter(node.branches), ""
        )

    def _note_stay(self, node: CheckedNode, options: QueueOptions, step: PastStep, ctx: FlowContext) -> None:
        stay = step.stay
        if stay is None:
            return
        ctx.facts.queue = options.queue
        at = round(self._now.clock.elapsed, 1)
        self._now.replayed.call.stays.append(
            QueueStay(stay.queue, node.id, at, stay.outcome, stay.waited, stay.talked, priority_of(options, ctx.facts))
        )


def _behaviour(stay: PastStay) -> QueueBehaviour:
    outcome: Any = stay.outcome if stay.outcome == "abandoned" else QueueOutcome(stay.outcome)
    return QueueBehaviour.model_construct(
        queue=stay.queue, outcome=outcome, after=stay.waited, talk=stay.talked, ended_by="agent"
    )


def _alike(own: CheckedNode | None, other: CheckedNode) -> bool:
    return own is not None and own.action.name == other.action.name and own.options == other.options


def _all_alike(own: Flow, other: Flow) -> bool:
    """What holds for the flow as a whole."""
    before, after = own.document, other.document
    return (before.entry, before.person, before.no_menu, before.keys) == (
        after.entry,
        after.person,
        after.no_menu,
        after.keys,
    )
