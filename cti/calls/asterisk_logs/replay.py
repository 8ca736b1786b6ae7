"""Fills in what the service missed: Asterisk writes queue_log and the CDR file whether anybody listens or not.

Read at start, after each log-in at AMI, and once a minute, because a service that hangs misses things without
losing its connection. What the service saw itself is left alone; of the rest, facts go to the fact table together
with the files' offsets, and the recorder rebuilds the records. A line read twice is the same fact.
"""

from __future__ import annotations

import asyncio
import csv
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from callflow.events import CallEnded, VoicemailLeft
from cti.calls import repository
from cti.calls.asterisk_logs.cdr import UNKNOWN_CAUSE, CallerLeg, caller_leg
from cti.calls.asterisk_logs.facts import LoggedFact, add_facts, drop_pending, forget_foreign, pending_facts
from cti.calls.asterisk_logs.new_facts import calls_of_channels, new_facts
from cti.calls.asterisk_logs.queue_log import facts_of_line
from cti.calls.asterisk_logs.tail import LogTail, Piece
from cti.calls.history.recorder import CallRecorder
from cti.calls.history.rows import read_cursor, write_cursor
from cti.calls.metrics import CALLS_FILLED
from hotline.kernel.bus import Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import UnavailableError
from hotline.kernel.tasks import TaskOwner
from ivr.events import AgiStarted, CallerJoinedQueue, ChannelEvent, PhoneEvent

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=1)
RETRY = timedelta(seconds=5)
SETTLE = timedelta(seconds=1)
"""Asterisk writes a call's CDR a moment after the event of its end."""
_REMEMBERED = 20_000
_SHORTEST_MESSAGE = 1.0
"""Seconds; less is a click or a breath."""


@dataclass(frozen=True, slots=True)
class _Presence:
    """Which calls Asterisk had at a moment."""

    asked_at: datetime
    call_ids: frozenset[str]


class LogReplay:
    """`start()` after the recorder, `close()` before it; each may be called twice."""

    def __init__(
        self,
        database: Database,
        recorder: CallRecorder,
        clock: Clock,
        logs: Path,
        voicemail_seconds: Callable[[str], float],
        phone: Dispatcher[PhoneEvent] | None = None,
    ) -> None:
        """`phone` shows early which call a channel is; without it, that is known when the call's CDR is written."""
        self._database = database
        self._recorder = recorder
        self._clock = clock
        self._voicemail_seconds = voicemail_seconds
        self._queue_log = LogTail(logs / "queue_log")
        self._cdr = LogTail(logs / "cdr-custom" / "hotline.csv")
        self._calls: OrderedDict[str, str] = OrderedDict()
        """A channel's unique id → its call, of those lately seen."""
        self._presence: _Presence | None = None
        self._wanted = asyncio.Event()
        self._running = asyncio.Lock()
        self._tasks = TaskOwner("call replay")
        self._started = False
        self._unsubscribe = phone.subscribe(self._on_phone, AgiStarted, CallerJoinedQueue) if phone else None

    async def start(self) -> None:
        if not self._started:
            self._started = True
            self._wanted.set()
            self._tasks.spawn(self._keep_replaying(), name="loop")

    async def close(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
        await self._tasks.close()

    def _on_phone(self, event: PhoneEvent) -> None:
        if isinstance(event, ChannelEvent) and event.call_id:
            self._learn({event.unique_id: event.call_id})

    def resync(self, calls: Mapping[str, str], asked_at: datetime) -> None:
        """Asterisk had these channels (unique id → call id) at `asked_at`: read its logs, end the calls it lost."""
        self._learn(calls)
        self._presence = _Presence(asked_at, frozenset(calls.values()))
        self._wanted.set()

    def soon(self) -> None:
        """A call has ended of which the service missed a part: its CDR should not wait for its minute."""
        self._wanted.set()

    async def run(self) -> int:
        """Read all that is new; how many facts the service had missed. Raises `UnavailableError`."""
        async with self._running:
            await self._recorder.settle()
            missed = await self._read_all()
            async with self._database.transaction() as db:
                await forget_foreign(db, self._clock.now())
            if (presence := self._presence) is not None:
                missed += await self._end_lost(presence)
                if self._presence is presence:
                    self._presence = None
        if missed:
            log.info("call log filled from Asterisk's own logs", facts=missed)
            CALLS_FILLED.inc(missed)
        return missed

    async def _keep_replaying(self) -> None:
        trouble = ""
        while True:
            await self._clock.sleep(SETTLE)
            self._wanted.clear()
            trouble = await self._try_to_run(trouble)
            await self._pause(RETRY if trouble else EVERY)

    async def _try_to_run(self, known: str) -> str:
        """What keeps the logs from being taken in, which is logged unless it is `known`; "" where nothing does."""
        try:
            await self.run()
        except UnavailableError as error:
            cause = str(error.context.get("cause") or error.detail)
            if cause != known:
                log.warning("Asterisk's logs wait for the database", cause=cause)
            return cause
        except Exception as error:
            cause = repr(error)[:500]
            if cause != known:
                log.exception("importing Asterisk's logs failed")
            return cause
        return ""

    async def _pause(self, delay: timedelta) -> None:
        waits = [asyncio.ensure_future(self._clock.sleep(delay)), asyncio.ensure_future(self._wanted.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    # --- the files --------------------------------------------------------------------------------------

    async def _read_all(self) -> int:
        missed = 0
        while True:
            # The CDR of a call comes after its last line in queue_log: read this way round, and again, no line
            # is left whose call became known too late.
            queue_lines, found = await self._read_log("queue_log", self._queue_log, self._take_queue_lines)
            cdr_lines, more = await self._read_log("cdr", self._cdr, self._take_cdr_lines)
            missed += found + more
            if not queue_lines and not cdr_lines:
                return missed

    async def _read_log(
        self, source: str, tail: LogTail, take: Callable[[str, Piece], Awaitable[int]]
    ) -> tuple[int, int]:
        """Lines read, and facts missed among them."""
        read = missed = 0
        async with self._database.snapshot() as db:
            offsets = (await read_cursor(db, source)).get("files", {})
        while True:
            piece = await asyncio.to_thread(tail.read, offsets)
            if not piece.lines:
                return read, missed
            missed += await take(source, piece)
            read += len(piece.lines)
            offsets = piece.offsets

    async def _take_queue_lines(self, source: str, piece: Piece) -> int:
        facts = [fact for line in piece.lines for fact in _parsed(facts_of_line, line)]
        async with self._database.snapshot() as db:
            unknown = {fact.unique_id for fact in facts} - self._calls.keys()
            if unknown:
                self._learn(await calls_of_channels(db, unknown))
            named = [_of_call(fact, self._calls[fact.unique_id]) for fact in facts if fact.unique_id in self._calls]
            fresh = await new_facts(db, self._recorder, named)
        pending = [fact for fact in facts if fact.unique_id not in self._calls]
        await self._keep(source, piece, [*fresh, *pending])
        return len(fresh)

    async def _take_cdr_lines(self, source: str, piece: Piece) -> int:
        legs: list[CallerLeg] = [leg for line in piece.lines if (leg := _parsed_leg(line, piece.written)) is not None]
        calls = {leg.unique_id: leg.call_id for leg in legs}
        self._learn(calls)
        facts = [fact for leg in legs for fact in leg.facts]
        async with self._database.snapshot() as db:
            waited = await pending_facts(db, calls)
            fresh = await new_facts(db, self._recorder, [*facts, *waited])
        missed = {fact.event.call_id for fact in fresh}
        for leg in {leg.call_id: leg for leg in legs if leg.call_id in missed}.values():
            fresh += await self._message_of(leg)
        return await self._keep(source, piece, fresh, settled={fact.unique_id for fact in waited})

    async def _message_of(self, leg: CallerLeg) -> list[LoggedFact]:
        """The caller's voicemail; no log shows whether it was empty."""
        seconds = await asyncio.to_thread(self._voicemail_seconds, leg.call_id)
        if seconds < _SHORTEST_MESSAGE:
            return []
        file = f"{leg.call_id}-voicemail.wav"
        event = VoicemailLeft(at=leg.ended_at, call_id=leg.call_id, file=file, seconds=seconds)
        return [LoggedFact(key=f"v-{leg.call_id}", unique_id=leg.unique_id, event=event)]

    async def _keep(self, source: str, piece: Piece, facts: Sequence[LoggedFact], settled: Collection[str] = ()) -> int:
        """Keep facts and place together; `settled`: channels whose facts had waited to know their call."""
        async with self._database.transaction() as db:
            if settled:
                await drop_pending(db, settled)
            await add_facts(db, facts)
            await write_cursor(db, source, {"files": dict(piece.offsets)})
        self._recorder.refresh({fact.event.call_id for fact in facts if fact.event.call_id})
        return len(facts)

    def _learn(self, calls: Mapping[str, str]) -> None:
        self._calls.update(calls)
        while len(self._calls) > _REMEMBERED:
            self._calls.popitem(last=False)

    # --- calls that Asterisk lost -----------------------------------------------------------------------

    async def _end_lost(self, presence: _Presence) -> int:
        """Calls that are live in the call log, absent from Asterisk, and without a CDR: Asterisk crashed."""
        await self._recorder.settle()
        async with self._database.snapshot() as db:
            live = await repository.live(db)
        lost = [row for row in live if row.call_id not in presence.call_ids and row.started_at < presence.asked_at]
        facts = []
        for row in lost:
            at = await self._recorder.last_event_at(row.call_id) or row.started_at
            event = CallEnded(at=at, call_id=row.call_id, cause=UNKNOWN_CAUSE, by="system", in_node="")
            facts.append(LoggedFact(key=f"lost-{row.call_id}", unique_id="", event=event))
        if facts:
            log.warning("calls lost in an Asterisk crash", calls=len(facts))
            async with self._database.transaction() as db:
                await add_facts(db, facts)
            self._recorder.refresh(row.call_id for row in lost)
        return len(facts)


def _of_call(fact: LoggedFact, call_id: str) -> LoggedFact:
    return replace(fact, event=replace(fact.event, call_id=call_id))


def _parsed(parse: Callable[[str], Iterable[LoggedFact]], line: str) -> Iterable[LoggedFact]:
    try:
        return parse(line) if line else ()
    except (ValueError, OverflowError, OSError):
        log.warning("unreadable line in queue_log", characters=len(line))
        return ()


def _parsed_leg(line: str, written: datetime | None) -> CallerLeg | None:
    try:
        return caller_leg(line, written) if line else None
    except (ValueError, OverflowError, OSError, csv.Error):
        log.warning("unreadable line in the CDR file", characters=len(line))
        return None
