"""Notices in their own transaction: rows for the bell, and for what leaves the house a message with its job."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.kernel.clock import Clock
from hotline.kernel.ids import uuid7
from hotline.kernel.jobs import JobQueue
from hotline.notices import repository
from hotline.notices.contract import Notice, Notified, UnitMembers, takes_sms
from hotline.notices.kinds import Placeholder
from hotline.notices.models import MessageChannel, MessageState, OutgoingMessage
from hotline.notices.templates import LONGEST_TEXT, TemplateTexts, Value, missing, render, shipped

log = structlog.get_logger(__name__)
SEND_JOB = "notices.send"


@dataclass(frozen=True, slots=True)
class WebhookRoute:
    """A webhook that gets notices of these units and kinds; empty: of all."""

    name: str
    units: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()

    def takes(self, notice: Notice) -> bool:
        if notice.webhook:
            return notice.webhook == self.name
        unit = bool(notice.units) and (not self.units or not self.units.isdisjoint(notice.units))
        return unit and (not self.kinds or notice.kind in self.kinds)


async def nobody(_db: AsyncSession, _units: Collection[str]) -> Collection[str]:
    """`UnitMembers` where units have no users."""
    return ()


class NoticeService:
    """Where every service notifies."""

    def __init__(
        self,
        clock: Clock,
        queue: JobQueue,
        *,
        zone: tzinfo,
        hotline: str,
        sms: bool,
        webhooks: Sequence[WebhookRoute] = (),
        members: UnitMembers = nobody,
    ) -> None:
        """`sms`: whether a provider is set; without one no SMS is written. `hotline` is its name in templates."""
        self._clock = clock
        self._queue = queue
        self._zone = zone
        self._hotline = hotline
        self._webhooks = webhooks
        self.members = members
        """Set by whoever knows the units."""
        self.sends_sms = sms
        self.webhook_names = frozenset(webhook.name for webhook in webhooks)

    async def notify(self, db: AsyncSession, notice: Notice) -> Notified:
        """Notify in the caller's transaction: all of it is committed with what it is about, or none.

        In the page each recipient gets it once. What leaves the house is sent after the commit, also by a process
        started after a crash; a crash between the receiver's answer and our record of it sends it again with the same
        idempotency key. Never fails over a number that takes no SMS, or a user who left: those are left out.
        """
        texts = await current_texts(db, notice)
        values = self._values(notice)
        users = await self._write_notices(db, notice, texts, values)
        messages = [
            *await self._write_sms(db, notice, texts, values),
            *await self._write_webhooks(db, notice, texts, values),
        ]
        return Notified(users, tuple(messages))

    async def of_case(self, db: AsyncSession, case_id: str) -> list[OutgoingMessage]:
        """What was sent, or is to be, about a case: the newest first."""
        return await repository.messages_about(db, case_id)

    async def schedule(self, db: AsyncSession, message_id: str) -> None:
        """Have a message sent once the transaction commits."""
        await self._queue.schedule(db, SEND_JOB, {"message_id": message_id}, run_at=self._clock.now())

    def _values(self, notice: Notice) -> dict[str, Value]:
        return {
            Placeholder.NUMBER: notice.subject.number,
            Placeholder.HOTLINE: self._hotline,
            **{str(name): value for name, value in notice.values.items()},
        }

    async def _write_notices(
        self, db: AsyncSession, notice: Notice, texts: TemplateTexts, values: Mapping[str, Value]
    ) -> int:
        users = set(notice.users)
        if notice.units:
            users |= set(await self.members(db, notice.units))
        if not texts.page_zh or not (users or notice.roles):
            return 0
        _warn_of_missing(notice, texts.page_zh, values)
        row = {
            **_about(notice),
            "key": notice.key,
            "text_zh": render(texts.page_zh, values, "zh", self._zone),
            "text_en": render(texts.page_en, values, "en", self._zone),
            "created_at": self._clock.now(),
        }
        ids = await repository.recipients(db, users=users, roles=notice.roles, excluding=notice.excluding)
        return await repository.insert_notices(db, [{**row, "id": uuid7(), "user_id": user_id} for user_id in ids])

    async def _write_sms(
        self, db: AsyncSession, notice: Notice, texts: TemplateTexts, values: Mapping[str, Value]
    ) -> list[str]:
        to = notice.sms
        template = (texts.sms_zh if to.language == "zh" else texts.sms_en) if to is not None else ""
        if to is None or not self.sends_sms or not (template or to.text) or not takes_sms(to.number):
            return []
        if to.text:
            name = f"【{self._hotline}】" if to.language == "zh" else f"[{self._hotline}] "
            text = f"{name}{to.text}"[:LONGEST_TEXT]
        else:
            values = {**values, Placeholder.LINK: to.link}
            _warn_of_missing(notice, template, values)
            text = render(template, values, to.language, self._zone, keep=Placeholder.LINK)
        row = {"recipient": to.number, "text": text, "link": to.link[:LONGEST_TEXT], "payload": {}}
        return await self._write(db, notice, MessageChannel.SMS, "", row)

    async def _write_webhooks(
        self, db: AsyncSession, notice: Notice, texts: TemplateTexts, values: Mapping[str, Value]
    ) -> list[str]:
        ids = []
        for webhook in self._webhooks:
            if not webhook.takes(notice):
                continue
            payload = {
                "kind": notice.kind,
                "at": self._clock.now().isoformat(),
                "units": sorted(notice.units),
                "subject": {"kind": notice.subject.kind, "id": notice.subject.id, "number": notice.subject.number},
                "text": {
                    "zh": render(texts.page_zh, values, "zh", self._zone),
                    "en": render(texts.page_en, values, "en", self._zone),
                },
                **({"values": dict(notice.data)} if notice.data else {}),
            }
            row = {"recipient": webhook.name, "text": "", "link": "", "payload": payload}
            ids += await self._write(db, notice, MessageChannel.WEBHOOK, webhook.name, row)
        return ids

    async def _write(
        self, db: AsyncSession, notice: Notice, channel: MessageChannel, name: str, row: dict[str, Any]
    ) -> list[str]:
        message_id = uuid7()
        new = await repository.insert_message(
            db,
            {
                **_about(notice),
                **row,
                "id": message_id,
                "channel": channel,
                "key": f"{notice.key}:{channel}:{name}" if notice.key else None,
                "state": MessageState.WAITING,
                "attempts": 0,
                "reason": "",
                "version": 1,
                "created_at": self._clock.now(),
            },
        )
        if not new:
            return []
        await self.schedule(db, message_id)
        return [message_id]


async def current_texts(db: AsyncSession, notice: Notice) -> TemplateTexts:
    """The words in force: the edited ones, or those shipped."""
    row = await repository.template(db, notice.kind)
    if row is None:
        return shipped()[notice.kind]
    return TemplateTexts(page_zh=row.page_zh, page_en=row.page_en, sms_zh=row.sms_zh, sms_en=row.sms_en)


def _about(notice: Notice) -> dict[str, Any]:
    return {
        "kind": notice.kind,
        "subject_kind": notice.subject.kind,
        "subject_id": notice.subject.id,
        "subject_number": notice.subject.number,
    }


def _warn_of_missing(notice: Notice, template: str, values: Mapping[str, Value]) -> None:
    if lacking := missing(template, values):
        log.warning("a notice lacks values", kind=notice.kind, missing=sorted(lacking))
