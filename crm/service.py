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
from crm.knowledge import indexing
from crm.knowledge.categories import KnowledgeCategories
from crm.knowledge.citing import KnowledgeCiting
from crm.knowledge.publishing import SWEEP, SWEEP_EVERY, KnowledgePublishing
from crm.knowledge.reading import KnowledgeReading
from crm.knowledge.reminders import REMIND, REMIND_EVERY, KnowledgeReminders
from crm.knowledge.routes import category_routes, knowledge_routes, synonym_routes
from crm.knowledge.service import KnowledgeService
from crm.knowledge.synonyms import KnowledgeSynonyms
from crm.knowledge_attachments.repository import in_use as knowledge_files_in_use
from crm.knowledge_attachments.routes import knowledge_file_routes
from crm.knowledge_attachments.service import KNOWLEDGE_SCAN, KnowledgeAttachments
from crm.knowledge_figures.routes import knowledge_figure_routes
from crm.knowledge_figures.service import KnowledgeFigureService
from crm.knowledge_quick.routes import knowledge_quick_routes
from crm.knowledge_quick.service import KnowledgeQuick
from crm.knowledge_requests.drafting import RequestDrafts
from crm.knowledge_requests.follow_ups import CaseFollowUps
from crm.knowledge_requests.gaps import KnowledgeGapList
from crm.knowledge_requests.models import KnowledgeRequestKind
from crm.knowledge_requests.ratings import KnowledgeRatings
from crm.knowledge_requests.reading import KnowledgeRequestReading
from crm.knowledge_requests.routes import (
    knowledge_gap_routes,
    knowledge_rating_routes,
    knowledge_request_routes,
)
from crm.knowledge_requests.service import REQUESTS_EVERY, REQUESTS_SWEEP, KnowledgeRequests
from crm.knowledgefiles.exporting import KnowledgeExport
from crm.knowledgefiles.importing import KnowledgeImporter
from crm.knowledgefiles.routes import knowledge_export_routes
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
from crm.publicknowledge.routes import public_knowledge_routes
from crm.publicknowledge.service import PublicKnowledge
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
        self.knowledge_reading = KnowledgeReading(clock, zone)
        self.knowledge_publishing = KnowledgePublishing(
            clock, self.knowledge_reading, review_days=settings.knowledge_review_days
        )
        self.knowledge = KnowledgeService(clock, self.knowledge_reading, self.knowledge_publishing)
        self.knowledge_categories = KnowledgeCategories()
        self.knowledge_files = KnowledgeAttachments(clock, self.knowledge, self.knowledge_reading, self.attachments)
        self.attachments.holders.append(knowledge_files_in_use)
        self._knowledge_figures = KnowledgeFigureService(clock, zone, calls)
        self.knowledge_quick = KnowledgeQuick(clock, zone, self.knowledge_reading)
        imports.register(KnowledgeImporter(self.knowledge, audit))
        self._knowledge_export = KnowledgeExport(self.knowledge_reading)
        self.reminders = KnowledgeReminders(self.knowledge_reading, notices)
        self._public_knowledge = PublicKnowledge(clock, zone)
        self._public_url = public_url
        self.request_reading = KnowledgeRequestReading(clock, self.knowledge_reading, lambda: calendars.current)
        self.knowledge_requests = KnowledgeRequests(
            clock,
            self.knowledge_reading,
            RequestDrafts(self.knowledge, self.knowledge_reading),
            self.cases,
            notices,
            lambda: calendars.current,
            days={
                KnowledgeRequestKind.GAP: settings.knowledge_gap_days,
                KnowledgeRequestKind.AMENDMENT: settings.knowledge_gap_days,
                KnowledgeRequestKind.ERROR: settings.knowledge_error_days,
                KnowledgeRequestKind.POLICY: settings.knowledge_policy_days,
            },
        )
        self.knowledge_publishing.followers.append(self.knowledge_requests)
        self.moves.followers.append(CaseFollowUps(clock, self.knowledge_requests, self.knowledge_reading, calls, audit))
        self._gaps = KnowledgeGapList(
            clock, self.knowledge_reading, ratings := KnowledgeRatings(clock, self.knowledge_reading)
        )
        self._ratings = ratings
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
            knowledge_routes(self.knowledge, self.knowledge_reading),
            category_routes(self.knowledge_categories),
            knowledge_file_routes(self.knowledge_files),
            knowledge_quick_routes(self.knowledge_quick),
            knowledge_figure_routes(self._knowledge_figures),
            synonym_routes(KnowledgeSynonyms()),
            knowledge_export_routes(self._knowledge_export, zone=self._zone),
            *public_knowledge_routes(self._public_knowledge, self.attachments.files, public_url=self._public_url),
            knowledge_request_routes(self.knowledge_requests, self.request_reading),
            knowledge_gap_routes(self._gaps),
            knowledge_rating_routes(self._ratings),
            attachment_routes(self.attachments),
            note_routes(self.notes),
            sheet_routes(self.sheets, self._printer),
            case_message_routes(self.cases),
        ]

    def register_jobs(self, jobs: JobRunner, *, night: NextTime) -> None:
        if self.attachments.scanner is not None:
            for name, scan in ((SCAN, self.attachments.scan), (KNOWLEDGE_SCAN, self.knowledge_files.scan)):
                jobs.register_recurring(name, scan, next_time=every(_SCAN_EVERY), time=_LONG, transaction=False)
        # Without a transaction of the runner's: theirs lock the case first, as every move does.
        jobs.register(WATCH, self._watch.run, transaction=False)
        jobs.register(REVISE, self._reviser.run, time=REVISE_TIME)
        jobs.register(ARCHIVE, self._watch.archive, transaction=False)
        jobs.register_recurring("files.sweep", self.attachments.sweep, next_time=night, time=_LONG, transaction=False)
        self.duplicates.run_by(jobs)
        jobs.register_recurring(
            SWEEP, self.knowledge_publishing.sweep, next_time=every(SWEEP_EVERY), time=_LONG, transaction=False
        )
        jobs.register_recurring(
            indexing.INDEX,
            indexing.index_stale,
            next_time=every(indexing.INDEX_EVERY),
            time=_LONG,
            transaction=False,
        )
        jobs.register_recurring(
            REQUESTS_SWEEP, self.knowledge_requests.sweep, next_time=every(REQUESTS_EVERY), transaction=False
        )
        jobs.register_recurring(REMIND, self.reminders.sweep, next_time=every(REMIND_EVERY), transaction=False)
        jobs.register(ANSWER, self._answers.answer_some)
        jobs.register_recurring(
            INDEX, self._answers.index_words, next_time=every(INDEX_EVERY), time=_LONG, transaction=False
        )

    async def start(self) -> None:
        self._codes.open()
        await self.directory.start()

    async def close(self) -> None:
        await self.directory.close()
