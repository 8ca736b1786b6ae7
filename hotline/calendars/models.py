"""Notices of holidays, and tables of working hours."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.kernel.db import Base, Identified, Json, UtcDateTime


class HolidayNoticeRow(Identified, Base):
    """One notice of one year; never changed, only followed by the next version."""

    __tablename__ = "holiday_notice"
    __table_args__ = (UniqueConstraint("year", "version"),)

    year: Mapped[int]
    version: Mapped[int]
    source: Mapped[str] = mapped_column(String(200))
    published: Mapped[date | None] = mapped_column(Date)
    complete: Mapped[bool]
    days: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class HoursTableRow(Identified, Base):
    """One table of working hours; flows and profiles name it."""

    __tablename__ = "working_hours"

    name: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(100))
    hours: Mapped[dict[str, Any]] = mapped_column(Json)
    """`hotline.calendars.schemas.Hours`."""
    version: Mapped[int] = mapped_column(default=1)
