"""An agent's state: what the agent wants and what their phone does, the state shown for both, and why no call comes.

Pure. A command changes what is wanted; a call changes the phone's side alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hotline.kernel.errors import ConflictError


class Wanted(StrEnum):
    READY = "ready"
    PAUSED = "paused"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Wish:
    """`reason` is the pause's, and empty otherwise."""

    wanted: Wanted
    reason: str = ""


OFF: Final = Wish(Wanted.OFF)
READY: Final = Wish(Wanted.READY)


class CallSideState(StrEnum):
    IDLE = "idle"
    OWN_CALL = "own_call"
    """The agent dialled somebody, or was dialled, past the queues."""
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    """After-call work: the queue skips the agent until the timer or the agent ends it."""


class CallSideEvent(StrEnum):
    OWN_CALL_BEGAN = "own_call_began"
    OWN_CALL_ENDED = "own_call_ended"
    RANG = "rang"
    RING_ENDED = "ring_ended"
    ANSWERED = "answered"
    TALK_ENDED = "talk_ended"
    WRAP_UP_ENDED = "wrap_up_ended"


class AgentState(StrEnum):
    """The state shown."""

    OFFLINE = "offline"
    READY = "ready"
    OWN_CALL = "own_call"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"


class Verdict(StrEnum):
    """Why an agent gets no calls."""

    LINK_DOWN = "link_down"
    NOT_SIGNED_IN = "not_signed_in"
    PHONE_NOT_REGISTERED = "phone_not_registered"
    NO_QUEUE = "no_queue"
    QUEUE_OUT_OF_SYNC = "queue_out_of_sync"
    """The queue has not taken the agent's state: calls may not come, or may come though the agent is paused."""
    PAUSED = "paused"
    OWN_CALL = "own_call"
    RINGING = "ringing"
    IN_CALL = "in_call"
    WRAP_UP = "wrap_up"


class PresenceConflictError(ConflictError):
    error_id = "presence.not_now"
    title = "Not possible in the agent's present state"


_C, _E, _W, _A = CallSideState, CallSideEvent, Wanted, AgentState

TRANSITIONS: Mapping[tuple[CallSideState, CallSideEvent], CallSideState] = {
    (_C.IDLE, _E.OWN_CALL_BEGAN): _C.OWN_CALL,
    (_C.OWN_CALL, _E.OWN_CALL_ENDED): _C.IDLE,
    (_C.IDLE, _E.RANG): _C.RINGING,
    # The agent's other phone, or app_queue had chosen the agent before the phone was busy.
    (_C.OWN_CALL, _E.RANG): _C.RINGING,
    (_C.RINGING, _E.RING_ENDED): _C.IDLE,
    (_C.RINGING, _E.ANSWERED): _C.TALKING,
    (_C.TALKING, _E.TALK_ENDED): _C.WRAP_UP,
    (_C.WRAP_UP, _E.WRAP_UP_ENDED): _C.IDLE,
    # app_queue had chosen the agent before the pause for the wrap-up reached it.
    (_C.WRAP_UP, _E.RANG): _C.RINGING,
    # The ring was missed while the connection was down.
    (_C.IDLE, _E.ANSWERED): _C.TALKING,
    (_C.OWN_CALL, _E.ANSWERED): _C.TALKING,
    (_C.WRAP_UP, _E.ANSWERED): _C.TALKING,
    # Two queues may try the same agent: the second ring is the one that counts.
    (_C.RINGING, _E.RANG): _C.RINGING,
    (_C.TALKING, _E.ANSWERED): _C.TALKING,
}

AT_REST: Final = frozenset({_C.IDLE, _C.OWN_CALL})
"""Nothing of the hotline's on the phone. The wrap-up is still the call's, whose case is written then."""

SHOWN: Mapping[tuple[CallSideState, Wanted], AgentState] = {
    (_C.IDLE, _W.READY): _A.READY,
    (_C.IDLE, _W.PAUSED): _A.PAUSED,
    (_C.IDLE, _W.OFF): _A.OFFLINE,
    (_C.OWN_CALL, _W.READY): _A.OWN_CALL,
    # Why an agent pauses says more than that they use the phone meanwhile.
    (_C.OWN_CALL, _W.PAUSED): _A.PAUSED,
    (_C.OWN_CALL, _W.OFF): _A.OFFLINE,
    **{(_C.RINGING, wanted): _A.RINGING for wanted in Wanted},
    **{(_C.TALKING, wanted): _A.TALKING for wanted in Wanted},
    **{(_C.WRAP_UP, wanted): _A.WRAP_UP for wanted in Wanted},
}


def advance(side: CallSideState, event: CallSideEvent, *, own_call: bool = False) -> CallSideState:
    """The phone's side after `event`; a phone that is idle again may still be in a call of the agent's own.

    Raises PresenceConflictError, naming both, where the table has no such row.
    """
    try:
        after = TRANSITIONS[side, event]
    except KeyError:
        raise PresenceConflictError(
            f"An agent whose phone is in state {side.value} cannot have {event.value.replace('_', ' ')}.",
            state=side.value,
            event=event.value,
        ) from None
    return _C.OWN_CALL if after is _C.IDLE and own_call else after


_VERDICTS: Mapping[AgentState, Verdict] = {
    AgentState.OFFLINE: Verdict.NOT_SIGNED_IN,
    AgentState.PAUSED: Verdict.PAUSED,
    AgentState.OWN_CALL: Verdict.OWN_CALL,
    AgentState.RINGING: Verdict.RINGING,
    AgentState.TALKING: Verdict.IN_CALL,
    AgentState.WRAP_UP: Verdict.WRAP_UP,
}


def why_not_ready(
    state: AgentState, *, link: bool, phone_registered: bool, has_queue: bool, out_of_sync: bool
) -> list[Verdict]:
    """Every reason why this agent gets no calls, the first to fix first; empty for one who gets calls."""
    reasons = {
        Verdict.LINK_DOWN: not link,
        Verdict.NO_QUEUE: not has_queue,
        Verdict.QUEUE_OUT_OF_SYNC: out_of_sync,
        **{verdict: state is its for its, verdict in _VERDICTS.items()},
        Verdict.PHONE_NOT_REGISTERED: not phone_registered and state is not AgentState.OFFLINE,
    }
    return [verdict for verdict, holds in reasons.items() if holds]
