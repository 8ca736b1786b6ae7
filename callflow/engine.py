"""Runs a call through its flow: run an action, follow the branch named by its outcome, repeat.

Whatever goes wrong, the caller reaches a person: an action that fails, a flow that loops, a
command that Asterisk refuses. Only a caller who has hung up ends the flow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from callflow.action import EscapeError, FlowContext, FlowPorts, PathStep
from callflow.adoption import resume_after_queue
from callflow.document import CheckedNode
from callflow.events import (
    CallEnded,
    CallResumed,
    DigitsEntered,
    FlowFailed,
    FlowStarted,
    NodeEntered,
    SafeFlowUsed,
    SubflowEntered,
    SubflowLeft,
)
from callflow.live import RunningCall, SuspendedFlow
from hotline.kernel.events import Event
from ivr.errors import CallEndedError, CallLeftError, FlowRestartedError
from ivr.telephony import QueueRequest, Telephony

log = structlog.get_logger(__name__)

STEPS = 200
"""Nodes of one call, those of subflows included. More means that the flow loops."""
DEPTH = 8
"""So many flows run one inside the other at most."""
RESTARTS = 5
"""How often one node is repeated because AGI restarted."""
LAST_QUEUE = "public"
"""Where a caller goes when even the way to a person fails."""


class FlowLoopError(RuntimeError):
    """No flow can mend it, nor one around it: the caller goes to the last queue."""


@dataclass(slots=True)
class _Position:
    node: str
    steps: int = 0
    restarts: int = 0
    failures: int = 0


class FlowRunner:
    """`run` one call; `publish` and `keep` (the call's position) must neither wait nor raise."""

    def __init__(
        self,
        ports: FlowPorts,
        publish: Callable[[Event], None],
        keep: Callable[[RunningCall], None],
    ) -> None:
        self._ports = ports
        self._publish = publish
        self._keep = keep

    async def run(self, call: RunningCall, telephony: Telephony, *, resumed: bool = False) -> None:
        """From the entry, or from the node where `call` stood; returns when the call is over, and never fails."""
        now, call_id = self._ports.clock.now, call.facts.call_id
        flow = call.flow
        if resumed and call.node in flow.nodes:
            self._publish(CallResumed(at=now(), call_id=call_id, node=call.node))
        else:
            # A node that this version of the flow does not have, its own being lost: start from the beginning.
            call.node = flow.document.entry
            call.outer.clear()
            self._publish(FlowStarted(at=now(), call_id=call_id, flow=flow.id, version=flow.version))
        try:
            while not await self._serve_or_watch(call, telephony):
                self._publish(CallResumed(at=now(), call_id=call_id, node=call.node))
        except CallEndedError:
            pass
        self._publish(
            CallEnded(at=now(), call_id=call_id, cause=call.session.hangup_cause, by=_who(call), in_node=call.node)
        )

    async def _serve_or_watch(self, call: RunningCall, telephony: Telephony) -> bool:
        """Whether the call is over; False if the safe flow has returned it. Raises `CallEndedError`."""
        try:
            await self._serve(call, telephony)
            return True
        except CallLeftError:
            reason = call.session.safe_reason or "lost"
            self._publish(SafeFlowUsed(at=self._ports.clock.now(), call_id=call.facts.call_id, reason=reason))
        if not await call.session.until_back():
            return True
        resume_after_queue(call)
        return False

    async def _serve(self, call: RunningCall, telephony: Telephony) -> None:
        """Through the flow, or else to the last queue. Raises `CallEndedError` alone."""
        try:
            await self._walk(call, telephony, _Position(_node_at(call, 0)))
        except CallEndedError:
            raise
        except Exception as error:
            at, call_id = self._ports.clock.now(), call.facts.call_id
            log.exception("flow failed, sending the call to the last queue", call_id=call_id)
            self._publish(FlowFailed(at=at, call_id=call_id, node=call.node, reason=type(error).__name__))
            await self._give_up(call, telephony)

    async def _walk(self, call: RunningCall, telephony: Telephony, position: _Position, depth: int = 0) -> str:
        """Through the flow at this depth; what it returns, "" where the call is over."""
        outcome = ""
        while position.node:
            position.steps += 1
            if position.steps > STEPS:
                raise FlowLoopError("the flow loops")
            # Taken up again with a subflow running: its node waits, and is not entered once more.
            waits = depth < len(call.outer)
            flow = call.outer[depth].flow if waits else call.flow
            node = flow.nodes[position.node]
            if not waits:
                self._enter(call, node, again=position.restarts > 0)
            try:
                position.node, outcome = await self._step(call, telephony, node, position, depth)
                position.restarts = 0
            except EscapeError as escape:
                position.node, position.restarts = escape.node, 0
            except FlowRestartedError:
                # The same node once more: its prompt, not its silence, is what the caller should hear.
                position.restarts += 1
                if position.restarts > RESTARTS:
                    self._fail(call, position, "restarts")
            except (CallEndedError, FlowLoopError):
                raise
            except Exception as error:
                log.exception("action failed", call_id=call.facts.call_id, node=node.id, action=node.action.name)
                self._fail(call, position, type(error).__name__)
            if outcome and depth == 0:
                # It was to return, and nobody has called it.
                position.node, outcome = flow.document.person, ""
        return outcome

    async def _subflow(
        self, call: RunningCall, telephony: Telephony, position: _Position, depth: int, id: str
    ) -> str | None:
        """Through another flow, from its entry or from where it was; None where it cannot be run.

        One whose own way to a person failed fails here, too; a caller who leaves is found in it again.
        """
        at, call_id, here = self._ports.clock.now, call.facts.call_id, _node_at(call, depth)
        if depth == len(call.outer):
            flow = self._ports.flows(id)
            running = {call.flow.id, *(outer.flow.id for outer in call.outer)}
            if flow is None or id in running or len(running) >= DEPTH:
                log.warning("subflow not run", call_id=call_id, flow=id, depth=len(running), found=flow is not None)
                return None
            call.outer.append(SuspendedFlow(call.flow, call.node))
            call.flow, call.node = flow, flow.document.entry
            self._publish(SubflowEntered(at=at(), call_id=call_id, node=here, flow=id, version=flow.version))
        inner = _Position(_node_at(call, depth + 1), steps=position.steps)
        try:
            outcome = await self._walk(call, telephony, inner, depth + 1)
        except CallEndedError:
            raise
        except Exception:
            self._resume_outer(call, depth)
            raise
        if not outcome:
            raise CallEndedError("The subflow ended the call.")
        position.steps = inner.steps
        self._resume_outer(call, depth)
        self._publish(SubflowLeft(at=at(), call_id=call_id, node=here, flow=id, outcome=outcome))
        return outcome

    def _resume_outer(self, call: RunningCall, depth: int) -> None:
        call.flow, call.node = call.outer[depth].flow, call.outer[depth].node
        del call.outer[depth:]

    def _fail(self, call: RunningCall, position: _Position, reason: str) -> None:
        """Continue at the person's node; raises if that was tried already."""
        person = call.flow.document.person
        position.failures += 1
        if position.node == person or position.failures > 3:
            raise RuntimeError(f"the way to a person failed as well ({reason})")
        self._publish(
            FlowFailed(at=self._ports.clock.now(), call_id=call.facts.call_id, node=position.node, reason=reason)
        )
        position.node, position.restarts = person, 0

    def _enter(self, call: RunningCall, node: CheckedNode, *, again: bool) -> None:
        call.node = node.id
        if not again and not (call.path and call.path[-1].node == node.id):
            at = self._ports.clock.now()
            call.path.append(PathStep(at, node.id, node.label))
            self._publish(
                NodeEntered(at=at, call_id=call.facts.call_id, node=node.id, action=node.action.name, label=node.label)
            )
        self._keep(call)

    async def _step(
        self, call: RunningCall, telephony: Telephony, node: CheckedNode, position: _Position, depth: int
    ) -> tuple[str, str]:
        """The next node, or "" and what the flow returns."""
        ctx = self._context(call, telephony, node)
        ctx.subflow = lambda id: self._subflow(call, telephony, position, depth, id)
        outcome = await node.action.run(ctx, node.options)
        if not node.action.outcomes(node.options):
            return "", outcome
        if not node.action.collects and (typed := telephony.typed_ahead()[:1]) in ctx.keys:
            ctx.note_digits(typed)
            ctx.escape(typed)
        return node.branches[outcome], ""

    def _context(self, call: RunningCall, telephony: Telephony, node: CheckedNode) -> FlowContext:
        def note_digits(digits: str) -> None:
            step = call.path[-1]
            call.path[-1] = replace(step, digits=f"{step.digits} {digits}".strip())
            self._publish(
                DigitsEntered(at=self._ports.clock.now(), call_id=call.facts.call_id, node=node.id, digits=digits)
            )

        return FlowContext(
            telephony=telephony,
            facts=call.facts,
            ports=self._ports,
            node=node.id,
            keys=dict(call.flow.document.keys),
            no_menu=call.flow.document.no_menu or self._ports.announcements().no_menu,
            publish=self._publish,
            note_digits=note_digits,
        )

    async def _give_up(self, call: RunningCall, telephony: Telephony) -> None:
        try:
            await telephony.to_queue(QueueRequest(queue=LAST_QUEUE))
            await telephony.hang_up()
        except CallEndedError:
            raise
        except Exception:
            # Send nothing more: the dead-man timer takes the caller to the safe flow.
            log.exception("last queue failed, leaving the call to the dead-man timer", call_id=call.facts.call_id)
            await call.session.until_ended()


def _node_at(call: RunningCall, depth: int) -> str:
    return call.outer[depth].node if depth < len(call.outer) else call.node


def _who(call: RunningCall) -> str:
    session = call.session
    if session.queue_visit is not None and session.queue_visit.ended_by == "agent":
        return "agent"
    return "caller" if session.caller_hung_up else "system"
