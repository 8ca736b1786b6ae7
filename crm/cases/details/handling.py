"""Bodies of what the lead unit does: contact, extension, replies."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from crm.cases.details.common import MoveDetail, Name, Text
from crm.cases.schemas import CaseBody, Explanation, Id, Moment, Words


class ContactWay(StrEnum):
    PHONE = "phone"
    SMS = "sms"
    VISIT = "visit"
    LETTER = "letter"
    ONLINE = "online"
    NONE = "none"


class ContactEvidence(CaseBody):
    """How the unit reached the caller."""

    way: ContactWay
    at: Moment
    by: Name
    """Who of the unit spoke."""
    note: Words = ""
    """What was said; with the way `none`, why the caller could not be reached."""

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if self.way is ContactWay.NONE and not self.note.strip():
            raise ValueError("say in `note` why the caller could not be reached")
        return self


class ContactRecord(MoveDetail):
    contact: ContactEvidence
    assignment_id: Id | None = None
    """None: the lead unit's."""


class ExtensionRequest(MoveDetail):
    days: int = Field(ge=1, le=10)
    """Working days beyond the present deadline."""
    reason: Explanation
    caller_informed: bool
    """The caller was notified of the delay and of the new date."""


class ExtensionGrant(MoveDetail):
    days: int | None = Field(default=None, ge=1, le=10)
    """None: as many as were asked for."""
    reason: Explanation


class InterimReply(MoveDetail):
    public_answer: Text
    internal_handling: Words = ""
    promised_at: Moment
    """By when the caller was promised to hear again."""
    caller_informed: bool


class FinalReply(MoveDetail):
    facts: bool
    """Whether what the caller reported is so."""
    beyond_duty: bool = False
    beyond_duty_reason: Words = ""
    contact: ContactEvidence
    solved: bool
    unsolved_reason: Words = ""
    public_answer: Text
    internal_handling: Text
    alone_reason: Words = ""
    """Why the reply does not wait for units that have not answered."""

    @model_validator(mode="after")
    def _reasons_given(self) -> Self:
        if not self.solved and not self.unsolved_reason.strip():
            raise ValueError("say in `unsolved_reason` why it is not solved")
        if self.beyond_duty and not self.beyond_duty_reason.strip():
            raise ValueError("say in `beyond_duty_reason` whose duty it is, and why not the unit's")
        return self
