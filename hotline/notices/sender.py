"""Sends what waits, as jobs of a runner of their own: a receiver that hangs never holds up a case's deadline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

import structlog
from sqlalchemy import CursorResult, update

from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import UnavailableError
from hotline.kernel.jobs import JobContext
from hotline.kernel.metrics import MESSAGES
from hotline.notices import repository
from hotline.notices.models import MessageChannel, MessageState, OutgoingMessage
from hotline.notices.ports import Notifier, Parcel, SendFailedError

log = structlog.get_logger(__name__)
MOST_ATTEMPTS = 10
"""Over about two hours: ten seconds after the first, then twice as long each time, up to an hour."""
SEND_TIME = timedelta(seconds=20)
_DEAD_SINCE = timedelta(hours=1)


class MessageSender:
    """The handler of the jobs that `NoticeService` schedules. It may run twice for one message after a crash."""

    def __init__(self, notifiers: Mapping[MessageChannel, Notifier], database: Database, clock: Clock) -> None:
        self._notifiers = notifiers
        self._database = database
        self._clock = clock

    async def job(self, ctx: JobContext) -> None:
        """Send the message of this job, once more than before; raises to be tried again."""
        async with self._database.snapshot() as db:
            row = await repository.message(db, str(ctx.job.payload["message_id"]))
        if row is None or row.state != MessageState.WAITING:
            return  # sent before a crash, or removed by age
        try:
            await self._send(row)
        except SendFailedError as error:
            dead = error.permanent or ctx.job.attempts >= MOST_ATTEMPTS
            await self._failed(row, error, dead=dead)
            if not dead:
                raise
        else:
            now = self._clock.now()
            await self._record(row, state=MessageState.SENT, reason="", tried_at=now, sent_at=now)
            MESSAGES.labels(row.channel, "sent").inc()

    async def check(self) -> str:
        """For readiness. Raises `UnavailableError` where messages fail again and again, or were given up just now."""
        async with self._database.snapshot() as db:
            trouble = await repository.troubled(db, since=self._clock.now() - _DEAD_SINCE)
        if trouble:
            raise UnavailableError("; ".join(f"{channel} fails: {why}" for channel, why in sorted(trouble.items())))
        return ", ".join(sorted(self._notifiers)) or "none"

    async def close(self) -> None:
        for notifier in self._notifiers.values():
            await notifier.close()

    async def _send(self, row: OutgoingMessage) -> None:
        notifier = self._notifiers.get(MessageChannel(row.channel))
        if notifier is None:
            raise SendFailedError("No provider is set for this channel any more.", permanent=True)
        text = row.text.replace("{link}", row.link)
        await notifier.send(Parcel(id=row.id, kind=row.kind, recipient=row.recipient, text=text, payload=row.payload))

    async def _failed(self, row: OutgoingMessage, error: SendFailedError, *, dead: bool) -> None:
        state = MessageState.DEAD if dead else MessageState.WAITING
        await self._record(row, state=state, reason=error.detail[:500], tried_at=self._clock.now())
        MESSAGES.labels(row.channel, "dead" if dead else "failed").inc()
        if dead:
            log.error("a message was given up", message=row.id, channel=row.channel, cause=error.detail)

    async def _record(self, row: OutgoingMessage, **values: Any) -> None:
        values |= {"attempts": OutgoingMessage.attempts + 1, "version": OutgoingMessage.version + 1}
        waiting = (OutgoingMessage.id == row.id) & (OutgoingMessage.state == MessageState.WAITING)
        statement = update(OutgoingMessage).where(waiting).values(**values)
        async with self._database.transaction() as db:
            done = await db.execute(statement.execution_options(synchronize_session=False))
        if cast(CursorResult[Any], done).rowcount == 0:
            log.info("a message was settled meanwhile", message=row.id)
