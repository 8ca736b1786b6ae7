"""Assembles the crm package, for `hotline/app/composition.py`."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from crm.attachments.routes import attachment_routes
from crm.attachments.scanner import ClamdScanner
from crm.attachments.service import SCAN, AttachmentLimits, AttachmentService
from crm.casenotices.caller import CallerNotices
from crm.casenotices.service import CaseNotices, unit_members
from crm.cases.checks import CaseChecks
from crm.cases.enterprise_moves import EnterpriseCaseMoves
from crm.cases.followers import MoveFollower
from crm.cases.message_routes import case_message_routes
from crm.cases.moves import CaseMoves
from crm.cases.open_assignments import OpenAssignments
from crm.cases.query_codes import QueryCodes
from crm.cases.routes import case_routes
from crm.cases.service import CaseService
from crm.cases.views import CaseViews
from crm.catalogue.history import DispatchedCases
from crm.catalogue.importing import CatalogueImporter
from crm.catalogue.routes import catalogue_routes
from crm.catalogue.service import CatalogueService
from crm.catalogue.suggestion import ItemSuggestions
from crm.enterprises.directory import EnterpriseDirectory
from crm.enterprises.duplicates import DuplicateFinder
from crm.enterprises.importing import EnterpriseImporter
from crm.enterprises.merge_routes import merge_routes
from crm.enterprises.merging import EnterpriseMerges
from crm.enterprises.numbers import NumberPlan
from crm.enterprises.routes import enterprise_routes
from crm.enterprises.service import EnterpriseService
from crm.knowledge.citing import KnowledgeCiting
from crm.knowledge_attachments.service import KNOWLEDGE_SCAN
from crm.knowledge_base import KnowledgeBase
from crm.limits.alerts import EscalationFollower, LimitAlerts
from crm.limits.keeper import ARCHIVE, WATCH, DeadlineKeeper
from crm.limits.revision import REVISE, REVISE_TIME, DeadlineReviser
from crm.limits.routes import limit_routes
from crm.limits.service import LimitService
from crm.limits.state import ProfileName
from crm.limits.watch import DeadlineWatch
from crm.notes.routes import note_routes
from crm.notes.service import NoteService
from crm.portal.routes import portal_routes
from crm.portal.service import ProgressService
from crm.ports import CallHistory, InternalNumbers
from crm.savedviews.routes import saved_view_routes
from crm.savedviews.service import SavedViewService
from crm.screenpop.service import ScreenPops, ScreenPopService
from crm.settings import CrmSettings
from crm.sheets.pdf import SheetPrinter
from crm.sheets.routes import sheet_routes
from crm.sheets.service import SheetService
from crm.similar.answers import ANSWER, INDEX, INDEX_EVERY, FollowerAnswers, SimilarityFollower
from crm.similar.routes import similar_routes
from crm.similar.service import SimilarCases
from crm.supervision.ledger import UnsolvedLedger
from crm.supervision.routes import ledger_routes, supervision_routes
from crm.supervision.service import SupervisionService
from crm.units.duty import DutyRosters
from crm.units.routes import specialist_routes, unit_routes
from crm.units.service import UnitService
from crm.units.trunk import TrunkNumbers
from crm.worklists.bulk import bulk_routes
from crm.worklists.routes import work_list_routes
from crm.worklists.service import WorkListService
from hotline.calendars.service import CalendarService
from hotline.kernel.bus import Bus
from hotline.kernel.calendar import every
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.files import FileStore
from hotline.kernel.http import AuditTrail, Routes
from hotline.kernel.imports.service import ImportService
from hotline.kernel.job_runner import JobRunner
from hotline.kernel.jobs import JobQueue, NextTime
from hotline.notices.service import NoticeService

_SCAN_EVERY = timedelta(minutes=1)
_LONG = timedelta(minutes=30)


class CrmService:
    """Builds the features. `pops` is cti's `ScreenPopReader`.

    `start()` loads the directory and may be called with the database away; `close()` may be called twice.
    """

    def __init__(
        self,
        database: Database,
        bus: Bus,
        clock: Clock,
        calls: CallHistory,
        settings: CrmSettings,
        *,
        directory: EnterpriseDirectory,
        numbers: InternalNumbers,
        trunk: TrunkNumbers,
        files: FileStore,
        jobs: JobQueue,
        notices: NoticeService,
        rosters: DutyRosters,
        imports: ImportService,
        calendars: CalendarService,
        audit: AuditTrail,
        codes: QueryCodes,
        progress: ProgressService,
        public_url: str = "",
    ) -> None:
        plan = NumberPlan(settings.area_code)
        self.progress = progress
        duplicates = DuplicateFinder(clock)
        self.enterprises = EnterpriseService(clock, plan, duplicates)
        self.duplicates = duplicates
        self.merges = EnterpriseMerges(clock, EnterpriseCaseMoves())
        imports.register(EnterpriseImporter(plan))
        imports.register(CatalogueImporter())
        self.directory = directory
        checks = CaseChecks(plan, calls)
        self.cases = CaseService(clock, checks, calls, ZoneInfo(settings.time_zone))
        self.ledger = UnsolvedLedger(clock, self.cases)
        notices.members = unit_members
        self.supervision = SupervisionService(clock, self.cases, notices)
        alerts = LimitAlerts(notices, self.supervision)
        self.deadlines = DeadlineKeeper(
            clock,
            lambda: calendars.current,
            jobs,
            profile=ProfileName(settings.limit_profile),
            archive_days=settings.archive_days,
        )
        caller_notices = CallerNotices(calls, plan, codes, public_url)
        self._case_notices = CaseNotices(notices, self.deadlines, caller_notices)
        followers: list[MoveFollower] = [
            SimilarityFollower(clock, jobs),
            self.deadlines,
            EscalationFollower(alerts),
            self.ledger,
            self._case_notices,
            citing := KnowledgeCiting(),
        ]
        self.moves = CaseMoves(
            clock, self.cases, checks, calls, deadlines=self.deadlines, knowledge=citing, followers=followers
        )
        self._codes = codes
        self._views = CaseViews(self.moves, codes)
        self._watch = DeadlineWatch(self.deadlines, self.moves, alerts)
        self._reviser = DeadlineReviser(clock, jobs, calendars, self.deadlines, alerts, audit)
        calendars.on_change.append(self._reviser.begin)
        self.limits = LimitService(clock, calendars)
        self._similar = SimilarCases(plan, calls)
        self._answers = FollowerAnswers(self.moves, clock, jobs)
        self.units = UnitService(
            numbers,
            trunk,
            rosters,
            OpenAssignments(),
            fewest=settings.specialists_min,
            most=settings.specialists_max,
            holidays=lambda: calendars.current.holidays,
        )
        self.catalogue = CatalogueService()
        self.suggestions = ItemSuggestions(clock, DispatchedCases())
        self.attachments = AttachmentService(
            clock,
            self.cases,
            files,
            jobs,
            AttachmentLimits(
                most_per_case=settings.attachments_per_case, most_bytes=settings.attachment_megabytes * 1024 * 1024
            ),
            scanner=ClamdScanner(settings.clamd) if settings.clamd else None,
        )
        zone = self._zone = ZoneInfo(settings.time_zone)
        self.knowledge = KnowledgeBase(
            clock,
            zone,
            settings,
            calls=calls,
            cases=self.cases,
            moves=self.moves,
            attachments=self.attachments,
            notices=notices,
            supervision=self.supervision,
            imports=imports,
            calendars=calendars,
            audit=audit,
            public_url=public_url,
        )
        self.sheets = SheetService(clock, self.cases, zone)
        self._printer = SheetPrinter(zone, settings.sheet_font)
        self.saved_views = SavedViewService(clock)
        self.work_lists = WorkListService(clock, self.moves, zone)
        self.notes = NoteService(clock, self.cases, notices)
        self.pops = ScreenPops(database, ScreenPopService(directory, calls, clock))

    @property
    def routes(self) -> list[Routes]:
        return [
            enterprise_routes(self.enterprises),
            merge_routes(self.enterprises, self.merges, self.duplicates),
            unit_routes(self.units),
            specialist_routes(self.units),
            supervision_routes(self.supervision),
            ledger_routes(self.ledger),
            saved_view_routes(self.saved_views),
            bulk_routes(self.moves),
            work_list_routes(self.work_lists, self._zone),
            case_routes(self.cases, self.moves, self._views, self._case_notices),
            limit_routes(self.limits),
            portal_routes(self.progress),
            similar_routes(self._similar),
            catalogue_routes(self.catalogue, self.suggestions),
            *self.knowledge.routes,
            attachment_routes(self.attachments),
            note_routes(self.notes),
            sheet_routes(self.sheets, self._printer),
            case_message_routes(self.cases),
        ]

    def register_jobs(self, jobs: JobRunner, *, night: NextTime) -> None:
        if self.attachments.scanner is not None:
            for name, scan in ((SCAN, self.attachments.scan), (KNOWLEDGE_SCAN, self.knowledge.files.scan)):
                jobs.register_recurring(name, scan, next_time=every(_SCAN_EVERY), time=_LONG, transaction=False)
        # Without a transaction of the runner's: theirs lock the case first, as every move does.
        jobs.register(WATCH, self._watch.run, transaction=False)
        jobs.register(REVISE, self._reviser.run, time=REVISE_TIME)
        jobs.register(ARCHIVE, self._watch.archive, transaction=False)
        jobs.register_recurring("files.sweep", self.attachments.sweep, next_time=night, time=_LONG, transaction=False)
        self.duplicates.run_by(jobs)
        self.knowledge.register_jobs(jobs)
        jobs.register(ANSWER, self._answers.answer_some)
        jobs.register_recurring(
            INDEX, self._answers.index_words, next_time=every(INDEX_EVERY), time=_LONG, transaction=False
        )

    async def start(self) -> None:
        self._codes.open()
        await self.directory.start()

    async def close(self) -> None:
        await self.directory.close()
