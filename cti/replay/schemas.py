"""What replays look like over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Generic, Self, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from cti.replay.state import ReplayState
from hotline.kernel.paging import PageQuery

T = TypeVar("T")
LONGEST = timedelta(days=92)


class BeforeAfter(BaseModel, Generic[T]):
    before: T
    after: T


class ShiftCount(BaseModel):
    """Calls of the outcome `before` (as in the call log) that would have had `after`, or "unforeseen"."""

    before: str
    after: str
    calls: int


class UnforeseenCount(BaseModel):
    """Calls of which nobody knows what their callers would have answered at `node`."""

    node: str
    calls: int


class PersonSeconds(BaseModel):
    """From the beginning of a call until an agent answered, over the calls that came so far."""

    calls: int
    median: float | None
    p90: float | None


class QueueLoad(BaseModel):
    """`waited` seconds in all; `busiest_hour`: calls in the hour with the most of them."""

    calls: int
    answered: int
    waited: int
    busiest_hour: int


class ReplaySummary(BaseModel):
    """`touched`: calls that met a changed node and were replayed; the others go as they went.

    `person` and `queues` are without the unforeseen calls on both sides.
    """

    calls: int
    touched: int
    shifts: list[ShiftCount]
    unforeseen: list[UnforeseenCount]
    left_out: dict[str, int]
    person: BeforeAfter[PersonSeconds]
    queues: dict[str, BeforeAfter[QueueLoad]]


class ReplayStart(BaseModel):
    """The flow's calls from `since` until `until` through the version `number`, 0 for the draft."""

    model_config = ConfigDict(extra="forbid")

    number: int = Field(default=0, ge=0)
    since: AwareDatetime
    until: AwareDatetime

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not timedelta(0) < self.until - self.since <= LONGEST:
            raise ValueError(f"until must be after since, by {LONGEST.days} days at most")
        return self


class ReplayView(BaseModel):
    id: str
    flow_id: str
    number: int
    since: datetime
    until: datetime
    state: ReplayState
    by: str
    started_at: datetime
    ended_at: datetime | None
    total: int
    done: int
    summary: ReplaySummary


class ReplayCallQuery(PageQuery):
    before: str | None = Field(default=None, max_length=16)
    after: str | None = Field(default=None, max_length=16)


class ReplayPathNode(BaseModel):
    """`at` in seconds from the beginning of the call."""

    node: str
    at: float


class ReplayCallView(BaseModel):
    """Seconds until an agent answered, None where none did."""

    call_id: str
    started_at: datetime
    before: str
    after: str
    unforeseen: str
    person_before: float | None
    person_after: float | None
