"""Files of entries; which of them a version has stands in its content, and the bytes are in the file store."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.attachments.state import AttachmentState
from hotline.kernel.db import Base, Identified, UtcDateTime


class KnowledgeFile(Identified, Base):
    """Stays as long as its entry: a case may cite a version that has it."""

    __tablename__ = "knowledge_file"
    __table_args__ = (
        Index("ix_knowledge_file_entry_id_id", "entry_id", "id"),
        Index("ix_knowledge_file_state_id", "state", "id"),
    )

    entry_id: Mapped[str] = mapped_column(ForeignKey("knowledge_entry.id"))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(12), default=AttachmentState.READY)
    reason: Mapped[str] = mapped_column(Text, default="")
    """What the scanner found."""
    uploaded_by: Mapped[str] = mapped_column(String(36))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
