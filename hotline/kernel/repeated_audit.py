"""Audit entries of what a script may repeat without end: a refused route, a locked log-in, a list read page by page."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

import orjson
import structlog

from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import HotlineError
from hotline.kernel.http import AuditRecord, AuditTrail
from hotline.kernel.tasks import repeat

log = structlog.get_logger(__name__)
WINDOW = timedelta(minutes=1)
MOST_WINDOWS = 1000
"""Addresses are a caller's to choose: what exceeds these is counted together, by action alone."""
OTHERS = "(others)"
Key = tuple[str | None, ...]


@dataclass(slots=True)
class _Window:
    """One kind of record; `waiting` of them are not written yet, the first of them since `since`."""

    record: AuditRecord
    ends: float
    since: datetime
    waiting: int = 0


class RepeatedAudit:
    """Writes the first of equal records at once, and those that follow once a minute, with their `count`.

    Nothing of it fails a request: what cannot be written waits for the next round.
    """

    def __init__(self, database: Database, trail: AuditTrail, clock: Clock) -> None:
        self._database = database
        self._trail = trail
        self._clock = clock
        self._windows: dict[Key, _Window] = {}

    async def note(self, record: AuditRecord) -> None:
        """Record it in a transaction of its own, or count it to an equal one of the last minute."""
        key = _key(record)
        if key not in self._windows and len(self._windows) >= MOST_WINDOWS:
            record = dataclasses.replace(record, user_id=None, username="", target=OTHERS, address="", detail={})
            key = (record.action, OTHERS)
        window = self._windows.get(key)
        if window is not None and window.waiting == 0:
            window.since = self._clock.now()
        if window is not None:
            window.record = record
            window.waiting += 1
        if window is None:
            window = self._windows[key] = _Window(record, 0, self._clock.now(), 1)
        if self._clock.monotonic() >= window.ends:
            await self._write(window)

    async def run(self) -> NoReturn:
        """Write each minute what is due."""

        async def round_() -> None:
            await self._clock.sleep(WINDOW)
            await self.flush()

        await repeat(round_, clock=self._clock, pause=WINDOW, trouble="repeated audit entries not written")

    async def flush(self, *, everything: bool = False) -> None:
        """Write the windows that are over, or all; forget those in which nothing happened."""
        now = self._clock.monotonic()
        for key, window in list(self._windows.items()):
            if now < window.ends and not everything:
                continue
            if window.waiting:
                await self._write(window)
            else:
                self._windows.pop(key, None)

    async def close(self) -> None:
        """Write what is left; safe to call twice."""
        await self.flush(everything=True)

    async def _write(self, window: _Window) -> None:
        count, window.waiting = window.waiting, 0
        window.ends = self._clock.monotonic() + WINDOW.total_seconds()
        detail = {**window.record.detail, "count": count}
        if count > 1:
            detail["since"] = window.since.isoformat()
        try:
            async with self._database.transaction() as db:
                await self._trail.record(db, dataclasses.replace(window.record, detail=detail))
        except HotlineError as error:
            window.waiting += count
            log.warning("audit entry waits", action=window.record.action, count=count, error_id=error.error_id)


def _key(record: AuditRecord) -> Key:
    address = record.address if record.user_id is None else ""
    detail = orjson.dumps(record.detail, option=orjson.OPT_SORT_KEYS).decode()
    return record.action, record.user_id, record.target, address, detail
