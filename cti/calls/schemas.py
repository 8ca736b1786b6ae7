"""The call log as it crosses the wire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from cti.calls.history.record import Attempt, CallRecord, Outcome, RecordedStep, SpecialistPart, ThreewayMoveKind
from cti.calls.models import CallAttemptRow, CallRecordRow, CallStepRow, CallThreewayRow
from cti.ports import CaseReference
from hotline.accounts.masking import mask_number, mask_numbers_in
from hotline.kernel.http import PageQuery
from hotline.kernel.tabular_export import ExportFormat

Name = Annotated[str, Field(max_length=64)]
Rating = Annotated[int, Field(ge=1, le=5)]
AnyRecord = CallRecordRow | CallRecord
"""From the table, or from memory."""
_MANY: Any = Field(default_factory=list, max_length=20)


class CallFilter(PageQuery):
    """Which calls; a filter given more than once takes any of its values."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    since: AwareDatetime | None = Field(default=None, alias="from")
    before: AwareDatetime | None = Field(default=None, alias="to")
    search: str = Field(default="", max_length=100)
    """Words, all of which must match: each is part of a name, or the beginning or the end of the number; or a call id.

    If numbers are masked, only a whole number matches, or visible digits: the first three, the last four.
    """
    queue: list[Name] = _MANY
    agent: list[Name] = _MANY
    """Numbers of agents who were rung or talked."""
    outcome: list[Outcome] = _MANY
    survey: list[Rating] = _MANY
    enterprise_id: list[Name] = _MANY
    """With the ids of those merged into it, for all of its calls."""
    specialist_id: list[Name] = _MANY
    """Those who were rung for a three-way call."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since is not None and self.before is not None and self.since >= self.before:
            raise ValueError("from must lie before to")
        return self


CLOSED_FIELDS = ("caller_number", "caller_name", "enterprise_name", "contact_name")
"""What identifies the caller: hidden from those who may not open the call's confidential case."""


def is_narrow(query: CallFilter) -> bool:
    """Whether a match by itself reveals whose call it is."""
    return bool(query.search.strip()) or bool(query.enterprise_id)


class ExportQuery(CallFilter):
    format: ExportFormat = ExportFormat.CSV


class Side(StrEnum):
    MIX = "mix"
    CALLER = "caller"
    AGENT = "agent"
    VOICEMAIL = "voicemail"
    """The message a caller left; no side of a conversation."""


class RecordingQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    side: Side = Side.MIX


class CallRow(BaseModel):
    call_id: str
    started_at: datetime
    caller_number: str
    """Masked, and so is a number within the name."""
    caller_name: str
    entry: str
    """How the call came in: "trunk", "web" or "agent"."""
    enterprise_id: str | None
    enterprise_name: str
    queue: str
    outcome: Outcome
    agents: list[str]
    waited_seconds: int
    talk_seconds: int
    survey: int | None
    has_recording: bool
    has_voicemail: bool
    case_numbers: list[str]
    gap: bool
    """The service missed part of this call; what is shown comes in part from Asterisk's own logs."""
    confidential: bool = False
    """Its case is confidential and not for the reader: caller, enterprise and recording are not shown."""

    @classmethod
    def of(cls, row: AnyRecord, *, has_recording: bool, cases: Sequence[CaseReference]) -> Self:
        case_numbers = [case.number for case in cases]
        return cls(**_row_fields(row), has_recording=has_recording, case_numbers=case_numbers)

    def closed(self) -> Self:
        """The same for whoever may not open its case."""
        hidden = {field: "" for field in CLOSED_FIELDS if hasattr(self, field)}
        more = {"enterprise_id": None, "has_recording": False, "has_voicemail": False, "confidential": True}
        return self.model_copy(update=hidden | more)


def _row_fields(row: AnyRecord) -> dict[str, Any]:
    return {
        "call_id": row.call_id,
        "started_at": row.started_at,
        "caller_number": mask_number(row.caller_number),
        "caller_name": mask_numbers_in(row.caller_name),
        "entry": row.entry,
        "enterprise_id": row.enterprise_id,
        "enterprise_name": row.enterprise_name,
        "queue": row.queue,
        "outcome": row.outcome,
        "agents": row.agents,
        "waited_seconds": row.waited_seconds,
        "talk_seconds": row.talk_seconds,
        "survey": row.survey,
        "has_voicemail": bool(row.voicemail),
        "gap": row.gap,
    }


class PathStepView(BaseModel):
    at: datetime
    node: str
    label: str
    digits: str


class AttemptView(BaseModel):
    """`result` is "ringing", "answered", "timeout", "withdrawn" or "lost" (answered, cut off)."""

    agent: str
    queue: str
    rang_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    result: str
    rang_seconds: float
    talk_seconds: int


class SpecialistPartView(BaseModel):
    """`result` as in `cti.calls.history.record.SpecialistPart`."""

    specialist_id: str
    specialist: str
    unit: str
    agent: str
    at: datetime
    result: str


class ThreewayMoveView(BaseModel):
    at: datetime
    kind: ThreewayMoveKind
    agent: str


class RecordingView(BaseModel):
    seconds: float
    sides: list[Side]


class CaseOfCallView(BaseModel):
    id: str
    number: str
    title: str
    state: str


_DETAILS = (
    *("dialed", "contact_id", "contact_name", "flow", "flow_version", "queued_at", "answered_at", "ended_at"),
    *("hold_seconds", "ended_by", "cause", "ended_in", "safe_reason", "voicemail_seconds"),
)


class CallDetail(CallRow):
    dialed: str
    contact_id: str | None
    contact_name: str
    flow: str
    flow_version: int | None
    path: list[PathStepView]
    queued_at: datetime | None
    attempts: list[AttemptView]
    answered_at: datetime | None
    ended_at: datetime | None
    hold_seconds: int
    ended_by: str
    """"caller", "agent" or "system"; "" if unknown."""
    cause: int | None
    """Q.850."""
    ended_in: str
    safe_reason: str
    threeway: list[SpecialistPartView]
    threeway_moves: list[ThreewayMoveView]
    recording: RecordingView | None
    recording_removed_at: datetime | None
    """When its time was over and the recording (or the message) was removed."""
    voicemail: RecordingView | None
    """The message the caller left, where there is one to be heard."""
    voicemail_seconds: float
    cases: list[CaseOfCallView]

    @classmethod
    def whole(
        cls,
        row: AnyRecord,
        *,
        path: Sequence[CallStepRow | RecordedStep],
        attempts: Sequence[CallAttemptRow | Attempt],
        threeway: Sequence[CallThreewayRow | SpecialistPart],
        recording: RecordingView | None,
        voicemail: RecordingView | None,
        cases: Sequence[CaseReference],
    ) -> Self:
        return cls(
            **_row_fields(row),
            **{name: getattr(row, name) for name in _DETAILS},
            has_recording=recording is not None,
            recording_removed_at=getattr(row, "recording_removed_at", None),
            case_numbers=[case.number for case in cases],
            path=[PathStepView.model_validate(step, from_attributes=True) for step in path],
            attempts=[AttemptView.model_validate(attempt, from_attributes=True) for attempt in attempts],
            threeway=[SpecialistPartView.model_validate(part, from_attributes=True) for part in threeway],
            threeway_moves=[ThreewayMoveView.model_validate(move, from_attributes=True) for move in row.threeway_moves],
            recording=recording,
            voicemail=voicemail,
            cases=[CaseOfCallView.model_validate(case, from_attributes=True) for case in cases],
        )


class CallerNumber(BaseModel):
    caller_number: str


class Peaks(BaseModel):
    """How loud the recording is along its length: `peaks` from 0 to 1, at even distances."""

    seconds: float
    peaks: list[float]
