"""The words of open cases, by which similar ones are found."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.kernel.db import Base

WORD_LENGTH = 24


class CaseWord(Base):
    """One word of an open case that is not confidential; gone when the case is over."""

    __tablename__ = "case_word"
    __table_args__ = (Index("ix_case_word_case_id", "case_id"),)

    word: Mapped[str] = mapped_column(String(WORD_LENGTH), primary_key=True)
    """Of the place with `PLACE` before it."""
    case_id: Mapped[str] = mapped_column(ForeignKey("service_case.id"), primary_key=True)
