"""Supervision tasks and the ledger as they cross the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, Field, model_validator

from crm.cases.schemas import CaseBody, Explanation, Id, Moment
from crm.supervision.models import LedgerEntry, LedgerKind, SupervisionCause
from crm.supervision.state import SupervisionAction, SupervisionState
from hotline.kernel.paging import PageQuery


class SupervisionDraft(CaseBody):
    id: Id
    """Made by the client, so that a request sent twice issues one task."""
    case_id: Id
    unit_id: Id
    demand: Explanation
    due_at: Moment


class SupervisionReport(CaseBody):
    version: int
    text: Explanation
    """The unit's report, the reviewer's finding, or the reason it is sent back or finished."""
    unanswered: bool = False
    """A review that ends the supervision although the unit has not answered the case or reviewed the entry; `text` says
    why."""


class SupervisionQuery(PageQuery):
    open: bool | None = None
    state: SupervisionState | None = None
    case_id: Id | None = None
    entry_id: Id | None = None
    unit_id: Id | None = None


class SupervisionTaskView(BaseModel):
    id: str
    case_id: str | None
    """None for a task about a knowledge entry."""
    case_number: str | None
    entry_id: str | None
    title: str
    """The case's, as lists show it to this viewer, or the entry's."""
    unit_id: str
    unit_name: str
    state: SupervisionState
    version: int
    cause: SupervisionCause
    demand: str
    due_at: datetime
    issued_by_name: str
    issued_at: datetime
    report: str
    reported_at: datetime | None
    review: str
    """The hotline's own words until the task is sent back or done: "" for the unit."""
    reviewed_by_name: str
    reviewed_at: datetime | None
    done_at: datetime | None
    actions: list[SupervisionAction]
    """What the viewer may do now."""


class LedgerDraft(CaseBody):
    case_id: Id
    kind: LedgerKind = LedgerKind.UNSOLVED
    reason: Explanation
    planned_for: date | None = None

    @model_validator(mode="after")
    def _plan_dated(self) -> Self:
        if self.kind is LedgerKind.PLANNED and self.planned_for is None:
            raise ValueError("say in `planned_for` by when the plan is to solve it")
        return self


class StrikeOff(CaseBody):
    version: int
    reason: Explanation


class LedgerQuery(PageQuery):
    open: bool = Field(default=True)
    case_id: Id | None = None


class LedgerEntryView(BaseModel):
    id: str
    case_id: str
    case_number: str
    title: str
    unit_name: str | None
    kind: LedgerKind
    version: int
    reason: str
    planned_for: date | None
    entered_by_name: str
    entered_at: datetime
    struck_off_at: datetime | None
    struck_off_by_name: str
    struck_off_reason: str

    @classmethod
    def of(cls, row: LedgerEntry, *, number: str, title: str, unit_name: str | None, people: dict[str, str]) -> Self:
        return cls(
            id=row.id,
            case_id=row.case_id,
            case_number=number,
            title=title,
            unit_name=unit_name,
            kind=LedgerKind(row.kind),
            version=row.version,
            reason=row.reason,
            planned_for=row.planned_for,
            entered_by_name=people.get(row.entered_by, ""),
            entered_at=row.entered_at,
            struck_off_at=row.struck_off_at,
            struck_off_by_name=people.get(row.struck_off_by or "", ""),
            struck_off_reason=row.struck_off_reason,
        )
