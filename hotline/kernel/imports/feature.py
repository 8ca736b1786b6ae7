"""Assembles the imports, for `hotline/app/composition.py`."""

from __future__ import annotations

from datetime import timedelta

from hotline.kernel.calendar import every
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.http import Routes
from hotline.kernel.imports import writing
from hotline.kernel.imports.ports import Publish
from hotline.kernel.imports.routes import import_routes
from hotline.kernel.imports.service import JOB, WRITE_JOB, ImportService
from hotline.kernel.imports.worker import TIME, ImportWorker
from hotline.kernel.job_runner import JobRunner
from hotline.kernel.jobs import JobQueue

_FORGET = "imports.forget"
_FORGET_EVERY = timedelta(hours=6)
_ATTEMPTS = 1000
"""Each minute of a long check is one; after a failure of ours the import itself says so."""


class ImportFeature:
    """Features add their importers by `register`."""

    def __init__(self, database: Database, queue: JobQueue, clock: Clock, publish: Publish) -> None:
        self.service = ImportService(database, queue, clock)
        self.worker = ImportWorker(database, queue, clock, self.service, publish)
        self.register = self.service.register

    @property
    def routes(self) -> Routes:
        return import_routes(self.service)

    def run_by(self, jobs: JobRunner) -> None:
        """Have `jobs` work on what is uploaded."""
        jobs.register(JOB, self.worker.work, time=TIME, attempts=_ATTEMPTS, transaction=False)
        jobs.register(WRITE_JOB, self.worker.work, time=writing.TIME, attempts=_ATTEMPTS, transaction=False)
        jobs.register_recurring(_FORGET, self.worker.forget, next_time=every(_FORGET_EVERY), transaction=False)
