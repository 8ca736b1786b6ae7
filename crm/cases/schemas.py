"""Cases as they cross the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from crm.cases.lights import TrafficLight, light_of
from crm.cases.models import Case, CaseChannel, CaseType, LifeCycleStage, Urgency
from crm.cases.state import CaseState
from crm.cases.visibility import title_in_lists
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
    anonymous: bool = False
    needs_reply: bool = True
    needs_callback: bool = True
    sms_agreed: bool = False
    """The caller agreed to be informed of the case by SMS."""
    item_id: Id | None = None
    unit_complained_of_id: Id | None = None


class CaseDraft(CaseFields):
    id: Id | None = None
    """Made by the client, so that a request sent twice opens one case."""
    channel: CaseChannel = CaseChannel.PHONE
    call_id: Id | None = None


class CaseChange(CaseFields):
    version: int


class CallLink(CaseBody):
    call_id: Id


class CaseQuery(PageQuery):
    state: list[CaseState] = Field(default_factory=list)
    open: bool | None = None
    type: CaseType | None = None
    urgency: Urgency | None = None
    enterprise_id: Id | None = None
    contact_id: Id | None = None
    call_id: Id | None = None
    duplicate_of_id: Id | None = None
    """Cases that follow this one, or followed it until it was answered."""
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
    lead_unit_id: str | None
    lead_unit_name: str | None
    claimed_by: str | None
    next_due_at: datetime | None
    next_due_kind: str | None
    light: TrafficLight
    suspended: bool
    flags: list[str]
    """Of: anonymous, sensitive, mass, hard, designated, urged, reworked, returned, duplicate."""
    created_by: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(
        cls,
        row: Case,
        enterprise_name: str | None,
        unit_name: str | None = None,
        *,
        now: datetime,
        for_unit: bool = False,
    ) -> CaseRow:
        """`for_unit`: as the people of a handling unit see it."""
        hidden = row.confidential or (for_unit and row.anonymous)
        return cls(
            id=row.id,
            number=row.number,
            state=CaseState(row.state),
            type=CaseType(row.type) if row.type else None,
            urgency=Urgency(row.urgency),
            title=title_in_lists(row, for_unit=for_unit),
            confidential=row.confidential,
            enterprise_id=None if hidden else row.enterprise_id,
            enterprise_name=None if hidden else enterprise_name,
            lead_unit_id=row.lead_unit_id,
            lead_unit_name=unit_name,
            claimed_by=row.claimed_by,
            next_due_at=row.next_due_at,
            next_due_kind=row.next_due_kind,
            light=light_of(row.next_due_kind, row.next_due_at, now),
            suspended=row.suspended_at is not None,
            flags=flags_of(row),
            created_by=row.created_by,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


def flags_of(row: Case) -> list[str]:
    """What a list marks a case with. Pure."""
    flags = {name: getattr(row, name) for name in ("anonymous", "sensitive", "mass", "hard", "designated")}
    flags |= {
        "urged": row.urges,
        "reworked": row.reworks,
        "returned": row.returns,
        "duplicate": row.duplicate_of_id,
        "repeated": row.repeats,
    }
    return [name for name, value in flags.items() if value]


class CallbackNumber(BaseModel):
    callback_number: str


class CaseVersion(BaseModel):
    version: int
    updated_at: datetime
