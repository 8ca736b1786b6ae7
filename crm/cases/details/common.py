"""What every action's body carries."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, StringConstraints

from crm.cases.numbering import case_key
from crm.cases.schemas import CaseBody, Explanation, Id
from hotline.kernel.words import LINES, PLAIN, VISIBLE

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), LINES]
"""A long text that must say something."""
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), VISIBLE]
CaseKey = Annotated[str, StringConstraints(max_length=36), PLAIN, AfterValidator(case_key)]
"""The id of a case, or its number as people write it."""
Channel = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), VISIBLE]


class MoveDetail(CaseBody):
    """Of every action: which version the sender saw, and an id that makes a repeated request one step."""

    version: int
    request_id: Id

    def recorded(self, mode: Literal["json", "python"] = "json") -> dict[str, Any]:
        """What the step record keeps; what a follow-up asks and proposes stands in its knowledge request."""
        unkept: dict[str, bool | dict[str, bool]] = {
            "version": True,
            "request_id": True,
            "follow_up": {"question": True, "proposal": True},
        }
        return self.model_dump(mode=mode, exclude=unkept, exclude_defaults=True)


class PlainMove(MoveDetail):
    """An action that needs no more."""


class ReasonedMove(MoveDetail):
    reason: Explanation


class AssignmentMove(MoveDetail):
    assignment_id: Id
