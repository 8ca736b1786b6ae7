"""Duplicates (并单) and clusters: cases that wait for a master's answer. Pure."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_

from crm.cases.details import DuplicateLink, MoveDetail, RepeatClosing
from crm.cases.models import Case
from crm.cases.situation import Refusal, Situation
from crm.cases.state import FOLLOWING, OPEN, CaseAction, CaseState

WHILE_FOLLOWING = frozenset(
    {
        *(CaseAction.UNLINK_DUPLICATE, CaseAction.NOTE_REPEAT, CaseAction.RECUSE),
        *(CaseAction.WITHDRAW, CaseAction.TERMINATE),
        *(CaseAction.RECEIVE_ANSWER, CaseAction.CLOSE_WITH_MASTER),
    }
)
"""All that is done to a case that follows another; everything else is done to its master."""


def is_following(case: Case) -> bool:
    """Whether it waits for its master's answer; once that came, the case goes its own way again."""
    return case.duplicate_of_id is not None and case.state in FOLLOWING


def following() -> ColumnElement[bool]:
    """The same, as a condition: what work lists leave out."""
    return and_(Case.duplicate_of_id.is_not(None), Case.state.in_(FOLLOWING))


def refusal_while_following(s: Situation, action: CaseAction) -> Refusal | None:
    if not is_following(s.case) or action in WHILE_FOLLOWING:
        return None
    number = s.master.number if s.master else ""
    return Refusal(
        reason="follows_master", detail=f"It follows case {number}: act on that one, or unlink this one first."
    )


def master_open(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if s.case.confidential:
        return _no("confidential", "A confidential case is handled on its own; it is neither linked nor followed.")
    if not isinstance(d, (DuplicateLink, RepeatClosing)):
        return None
    master = s.master
    if master is None or master.id == s.case.id:
        return _no("master_unknown", "Name another case; there is none with this id.")
    if master.confidential:
        return _no("confidential", "A confidential case is handled on its own; it is neither linked nor followed.")
    if master.state not in OPEN or master.state == CaseState.DRAFT:
        return _no("master_closed", f"Case {master.number} is {master.state}; link to one that is being handled.")
    if is_following(master):
        return _no("master_follows", f"Case {master.number} follows another itself; link to that one.")
    lead = s.units.get(master.lead_unit_id or "")
    if isinstance(d, DuplicateLink) and master.lead_unit_id and lead is not None:
        if s.case.unit_complained_of_id in (master.lead_unit_id, *lead.above):
            return _no("unit_complained_of", f"{lead.name}, which handles {master.number}, is complained of here.")
    return None


def no_followers(s: Situation, _: MoveDetail | None) -> Refusal | None:
    if s.followers:
        return _no("has_followers", f"{s.followers} cases follow this one; link the other case to it instead.")
    return None


def follows_master(s: Situation, _: MoveDetail | None) -> Refusal | None:
    return None if is_following(s.case) else _no("follows_none", "It follows no other case.")


def callback_declined(s: Situation, _: MoveDetail | None) -> Refusal | None:
    return _no("callback_wanted", "The caller is to be called back.") if s.case.needs_callback else None


def call_known(s: Situation, _: MoveDetail | None) -> Refusal | None:
    return None if s.knows_call else _no("call_not_yours", "Name a call that rang at your phone, or none.")


def repeat_noted(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if d is None or s.repeat_noted:
        return None
    return _no("repeat_not_noted", "Note on the other case first what the caller was told.")


def _no(reason: str, detail: str) -> Refusal:
    return Refusal(reason=reason, detail=detail)
