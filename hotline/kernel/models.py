"""The kernel's own tables: the event journal and the jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.kernel.db import Base, Identified, Json, UtcDateTime

Sequence = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on both; SQLite keys its rows by nothing but INTEGER."""


class EventRecord(Base):
    """One domain event. `id` identifies it, `seq` orders it."""

    __tablename__ = "event"
    __table_args__ = (Index(None, "call_id", "seq"), Index(None, "name", "at"))

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    name: Mapped[str] = mapped_column(String(100))
    call_id: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)


class JobRecord(Identified, Base):
    """Work to do at a time. A job that is done is deleted; one that failed for good stays to be looked at."""

    __tablename__ = "job"
    __table_args__ = (Index(None, "failed_at", "run_at"),)

    kind: Mapped[str] = mapped_column(String(100))
    key: Mapped[str | None] = mapped_column(String(200), unique=True)
    """At most one open job has it."""
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    run_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(500))
