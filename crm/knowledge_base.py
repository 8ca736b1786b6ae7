"""Assembles the packages of the knowledge base, for `crm/service.py`."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from crm.attachments.service import AttachmentService
from crm.cases.moves import CaseMoves
from crm.cases.service import CaseService
from crm.knowledge import indexing
from crm.knowledge.categories import KnowledgeCategories
from crm.knowledge.publishing import SWEEP, SWEEP_EVERY, KnowledgePublishing
from crm.knowledge.reading import KnowledgeReading
from crm.knowledge.reminders import REMIND, REMIND_EVERY, KnowledgeReminders
from crm.knowledge.routes import category_routes, knowledge_routes, synonym_routes
from crm.knowledge.service import KnowledgeService
from crm.knowledge.synonyms import KnowledgeSynonyms
from crm.knowledge_attachments.repository import in_use as knowledge_files_in_use
from crm.knowledge_attachments.routes import knowledge_file_routes
from crm.knowledge_attachments.service import KnowledgeAttachments
from crm.knowledge_figures.routes import knowledge_figure_routes
from crm.knowledge_figures.service import KnowledgeFigureService
from crm.knowledge_files.exporting import KnowledgeExport
from crm.knowledge_files.importing import KnowledgeImporter
from crm.knowledge_files.routes import knowledge_export_routes
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
from crm.ports import CallHistory
from crm.public_knowledge.routes import public_knowledge_routes
from crm.public_knowledge.service import PublicKnowledge
from crm.settings import CrmSettings
from crm.supervision.service import SupervisionService
from hotline.calendars.service import CalendarService
from hotline.kernel.calendar import every
from hotline.kernel.clock import Clock
from hotline.kernel.http import AuditTrail, Routes
from hotline.kernel.imports.service import ImportService
from hotline.kernel.job_runner import JobRunner
from hotline.notices.service import NoticeService

_LONG = timedelta(minutes=30)


class KnowledgeBase:
    """Follows the moves of cases, holds files in their store, and registers its import."""

    def __init__(
        self,
        clock: Clock,
        zone: ZoneInfo,
        settings: CrmSettings,
        *,
        calls: CallHistory,
        cases: CaseService,
        moves: CaseMoves,
        attachments: AttachmentService,
        notices: NoticeService,
        supervision: SupervisionService,
        imports: ImportService,
        calendars: CalendarService,
        audit: AuditTrail,
        public_url: str,
    ) -> None:
        self._zone = zone
        self._public_url = public_url
        reading = self.reading = KnowledgeReading(clock, zone)
        self.publishing = KnowledgePublishing(clock, reading, review_days=settings.knowledge_review_days)
        self.entries = KnowledgeService(clock, reading, self.publishing)
        self.files = KnowledgeAttachments(clock, self.entries, reading, attachments)
        attachments.holders.append(knowledge_files_in_use)
        self.reminders = KnowledgeReminders(reading, notices, supervision)
        imports.register(KnowledgeImporter(self.entries, audit))
        self.requests = KnowledgeRequests(
            clock,
            reading,
            RequestDrafts(self.entries, reading),
            cases,
            notices,
            lambda: calendars.current,
            days={
                KnowledgeRequestKind.GAP: settings.knowledge_gap_days,
                KnowledgeRequestKind.AMENDMENT: settings.knowledge_gap_days,
                KnowledgeRequestKind.ERROR: settings.knowledge_error_days,
                KnowledgeRequestKind.POLICY: settings.knowledge_policy_days,
            },
        )
        self.publishing.followers.append(self.requests)
        self.publishing.review_followers.append(supervision)
        moves.followers.append(CaseFollowUps(clock, self.requests, reading, calls, audit))
        self._request_reading = KnowledgeRequestReading(clock, reading, lambda: calendars.current)
        self._ratings = KnowledgeRatings(clock, reading)
        self._gaps = KnowledgeGapList(clock, reading, self._ratings)
        self._figures = KnowledgeFigureService(clock, zone, calls)
        self._quick = KnowledgeQuick(clock, zone, reading)
        self._export = KnowledgeExport(reading)
        self._public = PublicKnowledge(clock, zone)

    @property
    def routes(self) -> list[Routes]:
        return [
            knowledge_routes(self.entries, self.reading),
            category_routes(KnowledgeCategories()),
            knowledge_file_routes(self.files),
            knowledge_quick_routes(self._quick),
            knowledge_figure_routes(self._figures),
            synonym_routes(KnowledgeSynonyms()),
            knowledge_export_routes(self._export, zone=self._zone),
            *public_knowledge_routes(self._public, self.files.files, public_url=self._public_url),
            knowledge_request_routes(self.requests, self._request_reading),
            knowledge_gap_routes(self._gaps),
            knowledge_rating_routes(self._ratings),
        ]

    def register_jobs(self, jobs: JobRunner) -> None:
        """All but the scan of files, which goes with that of the cases' files."""
        jobs.register_recurring(
            SWEEP, self.publishing.sweep, next_time=every(SWEEP_EVERY), time=_LONG, transaction=False
        )
        jobs.register_recurring(
            indexing.INDEX, indexing.index_stale, next_time=every(indexing.INDEX_EVERY), time=_LONG, transaction=False
        )
        jobs.register_recurring(REQUESTS_SWEEP, self.requests.sweep, next_time=every(REQUESTS_EVERY), transaction=False)
        jobs.register_recurring(REMIND, self.reminders.sweep, next_time=every(REMIND_EVERY), transaction=False)
