"""The audit log: append only, in the transaction of what it tells about."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.models import AuditEntry
from hotline.kernel.clock import Clock
from hotline.kernel.http import AuditRecord


class AuditLog:
    """Writes audit entries; `hotline.kernel.http` calls it for `ctx.audit`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def record(self, db: AsyncSession, record: AuditRecord) -> None:
        db.add(
            AuditEntry(
                at=self._clock.now(),
                user_id=record.user_id,
                username=record.username[:64],
                action=record.action[:64],
                target=record.target[:255],
                address=record.address[:64],
                detail=record.detail,
            )
        )
        await db.flush()
