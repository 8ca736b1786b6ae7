"""Checks on what the lead unit does."""

from __future__ import annotations

from datetime import timedelta

from crm.cases.details.common import MoveDetail
from crm.cases.details.handling import ExtensionRequest, FinalReply, InterimReply
from crm.cases.models import AssignmentState
from crm.cases.situation import Refusal, Situation, refuse


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


def caller_informed(_: Situation, d: MoveDetail | None) -> Refusal | None:
    if isinstance(d, ExtensionRequest) and not d.caller_informed:
        return refuse("caller_not_informed", "Notify the caller of the delay and the new date first, then ask.")
    return None


def endorsed_by_unit(s: Situation, _: MoveDetail | None) -> Refusal | None:
    asked = s.requested_extension
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


def next_date_promised(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if isinstance(d, InterimReply):
        if d.promised_at <= s.now:
            return refuse("promised_in_past", "Promise a date that lies ahead.")
        if not d.caller_informed:
            return refuse(
                "caller_not_informed", "Give the caller the interim answer and the next date, then record it."
            )
    return None


def running_clock(s: Situation, _: MoveDetail | None) -> Refusal | None:
    return None if s.case.suspended_at is None else refuse("suspended", "Its time is suspended; have it resumed first.")


def suspended_clock(s: Situation, _: MoveDetail | None) -> Refusal | None:
    return refuse("not_suspended", "Its time is running.") if s.case.suspended_at is None else None
