"""The checks that `crm.cases.state.Guard` names, each a pure function.

Each is asked twice: with what an action is told, before it is done; and without (None), for the list of what may be
done now, where it judges the case alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from crm.cases.details import (
    DISSATISFIED,
    SATISFIED,
    AssignmentMove,
    CallbackRecord,
    Closing,
    DirectAnswer,
    Dispatch,
    ExtensionRequest,
    FinalReply,
    InterimReply,
    MoveDetail,
    ReturnRequest,
    Solved,
    SubDispatch,
    Withdrawal,
)
from crm.cases.following import (
    call_known,
    callback_declined,
    follows_master,
    master_open,
    no_followers,
    repeat_noted,
)
from crm.cases.models import Assignment, AssignmentRole, AssignmentState
from crm.cases.situation import Refusal, Situation, UnitFacts
from crm.cases.state import Actor, Guard
from crm.cases.visibility import identity_hidden

Check = Callable[[Situation, MoveDetail | None], Refusal | None]
RETURNS_BEFORE_DESIGNATION = 3
ATTEMPTS_BEFORE_CLOSING = 3
"""Callbacks that failed, after which a case may be closed without having reached the caller."""
CLAIM_LASTS = timedelta(minutes=30)
"""A claim whose holder does nothing for so long is anybody's."""


def refuse(reason: str, detail: str) -> Refusal:
    return Refusal(reason=reason, detail=detail)


def answer_cited(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if not isinstance(d, DirectAnswer):
        return None
    if d.article_ids or d.three_way_call_id is None:
        return refuse(
            "answer_not_cited",
            "Cite the three-way call of this case on which a specialist answered; knowledge base articles cannot "
            "be cited yet. Without one, submit the case for dispatch.",
        )
    if not d.consent:
        return refuse("answer_not_cited", "Record that the caller agreed to the three-way call.")
    if d.three_way_call_id not in s.three_ways:
        return refuse("answer_not_cited", "No specialist spoke with the caller on that call, or it is not this case's.")
    return None


def fields_complete(s: Situation, _: MoveDetail | None) -> Refusal | None:
    return refuse("incomplete", f"Fill in: {', '.join(s.missing)}.") if s.missing else None


def text_for_unit(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if d is not None and identity_hidden(s.case) and not str(getattr(d, "text_for_unit", "")).strip():
        return refuse(
            "text_for_unit",
            "The case is confidential or anonymous: write in `text_for_unit` what the unit may read, without anything "
            "that shows who the caller is.",
        )
    return None


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


def before_deadline_once(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if s.case.extensions:
        return refuse("extended_before", "It was extended before; a case is extended once.")
    due = s.lead.due_at if s.lead else None
    if due is not None and due <= s.now:
        return refuse("deadline_passed", "Its deadline has passed; an extension is asked for before that.")
    if s.longest_extension < 1:
        return refuse("too_short_to_extend", "Its limit is too short to be extended by a working day.")
    if isinstance(d, ExtensionRequest) and d.days > s.longest_extension:
        return refuse(
            "extension_too_long",
            f"At most {s.longest_extension} working days: an extension is never longer than the limit itself.",
        )
    return None


def caller_told(_: Situation, d: MoveDetail | None) -> Refusal | None:
    if isinstance(d, ExtensionRequest) and not d.caller_told:
        return refuse("caller_not_told", "Tell the caller of the delay and the new date first, then ask.")
    return None


def endorsed_by_unit(s: Situation, _: MoveDetail | None) -> Refusal | None:
    asked = s.extension_asked
    return (
        None if asked and asked.endorsed else refuse("not_endorsed", "The head of the unit has not agreed to it yet.")
    )


def contact_shown(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if isinstance(d, FinalReply) and d.contact.at > s.now + timedelta(minutes=5):
        return refuse("contact_in_future", "The contact with the caller lies in the future; correct its time.")
    return None


def assignments_answered(s: Situation, d: MoveDetail | None) -> Refusal | None:
    waiting = [one for one in s.children(s.lead) if one.state != AssignmentState.REPLIED]
    if waiting and isinstance(d, FinalReply) and not d.alone_reason.strip():
        return refuse(
            "units_outstanding",
            f"{len(waiting)} assisting units or units below have not answered; say in `alone_reason` why the reply "
            "does not wait for them.",
        )
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


def next_date_promised(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if isinstance(d, InterimReply):
        if d.promised_at <= s.now:
            return refuse("promised_in_past", "Promise a date that lies ahead.")
        if not d.caller_told:
            return refuse("caller_not_told", "Tell the caller the interim answer and the next date, then record it.")
    return None


def callback_wanted(s: Situation, _: MoveDetail | None) -> Refusal | None:
    return None if s.case.needs_callback else refuse("callback_declined", "The caller declined a callback; close it.")


def reply_audited(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if d is not None and getattr(d, "fits_facts", None) is False:
        return refuse("reply_unfit", "A reply that does not fit the facts goes back to the unit (rework).")
    return None


def satisfied_or_disposed(s: Situation, d: MoveDetail | None) -> Refusal | None:
    """Silence is no satisfaction: who was not reached, or made no statement, needs a recorded disposition too."""
    disposed = isinstance(d, Closing) and bool(d.disposition.strip())
    if not s.case.needs_callback:
        return None
    if s.case.state == "replied":
        return refuse("callback_due", "The caller is called back first; only one who declined that is not.")
    reached = next((one for one in reversed(s.callbacks) if one.reached), None)
    if reached is None:
        if len(s.callbacks) < ATTEMPTS_BEFORE_CLOSING:
            return refuse(
                "callback_due",
                f"Call the caller back first: {len(s.callbacks)} of {ATTEMPTS_BEFORE_CLOSING} attempts were made.",
            )
        needs = "The caller was not reached"
    else:
        said = CallbackRecord.model_validate({**reached.detail, "version": 0, "request_id": reached.id})
        happy = said.result in SATISFIED and said.process not in DISSATISFIED
        if happy and said.solved is not Solved.NO:
            return None
        needs = "The caller is not satisfied, or made no statement"
    if d is None or disposed:
        return None
    return refuse("not_disposed", f"{needs}: record in `disposition` what was done about it, or order a rework.")


def withdrawn_freely(_: Situation, d: MoveDetail | None) -> Refusal | None:
    if isinstance(d, Withdrawal) and not d.confirmed_by_caller:
        return refuse("not_confirmed", "Ask the caller yourself; a unit's word is not enough.")
    if isinstance(d, Withdrawal) and d.pressed_by_unit:
        return refuse("pressed", "A unit pressed for it: the case goes on, and the supervisor is to know.")
    return None


def unclaimed(s: Situation, _: MoveDetail | None) -> Refusal | None:
    case = s.case
    if case.claimed_by in (None, s.me) or case.claimed_at is None or case.claimed_at + CLAIM_LASTS <= s.now:
        return None
    return refuse("claimed", "A colleague is working on it; choose another case, or ask them to release it.")


def running_clock(s: Situation, _: MoveDetail | None) -> Refusal | None:
    return None if s.case.suspended_at is None else refuse("suspended", "Its time is suspended; have it resumed first.")


def suspended_clock(s: Situation, _: MoveDetail | None) -> Refusal | None:
    return refuse("not_suspended", "Its time is running.") if s.case.suspended_at is None else None


def said_by_its_body(_: Situation, __: MoveDetail | None) -> Refusal | None:
    """What the action's body alone must say; pydantic refused it otherwise."""
    return None


GUARDS: Mapping[Guard, Check] = {
    Guard.ANSWER_CITED: answer_cited,
    Guard.REASON_EXPLAINED: said_by_its_body,
    Guard.SERVICE_NAMED: said_by_its_body,
    Guard.FIELDS_COMPLETE: fields_complete,
    Guard.INFO_ASKED: said_by_its_body,
    Guard.TEXT_FOR_UNIT: text_for_unit,
    Guard.LEAD_UNIT_NAMED: lead_unit_named,
    Guard.DESIGNATED_AT_LAST: designated_at_last,
    Guard.SIGN_LIMIT_PASSED: sign_limit_passed,
    Guard.RETURN_GROUNDED: return_grounded,
    Guard.REVIEWED: said_by_its_body,
    Guard.REVIEWED_OR_DEEMED: reviewed_or_deemed,
    Guard.BEFORE_DEADLINE_ONCE: before_deadline_once,
    Guard.CALLER_TOLD: caller_told,
    Guard.ENDORSED_BY_UNIT: endorsed_by_unit,
    Guard.CONTACT_SHOWN: contact_shown,
    Guard.ASSIGNMENTS_ANSWERED: assignments_answered,
    Guard.BELOW_OR_ASSISTING: below_or_assisting,
    Guard.OWN_ASSIGNMENT: own_assignment,
    Guard.ASSIGNMENT_UNSIGNED: assignment_unsigned,
    Guard.ASSIGNMENT_SIGNED: assignment_signed,
    Guard.NEXT_DATE_PROMISED: next_date_promised,
    Guard.REPLY_AUDITED: reply_audited,
    Guard.CALLBACK_WANTED: callback_wanted,
    Guard.UNSOLVED_OR_DISSATISFIED: said_by_its_body,
    Guard.SATISFIED_OR_DISPOSED: satisfied_or_disposed,
    Guard.REQUEST_REVIEWED: said_by_its_body,
    Guard.WITHDRAWN_FREELY: withdrawn_freely,
    Guard.UNCLAIMED: unclaimed,
    Guard.RUNNING: running_clock,
    Guard.SUSPENDED: suspended_clock,
    Guard.MASTER_OPEN: master_open,
    Guard.NO_FOLLOWERS: no_followers,
    Guard.FOLLOWS_MASTER: follows_master,
    Guard.CALLBACK_DECLINED: callback_declined,
    Guard.CALL_KNOWN: call_known,
    Guard.REPEAT_NOTED: repeat_noted,
}
