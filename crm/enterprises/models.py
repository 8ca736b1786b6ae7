"""Who calls: enterprises, the people who speak for them, and their numbers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.kernel.db import Base, Identified, UtcDateTime

NAME_LENGTH = 200


class EnterpriseKind(StrEnum):
    ENTERPRISE = "enterprise"
    INDIVIDUAL_BUSINESS = "individual_business"
    PRIVATE_ENTERPRISE = "private_enterprise"


class EnterpriseSize(StrEnum):
    """As the statistics office divides them (统计上大中小微型企业划分办法)."""

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class ContactMethod(StrEnum):
    """How a contact wants to be reached; a deaf person takes messages."""

    PHONE = "phone"
    SMS = "sms"


class NumberPurpose(StrEnum):
    """A number one calls from is not always one to call back."""

    CALLER = "caller"
    CALLBACK = "callback"


class Enterprise(Identified, Base):
    __tablename__ = "enterprise"

    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    name_normal: Mapped[str] = mapped_column(String(NAME_LENGTH * 2), index=True)
    initials: Mapped[str] = mapped_column(Text)
    pinyin: Mapped[str] = mapped_column(Text)
    credit_code: Mapped[str | None] = mapped_column(String(18), unique=True)
    credit_code_confirmed: Mapped[bool] = mapped_column(default=False)
    """The code fails a check, and somebody has compared it with the licence."""
    kind: Mapped[str] = mapped_column(String(24))
    industry: Mapped[str] = mapped_column(String(100), default="")
    size: Mapped[str | None] = mapped_column(String(8))
    skips_menu: Mapped[bool] = mapped_column(default=True)
    """Whether its known callers go straight to the enterprise desk."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    contacts: Mapped[list[Contact]] = relationship(back_populates="enterprise", order_by="Contact.id")


class Contact(Identified, Base):
    __tablename__ = "contact"

    enterprise_id: Mapped[str] = mapped_column(ForeignKey("enterprise.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(50), default="")
    preferred: Mapped[str] = mapped_column(String(8), default=ContactMethod.PHONE)
    enterprise: Mapped[Enterprise] = relationship(back_populates="contacts")
    numbers: Mapped[list[ContactNumber]] = relationship(
        back_populates="contact", order_by="ContactNumber.id", cascade="all, delete-orphan"
    )


class ContactNumber(Identified, Base):
    __tablename__ = "contact_number"
    __table_args__ = (UniqueConstraint("contact_id", "number", "purpose"),)

    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id"))
    number: Mapped[str] = mapped_column(String(20), index=True)
    """Canonical: see `crm.enterprises.numbers`."""
    purpose: Mapped[str] = mapped_column(String(8))
    contact: Mapped[Contact] = relationship(back_populates="numbers")
