"""Cases (工单), who handles them, their replies, callbacks and history, and the counter their numbers come from."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.cases.state import CaseState
from hotline.kernel.db import Base, Identified, Json, UtcDateTime


class CaseType(StrEnum):
    CONSULT = "consult"
    HELP = "help"
    SUGGESTION = "suggestion"
    COMPLAINT = "complaint"
    REPORT = "report"
    PRAISE = "praise"


class LifeCycleStage(StrEnum):
    ESTABLISH = "establish"
    OPERATE = "operate"
    CHANGE = "change"
    DEREGISTER = "deregister"


class Urgency(StrEnum):
    NORMAL = "normal"
    URGENT = "urgent"
    LIFE_SAFETY = "life_safety"


class CaseChannel(StrEnum):
    """How the demand reached the hotline (clause 1)."""

    PHONE = "phone"
    INTERNET = "internet"
    MEDIA = "media"


class AssignmentRole(StrEnum):
    LEAD = "lead"
    ASSIST = "assist"
    SUB = "sub"
    """Passed on by the unit of the parent assignment to one below it (下派)."""


class AssignmentState(StrEnum):
    DISPATCHED = "dispatched"
    SIGNED = "signed"
    REPLIED = "replied"
    RETURNED = "returned"
    ENDED = "ended"
    """The case, or the round, is over without an answer of this unit."""


class ReplyKind(StrEnum):
    INTERIM = "interim"
    FINAL = "final"
    TO_LEAD = "to_lead"
    """Of an assisting unit, or of one below, to the unit that asked it."""


def _of_some(name: str, where: tuple[str, str], *columns: str) -> Index:
    """An index of the few rows that `where` holds for, as the conditions of the lists are written for each database."""
    on_sqlite, on_postgresql = where
    return Index(
        f"ix_service_case_{name}", *columns, sqlite_where=text(on_sqlite), postgresql_where=text(on_postgresql)
    )


_LISTED = {
    "hard": ("hard IS 1", "hard IS true"),
    "mass": ("mass IS 1", "mass IS true"),
    "urged": ("urges > 0", "urges > 0"),
    "escalated": ("reworks >= 3 OR returns >= 3", "reworks >= 3 OR returns >= 3"),
}
_RARE = {
    "sensitive": ("sensitive IS 1", "sensitive IS true"),
    "designated": ("designated IS 1", "designated IS true"),
    "duplicate": ("duplicate_of_id IS NOT NULL", "duplicate_of_id IS NOT NULL"),
    "suspended": ("suspended_at IS NOT NULL", "suspended_at IS NOT NULL"),
}


class Case(Identified, Base):
    # CASE is a word of SQL.
    __tablename__ = "service_case"
    __table_args__ = (
        Index("ix_service_case_enterprise_id_id", "enterprise_id", "id"),
        Index("ix_service_case_contact_id_id", "contact_id", "id"),
        Index("ix_service_case_state_id", "state", "id"),
        Index("ix_service_case_created_by_id", "created_by", "id"),
        Index("ix_service_case_state_next_due_at_id", "state", "next_due_at", "id"),
        Index("ix_service_case_claimed_by_id", "claimed_by", "id"),
        Index("ix_service_case_next_due_at_id", "next_due_at", "id"),
        Index("ix_service_case_closed_at_next_due_at_id", "closed_at", "next_due_at", "id"),
        Index("ix_service_case_created_at_id", "created_at", "id"),
        Index("ix_service_case_updated_at_id", "updated_at", "id"),
        Index("ix_service_case_callback_number_id", "callback_number", "id"),
        Index("ix_service_case_created_by_state_id", "created_by", "state", "id"),
        Index("ix_service_case_item_id_created_at_id", "item_id", "created_at", "id"),
        Index("ix_service_case_lead_unit_id_created_at_id", "lead_unit_id", "created_at", "id"),
        Index("ix_service_case_state_created_at_id", "state", "created_at", "id"),
        Index("ix_service_case_type_created_at_id", "type", "created_at", "id"),
        *(_of_some(name, where, "closed_at", "next_due_at", "id") for name, where in _LISTED.items()),
        *(_of_some(name, where, "created_at", "id") for name, where in _RARE.items()),
    )

    number: Mapped[str] = mapped_column(String(16), unique=True)
    state: Mapped[str] = mapped_column(String(24), default=CaseState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    channel: Mapped[str] = mapped_column(String(8), default=CaseChannel.PHONE)
    type: Mapped[str | None] = mapped_column(String(12))
    life_cycle_stage: Mapped[str | None] = mapped_column(String(12))
    urgency: Mapped[str] = mapped_column(String(12), default=Urgency.NORMAL)
    title: Mapped[str] = mapped_column(String(200), default="")
    content: Mapped[str] = mapped_column(Text, default="")
    unit_complained_of: Mapped[str] = mapped_column(String(200), default="")
    complaint_type: Mapped[str] = mapped_column(String(100), default="")
    demand: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(String(200), default="")
    occurred_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confidential: Mapped[bool] = mapped_column(default=False)
    enterprise_id: Mapped[str | None] = mapped_column(ForeignKey("enterprise.id"))
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contact.id"))
    callback_number: Mapped[str] = mapped_column(String(20), default="")
    anonymous: Mapped[bool] = mapped_column(default=False)
    needs_reply: Mapped[bool] = mapped_column(default=True)
    needs_callback: Mapped[bool] = mapped_column(default=True)
    sms_agreed: Mapped[bool] = mapped_column(default=False)
    """The caller agreed to be informed of the case by SMS."""
    item_id: Mapped[str | None] = mapped_column(String(36))
    """Of the catalogue (事项)."""
    unit_complained_of_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    """The unit of `unit_complained_of`, where it is one that cases go to."""
    text_for_unit: Mapped[str] = mapped_column(Text, default="")
    """What units read instead of the caller's own words; "" for those."""
    lead_unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    designated: Mapped[bool] = mapped_column(default=False)
    """The hotline decided that the lead unit is to handle it: no return."""
    round: Mapped[int] = mapped_column(default=1)
    """Grows with each rework."""
    returns: Mapped[int] = mapped_column(default=0)
    """Returns that were accepted."""
    extensions: Mapped[int] = mapped_column(default=0)
    reworks: Mapped[int] = mapped_column(default=0)
    urges: Mapped[int] = mapped_column(default=0)
    repeats: Mapped[int] = mapped_column(default=0)
    """How often the caller asked again and was given the progress."""
    sensitive: Mapped[bool] = mapped_column(default=False)
    mass: Mapped[bool] = mapped_column(default=False)
    hard: Mapped[bool] = mapped_column(default=False)
    duplicate_of_id: Mapped[str | None] = mapped_column(ForeignKey("service_case.id"), index=True)
    claimed_by: Mapped[str | None] = mapped_column(String(36))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    promised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The next date promised to the caller."""
    next_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The earliest of its running deadlines."""
    next_due_kind: Mapped[str | None] = mapped_column(String(16))
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dispatched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseStep(Identified, Base):
    """One transition, with what was given for its guards: reason, explanation, citation, service."""

    __tablename__ = "case_step"
    __table_args__ = (UniqueConstraint("case_id", "request_id"), Index("ix_case_step_action_at", "action", "at"))

    case_id: Mapped[str] = mapped_column(ForeignKey("service_case.id"), index=True)
    version: Mapped[int] = mapped_column(default=0)
    """The case's, after this step."""
    request_id: Mapped[str | None] = mapped_column(String(36))
    """Made by the client, so that a request sent twice is one step."""
    assignment_id: Mapped[str | None] = mapped_column(String(36))
    unit_id: Mapped[str | None] = mapped_column(String(36))
    """The handling unit that acted."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(36))
    action: Mapped[str] = mapped_column(String(24))
    source: Mapped[str] = mapped_column(String(24))
    target: Mapped[str] = mapped_column(String(24))
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class Assignment(Identified, Base):
    """A unit's share of a case: the lead's, an assisting one, or one passed on below them."""

    __tablename__ = "case_assignment"
    __table_args__ = (
        # With all that work lists ask for, so that they read no rows.
        Index("ix_case_assignment_of_unit", "unit_id", "state", "role", "case_id"),
        Index("ix_case_assignment_of_case", "case_id", "id", "unit_id", "state", "role"),
    )

    case_id: Mapped[str] = mapped_column(ForeignKey("service_case.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("case_assignment.id"))
    role: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(12))
    round: Mapped[int] = mapped_column(default=1)
    advice: Mapped[str] = mapped_column(Text, default="")
    """What whoever assigned it asks of this unit (派单意见)."""
    assigned_by: Mapped[str] = mapped_column(String(36))
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_by: Mapped[str | None] = mapped_column(String(36))
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    contacted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """By when this unit is to answer."""


class CaseReply(Identified, Base):
    """A unit's answer (答复): what the caller may read, and apart from it what was done within the unit."""

    __tablename__ = "case_reply"

    case_id: Mapped[str] = mapped_column(ForeignKey("service_case.id"), index=True)
    assignment_id: Mapped[str] = mapped_column(ForeignKey("case_assignment.id"))
    round: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    public_answer: Mapped[str] = mapped_column(Text)
    internal_handling: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """What else the reply says, as `crm.cases.details.ReplyDetail` has it."""
    promised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseCallback(Identified, Base):
    """One attempt to call the caller back (回访), and what the caller said of the case (一事一评)."""

    __tablename__ = "case_callback"

    case_id: Mapped[str] = mapped_column(ForeignKey("service_case.id"), index=True)
    round: Mapped[int]
    call_id: Mapped[str | None] = mapped_column(String(36))
    reached: Mapped[bool]
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """As `crm.cases.details.CallbackDetail` has it."""
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseRecusal(Base):
    """Somebody who steps aside from a case (回避): they neither see it nor act on it."""

    __tablename__ = "case_recusal"

    case_id: Mapped[str] = mapped_column(ForeignKey("service_case.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(36), primary_key=True, index=True)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseCall(Base):
    """A case and a call belong together; the call's own record is the cti floor's."""

    __tablename__ = "case_call"

    case_id: Mapped[str] = mapped_column(ForeignKey("service_case.id"), primary_key=True)
    call_id: Mapped[str] = mapped_column(String(36), primary_key=True, index=True)
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseCounter(Base):
    """The last case number given on a day of the city's calendar."""

    __tablename__ = "case_counter"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    last: Mapped[int]
