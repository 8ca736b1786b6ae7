"""Notices and messages go by their age: what was not read in half a year will not be."""

from __future__ import annotations

from sqlalchemy import select

from hotline.kernel.db import Database
from hotline.kernel.retention import OldRows
from hotline.notices.models import NoticeRecord, OutgoingMessage


def old_notices(database: Database) -> OldRows:
    return OldRows(
        "notices",
        database,
        NoticeRecord.id,
        lambda before: select(NoticeRecord.id).where(NoticeRecord.created_at < before),
    )


def old_messages(database: Database) -> OldRows:
    """With the numbers that they went to; one that still waits has been dead for long."""
    return OldRows(
        "messages",
        database,
        OutgoingMessage.id,
        lambda before: select(OutgoingMessage.id).where(OutgoingMessage.created_at < before),
    )
