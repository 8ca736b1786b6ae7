"""Bodies of dispatching and returning."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from crm.cases.details.common import AssignmentMove, MoveDetail, Text
from crm.cases.schemas import Explanation, Id, Moment, Words


class Dispatch(MoveDetail):
    lead_unit_id: Id
    assisting_unit_ids: list[Id] = Field(default_factory=list, max_length=10)
    item_id: Id | None = None
    advice: Words = ""
    """What the units are asked to do (派单意见)."""
    designate: bool = False
    """The hotline decides: the unit may not return it. The reason belongs in `advice`."""


class ReturnGround(StrEnum):
    NOT_OUR_DUTY = "not_our_duty"
    OBJECTION = "objection"
    """The dispatch itself is disputed (派单异议)."""
    UNCLEAR = "unclear"
    DUPLICATE = "duplicate"
    PROCEDURE = "procedure"
    """Litigation, reconsideration or petition is under way."""


class ReturnRequest(MoveDetail):
    ground: ReturnGround
    reason: Explanation
    legal_basis: Explanation
    """The rule that gives the duty to somebody else."""
    suggested_unit_id: Id | None = None


class SubDispatch(MoveDetail):
    assignment_id: Id | None = None
    """The assignment that is passed on; None: the lead unit's."""
    unit_ids: list[Id] = Field(min_length=1, max_length=10)
    advice: Words = ""
    due_at: Moment | None = None


class AssignmentReturn(AssignmentMove):
    reason: Explanation


class AssignmentReply(AssignmentMove):
    answer: Text
