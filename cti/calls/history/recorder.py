"""Writes the call log: follows the events of calls and stores one record per call in the database.

Receiving an event only marks its call; a background task builds the records of what changed and writes them in
batches. How far it has come in the journal is stored with the records, so that after a crash, or when the
database was away for longer than memory allows, it continues from there and nothing is lost.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog

from cti.calls import repository
from cti.calls.asterisk_logs.facts import unapplied_calls
from cti.calls.history.projection import CALL_EVENTS, Trace, apply, project
from cti.calls.history.record import CallRecord
from cti.calls.history.rows import read_cursor
from cti.calls.history.writer import RecordWriter
from cti.calls.metrics import CALLS_WAITING
from cti.calls.ports import JournalReader
from cti.events import AgentAnswered, AgentRang
from hotline.kernel.bus import Bus
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import UnavailableError
from hotline.kernel.events import Recorded
from hotline.kernel.tasks import TaskOwner

log = structlog.get_logger(__name__)

JOURNAL = "journal"
LINGER = timedelta(seconds=1)
"""Changes of so long a time are written together; a screen asks memory, not the table."""
LIVE_EVERY = timedelta(seconds=10)
"""A live call is written when it comes, rings at an agent and ends; for anything else, no more often than this."""
_PRESSING = (AgentRang, AgentAnswered)
"""An agent sees the calls at their own phone."""
RETRY = timedelta(seconds=1)
BATCH = 200
PAGE = 1000
MOST_ENDED = 2000
"""Ended calls in memory; beyond it they are read from the journal again when they are needed."""
MOST_WAITING = 20_000
"""Calls waiting to be written; beyond it the journal is read again once the database is back."""


class CallRecorder:
    """`start()` before the first call, `close()` after the last; each may be called twice."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        journal: JournalReader,
        clock: Clock,
        has_recording: Callable[[str], bool],
        *,
        most_ended: int = MOST_ENDED,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._database = database
        self._bus = bus
        self._journal = journal
        self._clock = clock
        self._most_ended = most_ended
        self._most_waiting = most_waiting
        self._writer = RecordWriter(database, journal, has_recording)
        self._live: dict[str, Trace] = {}
        self._ended: OrderedDict[str, Trace] = OrderedDict()
        """Kept for what still comes in about them; the longest ended first."""
        self._folded: dict[str, tuple[Trace, CallRecord | None]] = {}
        """The records that were asked for, each with the trace that it was made from; none is ever changed."""
        self._partial: set[str] = set()
        """Calls of which the journal or the fact table knows more than memory."""
        self._dirty: dict[str, None] = {}
        """Calls whose records are to be written."""
        self._written: dict[str, float] = {}
        """When live calls were written last."""
        self._seen = 0
        self._behind = True
        """Whether there may be events that are in the journal alone."""
        self._writing = asyncio.Lock()
        self._wake = asyncio.Event()
        self._tasks = TaskOwner("call log")
        self._unsubscribe: Callable[[], None] | None = None

    async def start(self) -> None:
        if self._unsubscribe is None:
            self._unsubscribe = self._bus.subscribe(self._take, *CALL_EVENTS)
            self._wake.set()
            self._tasks.spawn(self._keep_writing(), name="writer")

    async def close(self) -> None:
        """Write what is left, if the database takes it; the rest is written after the next start."""
        if self._unsubscribe is None:
            return
        self._unsubscribe()
        self._unsubscribe = None
        await self._tasks.close()
        try:
            async with asyncio.timeout(5):
                await self.settle()
        except (UnavailableError, TimeoutError):
            log.warning("call records left for the next start", count=len(self._dirty))

    # --- for others -------------------------------------------------------------------------------------

    def live(self, call_id: str) -> CallRecord | None:
        """The record of a live or lately ended call as far as it goes, where memory has all of it.

        Made once for each event of the call, however many ask; it is shared, so nobody changes it.
        """
        trace = self.trace(call_id)
        if trace is None:
            return None
        made_from, record = self._folded.get(call_id, (None, None))
        if made_from is not trace:
            record = project(trace)
            self._folded[call_id] = trace, record
        return record

    def trace(self, call_id: str) -> Trace | None:
        """All that is known of a call, where memory has all of it; else None."""
        return None if call_id in self._partial else self._in_memory(call_id)

    async def last_event_at(self, call_id: str) -> datetime | None:
        """When something last happened on this call. Raises `UnavailableError`."""
        trace = self.trace(call_id) or await self._writer.complete(Trace(call_id))
        return max((event.at for event in trace.seen.values()), default=None)

    def refresh(self, call_ids: Iterable[str]) -> None:
        """The fact table has more on these calls: rebuild their records."""
        for call_id in call_ids:
            self._partial.add(call_id)
            self._dirty[call_id] = None
        self._wake.set()

    async def settle(self) -> None:
        """Return once all that has happened so far is written. Raises `UnavailableError`."""
        async with self._writing:
            while self._behind or self._dirty:
                await self._write_all(waiting=False)

    # --- events -----------------------------------------------------------------------------------------

    def _take(self, recorded: Recorded) -> None:
        self._seen = max(self._seen, recorded.seq)
        self._add(recorded)
        if self._behind:
            self._dirty.clear()  # All of it is read from the journal soon.
        elif len(self._dirty) > self._most_waiting:
            log.warning("call records wait in the journal, memory would grow", count=len(self._dirty))
            self._behind = True
        self._wake.set()

    def _add(self, recorded: Recorded) -> None:
        call_id = recorded.event.call_id
        if not call_id or not isinstance(recorded.event, CALL_EVENTS):
            return
        before = self._in_memory(call_id)
        after = apply(before or Trace(call_id), recorded.seq, recorded.event)
        if before is None and not after.from_the_start:
            self._partial.add(call_id)
        self._keep(after)
        self._dirty[call_id] = None
        if isinstance(recorded.event, _PRESSING):
            self._written.pop(call_id, None)

    def _in_memory(self, call_id: str) -> Trace | None:
        return self._live.get(call_id) or self._ended.get(call_id)

    def _keep(self, trace: Trace) -> None:
        if not trace.ended:
            self._live[trace.call_id] = trace
            return
        self._live.pop(trace.call_id, None)
        self._written.pop(trace.call_id, None)
        self._ended[trace.call_id] = trace
        while len(self._ended) > self._most_ended:
            forgotten, _ = self._ended.popitem(last=False)
            self._partial.discard(forgotten)
            self._folded.pop(forgotten, None)

    # --- writing ----------------------------------------------------------------------------------------

    async def _keep_writing(self) -> None:
        trouble = ""
        while True:
            await self._wake.wait()
            self._wake.clear()
            before, trouble = trouble, await self._try_to_write(trouble)
            if trouble or self._dirty:
                self._wake.set()
            if before and not trouble:
                log.info("writing call records recovered")
            await self._clock.sleep(RETRY if trouble else LINGER)

    async def _try_to_write(self, known: str) -> str:
        """What keeps records from being written, which is logged unless it is `known`; "" where nothing does."""
        try:
            async with self._writing:
                await self._write_all(waiting=True)
        except UnavailableError as error:
            cause = str(error.context.get("cause") or error.detail)
            if cause != known:
                log.warning("call records wait for the database", cause=cause)
            return cause
        except Exception as error:
            # A missing table, for example: until somebody repairs it, calls continue.
            cause = repr(error)[:500]
            if cause != known:
                log.exception("writing call records failed")
            return cause
        return ""

    async def _write_all(self, *, waiting: bool) -> None:
        if self._behind:
            await self._catch_up()
        await self._write_dirty(self._seen, waiting=waiting)

    async def _write_dirty(self, seen: int, *, waiting: bool = False) -> None:
        """Write the records of the calls touched so far; then the journal is done with up to `seen`.

        `waiting`: a live call that was written a moment ago waits; after a crash, live calls are rebuilt anyway.
        """
        rest = {call_id: None for call_id in self._dirty if self._may_wait(call_id)} if waiting else {}
        batch = [call_id for call_id in self._dirty if call_id not in rest]
        self._dirty = rest
        try:
            while batch:
                await self._write(batch[:BATCH], seen if len(batch) <= BATCH and not self._behind else None)
                del batch[:BATCH]
        except BaseException:
            self._dirty = {**dict.fromkeys(batch), **self._dirty}
            raise
        finally:
            CALLS_WAITING.set(len(self._dirty))

    def _may_wait(self, call_id: str) -> bool:
        written = self._written.get(call_id)
        return written is not None and self._clock.monotonic() - written < LIVE_EVERY.total_seconds()

    async def _write(self, call_ids: list[str], seen: int | None) -> None:
        traces = []
        for call_id in call_ids:
            trace = self._in_memory(call_id)
            if trace is None or call_id in self._partial:
                trace = self._completed(await self._writer.complete(trace or Trace(call_id)))
            traces.append(trace)
        await self._writer.write(traces, {JOURNAL: {"seq": seen}} if seen else {})
        now = self._clock.monotonic()
        self._written.update((call_id, now) for call_id in call_ids if call_id in self._live)

    def _completed(self, trace: Trace) -> Trace:
        self._partial.discard(trace.call_id)
        now = self._in_memory(trace.call_id)
        for seq, event in (now.seen if now else {}).items():  # What came in meanwhile.
            trace = apply(trace, seq, event)
        if trace.seen or trace.filled:
            self._keep(trace)
        return trace

    async def _catch_up(self) -> None:
        """Take in what the journal has beyond the last record written."""
        self._behind = False  # Set again when calls are forgotten from here on.
        try:
            async with self._database.snapshot() as db:
                seq = int((await read_cursor(db, JOURNAL)).get("seq", 0))
                self.refresh([*await unapplied_calls(db), *(row.call_id for row in await repository.live(db))])
            await self._writer.journal_is_stored()
            while page := await self._journal.read(seq, PAGE):
                for recorded in page:
                    self._add(recorded)
                seq = page[-1].seq
                await self._write_dirty(seq)
        except BaseException:
            self._behind = True
            raise
        self._seen = max(self._seen, seq)
