"""Who controls a call, the service or Asterisk's dialplan: a table, pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class CallState(StrEnum):
    IN_FLOW = "in_flow"
    """AGI runs; commands may be sent."""
    LEAVING = "leaving"
    """The service has sent the call to a queue; the dialplan has not taken it yet."""
    AT_QUEUE = "at_queue"
    """Queue, talk, consultation: the dialplan and app_queue have the call."""
    ADRIFT = "adrift"
    """AGI ended unasked: the caller hung up, AGI restarts, or the safe flow has taken over. Known within seconds."""
    IN_SAFE_FLOW = "in_safe_flow"
    """The dialplan serves the caller without the service."""
    ENDED = "ended"


class CallEvent(StrEnum):
    AGI_STARTED = "agi_started"
    AGI_ENDED = "agi_ended"
    QUEUE_CHOSEN = "queue_chosen"
    SAFE_FLOW_BEGAN = "safe_flow_began"
    HUNG_UP = "hung_up"


_S, _E = CallState, CallEvent

TRANSITIONS: Mapping[tuple[CallState, CallEvent], CallState] = {
    (_S.IN_FLOW, _E.QUEUE_CHOSEN): _S.LEAVING,
    (_S.IN_FLOW, _E.AGI_ENDED): _S.ADRIFT,
    # The event of AGI's end was lost with the AMI connection, and AGI has restarted.
    (_S.IN_FLOW, _E.AGI_STARTED): _S.IN_FLOW,
    (_S.IN_FLOW, _E.SAFE_FLOW_BEGAN): _S.IN_SAFE_FLOW,
    (_S.LEAVING, _E.AGI_ENDED): _S.AT_QUEUE,
    # No such queue, and straight back, with the end of AGI lost.
    (_S.LEAVING, _E.AGI_STARTED): _S.IN_FLOW,
    (_S.LEAVING, _E.SAFE_FLOW_BEGAN): _S.IN_SAFE_FLOW,
    (_S.AT_QUEUE, _E.AGI_STARTED): _S.IN_FLOW,
    (_S.AT_QUEUE, _E.AGI_ENDED): _S.AT_QUEUE,
    (_S.AT_QUEUE, _E.SAFE_FLOW_BEGAN): _S.IN_SAFE_FLOW,
    (_S.ADRIFT, _E.AGI_STARTED): _S.IN_FLOW,
    (_S.ADRIFT, _E.AGI_ENDED): _S.ADRIFT,
    (_S.ADRIFT, _E.SAFE_FLOW_BEGAN): _S.IN_SAFE_FLOW,
    # A queue of the safe flow comes back when the service is there again.
    (_S.IN_SAFE_FLOW, _E.AGI_STARTED): _S.IN_FLOW,
    (_S.IN_SAFE_FLOW, _E.AGI_ENDED): _S.IN_SAFE_FLOW,
    (_S.IN_SAFE_FLOW, _E.SAFE_FLOW_BEGAN): _S.IN_SAFE_FLOW,
    **{(state, _E.HUNG_UP): _S.ENDED for state in CallState},
    # A hang-up is a tombstone: what still arrives about the call changes nothing.
    **{(_S.ENDED, event): _S.ENDED for event in CallEvent},
}


class ImpossibleTransitionError(RuntimeError):
    """A bug of the service, never caused by the caller."""


def advance(state: CallState, event: CallEvent) -> CallState:
    """The state after `event`; raises `ImpossibleTransitionError` naming both where the table has no row."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise ImpossibleTransitionError(f"a call {state.value} cannot have {event.value}") from None
