"""Checks on linking a case to another."""

from __future__ import annotations

from crm.cases.details.common import MoveDetail
from crm.cases.details.linking import DuplicateLink, RepeatClosing
from crm.cases.following import is_following
from crm.cases.situation import Refusal, Situation, refuse
from crm.cases.state import OPEN, CaseState


def master_open(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if s.case.confidential:
        return refuse("confidential", "A confidential case is handled on its own; it is neither linked nor followed.")
    if not isinstance(d, (DuplicateLink, RepeatClosing)):
        return None
    master = s.master
    if master is None or master.id == s.case.id:
        return refuse("master_unknown", "Name another case; there is none with this id.")
    if master.confidential:
        return refuse("confidential", "A confidential case is handled on its own; it is neither linked nor followed.")
    if master.state not in OPEN or master.state == CaseState.DRAFT:
        return refuse("master_closed", f"Case {master.number} is {master.state}; link to one that is being handled.")
    if is_following(master):
        return refuse("master_follows", f"Case {master.number} follows another itself; link to that one.")
    lead = s.units.get(master.lead_unit_id or "")
    if isinstance(d, DuplicateLink) and master.lead_unit_id and lead is not None:
        if s.case.unit_complained_of_id in (master.lead_unit_id, *lead.above):
            return refuse("unit_complained_of", f"{lead.name}, which handles {master.number}, is complained of here.")
    return None


def no_followers(s: Situation, _: MoveDetail | None) -> Refusal | None:
    if s.followers:
        return refuse("has_followers", f"{s.followers} cases follow this one; link the other case to it instead.")
    return None


def follows_master(s: Situation, _: MoveDetail | None) -> Refusal | None:
    return None if is_following(s.case) else refuse("follows_none", "It follows no other case.")


def callback_declined(s: Situation, _: MoveDetail | None) -> Refusal | None:
    return refuse("callback_wanted", "The caller is to be called back.") if s.case.needs_callback else None


def call_known(s: Situation, _: MoveDetail | None) -> Refusal | None:
    return None if s.knows_call else refuse("call_not_yours", "Name a call that rang at your phone, or none.")


def repeat_noted(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if d is None or s.repeat_noted:
        return None
    return refuse("repeat_not_noted", "Note on the other case first what was said to the caller.")
