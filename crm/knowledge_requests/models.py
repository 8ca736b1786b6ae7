"""What units are asked to enter into the knowledge base, to mend in it, or to answer (知识需求)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.knowledge_requests.state import KnowledgeRequestState
from hotline.kernel.db import Base, Identified, UtcDateTime


class KnowledgeRequestKind(StrEnum):
    GAP = "gap"
    """The knowledge base did not answer it (缺口)."""
    ERROR = "error"
    """An entry is wrong (纠错); names it and its version."""
    AMENDMENT = "amend"
    """An entry should say what a unit or a specialist answered (补充); names it."""
    POLICY = "policy"
    """A new policy is to be entered."""


NAMES_ENTRY = frozenset({KnowledgeRequestKind.ERROR, KnowledgeRequestKind.AMENDMENT})


class KnowledgeRequest(Identified, Base):
    __tablename__ = "knowledge_request"
    __table_args__ = (
        Index("ix_knowledge_request_state_due_at_id", "state", "due_at", "id"),
        Index("ix_knowledge_request_unit_id_state_due_at_id", "unit_id", "state", "due_at", "id"),
        Index("ix_knowledge_request_made_by_id", "made_by", "id"),
        Index("ix_knowledge_request_entry_id_id", "entry_id", "id"),
        Index("ix_knowledge_request_answer_id_state", "answer_id", "state"),
        Index("ix_knowledge_request_case_id", "case_id"),
    )

    kind: Mapped[str] = mapped_column(String(8))
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    """Whose it is; None: the hotline's knowledge editors', who may pass it on."""
    state: Mapped[str] = mapped_column(String(10), default=KnowledgeRequestState.OPEN)
    version: Mapped[int] = mapped_column(default=1)
    question: Mapped[str] = mapped_column(Text)
    """What was asked, or what is wrong; without numbers of callers."""
    proposal: Mapped[str] = mapped_column(Text, default="")
    """What a specialist, or the unit in a case, answered."""
    entry_id: Mapped[str | None] = mapped_column(ForeignKey("knowledge_entry.id"))
    """Which did not answer, or is wrong."""
    entry_number: Mapped[int | None]
    """Of the version that was read."""
    case_id: Mapped[str | None] = mapped_column(ForeignKey("service_case.id"))
    answer_id: Mapped[str | None] = mapped_column(ForeignKey("knowledge_entry.id"))
    """The entry that answers it."""
    days: Mapped[int]
    """Working days that the unit has."""
    due_from: Mapped[datetime] = mapped_column(UtcDateTime)
    """Since when this unit has it."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    alerted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When unit, reviewers and supervisors were notified that it is overdue."""
    reason: Mapped[str] = mapped_column(Text, default="")
    """What the last step was done with."""
    outcome: Mapped[str | None] = mapped_column(String(10))
    made_by: Mapped[str] = mapped_column(String(36))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_by: Mapped[str | None] = mapped_column(String(36))
    declined_by: Mapped[str | None] = mapped_column(String(36))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseFollowUp(Base):
    """What was said about the knowledge base when a consult case was closed, the last time."""

    __tablename__ = "case_follow_up"

    case_id: Mapped[str] = mapped_column(ForeignKey("service_case.id"), primary_key=True)
    need: Mapped[str] = mapped_column(String(8))
    request_id: Mapped[str | None] = mapped_column(ForeignKey("knowledge_request.id"))
    """None: nothing is needed."""
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class KnowledgeMiss(Identified, Base):
    """What agents searched and did not find."""

    __tablename__ = "knowledge_miss"
    __table_args__ = (Index("ix_knowledge_miss_last_at_id", "last_at", "id"),)

    text: Mapped[str] = mapped_column(String(100), unique=True)
    """Folded, and without numbers of callers."""
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KnowledgeRating(Identified, Base):
    """One agent's word on one version: it helped, or did not."""

    __tablename__ = "knowledge_rating"
    __table_args__ = (
        UniqueConstraint("entry_id", "number", "user_id", name="uq_knowledge_rating_entry_id_number_user_id"),
        Index("ix_knowledge_rating_at_entry_id", "at", "entry_id"),
    )

    entry_id: Mapped[str] = mapped_column(ForeignKey("knowledge_entry.id"))
    number: Mapped[int]
    user_id: Mapped[str] = mapped_column(String(36))
    helpful: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
