"""After a start or a lost connection: which calls are there, and what becomes of each. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from callflow.desks.policy import DeskOptions
from callflow.document import Flow
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


def desk_node(flow: Flow, channel: Channel) -> str:
    """The node a call at a desk stands at, where nobody has written it down: by its queue, else any desk."""
    queue = channel.application_data.partition(",")[0] if channel.application == "Queue" else ""
    desks = {node.options.queue: id for id, node in flow.nodes.items() if isinstance(node.options, DeskOptions)}
    return desks.get(queue) or next(iter(desks.values()), flow.document.person)
