"""How old audit entries go: the database refuses it to everybody who has not named the moment before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.models import AuditEntry, AuditRelease
from hotline.kernel.db import Database
from hotline.kernel.retention import OldRows


class OldAuditEntries(OldRows):
    """Entries of the audit log. Each batch names the moment, removes, and closes the door again."""

    def __init__(self, database: Database) -> None:
        super().__init__("audit", database, AuditEntry.id, _old)

    async def delete(self, db: AsyncSession, keys: list[str], before: datetime) -> None:
        db.add(AuditRelease(until=before))
        await db.flush()
        await super().delete(db, keys, before)
        await db.execute(delete(AuditRelease))


def _old(before: datetime) -> Select[str]:
    return select(AuditEntry.id).where(AuditEntry.at < before)
