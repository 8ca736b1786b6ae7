"""Bodies of what is done to a case before a unit has it."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from crm.cases.details.common import Channel, MoveDetail
from crm.cases.details.follow_up import KnowledgeFollowUp
from crm.cases.schemas import CHANNEL_NEEDED, CaseBody, EmergencyService, Explanation, Id, Reason, Words


class KnowledgeCited(CaseBody):
    """A version of an entry of the knowledge base, as it was read out."""

    entry_id: Id
    number: int = Field(ge=1, le=100_000)


class DirectAnswer(MoveDetail):
    """Rests on the knowledge base, or on a three-way call (clause 8)."""

    answer: Explanation
    three_way_call_id: Id | None = None
    """The call of this case on which a specialist answered."""
    knowledge: list[KnowledgeCited] = Field(default_factory=list, max_length=20)
    consent: bool = False
    """The caller agreed to the three-way call; needed where one is cited."""
    follow_up: KnowledgeFollowUp | None = None
    """Asked where a specialist answered a consult case."""


class NotAccepted(MoveDetail):
    reason: Reason
    explanation: Explanation
    """As given to the caller."""
    channel: Channel = ""
    """Where the caller was sent; needed for the reasons a and d."""

    @model_validator(mode="after")
    def _channel_named(self) -> Self:
        if self.reason in CHANNEL_NEEDED and not self.channel:
            raise ValueError(f"for the reason {self.reason} name the proper channel that the caller was sent to")
        return self


class EmergencyTransfer(MoveDetail):
    service: EmergencyService


class Approval(MoveDetail):
    text_for_unit: Words = ""
    """What units read instead of the caller's own words; a confidential or anonymous case must have it."""
