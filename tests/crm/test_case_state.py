from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.cases.diagram import document
from crm.cases.state import (
    EDITABLE,
    FINAL,
    NEVER_WITH_UNIT,
    OPEN,
    TRANSITIONS,
    CaseAction,
    CaseState,
    CaseTransitionError,
    advance,
)


@given(st.lists(st.sampled_from(CaseAction), max_size=60))
def test_no_sequence_of_actions_leaves_the_table(actions: list[CaseAction]) -> None:
    state = CaseState.DRAFT
    for action in actions:
        if (state, action) in TRANSITIONS:
            assert state not in FINAL
            state = advance(state, action).target
            continue
        with pytest.raises(CaseTransitionError) as refused:
            advance(state, action)
        assert f"{state.value} cannot take the action {action.value}" in refused.value.detail


def test_every_state_is_reached_from_draft() -> None:
    reached: set[CaseState] = {CaseState.DRAFT}
    before: set[CaseState] = set()
    while reached != before:
        before = set(reached)
        reached |= {row.target for (source, _), row in TRANSITIONS.items() if source in reached}
    assert reached == set(CaseState)


def test_every_open_state_can_end_and_be_terminated() -> None:
    for state in OPEN:
        assert advance(state, CaseAction.TERMINATE).target is CaseState.TERMINATED
    assert not [source for source, _ in TRANSITIONS if source in FINAL]


def test_a_closed_case_is_archived_or_opened_again() -> None:
    assert {action for source, action in TRANSITIONS if source is CaseState.CLOSED} == {
        CaseAction.ARCHIVE,
        CaseAction.REOPEN,
    }


def test_every_action_is_used() -> None:
    assert {action for _, action in TRANSITIONS} == set(CaseAction)


def test_only_what_the_agent_still_writes_is_editable() -> None:
    assert EDITABLE == {CaseState.DRAFT, CaseState.NEED_INFO}


@pytest.mark.parametrize("action", [CaseAction.CLOSE_DIRECT, CaseAction.TRANSFER_EMERGENCY])
def test_an_agent_ends_only_drafts(action: CaseAction) -> None:
    assert [source for source, known in TRANSITIONS if known is action] == [CaseState.DRAFT]
    assert advance(CaseState.DRAFT, action).guards


def test_the_docs_show_this_table() -> None:
    shown = Path(__file__).parents[2] / "docs" / "case-states.md"
    assert shown.read_text() == document(), "run: python -m crm.cases.diagram > docs/case-states.md"


def test_what_a_unit_has_had_never_comes_to_a_state_that_no_unit_sees() -> None:
    reached: set[CaseState] = set()
    waiting = [CaseState.DISPATCHED]
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            waiting += [one.target for (source, _), one in TRANSITIONS.items() if source is state]
    assert reached.isdisjoint(NEVER_WITH_UNIT)
    assert CaseState.PENDING_DISPATCH in reached
