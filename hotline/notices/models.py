"""Tables of notices, of messages that leave the house, and of edited templates."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.kernel.db import Base, Identified, Json, UtcDateTime


class MessageChannel(StrEnum):
    SMS = "sms"
    WEBHOOK = "webhook"


class MessageState(StrEnum):
    WAITING = "waiting"
    """To be sent, or to be tried again."""
    SENT = "sent"
    """The receiver took it."""
    DEAD = "dead"
    """Given up, with a reason; somebody may send it again."""


class NoticeRecord(Identified, Base):
    """One notice to one user, in the words of the moment."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("key", "user_id"),
        Index("ix_notice_user_id_id", "user_id", "id"),
        Index("ix_notice_user_id_read_at_id", "user_id", "read_at", "id"),
    )

    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    key: Mapped[str | None] = mapped_column(String(200))
    """Given by whoever notifies, where nobody is to get the same twice."""
    subject_kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[str] = mapped_column(String(64))
    subject_number: Mapped[str] = mapped_column(String(32))
    text_zh: Mapped[str] = mapped_column(String(500))
    text_en: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OutgoingMessage(Identified, Base):
    """One message to somebody outside. Its id is the idempotency key that the receiver sees."""

    __tablename__ = "outgoing_message"
    __table_args__ = (
        Index("ix_outgoing_message_state_id", "state", "id"),
        Index("ix_outgoing_message_state_tried_at", "state", "tried_at"),
        Index("ix_outgoing_message_subject_id_id", "subject_id", "id"),
    )

    channel: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(32))
    key: Mapped[str | None] = mapped_column(String(300), unique=True)
    subject_kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[str] = mapped_column(String(64))
    subject_number: Mapped[str] = mapped_column(String(32))
    recipient: Mapped[str] = mapped_column(String(100))
    """SMS: the number; webhook: its name in the settings."""
    text: Mapped[str] = mapped_column(Text, default="")
    """SMS: the words, `{link}` still in them."""
    link: Mapped[str] = mapped_column(String(500), default="")
    """SMS: what `{link}` becomes; it may let its reader in, so no page shows it."""
    payload: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """Webhook: what is posted."""
    state: Mapped[str] = mapped_column(String(8), default=MessageState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(500), default="")
    """Of the latest failure; no number in it."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NoticeTemplate(Base):
    """The words of one kind of notice where they differ from those shipped."""

    __tablename__ = "notice_template"

    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    page_zh: Mapped[str] = mapped_column(String(300))
    page_en: Mapped[str] = mapped_column(String(300))
    sms_zh: Mapped[str] = mapped_column(String(300))
    sms_en: Mapped[str] = mapped_column(String(300))
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[str] = mapped_column(String(36))
