"""After a start or a lost connection: which calls are there, and what becomes of each. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from callflow.desks.policy import DeskOptions
from callflow.document import Flow
from callflow.live import RunningCall
from ivr.switchboard import Channel, PhoneSnapshot

SAFE_CONTEXTS = ("hotline-safe", "hotline-safe-flow")
DESK_CONTEXTS = (
    "hotline-desk",
    "hotline-queue",
    "hotline-return",
    "hotline-hold",
    "hotline-caller",
    "hotline-caller-done",
    "hotline-requeue",
)
"""Where only callers are."""


class Fate(StrEnum):
    TAKE_UP = "take_up"
    """In AGI, and nobody commands it: AGI begins anew, and the flow goes on at its node."""
    WATCH = "watch"
    """At a desk or talking: it is not touched, and the flow waits for it to come back."""
    LEAVE = "leave"
    """In the safe flow, which brings it to a good end; only that end is awaited."""


@dataclass(frozen=True, slots=True)
class Found:
    """A caller's channel in the snapshot."""

    channel: Channel
    fate: Fate


def find_calls(snapshot: PhoneSnapshot, callers: Collection[str]) -> tuple[Found, ...]:
    """The callers' channels. `callers` are the unique ids known to be a caller's.

    Agents' and specialists' legs bear the same call id; a caller's leg is known by its unique id, or by being
    where only callers are.
    """
    found = []
    for channel in snapshot.channels:
        if not channel.call_id:
            continue
        if _in_agi(channel):
            found.append(Found(channel, Fate.TAKE_UP))
        elif channel.context in SAFE_CONTEXTS:
            found.append(Found(channel, Fate.LEAVE))
        elif channel.unique_id in callers or channel.context in DESK_CONTEXTS:
            found.append(Found(channel, Fate.WATCH))
    return tuple(found)


def has_left_agi(found: Found) -> bool:
    """Whether the call is where AGI is over for it, and not for a moment between one AGI and the next."""
    context = found.channel.context
    settled = context in SAFE_CONTEXTS or (context in DESK_CONTEXTS and context != "hotline-return")
    return settled and found.fate is not Fate.TAKE_UP


def _in_agi(channel: Channel) -> bool:
    return channel.application == "AGI" and channel.application_data.startswith("agi:async")


def desk_node(flow: Flow, channel: Channel, node: str) -> str:
    """The node a call at a desk stands at, where the database has no row: `node` is what the dialplan says (HL_NODE).

    Where it says nothing, or names what is no desk of this flow, by the call's queue, else any desk.
    """
    if node in _desks(flow):
        return node
    queue = channel.application_data.partition(",")[0] if channel.application == "Queue" else ""
    return _desk_of(flow, queue) or _any_desk(flow)


def resume_behind_desk(flow: Flow, call: RunningCall) -> None:
    """Where the dialplan has brought `call` back from a desk: have the flow take that desk's answer and go on.

    The call may stand elsewhere in the flow: the safe flow sent it to that desk.
    """
    arguments = call.session.arguments
    if arguments.get("stage") != "return":
        return
    queue, desks = arguments.get("queue", ""), _desks(flow)
    if desks.get(node := arguments.get("node", "")) == queue:
        call.node = node
    elif desks.get(call.node) != queue:
        call.node = _desk_of(flow, queue) or (call.node if call.node in desks else _any_desk(flow))
    call.session.returned = call.node in desks


def has_left_desk(flow: Flow, call: RunningCall) -> bool:
    """Whether the call has been at a desk and stands somewhere behind it: that desk's answer has been taken."""
    desks = _desks(flow)
    return call.node not in desks and any(step.node in desks for step in call.path)


def _desks(flow: Flow) -> Mapping[str, str]:
    """The queue of each node that is a desk."""
    return {id: node.options.queue for id, node in flow.nodes.items() if isinstance(node.options, DeskOptions)}


def _desk_of(flow: Flow, queue: str) -> str | None:
    return next((id for id, of in _desks(flow).items() if of == queue), None)


def _any_desk(flow: Flow) -> str:
    return next(iter(_desks(flow)), flow.document.person)
