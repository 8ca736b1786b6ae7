"""Hangs up a specialist's leg until it is gone."""

from __future__ import annotations

from datetime import timedelta

import structlog

from hotline.kernel.clock import Backoff, Clock
from hotline.kernel.tasks import TaskOwner
from ivr.errors import PhoneError
from ivr.switchboard import Switchboard

log = structlog.get_logger(__name__)
_AGAIN = timedelta(seconds=2)
_AT_LEAST_EVERY = timedelta(seconds=10)


class LegHangup:
    def __init__(self, switchboard: Switchboard, clock: Clock, tasks: TaskOwner) -> None:
        self._switchboard = switchboard
        self._clock = clock
        self._tasks = tasks

    async def hang_up(self, leg: str) -> bool:
        """Whether the leg is gone; if Asterisk fails to hang it up, it is retried until it is. Raises nothing."""
        try:
            await self._switchboard.hang_up(leg)
        except PhoneError as error:
            log.warning("hanging up the specialist failed", leg=leg, error_id=error.error_id)
        except Exception:
            log.exception("hanging up the specialist failed", leg=leg)
        else:
            return True
        self._tasks.spawn(self._hang_up_at_last(leg), name="hang-up")
        return False

    async def _hang_up_at_last(self, leg: str) -> None:
        """Retry without limit: a dropped specialist must not keep listening. Ends when the leg is gone."""
        backoff = Backoff(self._clock, first=_AGAIN, most=_AT_LEAST_EVERY)
        while True:
            await backoff.wait()
            try:
                return await self._switchboard.hang_up(leg)
            except PhoneError:
                continue  # Already logged once.
            except Exception:
                log.exception("hanging up the specialist failed", leg=leg)
