"""What closing a consult case that a unit or a specialist answered says about the knowledge base."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from crm.cases.schemas import CaseBody, Id
from hotline.kernel.words import LINES

Asked = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000), LINES]
Proposed = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), LINES]


class FollowUpNeed(StrEnum):
    NEW = "new"
    """An entry should be written."""
    AMEND = "amend"
    """An entry should say it too."""
    NONE = "none"


class KnowledgeFollowUp(CaseBody):
    need: FollowUpNeed
    question: Asked = ""
    proposal: Proposed = ""
    """What the draft begins with; "" for what the case was closed with."""
    entry_id: Id | None = None
    """Of `amend`: which."""
    entry_number: int | None = Field(default=None, ge=1, le=100_000)

    @model_validator(mode="after")
    def _told(self) -> Self:
        if self.need is not FollowUpNeed.NONE and len(self.question) < 2:
            raise ValueError("say in `question` what was asked")
        if self.need is FollowUpNeed.AMEND and self.entry_id is None:
            raise ValueError("name in `entry_id` the entry that is to say it")
        return self
