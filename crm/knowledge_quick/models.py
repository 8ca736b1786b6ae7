"""Entries that somebody starred."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.kernel.db import Base, Identified, UtcDateTime


class KnowledgeFavourite(Identified, Base):
    __tablename__ = "knowledge_favourite"
    __table_args__ = (
        UniqueConstraint("user_id", "entry_id", name="uq_knowledge_favourite_user_id_entry_id"),
        Index("ix_knowledge_favourite_user_id_id", "user_id", "id"),
    )

    user_id: Mapped[str] = mapped_column(String(36))
    entry_id: Mapped[str] = mapped_column(ForeignKey("knowledge_entry.id", ondelete="CASCADE"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
