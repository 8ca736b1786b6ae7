"""The audit log: append only, in the transaction of what it tells about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from hotline.accounts.models import AuditEntry
from hotline.kernel.clock import Clock
from hotline.kernel.http import AuditRecord

BY_COMMAND_LINE = "command line"
"""Stands where an address does, of what nobody did who was logged in: it was root, or the service's user."""


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Of two states, in the audit log's form, what differs."""
    changed = [name for name in after if before[name] != after[name]]
    return {"before": {name: before[name] for name in changed}, "after": {name: after[name] for name in changed}}


class AuditLog:
    """Writes audit entries; `hotline.kernel.http` calls it for `ctx.audit`."""

    def __init__(self, clock: Clock, *, forward: Callable[[AuditEntry], None] | None = None) -> None:
        """`forward` gets each entry once it is committed; it must be quick and never raise."""
        self._clock = clock
        self._forward = forward

    async def command_line(self, db: AsyncSession, action: str, target: str, **detail: Any) -> None:
        """Record what was done by the `hotline` program."""
        await self.record(
            db,
            AuditRecord(
                user_id=None, username="", action=action, target=target, address=BY_COMMAND_LINE, detail=detail
            ),
        )

    async def record(self, db: AsyncSession, record: AuditRecord) -> None:
        entry = AuditEntry(
            at=self._clock.now(),
            user_id=record.user_id,
            username=record.username[:64],
            action=record.action[:64],
            target=record.target[:255],
            address=record.address[:64],
            detail=record.detail,
        )
        db.add(entry)
        await db.flush()
        if self._forward is not None:
            _after_commit(db.sync_session, entry, self._forward)


def _after_commit(session: Session, entry: AuditEntry, forward: Callable[[AuditEntry], None]) -> None:
    def committed(session: Session) -> None:
        # A savepoint that ends is announced the same way, and one that was rolled back takes its entries with it.
        if not session.in_nested_transaction() and inspect(entry).persistent:
            forward(entry)

    event.listen(session, "after_commit", committed)
