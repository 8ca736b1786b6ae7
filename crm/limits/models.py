"""Deadlines of cases, the city's own limits, and what a change of the calendar moved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.limits.state import DeadlineState
from hotline.kernel.db import Base, Identified, Json, UtcDateTime

CALLBACK_RUNS = text("kind = 'callback' AND state = 'running'")
"""Deadlines to call back. They have an index, which is not used for bound values."""


class CaseDeadline(Identified, Base):
    """Written only by whoever holds the lock of its case."""

    __tablename__ = "case_deadline"
    __table_args__ = (
        Index("ix_case_deadline_case_id_id", "case_id", "id"),
        Index("ix_case_deadline_state_case_id", "state", "case_id"),
        Index(
            "ix_case_deadline_callback_runs",
            "state",
            "case_id",
            sqlite_where=CALLBACK_RUNS,
            postgresql_where=CALLBACK_RUNS,
        ),
    )

    case_id: Mapped[str] = mapped_column(ForeignKey("service_case.id"))
    assignment_id: Mapped[str | None] = mapped_column(ForeignKey("case_assignment.id"))
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(12), default=DeadlineState.RUNNING)
    round: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    met_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it ended: done, in time or late, or cancelled."""
    amount: Mapped[str | None] = mapped_column(String(8))
    """Of working time, as `crm.limits.amounts` has it; None for a date that somebody named."""
    hours: Mapped[str] = mapped_column(String(40))
    """The table of working hours it counts by."""
    rule: Mapped[str] = mapped_column(String(60), default="")
    """The key of the profile's row."""
    source: Mapped[str] = mapped_column(String(200), default="")
    law: Mapped[str] = mapped_column(String(200), default="")
    """The law of a statutory limit, which overrides the profile's."""
    flagged: Mapped[list[int]] = mapped_column(Json, default=list)
    """Years it reaches into whose make-up days (调休) are not published."""
    extended_days: Mapped[int] = mapped_column(default=0)
    suspended: Mapped[list[list[str]]] = mapped_column(Json, default=list)
    """Spans that do not count: on hold, or closed before a reopening."""
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    remaining_seconds: Mapped[int | None]
    """Of working time, while it is paused; negative when it was overdue."""
    reminded_hours: Mapped[int | None]
    """The last reminder sent: 48 or 24 hours before."""
    expired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When what follows an expiry was done."""


class OwnLimit(Base):
    """The city's own value of a profile's row."""

    __tablename__ = "own_limit"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    amount: Mapped[str] = mapped_column(String(8))
    hours: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LimitRevision(Identified, Base):
    """One change of a limit: by whom, why, and what it was before."""

    __tablename__ = "limit_revision"

    key: Mapped[str] = mapped_column(String(60))
    changed_by: Mapped[str] = mapped_column(String(36))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    was_amount: Mapped[str] = mapped_column(String(8))
    was_hours: Mapped[str] = mapped_column(String(40))
    was_source: Mapped[str] = mapped_column(String(200))
    amount: Mapped[str] = mapped_column(String(8))
    hours: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(500))
    running: Mapped[int]
    """Deadlines that ran by the limit at that moment; they keep what they have."""


class DeadlineRevision(Identified, Base):
    """One change of the calendar, and how many open deadlines it moved."""

    __tablename__ = "deadline_revision"

    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checked: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    not_computable: Mapped[int] = mapped_column(default=0)
    """Left as they were, because their table of hours holds too little working time."""


class RevisedDeadline(Identified, Base):
    __tablename__ = "revised_deadline"
    __table_args__ = (Index("ix_revised_deadline_revision_id_id", "revision_id", "id"),)

    revision_id: Mapped[str] = mapped_column(ForeignKey("deadline_revision.id"))
    case_id: Mapped[str] = mapped_column(ForeignKey("service_case.id"))
    kind: Mapped[str] = mapped_column(String(16))
    was_due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
