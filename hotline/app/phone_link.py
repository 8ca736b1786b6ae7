"""The link to Asterisk: whether its events are accepted, and how every part is reconciled after each log-in."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from callflow.service import CallflowService
from cti.desktop.service import DesktopService
from cti.service import CtiService
from hotline.kernel.bus import Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.tasks import TaskOwner
from ivr.ami.client import AmiClient
from ivr.ami.link import LinkState
from ivr.errors import PhoneError
from ivr.events import PhoneEvent
from ivr.lease import Lease, LeaseHeldError

log = structlog.get_logger(__name__)

RETRY = timedelta(seconds=1)


class EventGate:
    """Passes Asterisk's events on only while this service holds the lease."""

    def __init__(self, phone: Dispatcher[PhoneEvent]) -> None:
        self._phone = phone
        self.open = False

    def deliver(self, event: PhoneEvent) -> None:
        if self.open:
            self._phone.deliver(event)


class PhoneLink:
    """`start()` last of all parts, since from then on callers come; `close()` first."""

    def __init__(
        self,
        ami: AmiClient,
        gate: EventGate,
        lease: Lease,
        callflow: CallflowService,
        cti: CtiService,
        desktop: DesktopService,
        clock: Clock,
    ) -> None:
        self.served = asyncio.Event()
        """Set while Asterisk's calls and agents are reconciled and callers are sent here."""
        self._ami = ami
        self._gate = gate
        self._lease = lease
        self._callflow = callflow
        self._cti = cti
        self._desktop = desktop
        self._clock = clock
        self._log_ins = 0
        self._adopted = 0
        """The log-in whose calls have been reconciled. Doing it twice would restart every menu."""
        self._resyncing = asyncio.Lock()
        self._tasks = TaskOwner("phone link")

    async def start(self) -> None:
        """Connect, without waiting for it."""
        self._ami.on_link(self._on_link)
        await self._ami.start()

    async def close(self) -> None:
        await self._tasks.close()

    def _on_link(self, state: LinkState) -> None:
        self._cti.set_link(state is LinkState.READY)
        # Also if the link is ready again at once: what was reconciled before it broke is outdated.
        self.served.clear()
        if state is LinkState.READY:
            self._log_ins += 1
            self._tasks.spawn(self._resync(), name="resync")
        else:
            self._gate.open = False

    async def _resync(self) -> None:
        """Take the lease and reconcile every part with Asterisk: after each log-in, until it succeeds."""
        async with self._resyncing:
            while self._ami.ready:
                try:
                    if await self._lease.renew():
                        await self._compare()
                        return
                except LeaseHeldError as error:
                    log.error("another service serves this Asterisk", hint=error.detail)
                    return
                except PhoneError as error:
                    log.warning("reading Asterisk's state failed", reason=error.error_id)
                except Exception:
                    # Our bug, or a database that refuses: callers still need the next attempt.
                    log.exception("reconciling with Asterisk failed")
                await self._clock.sleep(RETRY)

    async def _compare(self) -> None:
        log_in = self._log_ins
        self._gate.open = True
        if self._adopted != log_in:
            await self._callflow.adopt(await self._ami.switchboard.snapshot())
            self._adopted = log_in
        # Asked again: the first may be some seconds old by now, and agents have been rung since.
        await self._cti.resync(await self._ami.switchboard.snapshot())
        self._desktop.resync()
        # If the link broke meanwhile, single commands fail, which is no reason to give up; the next log-in's
        # comparison waits for this one to end.
        if log_in == self._log_ins and self._ami.ready:
            self.served.set()
