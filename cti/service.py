"""The cti floor put together, for `hotline/app.py`."""

from __future__ import annotations

from aiohttp import web

from callflow.live import Calls
from cti.calls.ports import JournalReader
from cti.calls.routes import call_routes
from cti.calls.service import CallLog
from cti.desktop.commands import Commands
from cti.desktop.hub import DesktopHub
from cti.desktop.phones import SipOverWebSocket
from cti.desktop.records import LiveRecords
from cti.desktop.routes import desk_routes, public_routes
from cti.desktop.socket import DeskSocket
from cti.ports import CasesOfCalls
from cti.presence.queues import QueueBoard
from cti.presence.service import PresenceService
from cti.threeway.ports import SpecialistDirectory
from cti.threeway.service import ThreewayService
from hotline.accounts.events import AccessChanged
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import UnavailableError
from hotline.kernel.events import Recorded
from hotline.kernel.http import Routes
from hotline.kernel.settings import Settings
from ivr.events import PhoneEvent
from ivr.switchboard import PhoneSnapshot, Switchboard

HOTLINE_NUMBER = "12345"


class CtiService:
    """`start()` after the database and the bus, `close()` before them; both may be called twice.

    Call `set_link()` with each change of the phone link, and `resync()` each time it is ready.
    """

    def __init__(
        self,
        *,
        switchboard: Switchboard,
        phone: Dispatcher[PhoneEvent],
        bus: Bus,
        journal: JournalReader,
        database: Database,
        clock: Clock,
        settings: Settings,
        calls: Calls,
        specialists: SpecialistDirectory,
        cases: CasesOfCalls,
    ) -> None:
        self._database = database
        self._unsubscribe = bus.subscribe(self._on_access, AccessChanged)
        # The hub is told of changes by the services it shows; each is built before the hub, which needs them all.
        self.presence = PresenceService(switchboard, phone, bus, clock, on_change=self._agent_changed)
        self.queues = QueueBoard(phone, clock, on_change=self._queues_changed)
        self.threeway = ThreewayService(
            switchboard,
            phone,
            bus,
            clock,
            specialists,
            on_change=self._call_changed,
            on_agent_leg=self.presence.replace_leg,
            hotline_number=HOTLINE_NUMBER,
        )
        self.log = CallLog(
            database,
            bus,
            journal,
            clock,
            recordings=settings.recordings,
            agents=self.presence,
            cases=cases,
            logs=settings.asterisk_logs,
            phone=phone,
        )
        records = LiveRecords(self.log, calls)
        self.hub = DesktopHub(self.presence, self.queues, records, self.threeway.status, clock)
        self._phones = SipOverWebSocket(settings, hotline_number=HOTLINE_NUMBER)
        self._socket = DeskSocket(self.hub, Commands(self.presence, self.threeway), clock)

    @property
    def routes(self) -> list[Routes]:
        return [desk_routes(self._socket, self._phones), public_routes(self._phones), call_routes(self.log)]

    @property
    def history(self) -> CallLog:
        """What crm calls its `CallHistory`."""
        return self.log

    def websocket_origin(self, request: web.Request) -> str:
        """Where the pages' phones connect to, for the Content-Security-Policy."""
        return self._phones.origin(request)

    async def start(self) -> None:
        await self.log.start()
        await self.load_agents()

    async def load_agents(self) -> None:
        """Read who is an agent; again after agents were edited. With the database away, `resync()` does it."""
        try:
            await self.presence.load(self._database)
        except UnavailableError:
            self.presence.loaded = False

    async def close(self) -> None:
        self._unsubscribe()
        await self.hub.close()
        await self.threeway.close()
        self.queues.close()
        await self.presence.close()
        await self.log.close()

    def set_link(self, up: bool) -> None:
        self.presence.set_link(up)

    async def resync(self, snapshot: PhoneSnapshot) -> None:
        """Take Asterisk's word for who is where; after each log-in."""
        if not self.presence.loaded:
            await self.load_agents()
        await self.threeway.resync(snapshot)
        await self.presence.resync(snapshot)
        self.queues.resync(snapshot)
        await self.log.resync(snapshot)

    def _agent_changed(self, number: str) -> None:
        self.hub.agent_changed(number)

    def _queues_changed(self) -> None:
        self.hub.queues_changed()

    def _call_changed(self, call_id: str) -> None:
        self.hub.call_changed(call_id)

    def _on_access(self, recorded: Recorded) -> None:
        assert isinstance(recorded.event, AccessChanged)
        self.hub.drop_user(recorded.event.user_id)
