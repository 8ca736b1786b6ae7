from __future__ import annotations

import pytest

from ivr.state import TRANSITIONS, CallEvent, CallState, ImpossibleTransitionError, advance


def test_a_call_goes_to_a_queue_and_comes_back() -> None:
    state = CallState.IN_FLOW
    for event in (CallEvent.QUEUE_CHOSEN, CallEvent.AGI_ENDED, CallEvent.AGI_STARTED):
        state = advance(state, event)
    assert state is CallState.IN_FLOW


@pytest.mark.parametrize("state", CallState)
def test_a_hang_up_ends_a_call_in_any_state(state: CallState) -> None:
    assert advance(state, CallEvent.HUNG_UP) is CallState.ENDED


@pytest.mark.parametrize("event", CallEvent)
def test_nothing_wakes_an_ended_call(event: CallEvent) -> None:
    assert advance(CallState.ENDED, event) is CallState.ENDED


def test_a_missing_row_names_state_and_event() -> None:
    with pytest.raises(ImpossibleTransitionError, match="at_queue cannot have queue_chosen"):
        advance(CallState.AT_QUEUE, CallEvent.QUEUE_CHOSEN)


@pytest.mark.parametrize("event", [CallEvent.AGI_STARTED, CallEvent.AGI_ENDED, CallEvent.SAFE_FLOW_BEGAN])
def test_what_asterisk_reports_has_a_row_in_every_state(event: CallEvent) -> None:
    missing = {state for state in CallState if (state, event) not in TRANSITIONS}
    assert missing <= {CallState.LEAVING} if event is CallEvent.AGI_ENDED else not missing
