"""The composition root: builds every part, starts them in the order data flows, stops them in reverse."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from callflow.announcements.routes import announcement_routes
from callflow.announcements.service import AnnouncementService
from callflow.compile import compile_safe_flow
from callflow.lint import World
from callflow.lint.reader import read_world
from callflow.messages import FlowMessages
from callflow.prompts.routes import prompt_routes
from callflow.prompts.service import PromptService
from callflow.service import CallflowService
from callflow.versions.action_routes import action_routes
from callflow.versions.library import FLOWS_CHANGED, FlowLibrary
from callflow.versions.routes import flow_routes, publication_routes
from callflow.versions.service import FlowService
from callflow.versions.simulation import simulation_routes
from callflow.web_requests import FlowWebClient
from crm.cases.query_codes import QueryCodes
from crm.cases.references import CaseReferences
from crm.enterprises.directory import EnterpriseDirectory
from crm.enterprises.numbers import NumberPlan
from crm.portal.phone import PhoneProgress
from crm.portal.service import ProgressService
from crm.service import CrmService
from crm.units.directory import SpecialistNumbers, UnitDirectory
from crm.units.duty import DutyRosters
from crm.units.trunk import TrunkNumbers
from cti.desktop.service import DesktopService
from cti.presence.roster import AgentNumbers, AgentRoster, queues_of
from cti.presence.routes import SipServer, agent_routes
from cti.replay.routes import replay_routes
from cti.replay.service import ReplayService
from cti.service import CtiService
from hotline.accounts.audit import AuditLog
from hotline.accounts.feature import AccountFeature
from hotline.accounts.options import account_options, second_factor_key
from hotline.accounts.routes import account_routes
from hotline.accounts.syslog import SyslogForwarder
from hotline.app.phone_link import EventGate, PhoneLink
from hotline.app.readiness import readiness_of
from hotline.app.retention import build_retention, night_of, retain_each_night
from hotline.app.settings import Settings
from hotline.app.system import role_routes, system_routes
from hotline.app.upgrade import holder_of
from hotline.calendars.importing import CalendarImporter
from hotline.calendars.routes import calendar_routes
from hotline.calendars.service import CHANGED as CALENDAR_CHANGED
from hotline.calendars.service import CalendarService
from hotline.kernel.binding import bind
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.calendar import every
from hotline.kernel.clock import Clock, SystemClock
from hotline.kernel.db import Database
from hotline.kernel.edge import build_application
from hotline.kernel.errors import HotlineError
from hotline.kernel.files import FileStore
from hotline.kernel.gate import EdgeOptions
from hotline.kernel.health import operations_routes
from hotline.kernel.http import Routes
from hotline.kernel.imports.feature import ImportFeature
from hotline.kernel.job_runner import JobRunner
from hotline.kernel.jobs import JobQueue
from hotline.kernel.journal import Journal
from hotline.kernel.listen import Listener
from hotline.kernel.openapi import describe
from hotline.kernel.repeated_audit import RepeatedAudit
from hotline.kernel.spa import serve_web_build
from hotline.kernel.tasks import TaskOwner
from hotline.notices.feature import NoticeFeature
from ivr.ami.client import AmiClient
from ivr.events import PhoneEvent
from ivr.lease import Lease
from ivr.prompts.library import PromptLibrary
from ivr.prompts.speech.choose import speech_or_reason
from ivr.prompts.store import PromptStore
from ivr.sounds import SoundFolder

log = structlog.get_logger(__name__)

TITLE = "12345 hotline"
WATCH_EVERY = timedelta(seconds=10)
EXPIRE = timedelta(hours=1)
"""How often log-ins that are over are cleared away."""
WEB_BUILD = Path(__file__).resolve().parents[2] / "web" / "dist"


class Hotline:
    """The service. `async with Hotline(settings)` runs it; the database must be migrated before.

    Starting does not wait for Asterisk: pages work without it, and `until_ready()` returns when callers are served.
    """

    def __init__(self, settings: Settings, *, clock: Clock | None = None, web_build: Path = WEB_BUILD) -> None:
        """Build the parts. Raises `callflow.document.FlowInvalidError` for a flow that cannot be used."""
        self.settings = settings
        self._clock = clock = clock or SystemClock()
        self._web_build = web_build
        self.database = Database(settings.database_url)
        self.journal = Journal(self.database, settings.home / "spool", clock)
        self.bus = Bus(self.journal)
        self.phone: Dispatcher[PhoneEvent] = Dispatcher()
        gate = EventGate(self.phone)
        self.ami = AmiClient(settings.ami, clock, gate.deliver)
        self._lease = Lease(self.ami.switchboard, clock, holder=holder_of(settings))
        self._syslog = SyslogForwarder(settings.audit.syslog, clock)
        self.audit = AuditLog(clock, forward=self._syslog.put if settings.audit.syslog else None)
        self._repeated = RepeatedAudit(self.database, self.audit, clock)
        self.accounts = AccountFeature(
            self.database,
            clock,
            self.audit,
            key=second_factor_key(settings),
            options=account_options(settings),
            repeated=self._repeated,
        )
        self.notices = NoticeFeature(settings, self.database, self.bus, clock)
        plan = NumberPlan(settings.crm.area_code)
        self._trunk = trunk = TrunkNumbers(plan, settings.asterisk.dial_prefixes)
        numbers = AgentNumbers()
        rosters = DutyRosters(clock, ZoneInfo(settings.crm.time_zone))
        units = UnitDirectory(self.database, trunk, numbers, rosters)
        directory = EnterpriseDirectory(self.database, self.bus, plan, clock)
        codes = QueryCodes(settings.home / "query-codes.key")
        progress = ProgressService(codes)
        jobs = JobQueue(clock)
        self.calendars = CalendarService(self.database, jobs, clock)
        self.flows = flow_library(settings, self.database, clock)
        self.announcements = AnnouncementService(self.database, clock, SoundFolder(settings.sounds))
        library = PromptLibrary(settings, speech=speech_or_reason(settings))
        self.prompts = PromptService(library, PromptStore(settings), clock)
        self._flow_service = FlowService(self.flows, jobs, clock, self._flow_world)
        self._flow_web = FlowWebClient(settings.flow_http, clock)
        self._flow_messages = FlowMessages(self.database, self.notices.service, clock)
        self.replays = ReplayService(self.database, self._flow_service, clock, self._flow_world)
        self.callflow = CallflowService(
            switchboard=self.ami.switchboard,
            phone=self.phone,
            bus=self.bus,
            database=self.database,
            clock=clock,
            directory=directory,
            calendars=lambda: self.calendars.current,
            progress=PhoneProgress(self.database, progress, self._repeated),
            queues=lambda queue: self.cti.figures(queue),
            announcements=self.announcements.on_air,
            phones=units,
            web=self._flow_web,
            messages=self._flow_messages.post,
            recordings=settings.recordings,
            sounds=settings.sounds,
            flows=self.flows,
            lease=self._lease,
        )
        self.cti = CtiService(
            switchboard=self.ami.switchboard,
            phone=self.phone,
            bus=self.bus,
            journal=self.journal,
            database=self.database,
            clock=clock,
            settings=settings,
            specialists=units,
            cases=CaseReferences(),
        )
        self.imports = ImportFeature(self.database, jobs, clock, self.bus.publish)
        self.imports.register(CalendarImporter(self.calendars))
        self.crm = CrmService(
            self.database,
            self.bus,
            clock,
            self.cti.log,
            settings.crm,
            directory=directory,
            numbers=numbers,
            trunk=trunk,
            files=FileStore(settings.home / "files", clock),
            jobs=jobs,
            notices=self.notices.service,
            rosters=rosters,
            imports=self.imports.service,
            calendars=self.calendars,
            audit=self.audit,
            codes=codes,
            progress=progress,
            public_url=settings.http.public_url,
        )
        self.accounts.organisations.follower = self.crm.units
        self.desktop = DesktopService(
            self.cti,
            calls=self.callflow,
            pops=self.crm.pops,
            switchboard=self.ami.switchboard,
            bus=self.bus,
            database=self.database,
            clock=clock,
            settings=settings,
        )
        self.agents = AgentRoster(clock, lambda: queues_of(*self.flows.in_force()), SpecialistNumbers())
        self.jobs = JobRunner(self.database, jobs, self.bus, clock)
        self.jobs.register(CALENDAR_CHANGED, self.calendars.run_changed)
        self.jobs.register(FLOWS_CHANGED, self.flows.run_changed)
        self.imports.run_by(self.jobs)
        self.jobs.register_recurring(
            "sessions.expire", self.accounts.sessions.forget_old_sessions, next_time=every(EXPIRE)
        )
        retention = build_retention(settings, self.database, self.audit, clock)
        retain_each_night(self.jobs, retention, settings)
        self.crm.register_jobs(self.jobs, night=night_of(settings))
        self._link = PhoneLink(self.ami, gate, self._lease, self.callflow, self.cti, self.desktop, clock)
        self.health = readiness_of(
            database=self.database,
            journal=self.journal,
            ami=self.ami,
            lease=self._lease,
            served=self._link.served,
            jobs=self.jobs,
            notices=self.notices.check,
            second_factor=self.accounts.keeper.check,
            directory=directory.check,
            flow=self.flows.check,
            live_flow=lambda: self.flows.default,
            recordings=settings.recordings,
            sounds=settings.sounds,
            clock=clock,
        )
        self.http_port = settings.http.port
        """The port that pages are served on; once listening, the real one even where the setting is 0."""
        self._stack = AsyncExitStack()
        self._tasks = TaskOwner("hotline")

    @property
    def routes(self) -> list[Routes]:
        asterisk = self.settings.asterisk
        return [
            *account_routes(self.accounts),
            *self.notices.routes,
            calendar_routes(self.calendars),
            action_routes(),
            flow_routes(self._flow_service),
            publication_routes(self._flow_service),
            simulation_routes(self._flow_service),
            announcement_routes(self.announcements),
            replay_routes(self.replays),
            prompt_routes(self.prompts),
            self.imports.routes,
            *self.crm.routes,
            *self.cti.routes,
            *self.desktop.routes,
            agent_routes(self.agents, SipServer(asterisk.sip_host, asterisk.sip_port)),
            system_routes(self.health, self.settings),
            role_routes(),
            operations_routes(self.health),
        ]

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def until_ready(self) -> None:
        """Return when Asterisk is reached, its calls and agents are known, and the dialplan sends callers here."""
        await self._link.served.wait()

    async def until_refused(self) -> NoReturn:
        """Raise `ivr.lease.LeaseHeldError` once another service is found to serve this Asterisk."""
        await self._lease.until_refused()

    async def why_not_ready(self) -> str:
        """The parts that are not as they should be, in one line."""
        parts = (await self.health.readiness()).parts
        return "; ".join(f"{part.name}: {part.detail}" for part in parts if not part.ok) or "no reason found"

    # --- inner ------------------------------------------------------------------------------------------

    async def _start(self) -> None:
        push = self._stack.push_async_callback
        await self.database.open()
        push(self.database.close)
        push(self._syslog.close)
        push(self._repeated.close)
        self._stack.callback(self.accounts.close)
        await self.accounts.start()
        await self.journal.open()
        push(self.journal.close)
        # Closed after the parts that send commands: the call flow releases the lease last.
        push(self.ami.close)
        await self.calendars.start()
        push(self.calendars.close)
        await self.flows.start()
        push(self.flows.close)
        await self.announcements.start()
        push(self.announcements.close)
        await self.replays.start()
        push(self.replays.close)
        push(self.prompts.close)
        await self.crm.start()
        push(self.crm.close)
        await self.cti.start()
        push(self.cti.close)
        self.desktop.start()
        push(self.desktop.close)
        push(self._flow_web.close)
        self._flow_messages.start()
        push(self._flow_messages.close)
        self.callflow.start()
        push(self.callflow.close)
        push(self._link.close)
        push(self._tasks.close)
        await self._serve_http()
        await self.jobs.start()
        push(self.jobs.close)
        await self.notices.start()
        push(self.notices.close)
        # Last: a service that cannot run must not command Asterisk.
        await self._link.start()
        self._tasks.spawn(self.health.watch(WATCH_EVERY), name="health")
        self._tasks.spawn(self._repeated.run(), name="repeated-audit")
        self._syslog.start()
        flow = self.flows.default
        log.info("service started", version=version("hotline"), flow=flow.id, flow_version=flow.version)

    async def _serve_http(self) -> None:
        app = build_application(
            self.routes,
            database=self.database,
            bus=self.bus,
            clock=self._clock,
            principal=self.accounts.sessions.principal_for,
            peek=self.accounts.sessions.peek,
            audit=self.audit,
            repeated=self._repeated,
            options=EdgeOptions(
                public_url=self.settings.http.public_url,
                trusted_proxies=tuple(map(str, self.settings.http.trusted_proxies)),
                connect_src=self._phone_sources,
            ),
            title=TITLE,
            version=version("hotline"),
        )
        serve_web_build(app, self._web_build)
        listener = Listener(app)
        self._stack.push_async_callback(listener.close)
        http = self.settings.http
        try:
            _, self.http_port = await listener.open(http.host, http.port)
        except OSError as error:
            raise AddressTakenError(
                f"Nothing can listen on {http.host}:{http.port} ({error.strerror}); set http.host or http.port."
            ) from None

    def _flow_world(self) -> World:
        """What lint and simulation know of this installation. Blocks for a moment."""
        settings = self.settings
        return read_world(
            settings,
            queues=settings.home / "asterisk" / "etc" / "queues.conf",
            calendars=self.calendars.current,
            today=self._clock.now().astimezone(settings.time_zone).date(),
            budgets=settings.flow_budgets,
            outside=self._trunk.allows_a_flow,
            subflows=self.flows.calls(),
            flows=self.flows.live,
        )

    def _phone_sources(self, request: web.Request) -> tuple[str, ...]:
        """Where the pages' phones connect to: the SIP WebSocket."""
        return (self.desktop.websocket_origin(request),)


class AddressTakenError(HotlineError):
    error_id = "http.address_taken"
    status = 503
    title = "The HTTP address is in use"


def flow_library(settings: Settings, database: Database, clock: Clock) -> FlowLibrary:
    """Raises `FlowInvalidError` where the file of the setting `flow` cannot be used."""
    return FlowLibrary(database, clock, file=settings.flow, copy=settings.home / "live-flow.json")


async def safe_flow_of(settings: Settings) -> str:
    """The dialplan that serves callers without the service: extensions_safe.conf, made from the live call flow.

    Where the database is away, from the copy that the last service left.
    """
    database = Database(settings.database_url)
    flows = flow_library(settings, database, SystemClock())
    try:
        await database.open()
        await flows.start()
        return compile_safe_flow(flows.default)
    finally:
        await flows.close()
        await database.close()


def openapi_document() -> bytes:
    """The API's description as the service serves it; needs nothing that runs."""
    hotline = Hotline(Settings(home=Path("unused")))
    bound = [(route, bind(route)) for group in hotline.routes for route in group]
    return describe(bound, title=TITLE, version=version("hotline"))
