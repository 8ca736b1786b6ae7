"""After a start or a lost connection: which calls are there, and what becomes of each. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from callflow.document import Flow
from callflow.live import RunningCall
from callflow.queues.policy import QueueOptions
from ivr.dialplan import Context, FlowArgument, Stage
from ivr.switchboard import Channel, PhoneSnapshot

SAFE_CONTEXTS = (Context.SAFE, Context.SAFE_FLOW)
QUEUE_CONTEXTS = (
    Context.TO_QUEUE,
    Context.QUEUE,
    Context.RETURN,
    Context.CALLER_HOLD,
    Context.CALLER,
    Context.CALLER_DONE,
    Context.REQUEUE,
)
"""Where only callers are."""


class AdoptionDecision(StrEnum):
    RESUME = "resume"
    """In AGI, and nobody commands it: AGI begins anew, and the flow goes on at its node."""
    WATCH = "watch"
    """At a queue or talking: it is not touched, and the flow waits for it to come back."""
    LEAVE = "leave"
    """In the safe flow, which brings it to a good end; only that end is awaited."""


@dataclass(frozen=True, slots=True)
class FoundCall:
    """A caller's channel in the snapshot."""

    channel: Channel
    decision: AdoptionDecision


def find_calls(snapshot: PhoneSnapshot, callers: Collection[str]) -> tuple[FoundCall, ...]:
    """The callers' channels. `callers` are the unique ids known to be a caller's.

    Agents' and specialists' legs bear the same call id; a caller's leg is known by its unique id, or by being
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
    """Whether the call is where AGI is over for it, and not for a moment between one AGI and the next."""
    context = found.channel.context
    settled = context in SAFE_CONTEXTS or (context in QUEUE_CONTEXTS and context != Context.RETURN)
    return settled and found.decision is not AdoptionDecision.RESUME


def _in_agi(channel: Channel) -> bool:
    return channel.application == "AGI" and channel.application_data.startswith("agi:async")


def queue_node(flow: Flow, channel: Channel, node: str) -> str:
    """The node a call at a queue stands at, where the database has no row: `node` is what the dialplan says (HL_NODE).

    Where it says nothing, or names what is no queue of this flow, by the call's queue, else any queue.
    """
    if node in _queues(flow):
        return node
    queue = channel.application_data.partition(",")[0] if channel.application == "Queue" else ""
    return _node_of_queue(flow, queue) or _any_queue_node(flow)


def resume_after_queue(flow: Flow, call: RunningCall) -> None:
    """Where the dialplan has brought `call` back from a queue: have the flow take that queue's answer and go on.

    The call may stand elsewhere in the flow: the safe flow sent it to that queue.
    """
    arguments = call.session.arguments
    if arguments.get(FlowArgument.STAGE) != Stage.RETURN:
        return
    queue, queues = arguments.get(FlowArgument.QUEUE, ""), _queues(flow)
    if queues.get(node := arguments.get(FlowArgument.NODE, "")) == queue:
        call.node = node
    elif queues.get(call.node) != queue:
        call.node = _node_of_queue(flow, queue) or (call.node if call.node in queues else _any_queue_node(flow))
    call.session.returned = call.node in queues


def has_left_queue(flow: Flow, call: RunningCall) -> bool:
    """Whether the call has been at a queue and stands somewhere behind it: that queue's answer has been taken."""
    queues = _queues(flow)
    return call.node not in queues and any(step.node in queues for step in call.path)


def _queues(flow: Flow) -> Mapping[str, str]:
    """The queue of each node that is a queue."""
    return {id: node.options.queue for id, node in flow.nodes.items() if isinstance(node.options, QueueOptions)}


def _node_of_queue(flow: Flow, queue: str) -> str | None:
    return next((id for id, of in _queues(flow).items() if of == queue), None)


def _any_queue_node(flow: Flow) -> str:
    return next(iter(_queues(flow)), flow.document.person)
