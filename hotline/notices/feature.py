"""The notices, put together."""

from __future__ import annotations

from typing import Protocol
from zoneinfo import ZoneInfo

from hotline.kernel.clock import Clock
from hotline.kernel.http import Routes
from hotline.kernel.jobs import JobQueue
from hotline.notices.inbox_routes import inbox_routes
from hotline.notices.service import NoticeService


class InstanceNotices(Protocol):
    """The settings that the notices read."""

    @property
    def time_zone(self) -> ZoneInfo:
        """The hotline's own."""
        ...


class NoticeFeature:
    """`service` is what every other service notifies by."""

    def __init__(self, settings: InstanceNotices, clock: Clock) -> None:
        self._queue = JobQueue(clock)
        self.service = NoticeService(clock, self._queue, zone=settings.time_zone, hotline="12345热线", sms=False)

    @property
    def routes(self) -> list[Routes]:
        return [inbox_routes()]
