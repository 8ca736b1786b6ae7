"""Limits as they cross the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm.limits.amounts import PATTERN
from crm.limits.models import DeadlineRevision, LimitRevision
from crm.limits.profiles import LimitRow
from crm.limits.state import DeadlineKind, LimitStep, ProfileName
from hotline.kernel.words import LINES, VISIBLE

Amount = Annotated[str, StringConstraints(pattern=PATTERN, max_length=8)]
Source = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), VISIBLE]

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), LINES]


class LimitChange(BaseModel):
    """The city's own value of one row; it counts for deadlines that begin from then on."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=0)
    """0 for a row that is as shipped."""
    amount: Amount
    hours: Annotated[str, StringConstraints(min_length=1, max_length=40), VISIBLE]
    source: Source
    """The rule that sets it."""
    reason: Reason
    """Why it changes."""


class LimitView(BaseModel):
    key: str
    profile: ProfileName
    step: LimitStep
    type: str | None
    urgency: str | None
    amount: str
    hours: str
    source: str
    shipped_amount: str
    version: int
    """0 for a row that is as shipped."""

    @classmethod
    def of(cls, row: LimitRow, shipped: LimitRow, version: int) -> LimitView:
        own = {name: getattr(row, name) for name in ("key", "profile", "step", "type", "urgency", "amount", "hours")}
        return cls(**own, source=row.source, shipped_amount=shipped.amount, version=version)


class LimitRevisionView(BaseModel):
    """One change of a limit."""

    id: str
    key: str
    changed_by_name: str
    changed_at: datetime
    was_amount: str
    was_hours: str
    was_source: str
    amount: str
    hours: str
    source: str
    reason: str
    running: int
    """Deadlines that ran by the limit then, and kept what they had."""

    @classmethod
    def of(cls, row: LimitRevision, people: Mapping[str, str]) -> LimitRevisionView:
        own = {name: getattr(row, name) for name in cls.model_fields if name != "changed_by_name"}
        return cls(**own, changed_by_name=people.get(row.changed_by, ""))


class RevisionView(BaseModel):
    """What one change of the calendar moved."""

    id: str
    started_at: datetime
    ended_at: datetime | None
    """None while it is under way."""
    checked: int
    moved: int
    not_computable: int
    """Left as they were, because their table of hours holds too little working time."""

    @classmethod
    def of(cls, row: DeadlineRevision) -> RevisionView:
        return cls.model_validate(row, from_attributes=True)


class RevisedView(BaseModel):
    case_id: str
    case_number: str
    kind: DeadlineKind
    was_due_at: datetime
    due_at: datetime
