"""Supervision tasks (督办), and the ledger (台账) of cases that are not solved yet."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.supervision.state import SupervisionState
from hotline.kernel.db import Base, Identified, UtcDateTime


class SupervisionCause(StrEnum):
    ORDERED = "ordered"
    """A supervisor issued it by hand."""
    OVERDUE = "overdue"
    REWORKS = "reworks"
    RETURNS = "returns"
    REVIEW_OVERDUE = "review_overdue"
    """A unit did not review its knowledge entry in time."""


class SupervisionTask(Identified, Base):
    """Holds a unit to one case, or to one entry of the knowledge base."""

    __tablename__ = "supervision_task"
    __table_args__ = (
        Index("ix_supervision_task_state_due_at_id", "state", "due_at", "id"),
        Index("ix_supervision_task_unit_id_state_id", "unit_id", "state", "id"),
        Index("ix_supervision_task_case_id_id", "case_id", "id"),
        Index("ix_supervision_task_entry_id_id", "entry_id", "id"),
    )

    case_id: Mapped[str | None] = mapped_column(ForeignKey("service_case.id"))
    entry_id: Mapped[str | None] = mapped_column(ForeignKey("knowledge_entry.id"))
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    key: Mapped[str] = mapped_column(String(120), unique=True)
    """The same key never issues a second task."""
    state: Mapped[str] = mapped_column(String(20), default=SupervisionState.ISSUED)
    version: Mapped[int] = mapped_column(default=1)
    cause: Mapped[str] = mapped_column(String(20))
    demand: Mapped[str] = mapped_column(Text)
    """What the unit is to do."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_by: Mapped[str] = mapped_column(String(36))
    """"" for an escalation."""
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    report: Mapped[str] = mapped_column(Text, default="")
    """What the unit did."""
    reported_by: Mapped[str | None] = mapped_column(String(36))
    reported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    review: Mapped[str] = mapped_column(Text, default="")
    """What the reviewer found, also where it was sent back."""
    reviewed_by: Mapped[str | None] = mapped_column(String(36))
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by: Mapped[str | None] = mapped_column(String(36))
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LedgerKind(StrEnum):
    UNSOLVED = "unsolved"
    PLANNED = "planned"
    """To be solved by a plan, until a date."""


class LedgerEntry(Identified, Base):
    """A case whose matter is not solved; struck off (销号) by itself, with a reason."""

    __tablename__ = "unsolved_ledger"
    __table_args__ = (Index("ix_unsolved_ledger_struck_off_at_id", "struck_off_at", "id"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("service_case.id"), unique=True)
    """A case that is entered again is the same entry, open again."""
    kind: Mapped[str] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(Text)
    """Why it is not solved, or what the plan is."""
    planned_for: Mapped[date | None] = mapped_column(Date)
    entered_by: Mapped[str] = mapped_column(String(36))
    """"" for one that its closing entered."""
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    struck_off_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    struck_off_by: Mapped[str | None] = mapped_column(String(36))
    struck_off_reason: Mapped[str] = mapped_column(Text, default="")
