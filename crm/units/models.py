"""Handling units (承办单位) and the policy specialists (政策专员) they name."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.kernel.db import Base, Identified, Json


class PhoneKind(StrEnum):
    """Internal phones register at our Asterisk; external ones are reached by the trunk."""

    INTERNAL = "internal"
    EXTERNAL = "external"


class Unit(Identified, Base):
    __tablename__ = "unit"

    name: Mapped[str] = mapped_column(String(100), unique=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"), unique=True)
    """Whose users handle this unit's cases, and those of the units below it."""
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    specialists: Mapped[list[Specialist]] = relationship(
        back_populates="unit", order_by="Specialist.position, Specialist.id"
    )


class Specialist(Identified, Base):
    __tablename__ = "specialist"

    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), index=True)
    position: Mapped[int]
    """The order in which the unit is rung."""
    name: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(String(100), default="")
    answerable_scope: Mapped[str] = mapped_column(Text, default="")
    on_duty: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"), unique=True)
    """Who they are among the users of the unit, so that they find their own page; None: they do not log in."""
    roster: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """As `crm.units.duty.RosterContent` has it; None: `on_duty` decides."""
    unit: Mapped[Unit] = relationship(back_populates="specialists")
    phones: Mapped[list[SpecialistPhone]] = relationship(
        back_populates="specialist", order_by="SpecialistPhone.position", cascade="all, delete-orphan"
    )


class SpecialistPhone(Identified, Base):
    __tablename__ = "specialist_phone"
    __table_args__ = (UniqueConstraint("specialist_id", "position"),)

    specialist_id: Mapped[str] = mapped_column(ForeignKey("specialist.id"))
    position: Mapped[int]
    """The phone_index by which the queue dials it, from 0."""
    label: Mapped[str] = mapped_column(String(50))
    kind: Mapped[str] = mapped_column(String(8))
    number: Mapped[str] = mapped_column(String(20))
    specialist: Mapped[Specialist] = relationship(back_populates="phones")
