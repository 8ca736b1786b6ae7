"""Messages that flows send: into the outbox of the notices, without a caller waiting for the database or a peer."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta

import structlog

from callflow.ports import FlowMessage
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import TooManyRequestsError
from hotline.kernel.rate import RateLimit
from hotline.kernel.tasks import TaskOwner, repeat
from hotline.notices.contract import Notice, NoticeSubject, SmsRecipient, takes_sms
from hotline.notices.kinds import NoticeKind
from hotline.notices.service import NoticeService

log = structlog.get_logger(__name__)

LIMIT = 1000
"""Messages waiting to be written; more are refused."""
RETRY = timedelta(seconds=2)
LAST_WRITES = timedelta(seconds=2)
"""How long `close` waits for what is not written yet; the rest is lost, and logged."""
_MOBILE_DIGITS = 11
"""With +86 before it, a number is the same."""
SMS_LIMIT = "5/hour; 10/day"
"""To one number: whoever calls with somebody else's number must not flood them."""


class FlowMessages:
    """`post` is a `callflow.ports.PostMessage`. `close()` may be called twice."""

    def __init__(self, database: Database, notices: NoticeService, clock: Clock) -> None:
        self._database = database
        self._notices = notices
        self._clock = clock
        self._waiting: deque[FlowMessage] = deque()
        self._came = asyncio.Event()
        self._written = asyncio.Event()
        self._limit = RateLimit("flow messages to one number", SMS_LIMIT)
        self._tasks = TaskOwner("flow-messages")

    def start(self) -> None:
        work = repeat(self._write_next, clock=self._clock, pause=RETRY, trouble="flow message unwritten")
        self._tasks.spawn(work, name="write")

    async def close(self) -> None:
        if self._waiting:
            self._written.clear()
            try:
                async with asyncio.timeout(LAST_WRITES.total_seconds()):
                    await self._written.wait()
            except TimeoutError:
                log.error("flow messages lost", lost=len(self._waiting))
                self._waiting.clear()
        await self._tasks.close()

    def post(self, message: FlowMessage) -> bool:
        if not self._sendable(message) or len(self._waiting) >= LIMIT:
            log.warning("flow message refused", call_id=message.call_id, node=message.node, waiting=len(self._waiting))
            return False
        self._waiting.append(message)
        self._came.set()
        return True

    def _sendable(self, message: FlowMessage) -> bool:
        if message.webhook:
            return message.webhook in self._notices.webhook_names
        if not self._notices.sends_sms or not takes_sms(message.number):
            return False
        try:
            self._limit.hit(message.number[-_MOBILE_DIGITS:])
        except TooManyRequestsError:
            return False
        return True

    async def _write_next(self) -> None:
        if not self._waiting:
            self._written.set()
            self._came.clear()
            await self._came.wait()
        # It stays the first until it is written: a database that is away keeps it waiting, in order.
        message = self._waiting[0]
        async with self._database.transaction() as db:
            await self._notices.notify(db, _notice_of(message))
        self._waiting.popleft()
        if not self._waiting:
            self._written.set()


def _notice_of(message: FlowMessage) -> Notice:
    english = message.language == "en"
    return Notice(
        kind=NoticeKind.CALL_FLOW,
        subject=NoticeSubject(kind="call", id=message.call_id),
        webhook=message.webhook,
        data=message.values,
        sms=None
        if message.webhook
        else SmsRecipient(number=message.number, text=message.text, language="en" if english else "zh"),
        key=f"flow:{message.call_id}:{message.node}",
    )
