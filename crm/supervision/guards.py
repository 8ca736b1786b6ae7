"""One check for each guard of the table, and who acts as what. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from crm.cases.situation import Refusal, refuse
from crm.cases.visibility import UNIT_STAFF, Viewer
from crm.supervision.models import SupervisionTask
from crm.supervision.state import (
    SUPERVISION_MOVES,
    SupervisionAction,
    SupervisionActor,
    SupervisionGuard,
    SupervisionMove,
    SupervisionState,
)
from hotline.accounts.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionFacts:
    """All that decides whether an action on a task is possible."""

    task: SupervisionTask
    viewer: Viewer
    demand_met: bool
    """The unit has answered the case, or reviewed the entry."""
    unanswered: bool = False
    """The review does without it, and says why."""


def actors_of(facts: SupervisionFacts) -> frozenset[SupervisionActor]:
    roles, found = facts.viewer.who.roles, set()
    if not facts.viewer.staff:
        mine = facts.task.unit_id in facts.viewer.units and not UNIT_STAFF.isdisjoint(roles)
        return frozenset({SupervisionActor.UNIT} if mine else ())
    if Role.SUPERVISOR in roles:
        found = {SupervisionActor.SUPERVISOR, SupervisionActor.REVIEWER}
    elif Role.DISPATCHER in roles:
        found = {SupervisionActor.REVIEWER}
    return frozenset(found)


def _demand_met(facts: SupervisionFacts) -> Refusal | None:
    if facts.demand_met or facts.unanswered:
        return None
    if facts.task.entry_id is not None:
        return refuse(
            "not_reviewed", "The unit has not reviewed the entry yet: send it back, or state in the review why not."
        )
    return refuse(
        "not_answered", "The unit has not answered the case yet: send it back, or state in the review why not."
    )


def _another_reviewed(facts: SupervisionFacts) -> Refusal | None:
    if facts.task.reviewed_by == facts.viewer.who.user_id:
        return refuse("own_review", "You reviewed it yourself; another supervisor must finish it.")
    return None


SUPERVISION_GUARDS: Mapping[SupervisionGuard, Callable[[SupervisionFacts], Refusal | None]] = {
    SupervisionGuard.DEMAND_MET: _demand_met,
    SupervisionGuard.ANOTHER_REVIEWED: _another_reviewed,
}


def refusal_of(move: SupervisionMove, facts: SupervisionFacts) -> Refusal | None:
    """The first guard's refusal, if any."""
    return next((refused for guard in move.guards if (refused := SUPERVISION_GUARDS[guard](facts))), None)


def offered(facts: SupervisionFacts) -> list[SupervisionAction]:
    """What the viewer may do; whether the unit has answered is for the reviewer to see."""
    acting, state = actors_of(facts), SupervisionState(facts.task.state)
    return [
        action
        for (source, action), move in SUPERVISION_MOVES.items()
        if source == state
        and move.by in acting
        and (SupervisionGuard.ANOTHER_REVIEWED not in move.guards or _another_reviewed(facts) is None)
    ]
