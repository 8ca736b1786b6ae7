"""The notices, put together."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from hotline.kernel.bus import Bus
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.http import Routes
from hotline.kernel.job_runner import JobRunner
from hotline.kernel.jobs import JobQueue
from hotline.kernel.settings import SettingsError
from hotline.notices.inbox_routes import inbox_routes
from hotline.notices.kinds import NoticeKind
from hotline.notices.models import MessageChannel
from hotline.notices.outbox import Outbox
from hotline.notices.ports import Notifier
from hotline.notices.providers.sms import FileSms, HttpSms
from hotline.notices.providers.webhook import WebhookNotifier
from hotline.notices.routes import message_routes, template_routes
from hotline.notices.sender import SEND_TIME, MessageSender
from hotline.notices.service import SEND_JOB, NoticeService, WebhookRoute
from hotline.notices.settings import NoticeSettings, SmsSettings
from hotline.notices.template_store import TemplateStore

_INDEFINITELY = 1_000_000


class InstanceNotices(Protocol):
    """The settings that the notices read."""

    @property
    def time_zone(self) -> ZoneInfo:
        """The hotline's own."""
        ...

    @property
    def home(self) -> Path: ...
    @property
    def notices(self) -> NoticeSettings: ...
    @property
    def sms(self) -> SmsSettings: ...


class NoticeFeature:
    """`service` is what every other service notifies by. `close()` may be called twice."""

    def __init__(self, settings: InstanceNotices, database: Database, bus: Bus, clock: Clock) -> None:
        """Raises `SettingsError`."""
        zone, hotline = settings.time_zone, settings.notices.hotline
        # A queue and a runner of their own: four receivers that hang must not keep deadlines waiting.
        queue = JobQueue(clock)
        notifiers = _notifiers(settings, clock)
        self.service = NoticeService(
            clock,
            queue,
            zone=zone,
            hotline=hotline,
            sms=MessageChannel.SMS in notifiers,
            webhooks=_webhook_routes(settings),
        )
        self._templates = TemplateStore(clock, zone=zone, hotline=hotline)
        names = [webhook.name for webhook in settings.notices.webhooks]
        self._outbox = Outbox(self.service, sms=settings.sms.provider, webhooks=names)
        self._sender = MessageSender(notifiers, database, clock)
        self._runner = JobRunner(database, queue, bus, clock)
        # The sender itself gives up; a job that was cut off before it could say so is never dropped.
        self._runner.register(SEND_JOB, self._sender.job, time=SEND_TIME, attempts=_INDEFINITELY, transaction=False)

    @property
    def routes(self) -> list[Routes]:
        return [inbox_routes(), message_routes(self._outbox), template_routes(self._templates)]

    async def start(self) -> None:
        await self._runner.start()

    async def check(self) -> str:
        """For readiness. Raises `UnavailableError` while sending fails."""
        await self._runner.check()
        return await self._sender.check()

    async def close(self) -> None:
        await self._runner.close()
        await self._sender.close()


def _notifiers(settings: InstanceNotices, clock: Clock) -> dict[MessageChannel, Notifier]:
    networks = settings.notices.private_networks
    notifiers: dict[MessageChannel, Notifier] = {}
    match settings.sms.provider:
        case "file":
            notifiers[MessageChannel.SMS] = FileSms(settings.sms.file or settings.home / "sms.jsonl", clock)
        case "http":
            notifiers[MessageChannel.SMS] = HttpSms(settings.sms, networks)
    if settings.notices.webhooks:
        notifiers[MessageChannel.WEBHOOK] = WebhookNotifier(settings.notices.webhooks, networks, clock)
    return notifiers


def _webhook_routes(settings: InstanceNotices) -> list[WebhookRoute]:
    kinds = set(NoticeKind)
    for webhook in settings.notices.webhooks:
        if unknown := sorted(set(webhook.kinds) - kinds):
            raise SettingsError(f"notices.webhooks, {webhook.name}: there is no kind of notice {unknown[0]!r}.")
    return [
        WebhookRoute(webhook.name, units=frozenset(webhook.units), kinds=frozenset(webhook.kinds))
        for webhook in settings.notices.webhooks
    ]
