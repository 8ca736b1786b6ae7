"""Cases as they cross the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from crm.cases.models import Case, CaseChannel, CaseStep, CaseType, LifeCycleStage, Urgency
from crm.cases.numbering import spoken
from crm.cases.state import CaseState
from hotline.accounts.masking import mask_number
from hotline.kernel.http import PageQuery
from hotline.kernel.ids import is_uuid
from hotline.kernel.words import LINES, PLAIN, VISIBLE


def _uuid(value: str) -> str:
    if not is_uuid(value):
        raise ValueError("not a UUID")
    return value.lower()


def _sane(value: datetime) -> datetime:
    # A time at either end of the calendar cannot be brought to UTC.
    if not 1900 <= value.year <= 2200:
        raise ValueError("a year between 1900 and 2200, please")
    return value.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_sane)]
Id = Annotated[str, StringConstraints(max_length=36), AfterValidator(_uuid)]
Title = Annotated[str, StringConstraints(max_length=200), VISIBLE]
Words = Annotated[str, StringConstraints(max_length=20_000), LINES]
Kind = Annotated[str, StringConstraints(max_length=100), VISIBLE]
Explanation = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), LINES]
HalfNumber = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20, pattern=r"^[0-9+\-() ]*$"), PLAIN]
"""A number while it is being typed; submitting asks for a whole one."""


class Reason(StrEnum):
    """Why a demand is not accepted (不受理, clause 6 of docs/conformance.md)."""

    LEGAL_PROCEDURE = "a"
    IN_PETITION = "b"
    SECRET_OR_PRIVATE = "c"
    EMERGENCY = "d"
    MALICIOUS_OR_EMPTY = "e"
    AGAINST_LAW = "f"
    OTHER_BY_LAW = "g"


CHANNEL_NEEDED = frozenset({Reason.LEGAL_PROCEDURE, Reason.EMERGENCY})
"""Reasons for which the agent must name the proper channel."""


class EmergencyService(StrEnum):
    POLICE = "110"
    FIRE = "119"
    AMBULANCE = "120"
    TRAFFIC = "122"


class CaseBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CaseFields(CaseBody):
    """What an agent writes; what is given replaces what was."""

    type: CaseType | None = None
    life_cycle_stage: LifeCycleStage | None = None
    urgency: Urgency = Urgency.NORMAL
    title: Title = ""
    content: Words = ""
    unit_complained_of: Title = ""
    complaint_type: Kind = ""
    demand: Words = ""
    place: Title = ""
    occurred_at: Moment | None = None
    confidential: bool = False
    enterprise_id: Id | None = None
    contact_id: Id | None = None
    callback_number: HalfNumber = ""


class CaseDraft(CaseFields):
    id: Id | None = None
    """Made by the client, so that a request sent twice opens one case."""
    channel: CaseChannel = CaseChannel.PHONE
    call_id: Id | None = None


class CaseChange(CaseFields):
    version: int


class CallLink(CaseBody):
    call_id: Id


class NotAccepted(CaseBody):
    reason: Reason
    explanation: Explanation
    """What the caller was told."""
    channel: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), VISIBLE] = ""
    """Where the caller was sent; needed for the reasons a and d."""

    @model_validator(mode="after")
    def _channel_named(self) -> Self:
        if self.reason in CHANNEL_NEEDED and not self.channel:
            raise ValueError(f"for the reason {self.reason} name the proper channel that the caller was sent to")
        return self


class EmergencyTransfer(CaseBody):
    service: EmergencyService


class DirectAnswer(CaseBody):
    answer: Explanation
    three_way_call_id: Id | None = None
    """The call of this case on which a specialist answered."""
    article_ids: list[Id] = Field(default_factory=list, max_length=20)
    consent: bool = False
    """The caller agreed to the three-way call."""


class CaseQuery(PageQuery):
    state: list[CaseState] = Field(default_factory=list)
    open: bool | None = None
    type: CaseType | None = None
    urgency: Urgency | None = None
    enterprise_id: Id | None = None
    contact_id: Id | None = None
    call_id: Id | None = None
    mine: bool = False
    since: Moment | None = None
    before: Moment | None = None
    search: str = Field(default="", max_length=100)
    """Words, all of which must match: each is the beginning of the case number, or part of what was written."""


class CaseRow(BaseModel):
    """A case in a list. A confidential one shows neither title nor enterprise; opening it does, and is audited."""

    id: str
    number: str
    state: CaseState
    type: CaseType | None
    urgency: Urgency
    title: str
    confidential: bool
    enterprise_id: str | None
    enterprise_name: str | None
    created_by: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: Case, enterprise_name: str | None) -> CaseRow:
        hidden = row.confidential
        return cls(
            id=row.id,
            number=row.number,
            state=CaseState(row.state),
            type=CaseType(row.type) if row.type else None,
            urgency=Urgency(row.urgency),
            title="" if hidden else row.title,
            confidential=row.confidential,
            enterprise_id=None if hidden else row.enterprise_id,
            enterprise_name=None if hidden else enterprise_name,
            created_by=row.created_by,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


class StepView(BaseModel):
    at: datetime
    by: str
    action: str
    source: CaseState
    target: CaseState
    detail: dict[str, Any]

    @classmethod
    def of(cls, row: CaseStep) -> StepView:
        return cls.model_validate(row, from_attributes=True)


class CaseView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

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
    unit_complained_of: str
    complaint_type: str
    demand: str
    place: str
    occurred_at: datetime | None
    confidential: bool
    enterprise_id: str | None
    enterprise_name: str | None
    contact_id: str | None
    callback_number: str
    """Masked, except for whoever wrote the case."""
    call_ids: list[str]
    created_by: str
    created_by_name: str
    created_at: datetime
    updated_at: datetime
    missing: list[str]
    """The fields that submit still asks for."""
    steps: list[StepView]


class CallbackNumber(BaseModel):
    callback_number: str


def case_view(
    row: Case,
    *,
    enterprise_name: str | None,
    created_by_name: str,
    call_ids: list[str],
    steps: list[CaseStep],
    missing: tuple[str, ...],
    reveal: bool,
) -> CaseView:
    """The whole case; `reveal` leaves the callback number readable."""
    own = {name: getattr(row, name) for name in CaseView.model_fields if hasattr(Case, name)}
    own["callback_number"] = row.callback_number if reveal else mask_number(row.callback_number)
    return CaseView(
        **own,
        spoken_number=spoken(row.number),
        enterprise_name=enterprise_name,
        created_by_name=created_by_name,
        call_ids=call_ids,
        missing=list(missing),
        steps=[StepView.of(step) for step in steps],
    )
