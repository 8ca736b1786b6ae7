"""Notes on a case, and who is called in by them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.kernel.db import Base, Identified, UtcDateTime


class CaseNote(Identified, Base):
    """Never changed: a correction is a note of its own."""

    __tablename__ = "case_note"
    __table_args__ = (Index("ix_case_note_case_id_id", "case_id", "id"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("service_case.id"))
    text: Mapped[str] = mapped_column(Text)
    for_units: Mapped[bool] = mapped_column(default=False)
    """Units that see the case read it too."""
    corrects: Mapped[str | None] = mapped_column(ForeignKey("case_note.id"), unique=True)
    written_by: Mapped[str] = mapped_column(String(36))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class NoteMention(Base):
    """One person named in a note."""

    __tablename__ = "note_mention"

    note_id: Mapped[str] = mapped_column(ForeignKey("case_note.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)
