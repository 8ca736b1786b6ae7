"""The event journal: every domain event, numbered, stored exactly once, whatever happens to the database.

An event goes from a bounded queue in memory to the spool (a file, within a millisecond or so: `kill -9` loses
nothing that was there), and from the spool in batches to the `event` table. While the database is away the
spool grows; afterwards it is replayed in order. A batch whose outcome is unknown is tried again, and rows
that turn out to exist already are recognised by their id.

When the queue is full, new events are lost and counted: that takes a full disk and an absent database at once. So
is an event that has no form to keep it in.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import DataError, SQLAlchemyError

from hotline.kernel.clock import Clock, sleep_unless
from hotline.kernel.codec import decode_line, encode
from hotline.kernel.db import Database, DuplicateError
from hotline.kernel.errors import HotlineError, UnavailableError
from hotline.kernel.events import Event, Recorded
from hotline.kernel.ids import uuid7
from hotline.kernel.journal_table import insert_batch, insert_doubtful, last_seq, read_after, read_call
from hotline.kernel.metrics import JOURNAL_LOST, JOURNAL_WAITING
from hotline.kernel.sequence_waiters import SequenceWaiters
from hotline.kernel.spool import Spool
from hotline.kernel.tasks import TaskOwner

log = structlog.get_logger(__name__)
T = TypeVar("T")
Item = tuple[int, str, Event]
_BATCH = 500
_RETRY = timedelta(seconds=1)
_LINGER = timedelta(milliseconds=250)
"""Events of so long a time share one commit. They are safe in the spool meanwhile."""


class Journal:
    """Numbers and keeps events; one a database. `open()` first, `close()` last; both may be called twice."""

    def __init__(self, database: Database, spool: Path, clock: Clock, *, bound: int = 20_000) -> None:
        self._database = database
        self._spool = Spool(spool)
        self._clock = clock
        self._bound = bound
        self._queue: deque[Item] = deque()
        self._seq = 0
        self._spooled = 0
        self._committed = 0
        self._doubtful = True
        """Whether the next batch may hold rows that the database has already."""
        self._disk_failed = False
        self._formless = 0
        """The number of the last event that has no form to keep it in: each is counted once, however often tried."""
        self.lost = 0
        self.available = True
        """Whether the database took the last batch."""
        self._spooling = False
        """Whether the thread is going to look at the queue."""
        self._past_spool = False
        """Whether events of the queue are on their way to the database; none of it is spooled meanwhile."""
        self._arrived = asyncio.Event()
        self._arrived.set()
        self._disk_trouble = asyncio.Event()
        self._hurry = asyncio.Event()
        self._flushes = SequenceWaiters()
        self._thread: ThreadPoolExecutor | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks = TaskOwner("journal")
        self._closing = False

    # --- for the call path ------------------------------------------------------------------------------

    def append(self, event: Event) -> int:
        """Take `event` and return its sequence number. Never blocks and never raises."""
        self._seq += 1
        if len(self._queue) >= self._bound:
            self._lose(event, "the queue is full")
            return self._seq
        self._queue.append((self._seq, uuid7(), event))
        self._arrived.set()
        if not self._spooling and not self._disk_failed and self._loop is not None:
            self._spooling = True
            # Soon, not now: what is appended before the call path waits next is written together.
            self._loop.call_soon(self._spool_soon)
        return self._seq

    @property
    def waiting(self) -> int:
        """How many events are not in the database yet."""
        return max(0, self._seq - self._committed)

    async def check(self) -> str:
        """For readiness: how much waits. Raises `UnavailableError` while the database does not take events."""
        if self.lost:
            raise UnavailableError(f"{self.lost} events were lost; the log says why.")
        if not self.available:
            raise UnavailableError(f"The database does not take events; {self.waiting} wait in the spool.")
        return f"{self.waiting} waiting"

    # --- life -------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Find the last sequence number and start writing. The database may be away."""
        if self._thread is not None:
            return
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._loop = asyncio.get_running_loop()
        last = 0
        try:
            await self._run(self._spool.open)
            if (line := await self._run(self._spool.last_line)) is not None:
                last = decode_line(line)["seq"]
        except (OSError, ValueError):
            self._disk_failed = True
            log.exception("reading the spool failed, events wait in memory")
        try:
            last = max(last, await last_seq(self._database))
        except (HotlineError, SQLAlchemyError) as error:  # away, or not migrated yet
            self.available = False
            # With nothing in the spool, all numbers up to the reserved one may have been given out and
            # written: a gap does no harm, a number given twice would.
            last = last or self._spool.reserved
            log.warning("database not readable, events go to the spool", cause=str(error))
        self._seq = self._spooled = last + self._seq
        self._committed = self._seq if self._spool.empty else 0
        self._spool_soon()
        self._tasks.spawn(self._retry_spooling(), name="spool")
        self._tasks.spawn(self._keep_committing(), name="commit")

    async def flush(self) -> None:
        """Return once every event so far is in the database, or in the spool where the database is away.

        Raises `UnavailableError` where neither takes them.
        """
        if self._thread is None or self._seq <= self._committed:
            return
        stored = self._flushes.wait_for(self._seq)
        self._arrived.set()
        self._hurry.set()
        await stored

    async def close(self) -> None:
        """Write out what is queued, then stop."""
        if self._thread is None or self._closing:
            return
        self._closing = True
        with contextlib.suppress(TimeoutError, UnavailableError):
            async with asyncio.timeout(15):
                await self.flush()
        await self._tasks.close()
        await self._run(self._spool_queue)
        if self._queue:
            log.error("events lost at shutdown", lost=len(self._queue))
        await self._run(self._spool.close)
        self._thread.shutdown()
        self._thread = self._loop = None

    # --- reading ----------------------------------------------------------------------------------------

    async def read(self, after_seq: int, limit: int = 1000) -> list[Recorded]:
        """Events in the database with a number above `after_seq`, in order."""
        return await read_after(self._database, after_seq, limit)

    async def for_call(self, call_id: str) -> list[Recorded]:
        """Events in the database of one call, in order."""
        return await read_call(self._database, call_id)

    # --- queue → spool ----------------------------------------------------------------------------------

    def _spool_soon(self) -> None:
        # Nobody waits for the outcome: to wake the loop for each event would cost more than to write it.
        if self._thread is not None:
            self._spooling = True
            self._thread.submit(self._spool_queue)

    def _spool_queue(self) -> None:
        """In the journal's thread. An event leaves the queue once it is in the spool."""
        self._spooling = False
        try:
            while (waiting := min(len(self._queue), _BATCH)) and not self._past_spool:
                # By index: the loop may append meanwhile.
                items = [self._queue[place] for place in range(waiting)]
                if lines := self._lines(items):
                    self._spool.append(lines, items[0][0], items[-1][0])
                self._disk_failed = False
                self._spooled = items[-1][0]
                for _ in items:
                    self._queue.popleft()
        except Exception as error:
            if not self._disk_failed:
                unexpected = None if isinstance(error, OSError) else error
                log.error("writing the spool failed, events wait in memory", reason=str(error), exc_info=unexpected)
            self._disk_failed = True
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._disk_trouble.set)

    async def _retry_spooling(self) -> None:
        while True:
            await self._disk_trouble.wait()
            self._disk_trouble.clear()
            await self._clock.sleep(_RETRY)
            self._spool_soon()

    def _lines(self, items: list[Item]) -> list[bytes]:
        lines = []
        for item in items:
            try:
                lines.append(encode(*item))
            except Exception:
                # Our bug, and this event is lost: otherwise all those after it would wait forever.
                if item[0] > self._formless:
                    self._formless = item[0]
                    self._lose(item[2], "it has no form that can be kept", exc_info=True)
        return lines

    def _lose(self, event: Event, why: str, *, exc_info: bool = False) -> None:
        self.lost += 1
        JOURNAL_LOST.inc()
        if self.lost & self.lost - 1 == 0:  # at 1, 2, 4, 8 …
            log.error("event lost", event_type=event.name, reason=why, lost=self.lost, exc_info=exc_info)

    # --- spool → database -------------------------------------------------------------------------------

    async def _keep_committing(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            if not self._flushes:
                await sleep_unless(self._clock, _LINGER, self._hurry)
            try:
                # Not until nothing is left: what comes meanwhile shares the next commit.
                target = self._seq
                while self._committed < target and await self._commit_batch():
                    pass
                if self._committed < target:
                    self._arrived.set()
            except Exception as error:
                await self._commit_failed(error)
            JOURNAL_WAITING.set(self.waiting)

    async def _commit_batch(self) -> bool:
        """Move one batch to the database; whether there may be another."""
        lines = await self._run(self._oldest_lines)
        if lines:
            last = await self._insert(lines)
            await self._run(partial(self._spool.done, lines))
            self._settle(last)
            return True
        # The queue first: what is not in it any more, and then not in the spool, is in the database, or lost.
        before_queue = self._before_queue()
        if not self._spool.empty:
            return True
        self._settle(before_queue)
        return self._disk_failed and bool(self._queue) and await self._commit_past_spool()

    def _oldest_lines(self) -> list[bytes]:
        """In the journal's thread."""
        if not self._disk_failed:
            self._spool_queue()
        return self._spool.peek(_BATCH)

    def _before_queue(self) -> int:
        """The last number that is not in the queue, from which the thread takes meanwhile."""
        try:
            return self._queue[0][0] - 1
        except IndexError:
            return self._seq

    async def _commit_past_spool(self) -> bool:
        try:
            items = await self._run(self._hold_queue)
            if not items or not self._spool.empty:
                return True
            last = await self._insert(self._lines(items))
            for _ in items:
                self._queue.popleft()
        finally:
            self._past_spool = False
            self._spool_soon()
        self._settle(last)
        return True

    def _hold_queue(self) -> list[Item]:
        """In the journal's thread, so that no event of these is being spooled."""
        self._past_spool = True
        return [self._queue[place] for place in range(min(len(self._queue), _BATCH))]

    async def _insert(self, lines: list[bytes]) -> int:
        """Bring `lines` into the table; the last of their numbers, as it was given out."""
        rows = self._parse(lines)
        doubtful, self._doubtful = self._doubtful, True  # until this attempt is known to have ended well
        if not doubtful:
            try:
                await insert_batch(self._database, list(rows.values()))
            except (DuplicateError, DataError):
                doubtful = True
        if doubtful:
            highest, refused = await insert_doubtful(self._database, list(rows.values()))
            self._seq = max(self._seq, highest)
            by_id = {row["id"]: line for line, row in rows.items()}
            for event_id in refused:
                await self._reject(by_id[event_id])
        self._doubtful = False
        if not self.available:
            log.info("database is back", waiting=self.waiting)
        self.available = True
        return max((int(row["seq"]) for row in rows.values()), default=self._committed)

    def _parse(self, lines: list[bytes]) -> dict[bytes, dict[str, Any]]:
        rows = {}
        for line in lines:
            try:
                rows[line] = decode_line(line)
            except ValueError:
                log.error("spool line is not an event, skipped", bytes=len(line))
        return rows

    async def _reject(self, line: bytes) -> None:
        log.error("database refused an event, saved to rejected.txt")
        try:
            await self._run(partial(self._spool.reject, line))
        except OSError:
            log.exception("saving the refused event failed")

    async def _commit_failed(self, error: Exception) -> None:
        if self.available:
            cause = error.context.get("cause") if isinstance(error, HotlineError) else repr(error)
            log.warning("writing events to the database failed, they stay in the spool", cause=cause)
        self.available = False
        self._hurry.clear()
        with contextlib.suppress(Exception):  # whatever it is, the next try is still to come
            await self._run(self._spool.sync)
        self._flushes.reached(self._spooled)
        if self._disk_failed:
            self._flushes.refuse(UnavailableError("Neither the database nor the spool takes events."))
        await sleep_unless(self._clock, _RETRY, self._hurry)
        self._arrived.set()

    def _settle(self, seq: int) -> None:
        self._committed = max(self._committed, seq)
        self._flushes.reached(seq)

    async def _run(self, work: Callable[[], T]) -> T:
        assert self._thread is not None
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
