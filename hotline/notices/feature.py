"""The notices, put together."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from hotline.kernel.clock import Clock
from hotline.kernel.http import Routes
from hotline.kernel.jobs import JobQueue
from hotline.kernel.settings import Settings
from hotline.notices.inbox_routes import inbox_routes
from hotline.notices.service import NoticeService


class NoticeFeature:
    """`service` is what every other service notifies by."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._queue = JobQueue(clock)
        self.service = NoticeService(
            clock, self._queue, zone=ZoneInfo(settings.crm.time_zone), hotline="12345热线", sms=False
        )

    @property
    def routes(self) -> list[Routes]:
        return [inbox_routes()]
