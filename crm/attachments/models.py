"""Files that belong to a case; their contents are in the file store."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.attachments.state import AttachmentState
from hotline.kernel.db import Base, Identified, UtcDateTime


class AttachmentKind(StrEnum):
    """What a file is for."""

    EVIDENCE = "evidence"
    REPLY = "reply"
    CONTACT = "contact"
    """That the unit reached the caller."""
    OTHER = "other"


class Attachment(Identified, Base):
    __tablename__ = "attachment"
    __table_args__ = (
        Index("ix_attachment_case_id_id", "case_id", "id"),
        Index("ix_attachment_state_id", "state", "id"),
    )

    case_id: Mapped[str] = mapped_column(ForeignKey("service_case.id"))
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    thumbnail: Mapped[str | None] = mapped_column(String(64), index=True)
    """The hash of a small JPEG of it; None where there is none."""
    shared: Mapped[bool] = mapped_column(default=False)
    """Shown to units also where the case is confidential."""
    note: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(12), default=AttachmentState.READY)
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was removed, or what the scanner found."""
    version: Mapped[int] = mapped_column(default=1)
    uploaded_by: Mapped[str] = mapped_column(String(36))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(36))
    """Who removed it; None for the scanner."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
