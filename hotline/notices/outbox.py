"""What leaves the house, for those who watch over it: lists, and a dead message sent again."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.notices import repository
from hotline.notices.errors import MessageNotDeadError, MessageNotFoundError, MessageVersionConflictError
from hotline.notices.models import MessageState, OutgoingMessage
from hotline.notices.schemas import MessageSummary
from hotline.notices.service import NoticeService


class Outbox:
    """Each method works in the caller's transaction."""

    def __init__(self, service: NoticeService, *, sms: str, webhooks: list[str]) -> None:
        """The provider of SMS and the names of the webhooks, as the settings have them."""
        self._service = service
        self._sms = sms
        self._webhooks = webhooks

    async def summary(self, db: AsyncSession) -> MessageSummary:
        counts = await repository.count_unsent(db)
        return MessageSummary(
            sms=self._sms,
            webhooks=self._webhooks,
            waiting=counts.get(MessageState.WAITING, 0),
            dead=counts.get(MessageState.DEAD, 0),
        )

    async def resend(self, db: AsyncSession, message_id: str, *, version: int) -> OutgoingMessage:
        """Retry a dead message from its first attempt, under the same idempotency key.

        Raises `MessageNotFoundError`, `MessageNotDeadError`, `MessageVersionConflictError`.
        """
        row = await repository.message(db, message_id, lock=True)
        if row is None:
            raise MessageNotFoundError("No message has this id; it may have been removed by its age.")
        if row.state != MessageState.DEAD:
            raise MessageNotDeadError(f"It is {row.state}; load the list again.")
        if row.version != version:
            raise MessageVersionConflictError("Load the list again.", version=row.version)
        row.state, row.version = MessageState.WAITING, row.version + 1
        row.attempts = 0
        await db.flush()
        await self._service.schedule(db, row.id)
        return row
