"""A service with notices: users, an edge to ask, and the runner that sends."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.jobs import JobQueue
from hotline.notices.contract import Notice, NoticeSubject, Notified, SmsRecipient
from hotline.notices.kinds import NoticeKind
from hotline.notices.models import NoticeRecord, OutgoingMessage
from hotline.notices.service import NoticeService, WebhookRoute

ZONE = ZoneInfo("Asia/Shanghai")
CASE = NoticeSubject(kind="case", id="0198c0de-0000-7000-8000-000000000001", number="20260302-0001")
CALLER = "13912345678"
LINK = "https://12345.example.gov.cn/portal/progress#20260302-0001.s3cr3t"
TO_CALLER = SmsRecipient(number=CALLER, link=LINK)
UNIT = "0198c0de-0000-7000-8000-00000000000a"
ACCEPTED = {"state": "待审核"}


class NoticeStage:
    """The service that writes notices, on a database of its own."""

    def __init__(self, database: Database, clock: Clock, *, webhooks: Collection[WebhookRoute] = ()) -> None:
        self.database = database
        self.clock = clock
        self.queue = JobQueue(clock)
        self.unit_members: dict[str, list[str]] = {}
        self.service = NoticeService(
            clock,
            self.queue,
            zone=ZONE,
            hotline="12345热线",
            sms=True,
            webhooks=tuple(webhooks),
            members=self._members,
        )

    async def _members(self, _db: AsyncSession, units: Collection[str]) -> Collection[str]:
        return [user for unit in units for user in self.unit_members.get(unit, [])]

    async def notify(self, kind: NoticeKind = NoticeKind.MENTION, **fields: Any) -> Notified:
        fields = {"values": {"person": "王芳"}, "subject": CASE, **fields}
        async with self.database.transaction() as db:
            return await self.service.notify(db, Notice(kind=kind, **fields))

    async def notices(self) -> list[NoticeRecord]:
        async with self.database.snapshot() as db:
            return list(await db.scalars(select(NoticeRecord).order_by(NoticeRecord.id)))

    async def messages(self) -> list[OutgoingMessage]:
        async with self.database.snapshot() as db:
            return list(await db.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id)))
