"""Checks on dispatching, returning and passing on."""

from __future__ import annotations

from crm.cases.details.common import AssignmentMove, MoveDetail
from crm.cases.details.dispatching import Dispatch, ReturnRequest, SubDispatch
from crm.cases.models import Assignment, AssignmentRole, AssignmentState
from crm.cases.situation import Refusal, Situation, UnitFacts, refuse
from crm.cases.state import Actor

RETURNS_BEFORE_DESIGNATION = 3


def lead_unit_named(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if not isinstance(d, Dispatch):
        return None
    wanted = [d.lead_unit_id, *d.assisting_unit_ids]
    if len(set(wanted)) < len(wanted):
        return refuse("unit_twice", "Name each unit once: the lead unit does not assist itself.")
    for unit_id in wanted:
        if refused := _may_handle(s, unit_id, s.units.get(unit_id)):
            return refused
    return None


def _may_handle(s: Situation, unit_id: str, unit: UnitFacts | None) -> Refusal | None:
    if unit is None or not unit.active:
        return refuse("unit_unknown", "Choose units that are in use; one of those named is closed or does not exist.")
    accused = s.case.unit_complained_of_id
    named = s.case.unit_complained_of.strip()
    if accused in (unit_id, *unit.above) or (named and named == unit.name):
        return refuse(
            "unit_complained_of",
            f"{unit.name} is complained of, or belongs to the unit that is; dispatch to the unit above it.",
        )
    return None


def designated_at_last(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if isinstance(d, Dispatch) and s.case.returns >= RETURNS_BEFORE_DESIGNATION and not d.designate:
        return refuse(
            "designation_needed",
            f"{s.case.returns} units returned it: the hotline designates one (`designate`), which may not return it.",
        )
    return None


def sign_limit_passed(s: Situation, _: MoveDetail | None) -> Refusal | None:
    due = s.deadlines.get("sign")
    return None if due is not None and due <= s.now else refuse("sign_limit", "The time for signing is not over.")


def return_grounded(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if s.case.designated:
        return refuse("designated", "The hotline designated this unit; it handles the case and may not return it.")
    if s.case.urgency == "life_safety":
        return refuse("life_safety", "Life and safety come first: handle it, and dispute the dispatch afterwards.")
    due = s.deadlines.get("return")
    if due is not None and due < s.now:
        return refuse("return_limit", "The time for returning is over; the case counts as taken on.")
    if isinstance(d, ReturnRequest) and s.lead is not None and d.suggested_unit_id == s.lead.unit_id:
        return refuse("unit_twice", "Suggest another unit than your own, or none.")
    return None


def reviewed_or_deemed(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if Actor.REVIEWER not in s.actors:
        due = s.deadlines.get("return_decision")
        if due is None or due > s.now:
            return refuse("decision_limit", "The reviewer still has time to decide.")
    return None


def below_or_assisting(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if d is None:
        return None if _own(s, AssignmentState.SIGNED) else refuse("not_signed", "Sign the assignment first.")
    if not isinstance(d, SubDispatch):
        return None
    parent = s.assignment(d.assignment_id)
    if parent is None or parent.unit_id not in s.viewer.units:
        return refuse("not_own_assignment", "Pass on an assignment of your own unit.")
    if parent.state != AssignmentState.SIGNED:
        return refuse("not_signed", "Sign the assignment first.")
    taken = {one.unit_id for one in s.children(parent)}
    for unit_id in d.unit_ids:
        unit = s.units.get(unit_id)
        if refused := _may_handle(s, unit_id, unit):
            return refused
        if unit is not None and parent.unit_id not in unit.above:
            return refuse("not_below", f"{unit.name} is not below your unit; ask the dispatcher to have it assist.")
        if unit_id in taken:
            return refuse("unit_twice", "That unit has it from you already.")
    if len(set(d.unit_ids)) < len(d.unit_ids):
        return refuse("unit_twice", "Name each unit once.")
    return None


def own_assignment(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if not isinstance(d, AssignmentMove):
        return None
    one = s.assignment(d.assignment_id)
    if one is None or one.role == AssignmentRole.LEAD or one.unit_id not in s.viewer.units:
        return refuse("not_own_assignment", "No running assignment of your unit has this id.")
    return None


def _own(s: Situation, state: AssignmentState) -> list[Assignment]:
    """Running assignments of the viewer's units in this state."""
    return [one for one in s.assignments if one.state == state and one.unit_id in s.viewer.units]


def _helping(s: Situation, state: AssignmentState) -> bool:
    """Whether one of them is not the lead's."""
    return any(one.role != AssignmentRole.LEAD for one in _own(s, state))


def assignment_unsigned(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if d is None and not _helping(s, AssignmentState.DISPATCHED):
        return refuse("signed_already", "It was signed already; answer it.")
    one = s.assignment(d.assignment_id) if isinstance(d, AssignmentMove) else None
    if one is not None and one.state != AssignmentState.DISPATCHED:
        return refuse("signed_already", "It was signed already; answer it.")
    return None


def assignment_signed(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if d is None and not _helping(s, AssignmentState.SIGNED):
        waits = _helping(s, AssignmentState.DISPATCHED)
        return (
            refuse("not_signed", "Sign the assignment first.")
            if waits
            else refuse("answered_already", "It was answered already.")
        )
    one = s.assignment(d.assignment_id) if isinstance(d, AssignmentMove) else None
    if one is not None and one.state != AssignmentState.SIGNED:
        answered = one.state == AssignmentState.REPLIED
        return refuse(
            "answered_already" if answered else "not_signed",
            "It was answered already." if answered else "Sign the assignment first.",
        )
    return None
