"""A whole case as its page shows it, to each viewer what they may know."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from crm.cases.lights import CaseDeadlineView
from crm.cases.models import AssignmentRole, AssignmentState, CaseChannel, CaseType, LifeCycleStage, ReplyKind, Urgency
from crm.cases.moves import Offer
from crm.cases.state import CaseAction, CaseState


class OfferView(BaseModel):
    action: CaseAction
    allowed: bool
    reason: str | None
    """A stable code, for the page's own words; `actor` for what is somebody else's to do."""
    detail: str | None
    """Why not, and what to do, in English."""

    @classmethod
    def of(cls, offer: Offer) -> OfferView:
        refused = offer.refusal
        return cls(
            action=offer.action,
            allowed=refused is None,
            reason=refused.reason if refused else None,
            detail=refused.detail if refused else None,
        )


class StepView(BaseModel):
    at: datetime
    by: str
    by_name: str
    """"" for a deadline."""
    unit_id: str | None
    unit_name: str | None
    action: str
    """A `CaseAction`, or `edit`."""
    source: CaseState
    target: CaseState
    version: int
    assignment_id: str | None
    detail: dict[str, Any]


class AssignmentView(BaseModel):
    id: str
    unit_id: str
    unit_name: str
    parent_id: str | None
    role: AssignmentRole
    state: AssignmentState
    round: int
    advice: str
    assigned_at: datetime
    signed_at: datetime | None
    signed_by_name: str
    contacted_at: datetime | None
    ended_at: datetime | None
    due_at: datetime | None
    own: bool
    """Of the viewer's unit, or one below it."""


class ReplyView(BaseModel):
    id: str
    assignment_id: str
    round: int
    kind: ReplyKind
    public_answer: str
    internal_handling: str
    detail: dict[str, Any]
    promised_at: datetime | None
    by_name: str
    at: datetime


class CallbackView(BaseModel):
    id: str
    round: int
    call_id: str | None
    reached: bool
    detail: dict[str, Any]
    by_name: str
    at: datetime


class MasterView(BaseModel):
    """The case that this one follows, as far as its caller may know."""

    id: str
    number: str
    state: CaseState
    next_due_at: datetime | None
    promised_at: datetime | None


class CaseView(BaseModel):
    id: str
    number: str
    spoken_number: str
    """The number in groups, as an agent reads it out."""
    state: CaseState
    version: int
    channel: CaseChannel
    type: CaseType | None
    life_cycle_stage: LifeCycleStage | None
    urgency: Urgency
    title: str
    content: str
    """For a unit, of a confidential or anonymous case, the text that the reviewer wrote for it."""
    unit_complained_of: str
    unit_complained_of_id: str | None
    complaint_type: str
    demand: str
    place: str
    occurred_at: datetime | None
    confidential: bool
    anonymous: bool
    identity_hidden: bool
    """Whether this viewer does not learn who the caller is."""
    needs_reply: bool
    needs_callback: bool
    sms_agreed: bool
    query_code: str
    """What the caller asks by how the case stands; "" for units."""
    item_id: str | None
    text_for_unit: str
    enterprise_id: str | None
    enterprise_name: str | None
    contact_id: str | None
    contact_name: str | None
    callback_number: str
    """Masked, except for whoever wrote the case."""
    call_ids: list[str]
    lead_unit_id: str | None
    lead_unit_name: str | None
    designated: bool
    round: int
    returns: int
    extensions: int
    reworks: int
    urges: int
    flags: list[str]
    duplicate_of_id: str | None
    master: MasterView | None
    """The master of `duplicate_of_id`; None for units."""
    follows_master: bool
    """Whether it waits for its master's answer, whose clock is its own."""
    followers: int
    """How many cases wait for this one's answer; 0 for units."""
    repeats: int
    """How often the caller asked again and was given the progress."""
    claimed_by: str | None
    claimed_by_name: str
    claimed_at: datetime | None
    suspended_at: datetime | None
    promised_at: datetime | None
    next_due_at: datetime | None
    next_due_kind: str | None
    created_by: str
    created_by_name: str
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    dispatched_at: datetime | None
    signed_at: datetime | None
    replied_at: datetime | None
    closed_at: datetime | None
    missing: list[str]
    """The fields that submit still asks for."""
    offers: list[OfferView]
    """What can be done in this state, and why not where it cannot be by this viewer now."""
    assignments: list[AssignmentView]
    replies: list[ReplyView]
    callbacks: list[CallbackView]
    deadlines: list[CaseDeadlineView]
    """The open ones first, the earliest first; of a unit's viewer those of the hotline too."""
    steps: list[StepView]
