"""The state of a three-way call: a table, pure.

The three places a caller can be in follow from the state: with the agent (`WITH_CALLER`), on hold, or gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from hotline.kernel.errors import ConflictError


class ThreewayState(StrEnum):
    TALKING = "talking"
    """Agent and caller, no specialist: before, between and after consultations."""
    CONSULT_RINGING = "consult_ringing"
    """The caller hears music, the agent waits alone, the specialist's phone rings."""
    CONSULTING = "consulting"
    """Agent and specialist; the caller hears music."""
    MERGING = "merging"
    """The caller is on the way into the room."""
    MERGED = "merged"
    TOGGLED = "toggled"
    """Agent and caller; the specialist hears music."""
    RETURNING = "returning"
    """The consultation is being undone: agent and caller are brought together."""
    WITHOUT_CALLER = "without_caller"
    """Agent and specialist; the caller was sent on to the survey."""
    WITHOUT_AGENT = "without_agent"
    """Caller and specialist keep talking; the agent has left."""
    OVER = "over"


class ThreewayEvent(StrEnum):
    CONSULT = "consult"
    SPECIALIST_JOINED = "specialist_joined"
    MERGE = "merge"
    CALLER_JOINED = "caller_joined"
    TOGGLE = "toggle"
    RETURN = "return"
    RETURNED = "returned"
    STAYED = "stayed"
    """Agent and caller are together again, but the specialist could not be hung up."""
    DROP_CALLER = "drop_caller"
    SPECIALIST_GONE = "specialist_gone"
    CALLER_GONE = "caller_gone"
    AGENT_GONE = "agent_gone"


class ThreewayConflictError(ConflictError):
    error_id = "threeway.not_now"
    title = "The three-way call is not in a state for that"


_S, _E = ThreewayState, ThreewayEvent

TRANSITIONS: Mapping[tuple[ThreewayState, ThreewayEvent], ThreewayState] = {
    (_S.TALKING, _E.CONSULT): _S.CONSULT_RINGING,
    (_S.CONSULT_RINGING, _E.SPECIALIST_JOINED): _S.CONSULTING,
    (_S.CONSULT_RINGING, _E.SPECIALIST_GONE): _S.RETURNING,
    (_S.CONSULT_RINGING, _E.RETURN): _S.RETURNING,
    (_S.CONSULTING, _E.MERGE): _S.MERGING,
    (_S.CONSULTING, _E.TOGGLE): _S.TOGGLED,
    (_S.CONSULTING, _E.RETURN): _S.RETURNING,
    (_S.CONSULTING, _E.SPECIALIST_GONE): _S.RETURNING,
    (_S.CONSULTING, _E.DROP_CALLER): _S.WITHOUT_CALLER,
    (_S.MERGING, _E.CALLER_JOINED): _S.MERGED,
    (_S.MERGING, _E.RETURN): _S.RETURNING,
    (_S.MERGING, _E.SPECIALIST_GONE): _S.RETURNING,
    (_S.MERGED, _E.TOGGLE): _S.CONSULTING,
    (_S.MERGED, _E.RETURN): _S.RETURNING,
    (_S.MERGED, _E.SPECIALIST_GONE): _S.TALKING,
    (_S.MERGED, _E.DROP_CALLER): _S.WITHOUT_CALLER,
    (_S.MERGED, _E.AGENT_GONE): _S.WITHOUT_AGENT,
    (_S.TOGGLED, _E.TOGGLE): _S.CONSULTING,
    (_S.TOGGLED, _E.MERGE): _S.MERGING,
    (_S.TOGGLED, _E.RETURN): _S.RETURNING,
    (_S.TOGGLED, _E.SPECIALIST_GONE): _S.TALKING,
    (_S.RETURNING, _E.RETURNED): _S.TALKING,
    (_S.RETURNING, _E.STAYED): _S.MERGED,
    # The event of the leg that is being hung up.
    (_S.RETURNING, _E.SPECIALIST_GONE): _S.RETURNING,
    (_S.TALKING, _E.SPECIALIST_GONE): _S.TALKING,
    (_S.WITHOUT_CALLER, _E.CALLER_GONE): _S.WITHOUT_CALLER,
    (_S.WITHOUT_CALLER, _E.SPECIALIST_GONE): _S.OVER,
    (_S.WITHOUT_CALLER, _E.AGENT_GONE): _S.OVER,
    (_S.WITHOUT_AGENT, _E.SPECIALIST_GONE): _S.OVER,
    (_S.WITHOUT_AGENT, _E.CALLER_GONE): _S.OVER,
    **{
        (state, _E.CALLER_GONE): _S.OVER
        for state in ThreewayState
        if state not in (_S.WITHOUT_CALLER, _S.WITHOUT_AGENT)
    },
    **{
        (state, _E.AGENT_GONE): _S.OVER
        for state in ThreewayState
        if state not in (_S.MERGED, _S.WITHOUT_CALLER, _S.WITHOUT_AGENT)
    },
    # A hang-up is final: later events change nothing.
    (_S.WITHOUT_AGENT, _E.AGENT_GONE): _S.WITHOUT_AGENT,
    (_S.OVER, _E.SPECIALIST_GONE): _S.OVER,
}

WITH_CALLER = frozenset({_S.TALKING, _S.MERGED, _S.TOGGLED})
"""States in which agent and caller hear each other."""


def advance(state: ThreewayState, event: ThreewayEvent) -> ThreewayState:
    """The state after `event`. Raises ThreewayConflictError, naming both, where the table has no such row."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise ThreewayConflictError(
            f"In the state {state.value} there is no {event.value}.", state=state.value, event=event.value
        ) from None
