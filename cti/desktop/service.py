"""The agents' pages put together, over the services that they show; for `hotline/app/composition.py`."""

from __future__ import annotations

from datetime import timedelta

import structlog
from aiohttp import web

from callflow.live import LiveCalls
from cti.desktop.commands import Commands
from cti.desktop.hub import DesktopHub
from cti.desktop.phones import SipOverWebSocket
from cti.desktop.records import LiveRecords
from cti.desktop.routes import public_routes, workspace_routes
from cti.desktop.socket import WorkspaceSocket
from cti.desktop.web_secrets import Dialler, WebSecrets
from cti.events import AgentsChanged
from cti.ports import CtiSettings, ScreenPopReader
from cti.service import CtiService
from hotline.accounts.events import AccessChanged
from hotline.kernel.bus import Bus
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import UnavailableError
from hotline.kernel.events import Recorded
from hotline.kernel.http import Routes
from hotline.kernel.tasks import TaskOwner
from ivr.dialplan import HOTLINE_NUMBER
from ivr.errors import PhoneError

log = structlog.get_logger(__name__)

SECRETS_EVERY = timedelta(seconds=5)


class DesktopService:
    """`start()` after `CtiService`'s, `close()` before it; `close()` may be called twice. Call `resync()` after its."""

    def __init__(
        self,
        cti: CtiService,
        *,
        calls: LiveCalls,
        pops: ScreenPopReader,
        switchboard: Dialler,
        bus: Bus,
        database: Database,
        clock: Clock,
        settings: CtiSettings,
    ) -> None:
        self._clock = clock
        self._zone = settings.time_zone
        self._tasks = TaskOwner("desktop-service")
        self._watching = False
        self.hub = DesktopHub(
            changes=cti.changes,
            presence=cti.presence,
            queues=cti.queues,
            records=LiveRecords(cti.log, calls),
            threeway=cti.threeway.status,
            pops=pops,
            clock=clock,
        )
        self._pops = pops
        self._secrets = WebSecrets(switchboard, database, clock)
        self._phones = SipOverWebSocket(settings, hotline_number=HOTLINE_NUMBER)
        self._socket = WorkspaceSocket(self.hub, Commands(cti.presence, cti.threeway), cti.presence, clock)
        self._unsubscribe = (
            bus.subscribe(self._on_access, AccessChanged),
            bus.subscribe(self._on_agents, AgentsChanged),
        )

    @property
    def routes(self) -> list[Routes]:
        return [
            workspace_routes(self._socket, self._phones, self._secrets, pop=self._pops.view),
            public_routes(self._phones, self._zone),
        ]

    def websocket_origin(self, request: web.Request) -> str:
        """Where the pages' phones connect to, for the Content-Security-Policy."""
        return self._phones.origin(request)

    def start(self) -> None:
        if not self._watching:
            self._watching = True
            self._tasks.spawn(self._watch_secrets(), name="web-secrets")

    async def close(self) -> None:
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        await self._tasks.close()
        await self.hub.close()
        await self._socket.close()

    def resync(self) -> None:
        """After each log-in at AMI. Does not wait: callers do not wait for a browser's password."""
        self._tasks.spawn(self._put_secrets_again(), name="web-secrets")

    async def _watch_secrets(self) -> None:
        """At once where an event reports it, else with the next poll: log-ins also end by time or the command line."""
        while True:
            await self._clock.sleep(SECRETS_EVERY)
            await self._take_secrets_back()

    async def _take_secrets_back(self) -> None:
        try:
            await self._secrets.take_back()
        except UnavailableError:
            return
        except Exception:
            log.exception("browser phones' passwords cannot be taken back")

    async def _put_secrets_again(self) -> None:
        try:
            await self._secrets.put_again()
        except PhoneError as error:
            log.warning("browser phones' passwords could not be put into Asterisk again", reason=error.error_id)

    def _on_access(self, recorded: Recorded) -> None:
        assert isinstance(recorded.event, AccessChanged)
        self.hub.drop_user(recorded.event.user_id)
        self._tasks.spawn(self._take_secrets_back(), name="web-secrets")

    def _on_agents(self, _recorded: Recorded) -> None:
        self.hub.drop_changed_agents()
