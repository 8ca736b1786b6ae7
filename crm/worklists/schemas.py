"""Work lists as they cross the wire."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, Field, StringConstraints

from crm.cases.models import Case, CaseChannel, CaseType, LifeCycleStage, Urgency
from crm.cases.schemas import CaseBody, CaseRow, Id, Moment
from crm.cases.state import CaseState
from crm.worklists.rules import WorkListName
from hotline.kernel.paging import PageQuery
from hotline.kernel.tabular_export import ExportFormat


class CaseSort(StrEnum):
    """With "-" before it the greatest comes first. A case without a deadline comes last either way."""

    DUE = "due"
    LATEST_DUE = "-due"
    CREATED = "created"
    NEWEST = "-created"
    UPDATED = "updated"
    LAST_UPDATED = "-updated"


class CaseFlag(StrEnum):
    CONFIDENTIAL = "confidential"
    ANONYMOUS = "anonymous"
    SENSITIVE = "sensitive"
    MASS = "mass"
    HARD = "hard"
    DESIGNATED = "designated"
    URGED = "urged"
    REWORKED = "reworked"
    RETURNED = "returned"
    DUPLICATE = "duplicate"
    SUSPENDED = "suspended"


class DueBand(StrEnum):
    """How near the next deadline is, as its traffic light shows."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"
    NONE = "none"


class ClaimedBy(StrEnum):
    ME = "me"
    NOBODY = "nobody"
    OTHERS = "others"


class CaseFilters(CaseBody):
    state: list[CaseState] = Field(default_factory=list, max_length=20)
    type: list[CaseType] = Field(default_factory=list, max_length=10)
    urgency: Urgency | None = None
    channel: CaseChannel | None = None
    life_cycle_stage: LifeCycleStage | None = None
    flag: list[CaseFlag] = Field(default_factory=list, max_length=len(CaseFlag))
    """All of them."""
    unit_id: Id | None = None
    """Handled by it, or by one below it."""
    item_id: Id | None = None
    enterprise_id: Id | None = None
    claimed: ClaimedBy | None = None
    due: DueBand | None = None
    due_since: Moment | None = None
    due_before: Moment | None = None
    created_since: Moment | None = None
    created_before: Moment | None = None
    dispatched_since: Moment | None = None
    dispatched_before: Moment | None = None
    search: str = Field(default="", max_length=100)
    """Words, all of which must match: each is the beginning of the case number, or part of what was written."""


class WorkListQuery(CaseFilters, PageQuery):
    sort: CaseSort | None = None
    """None: as the list is meant to be worked through."""


Column = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,30}$")]


class WorkListExportQuery(CaseFilters):
    sort: CaseSort | None = None
    format: ExportFormat = ExportFormat.CSV
    columns: list[Column] = Field(default_factory=list, max_length=20)
    """Those shown, in their order; none: all."""


class WorkListCount(BaseModel):
    name: WorkListName
    pool: bool
    """Its next case can be claimed."""
    count: int | None
    """None for a list that is not counted."""
    more: bool
    """There are more than are counted."""


class WorkListRow(CaseRow):
    version: int
    channel: CaseChannel
    round: int
    claimed_by_name: str | None
    dispatched_at: datetime | None
    promised_at: datetime | None

    @classmethod
    def shown(cls, case: Case, base: CaseRow, claimed_by_name: str | None) -> Self:
        return cls(
            **base.model_dump(),
            version=case.version,
            channel=CaseChannel(case.channel),
            round=case.round,
            claimed_by_name=claimed_by_name,
            dispatched_at=case.dispatched_at,
            promised_at=case.promised_at,
        )


class ClaimNext(CaseBody):
    request_id: Id


class ClaimedCase(BaseModel):
    """`number` None: nothing is left that nobody has claimed."""

    id: str | None
    number: str | None
