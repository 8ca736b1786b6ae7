"""Cases (工单), their history, the calls they belong to, and the counter their numbers come from."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, Text
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


class Case(Identified, Base):
    # CASE is a word of SQL.
    __tablename__ = "service_case"
    __table_args__ = (
        Index("ix_service_case_enterprise_id_id", "enterprise_id", "id"),
        Index("ix_service_case_contact_id_id", "contact_id", "id"),
        Index("ix_service_case_state_id", "state", "id"),
        Index("ix_service_case_created_by_id", "created_by", "id"),
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
    created_by: Mapped[str] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseStep(Identified, Base):
    """One transition, with what was given for its guards: reason, explanation, citation, service."""

    __tablename__ = "case_step"

    case_id: Mapped[str] = mapped_column(ForeignKey("service_case.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(36))
    action: Mapped[str] = mapped_column(String(24))
    source: Mapped[str] = mapped_column(String(24))
    target: Mapped[str] = mapped_column(String(24))
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


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
