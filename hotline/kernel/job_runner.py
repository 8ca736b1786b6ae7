"""Runs the jobs that are due, by lease: one that dies loses its lease, and another takes the job."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.kernel import job_table
from hotline.kernel.bus import Bus
from hotline.kernel.clock import Clock, sleep_unless
from hotline.kernel.db import Database
from hotline.kernel.errors import HotlineError, UnavailableError
from hotline.kernel.job_table import Job
from hotline.kernel.jobs import JobContext, JobHandler, JobQueue, NextTime
from hotline.kernel.metrics import JOBS
from hotline.kernel.tasks import TaskOwner

log = structlog.get_logger(__name__)
_AT_ONCE = 4
_LOOK_AGAIN = timedelta(seconds=30)
"""Another process may have scheduled something sooner than we know of."""
_RETRY = timedelta(seconds=5)
_FIRST_RETRY = timedelta(seconds=10)
_LONGEST_RETRY = timedelta(hours=1)


class LeaseLostError(Exception):
    """The job was taken from this runner, or given another time, before it began."""


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: 10 s, 20 s, 40 s … an hour."""
    return min(_FIRST_RETRY * (1 << min(attempts - 1, 16)), _LONGEST_RETRY)


@dataclass(frozen=True, slots=True)
class _Kind:
    handler: JobHandler
    time: timedelta
    attempts: int | None
    """None: as often as it takes."""
    transaction: bool
    next_time: NextTime | None = None


class JobRunner:
    """Runs due jobs of the kinds registered; `start()` last, `close()` first, the latter safe to call twice."""

    def __init__(self, database: Database, queue: JobQueue, bus: Bus, clock: Clock, *, owner: str = "") -> None:
        self._database = database
        self._queue = queue
        self._bus = bus
        self._clock = clock
        # Processes of two machines or containers may share name and number.
        self._owner = owner or f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._kinds: dict[str, _Kind] = {}
        self._tasks = TaskOwner("jobs")
        self._running = 0
        self._cut_off = ""
        """Why no job is begun just now; "" while all is well."""
        self._closed = False

    def register(
        self,
        kind: str,
        handler: JobHandler,
        *,
        time: timedelta = timedelta(seconds=30),
        attempts: int = 10,
        transaction: bool = True,
    ) -> None:
        """Register the handler of jobs of `kind`.

        The handler is cancelled after `time`; after so many failed `attempts` the job is kept for inspection.
        With `transaction`, what it writes commits together with the end of the job, so it counts once; it must
        be quick then. Without, it may run again after a crash, so it must be idempotent.
        """
        self._add(kind, _Kind(handler, time, attempts, transaction))

    def register_recurring(
        self,
        kind: str,
        handler: JobHandler,
        *,
        next_time: NextTime,
        time: timedelta = timedelta(seconds=30),
        transaction: bool = True,
    ) -> None:
        """Have `handler` run at each `next_time`, in one of the processes that register it; else as `register()`.

        A time at which no process ran is made up for by the next one to start, once.
        """
        self._add(kind, _Kind(handler, time, None, transaction, next_time))

    def _add(self, kind: str, how: _Kind) -> None:
        if kind in self._kinds:
            raise ValueError(f"two handlers for jobs of kind {kind!r}")
        self._kinds[kind] = how

    async def start(self) -> None:
        """The database may be away; what is due runs once it is back."""
        self._tasks.spawn(self._keep_running(), name="runner")

    async def check(self) -> str:
        """For readiness: which recurring work there is. Raises `UnavailableError` where some of it fails, here or in
        another process, or the database is away.
        """
        if self._cut_off:
            raise UnavailableError(self._cut_off)
        recurring = sorted(name for name, kind in self._kinds.items() if kind.next_time is not None)
        async with self._database.snapshot() as db:
            # The table knows it for all processes: another may have failed, or done well since we did not.
            failing = await job_table.failing(db, recurring)
        if failing:
            raise UnavailableError("; ".join(f"{kind} fails: {why}" for kind, why in sorted(failing.items())))
        return ", ".join(recurring)

    async def close(self) -> None:
        """Cancel what is running and give its leases back, for the next process to take them up."""
        if self._closed:
            return
        self._closed = True
        await self._tasks.close()
        with contextlib.suppress(HotlineError, SQLAlchemyError):  # else they end by themselves
            async with self._database.transaction() as db:
                await job_table.release(db, self._owner)

    async def _keep_running(self) -> None:
        planned = False
        while True:
            try:
                if not planned:
                    await self._plan_recurring()
                    planned = True
                delay = await self._run_due()
            except (HotlineError, SQLAlchemyError) as error:
                if not self._cut_off:
                    log.warning("jobs wait for the database", cause=str(error))
                self._cut_off = "Jobs wait for the database."
                delay = _RETRY
            except Exception as error:
                # Our bug: logged once, and never the end of every deadline and of each night's work.
                cut_off = f"No job is begun: {type(error).__name__}, see the log."
                if self._cut_off != cut_off:
                    log.exception("starting jobs failed")
                self._cut_off = cut_off
                delay = _RETRY
            else:
                self._cut_off = ""
            if delay > timedelta():
                await sleep_unless(self._clock, delay, self._queue.changed)

    async def _plan_recurring(self) -> None:
        """See to it that each recurring job is in the table; one that is there keeps its time."""
        now = self._clock.now()
        async with self._database.transaction() as db:
            for name, kind in self._kinds.items():
                if kind.next_time is not None:
                    await job_table.ensure(db, name, run_at=kind.next_time(now), now=now)

    async def _run_due(self) -> timedelta:
        """Start what is due and say how long there is nothing more to start."""
        free = _AT_ONCE - self._running
        if free <= 0:
            return _LOOK_AGAIN  # the end of a job wakes us
        now = self._clock.now()
        # The lease outlives the handler's own time, so that two never work on one job.
        leases = {name: kind.time * 2 for name, kind in self._kinds.items()}
        async with self._database.snapshot() as db:
            due = await job_table.next_due(db, leases)
        if due is None:
            return _LOOK_AGAIN
        if due > now:
            return min(due - now, _LOOK_AGAIN)
        async with self._database.transaction() as db:
            jobs = await job_table.claim(db, leases, owner=self._owner, now=now, most=free)
        for job in jobs:
            self._running += 1
            self._tasks.spawn(self._attempt(job), name=job.kind)
        return timedelta() if jobs else _LOOK_AGAIN

    async def _attempt(self, job: Job) -> None:
        kind = self._kinds[job.kind]
        try:
            async with asyncio.timeout(kind.time.total_seconds()):
                await self._run(kind, job)
        except LeaseLostError:
            log.warning("job lost its lease", kind=job.kind, job=job.id)
            JOBS.labels(job.kind, "lost").inc()
        except Exception as error:
            await self._failed(kind, job, error)
        else:
            JOBS.labels(job.kind, "done").inc()
        finally:
            self._running -= 1
            self._queue.changed.set()

    async def _run(self, kind: _Kind, job: Job) -> None:
        ctx = JobContext(job=job, clock=self._clock, database=self._database)
        if not kind.transaction:
            await kind.handler(ctx)
        async with self._database.transaction() as db:
            # First the end, then the work: so the handler may schedule its own job again.
            held = await job_table.finish(db, job, self._owner)
            if kind.transaction:
                if not held:
                    raise LeaseLostError
                ctx.session = db
                await kind.handler(ctx)
            if held and kind.next_time is not None:
                run_at = kind.next_time(self._clock.now())
                await self._queue.schedule(db, job.kind, {}, run_at=run_at, key=job.kind)
        for happened in ctx.events:
            self._bus.publish(happened)

    async def _failed(self, kind: _Kind, job: Job, error: Exception) -> None:
        last = kind.attempts is not None and job.attempts >= kind.attempts
        log.error(
            "job failed for good" if last else "job failed, will be retried",
            kind=job.kind,
            job=job.id,
            attempts=job.attempts,
            exc_info=None if isinstance(error, HotlineError) else error,
            cause=error.detail if isinstance(error, HotlineError) else None,
        )
        JOBS.labels(job.kind, "failed" if last else "retried").inc()
        # Only our own errors' words are free of callers' data.
        text = f"{error.error_id}: {error.detail}" if isinstance(error, HotlineError) else type(error).__name__
        now = self._clock.now()
        try:
            async with self._database.transaction() as db:
                if last:
                    await job_table.give_up(db, job, self._owner, now=now, error=text[:500])
                else:
                    run_at = now + retry_delay(job.attempts)
                    await job_table.put_off(db, job, self._owner, run_at=run_at, error=text[:500])
        except HotlineError:  # the lease ends by itself
            log.warning("recording the job's failure failed", job=job.id)
