"""Who calls: enterprises, the people who speak for them, and their numbers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from hotline.kernel.db import Base, Identified, Json, UtcDateTime

NAME_LENGTH = 200
_SORTED_LETTERS = 64
"""A sort key is part of a page's cursor."""
_MERGED = text("merged_into IS NOT NULL")


def _of_listed(name: str, *columns: str, also: tuple[str, str] = ("", "")) -> Index:
    """Each list is of enterprises that were not merged into another, and maybe are so `also`, as their filter is
    written for SQLite and for PostgreSQL.
    """
    on_sqlite, on_postgresql = (text(f"merged_into IS NULL{one}") for one in also)
    return Index(f"ix_enterprise_{name}", *columns, sqlite_where=on_sqlite, postgresql_where=on_postgresql)


def sort_name(pinyin: str) -> str:
    """By what a list goes that is sorted by name. Pure."""
    return pinyin[:_SORTED_LETTERS]


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
    __table_args__ = (
        *(_of_listed(f"{name}_id", name, "id") for name in ("created_at", "updated_at", "kind", "size", "sort_name")),
        _of_listed("listed_id", "id"),
        # SQLite would look for no code in the index of all codes, and then sort what it finds; and of two indices that
        # serve it prefers the one of which it compares a column.
        _of_listed("without_code", "merged_into", "id", also=(" AND +credit_code IS NULL", " AND credit_code IS NULL")),
        _of_listed(
            "confirmed_code", "merged_into", "id", also=(" AND credit_code_confirmed = 1", " AND credit_code_confirmed")
        ),
        Index("ix_enterprise_merged_into", "merged_into", sqlite_where=_MERGED, postgresql_where=_MERGED),
    )

    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    name_normal: Mapped[str] = mapped_column(String(NAME_LENGTH * 2), index=True)
    name_folded: Mapped[str] = mapped_column(String(NAME_LENGTH * 2), index=True)
    """See `crm.enterprises.names.folded_name`."""
    initials: Mapped[str] = mapped_column(Text)
    pinyin: Mapped[str] = mapped_column(Text)
    sort_name: Mapped[str] = mapped_column(String(_SORTED_LETTERS))
    """Follows `pinyin`; see `sort_name`."""
    credit_code: Mapped[str | None] = mapped_column(String(18), unique=True)
    credit_code_confirmed: Mapped[bool] = mapped_column(default=False)
    """The code fails a check, and somebody has compared it with the licence."""
    organisation_code: Mapped[str | None] = mapped_column(String(8), index=True)
    """Characters 9 to 16 of a code of 18: they name the legal person, whatever else was mistyped."""
    kind: Mapped[str] = mapped_column(String(24))
    industry: Mapped[str] = mapped_column(String(100), default="")
    size: Mapped[str | None] = mapped_column(String(8))
    skips_menu: Mapped[bool] = mapped_column(default=True)
    """Whether its known callers go straight to the enterprise desk."""
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("enterprise.id"))
    """The enterprise that this one was found to be; it is then in no list and cannot be changed."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    contacts: Mapped[list[Contact]] = relationship(back_populates="enterprise", order_by="Contact.id")

    @validates("pinyin")
    def _sort_by(self, _column: str, pinyin: str) -> str:
        self.sort_name = sort_name(pinyin)
        return pinyin


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


class EnterpriseNote(Identified, Base):
    """What somebody wants others to know about an enterprise; it is added to, never changed."""

    __tablename__ = "enterprise_note"
    __table_args__ = (Index("ix_enterprise_note_enterprise_id_id", "enterprise_id", "id"),)

    enterprise_id: Mapped[str] = mapped_column(ForeignKey("enterprise.id"))
    author_id: Mapped[str] = mapped_column(String(36))
    author_name: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EnterpriseDuplicate(Identified, Base):
    """Two enterprises that may be one; `first_id` is the older of them."""

    __tablename__ = "enterprise_duplicate"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        Index("ix_enterprise_duplicate_kept_apart_at_id", "kept_apart_at", "id"),
    )

    first_id: Mapped[str] = mapped_column(ForeignKey("enterprise.id"))
    second_id: Mapped[str] = mapped_column(ForeignKey("enterprise.id"), index=True)
    reasons: Mapped[list[str]] = mapped_column(Json)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    kept_apart_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    kept_apart_by: Mapped[str | None] = mapped_column(String(36))


class EnterpriseMerge(Identified, Base):
    """One merge, with all it takes to undo it."""

    __tablename__ = "enterprise_merge"
    __table_args__ = (Index("ix_enterprise_merge_survivor_id_id", "survivor_id", "id"),)

    survivor_id: Mapped[str] = mapped_column(ForeignKey("enterprise.id"))
    merged_id: Mapped[str] = mapped_column(ForeignKey("enterprise.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(36))
    by_name: Mapped[str] = mapped_column(String(100))
    before: Mapped[dict[str, Any]] = mapped_column(Json)
    """The survivor's fields that the merge changed, as they were."""
    after: Mapped[dict[str, Any]] = mapped_column(Json)
    """The same as the merge left them."""
    merged_code: Mapped[dict[str, Any]] = mapped_column(Json)
    """The code columns of the enterprise that was merged: a code is on one row alone."""
    contacts: Mapped[list[str]] = mapped_column(Json)
    cases: Mapped[list[str]] = mapped_column(Json)
    notes: Mapped[list[str]] = mapped_column(Json)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str | None] = mapped_column(String(36))
