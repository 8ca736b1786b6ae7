"""After a start or a lost connection: which calls are there, and what becomes of each. Deciding is pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from ivr.switchboard import Channel, PhoneSnapshot

FLOW_CONTEXT = "hotline-flow"
SAFE_CONTEXTS = ("hotline-safe", "hotline-safe-flow")
DESK_CONTEXTS = ("hotline-desk", "hotline-queue", "hotline-hold", "hotline-return")


class Fate(StrEnum):
    TAKE_UP = "take_up"
    """In AGI, and nobody commands it: AGI begins anew, and the flow goes on at its node."""
    WATCH = "watch"
    """At a desk or talking: it is not touched, and the flow waits for it to come back."""
    LEAVE = "leave"
    """In the safe flow, which ends it well; only its end is awaited."""


@dataclass(frozen=True, slots=True)
class Found:
    """A caller's channel in the snapshot."""

    channel: Channel
    fate: Fate


def find_calls(snapshot: PhoneSnapshot, callers: Collection[str]) -> tuple[Found, ...]:
    """The callers' channels. `callers` are the unique ids known to be a caller's.

    Agents' and specialists' legs bear the same call id; a caller's leg is known by its unique id, or by being
    where only callers are: in AGI, in Queue(), in the safe flow.
    """
    found = []
    for channel in snapshot.channels:
        if not channel.call_id:
            continue
        if _in_agi(channel):
            found.append(Found(channel, Fate.TAKE_UP))
        elif channel.application == "Queue":
            in_safe = channel.context in SAFE_CONTEXTS
            found.append(Found(channel, Fate.LEAVE if in_safe else Fate.WATCH))
        elif channel.unique_id in callers or channel.context in DESK_CONTEXTS:
            found.append(Found(channel, Fate.LEAVE if channel.context in SAFE_CONTEXTS else Fate.WATCH))
    return tuple(found)


def _in_agi(channel: Channel) -> bool:
    return channel.application == "AGI" and channel.application_data.startswith("agi:async")
