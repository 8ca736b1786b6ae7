"""The life of a supervision task (督办) as a table: issued, asked to withdraw, reviewed, done. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from crm.supervision.errors import SupervisionTransitionError


class SupervisionState(StrEnum):
    ISSUED = "issued"
    WITHDRAWAL_REQUESTED = "withdrawal_requested"
    REVIEWED = "reviewed"
    DONE = "done"


class SupervisionAction(StrEnum):
    ASK_WITHDRAWAL = "ask_withdrawal"
    """The unit reports what it did, and asks that the supervision be withdrawn."""
    SEND_BACK = "send_back"
    REVIEW = "review"
    FINISH = "finish"


class SupervisionActor(StrEnum):
    UNIT = "unit"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"


class SupervisionGuard(StrEnum):
    """What must be so before a transition; `crm.supervision.guards` has one check for each."""

    DEMAND_MET = "the unit has answered the case or reviewed the entry, or the review says why it does without"
    ANOTHER_REVIEWED = "somebody else reviewed it"


@dataclass(frozen=True, slots=True)
class SupervisionMove:
    target: SupervisionState
    by: SupervisionActor
    guards: tuple[SupervisionGuard, ...] = ()


_S, _A, _R, _G = SupervisionState, SupervisionAction, SupervisionActor, SupervisionGuard

SUPERVISION_MOVES: Mapping[tuple[SupervisionState, SupervisionAction], SupervisionMove] = {
    (_S.ISSUED, _A.ASK_WITHDRAWAL): SupervisionMove(_S.WITHDRAWAL_REQUESTED, _R.UNIT),
    (_S.WITHDRAWAL_REQUESTED, _A.SEND_BACK): SupervisionMove(_S.ISSUED, _R.REVIEWER),
    (_S.WITHDRAWAL_REQUESTED, _A.REVIEW): SupervisionMove(_S.REVIEWED, _R.REVIEWER, (_G.DEMAND_MET,)),
    (_S.REVIEWED, _A.SEND_BACK): SupervisionMove(_S.ISSUED, _R.SUPERVISOR),
    (_S.REVIEWED, _A.FINISH): SupervisionMove(_S.DONE, _R.SUPERVISOR, (_G.ANOTHER_REVIEWED,)),
}
OPEN_TASKS = frozenset(_S) - {_S.DONE}


def next_of(state: SupervisionState, action: SupervisionAction) -> SupervisionMove:
    """Raises SupervisionTransitionError where the table has no row."""
    try:
        return SUPERVISION_MOVES[state, action]
    except KeyError:
        raise SupervisionTransitionError(
            f"A supervision task that is {state.value} cannot take the action {action.value}; load it again.",
            state=state.value,
            action=action.value,
        ) from None
