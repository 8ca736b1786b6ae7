"""An agent's state: a table, and the verdict on why an agent gets no calls; pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from hotline.kernel.errors import ConflictError


class AgentState(StrEnum):
    OFFLINE = "offline"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    """After-call work: the queue passes the agent by until the timer or the agent ends it."""
    PAUSED = "paused"


class AgentEvent(StrEnum):
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    READY = "ready"
    PAUSE = "pause"
    RANG = "rang"
    RING_ENDED = "ring_ended"
    ANSWERED = "answered"
    TALK_ENDED = "talk_ended"
    WRAP_UP_ENDED = "wrap_up_ended"


class Verdict(StrEnum):
    """Why an agent gets no calls."""

    LINK_DOWN = "link_down"
    NOT_SIGNED_IN = "not_signed_in"
    PHONE_NOT_REGISTERED = "phone_not_registered"
    NO_DESK = "no_desk"
    QUEUE_ASTRAY = "queue_astray"
    """The queue has not taken the agent's state: calls may not come, or may come though the agent is paused."""
    PAUSED = "paused"
    RINGING = "ringing"
    IN_CALL = "in_call"
    WRAP_UP = "wrap_up"


class PresenceConflictError(ConflictError):
    error_id = "presence.not_now"
    title = "Not possible in the agent's present state"


_S, _E = AgentState, AgentEvent

TRANSITIONS: Mapping[tuple[AgentState, AgentEvent], AgentState] = {
    # Signed in, but not ready before the agent says so.
    (_S.OFFLINE, _E.SIGN_IN): _S.PAUSED,
    (_S.READY, _E.PAUSE): _S.PAUSED,
    (_S.READY, _E.RANG): _S.RINGING,
    (_S.READY, _E.SIGN_OUT): _S.OFFLINE,
    (_S.READY, _E.READY): _S.READY,
    (_S.PAUSED, _E.READY): _S.READY,
    (_S.PAUSED, _E.PAUSE): _S.PAUSED,
    (_S.PAUSED, _E.SIGN_OUT): _S.OFFLINE,
    # app_queue had begun to ring before the pause reached it.
    (_S.PAUSED, _E.RANG): _S.RINGING,
    (_S.RINGING, _E.RING_ENDED): _S.READY,
    (_S.RINGING, _E.ANSWERED): _S.TALKING,
    (_S.TALKING, _E.TALK_ENDED): _S.WRAP_UP,
    (_S.WRAP_UP, _E.WRAP_UP_ENDED): _S.READY,
    (_S.WRAP_UP, _E.READY): _S.READY,
    (_S.WRAP_UP, _E.PAUSE): _S.PAUSED,
    (_S.WRAP_UP, _E.SIGN_OUT): _S.OFFLINE,
    (_S.WRAP_UP, _E.RANG): _S.RINGING,
    # Asterisk knows better: an event was missed while the connection was down.
    (_S.OFFLINE, _E.RANG): _S.RINGING,
    (_S.OFFLINE, _E.ANSWERED): _S.TALKING,
    (_S.READY, _E.ANSWERED): _S.TALKING,
    (_S.PAUSED, _E.ANSWERED): _S.TALKING,
    (_S.WRAP_UP, _E.ANSWERED): _S.TALKING,
    # Two queues may try the same agent: the second ring is the one that counts.
    (_S.RINGING, _E.RANG): _S.RINGING,
    (_S.TALKING, _E.ANSWERED): _S.TALKING,
}

AT_A_CALL = frozenset({_S.RINGING, _S.TALKING, _S.WRAP_UP})
"""States that no command brings about, only a call; the wrap-up is still the call's, whose case is written then."""


def advance(state: AgentState, event: AgentEvent) -> AgentState:
    """The state after `event`. Raises PresenceConflictError, naming both, where the table has no such row."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise PresenceConflictError(
            f"An agent who is {state.value} cannot {event.value.replace('_', ' ')}.",
            state=state.value,
            event=event.value,
        ) from None


_VERDICTS: Mapping[AgentState, Verdict] = {
    AgentState.OFFLINE: Verdict.NOT_SIGNED_IN,
    AgentState.PAUSED: Verdict.PAUSED,
    AgentState.RINGING: Verdict.RINGING,
    AgentState.TALKING: Verdict.IN_CALL,
    AgentState.WRAP_UP: Verdict.WRAP_UP,
}


def why_not_ready(
    state: AgentState, *, link: bool, phone_registered: bool, has_desk: bool, astray: bool
) -> list[Verdict]:
    """Every reason why no call comes to this agent, the first to mend first; empty for one who gets calls."""
    reasons = {
        Verdict.LINK_DOWN: not link,
        Verdict.NO_DESK: not has_desk,
        Verdict.QUEUE_ASTRAY: astray,
        **{verdict: state is its for its, verdict in _VERDICTS.items()},
        Verdict.PHONE_NOT_REGISTERED: not phone_registered and state is not AgentState.OFFLINE,
    }
    return [verdict for verdict, holds in reasons.items() if holds]
