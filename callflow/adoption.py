"""After a start or a lost connection: which calls exist, and what to do with each. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from callflow.dialling import DialledOptions
from callflow.document import Flow
from callflow.live import RunningCall
from callflow.queues.policy import QueueOptions
from ivr.dialplan import Context, FlowArgument, Stage
from ivr.switchboard import Channel, PhoneSnapshot

SAFE_CONTEXTS = (Context.SAFE, Context.SAFE_FLOW)
QUEUE_CONTEXTS = (
    Context.TO_QUEUE,
    Context.QUEUE,
    Context.TO_DIAL,
    Context.DIAL,
    Context.RETURN,
    Context.CALLER_HOLD,
    Context.CALLER,
    Context.CALLER_DONE,
    Context.REQUEUE,
)
"""Where only callers are."""


class AdoptionDecision(StrEnum):
    RESUME = "resume"
    """In AGI without a flow: AGI is restarted, and the flow continues at its node."""
    WATCH = "watch"
    """In a queue or talking: it is not touched, and the flow waits for it to return."""
    LEAVE = "leave"
    """In the safe flow, which completes it; only its end is awaited."""


@dataclass(frozen=True, slots=True)
class FoundCall:
    """A caller's channel in the snapshot."""

    channel: Channel
    decision: AdoptionDecision


def find_calls(snapshot: PhoneSnapshot, callers: Collection[str]) -> tuple[FoundCall, ...]:
    """The callers' channels. `callers` are the unique ids known to be a caller's.

    Agents' and specialists' legs carry the same call id; a caller's leg is known by its unique id, or by being
    where only callers are.
    """
    found = []
    for channel in snapshot.channels:
        if not channel.call_id:
            continue
        if _in_agi(channel):
            found.append(FoundCall(channel, AdoptionDecision.RESUME))
        elif channel.context in SAFE_CONTEXTS:
            found.append(FoundCall(channel, AdoptionDecision.LEAVE))
        elif channel.unique_id in callers or channel.context in QUEUE_CONTEXTS:
            found.append(FoundCall(channel, AdoptionDecision.WATCH))
    return tuple(found)


def has_left_agi(found: FoundCall) -> bool:
    """Whether the call has left AGI, and is not just between one AGI and the next."""
    context = found.channel.context
    settled = context in SAFE_CONTEXTS or (context in QUEUE_CONTEXTS and context != Context.RETURN)
    return settled and found.decision is not AdoptionDecision.RESUME


def _in_agi(channel: Channel) -> bool:
    return channel.application == "AGI" and channel.application_data.startswith("agi:async")


def queue_node(flow: Flow, channel: Channel, node: str) -> str:
    """The node of a call in a queue that has no row in the database: `node` is the dialplan's HL_NODE.

    If that is empty or not a queue node of this flow: a node of the call's queue, else any queue node.
    """
    if node in _queues(flow) or node in _dials(flow):
        return node
    queue = channel.application_data.partition(",")[0] if channel.application == "Queue" else ""
    return _node_of_queue(flow, queue) or _any_queue_node(flow)


def resume_after_queue(call: RunningCall) -> None:
    """If the dialplan has returned `call` from a queue, or from a talk with somebody it dialled, have the flow take the
    outcome and continue there.

    The call may be at another node of the flow: the safe flow sent it to that queue.
    """
    arguments = call.session.arguments
    if arguments.get(FlowArgument.STAGE) != Stage.RETURN:
        return
    queue, node = arguments.get(FlowArgument.QUEUE, ""), arguments.get(FlowArgument.NODE, "")
    _unwind(call, node, queue)
    flow = call.flow
    queues = _queues(flow)
    if node in _dials(flow):
        call.node, call.session.returned = node, True
        return
    if queues.get(node) == queue:
        call.node = node
    elif queues.get(call.node) != queue:
        call.node = _node_of_queue(flow, queue) or (call.node if call.node in queues else _any_queue_node(flow))
    call.session.returned = call.node in queues


def _unwind(call: RunningCall, node: str, queue: str) -> None:
    """Out to the flow that has the node: the safe flow goes by the outermost one."""
    around = [(outer.flow, outer.node) for outer in call.outer]
    for depth in range(len(around), -1, -1):
        flow, at = (call.flow, call.node) if depth == len(around) else around[depth]
        if _queues(flow).get(node) == queue or node in _dials(flow):
            call.flow, call.node = flow, at
            del call.outer[depth:]
            return


def has_left_queue(call: RunningCall) -> bool:
    """Whether the call has been in a queue, or with somebody it dialled, and is past it: the outcome has been taken."""
    left = _queues(call.flow).keys() | _dials(call.flow)
    return call.node not in left and any(step.node in left for step in call.path)


def _queues(flow: Flow) -> Mapping[str, str]:
    """The queue of each node that is a queue."""
    return {id: node.options.queue for id, node in flow.nodes.items() if isinstance(node.options, QueueOptions)}


def _dials(flow: Flow) -> frozenset[str]:
    """The nodes where the caller talks with somebody who is no agent of a queue."""
    return frozenset(id for id, node in flow.nodes.items() if isinstance(node.options, DialledOptions))


def _node_of_queue(flow: Flow, queue: str) -> str | None:
    return next((id for id, of in _queues(flow).items() if of == queue), None)


def _any_queue_node(flow: Flow) -> str:
    return next(iter(_queues(flow)), flow.document.person)
