"""Duplicates (并单) and clusters: cases that wait for a master's answer. Pure."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_

from crm.cases.models import Case
from crm.cases.situation import Refusal, Situation, refuse
from crm.cases.state import FOLLOWING, CaseAction

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
    return refuse("follows_master", f"It follows case {number}: act on that one, or unlink this one first.")
