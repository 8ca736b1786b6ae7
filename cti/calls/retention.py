"""Removes recordings, call records, events and facts past their retention time. See `hotline.kernel.retention`.

Nothing of a call is removed while it is live or a case needs it (`cti.ports.CasesThatKeep`).
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import structlog
from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from cti.calls.history.record import Outcome
from cti.calls.history.recorder import JOURNAL
from cti.calls.history.rows import read_cursor
from cti.calls.models import CallAttemptRow, CallFactRow, CallRecordRow, CallStepRow, CallThreewayRow
from cti.calls.recordings.library import PEAKS_IN_WORK
from cti.ports import CasesThatKeep
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.models import EventRecord
from hotline.kernel.retention import BATCH, OldRows, Removal, delete_by

log = structlog.get_logger(__name__)

CALLS_AT_ONCE = 50
"""A call has some dozen rows in four tables."""
LEFT_OVER = timedelta(days=1)
"""A waveform is written in a moment; one in work for so long is that of a process that was killed."""
_FILE = re.compile(
    r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:-caller|-agent|-voicemail)?(?:\.wav|\.peaks\.json)"
)


class OldRecordings:
    """A `HeldCalls`: the files of calls, in the folder into which Asterisk records. Counted by calls."""

    name = "recordings"

    def __init__(self, database: Database, folder: Path, cases: CasesThatKeep, clock: Clock) -> None:
        self._database = database
        self._folder = folder
        self._cases = cases
        self._clock = clock

    async def count(self, before: datetime) -> int:
        found = await asyncio.to_thread(old_files, self._folder, before)
        return sum([len(await self._removable(calls, before)) for calls in _batches(found)])

    async def remove(self, before: datetime) -> AsyncGenerator[Removal]:
        await asyncio.to_thread(_sweep, self._folder, self._clock.now() - LEFT_OVER)
        found = await asyncio.to_thread(old_files, self._folder, before)
        for calls in _batches(found):
            chosen = await self._removable(calls, before)
            # The record first: after a crash between the two, the next run finds the files again.
            await self._mark(chosen, self._clock.now())
            left = await asyncio.to_thread(_unlink_all, {call_id: found[call_id] for call_id in chosen})
            await self._mark(left, None)
            yield Removal(len(chosen) - len(left), len(left))

    async def _removable(self, calls: Sequence[str], before: datetime) -> list[str]:
        async with self._database.snapshot() as db:
            kept = await _needed(db, calls, self._cases, before)
        return [call_id for call_id in calls if call_id not in kept]

    async def _mark(self, call_ids: Sequence[str], at: datetime | None) -> None:
        if call_ids:
            change = update(CallRecordRow).where(CallRecordRow.call_id.in_(call_ids))
            async with self._database.transaction() as db:
                await db.execute(change.values(recording_removed_at=at, has_recording=_was_in_a_queue(at)))


def _was_in_a_queue(removed_at: datetime | None) -> bool | ColumnElement[bool]:
    """Whether a call whose files are there (again) has more than a message."""
    return False if removed_at is not None else CallRecordRow.queued_at.is_not(None)


def old_files(folder: Path, before: datetime) -> dict[str, list[Path]]:
    """The recordings' files by call, of calls that began before this moment, the oldest first. Blocks."""
    found: dict[str, list[Path]] = {}
    if folder.is_dir():
        for path in folder.iterdir():
            if match := _FILE.fullmatch(path.name):
                found.setdefault(match[1], []).append(path)
    begun = {call_id: _begun(call_id, paths) for call_id, paths in found.items()}
    return {call_id: found[call_id] for call_id in sorted(begun, key=lambda i: begun[i]) if begun[call_id] < before}


def _sweep(folder: Path, before: datetime) -> None:
    """Remove waveforms whose writing began before this moment and never ended. Blocks."""
    for path in folder.glob(f"{PEAKS_IN_WORK}*"):
        try:
            if path.stat().st_mtime < before.timestamp():
                path.unlink()
        except OSError as error:
            log.warning("removing an unfinished waveform failed", file=path.name, reason=error.strerror)


def _begun(call_id: str, paths: Iterable[Path]) -> datetime:
    """By the call's id, which contains its time: a file's own may be that of a copy. Else by the latest file."""
    value = uuid.UUID(call_id)
    if value.version == 7:
        return datetime.fromtimestamp((value.int >> 80) / 1000, UTC)
    times = [path.stat().st_mtime for path in paths if path.exists()]
    return datetime.fromtimestamp(max(times, default=0.0), UTC)


def _batches(calls: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(calls)
    while batch := list(islice(rest, CALLS_AT_ONCE)):
        yield batch


def _unlink_all(files: Mapping[str, Iterable[Path]]) -> list[str]:
    """The calls of which something could not be removed. Blocks."""
    return [call_id for call_id, paths in files.items() if not _unlink(call_id, paths)]


def _unlink(call_id: str, paths: Iterable[Path]) -> bool:
    """Whether all of them are gone."""
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("removing a recording failed", call_id=call_id, file=path.name, reason=error.strerror)
            return False
    return True


_NEVER_KNOWN = datetime(2001, 1, 1, tzinfo=UTC)


class OldCalls:
    """A `HeldCalls`: the records of calls, with their steps, attempts and consultations."""

    name = "call_records"

    def __init__(self, database: Database, cases: CasesThatKeep) -> None:
        self._database = database
        self._cases = cases

    async def count(self, before: datetime) -> int:
        total, after = 0, ""
        while page := await self._page(before, after):
            total, after = total + len(page[0]), page[1]
        return total

    async def remove(self, before: datetime) -> AsyncGenerator[Removal]:
        after = ""
        while page := await self._page(before, after):
            call_ids, after = page
            async with self._database.transaction() as db:
                for key in _PARTS:
                    await delete_by(db, key, call_ids)
            yield Removal(len(call_ids))

    async def _page(self, before: datetime, after: str) -> tuple[list[str], str] | None:
        """Calls to remove among the next ones in order of their ids, and the last id looked at."""
        row = CallRecordRow
        query = select(row.call_id).where(row.started_at < before, row.call_id > after, row.outcome != Outcome.LIVE)
        # A call of 1970 is one with an unknown beginning; its retention time cannot be computed.
        query = query.where(row.started_at > _NEVER_KNOWN)
        async with self._database.snapshot() as db:
            calls = list(await db.scalars(query.order_by(row.call_id).limit(CALLS_AT_ONCE)))
            if not calls:
                return None
            kept = await _needed(db, calls, self._cases, before)
        return [call_id for call_id in calls if call_id not in kept], calls[-1]


_PARTS: tuple[InstrumentedAttribute[str], ...] = (
    CallStepRow.call_id,
    CallAttemptRow.call_id,
    CallThreewayRow.call_id,
    CallRecordRow.call_id,
)


class OldEvents:
    """A `HeldCalls`: the journal's events, as far as the call log has taken them in.

    They go in the order of their numbers up to the first that is young. The highest number always stays, because the
    journal counts on from it: no number is given twice.
    """

    name = "events"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, before: datetime) -> int:
        async with self._database.snapshot() as db:
            bound = await self._bound(db, before)
            return await db.scalar(select(func.count()).select_from(_events(0, bound).subquery())) or 0

    async def remove(self, before: datetime) -> AsyncGenerator[Removal]:
        async with self._database.snapshot() as db:
            bound = await self._bound(db, before)
        after = 0
        while True:
            async with self._database.snapshot() as db:
                numbers = list(await db.scalars(_events(after, bound).limit(BATCH)))
            if not numbers:
                return
            async with self._database.transaction() as db:
                await delete_by(db, EventRecord.seq, numbers)
            after = numbers[-1]
            yield Removal(len(numbers))

    async def _bound(self, db: AsyncSession, before: datetime) -> int:
        """The first number that stays."""
        young = select(EventRecord.seq).where(EventRecord.at >= before).order_by(EventRecord.seq).limit(1)
        highest = await db.scalar(select(func.max(EventRecord.seq))) or 0
        folded = int((await read_cursor(db, JOURNAL)).get("seq", 0))
        return min(await db.scalar(young) or highest, highest, folded + 1)


def _events(after: int, bound: int) -> Select[int]:
    live = select(CallRecordRow.call_id).where(CallRecordRow.outcome == Outcome.LIVE)
    return (
        select(EventRecord.seq)
        .where(EventRecord.seq > after, EventRecord.seq < bound, EventRecord.call_id.not_in(live))
        .order_by(EventRecord.seq)
    )


def old_facts(database: Database) -> OldRows:
    """A `HeldCalls`: facts from Asterisk's own logs that their calls' records know of."""
    live = select(CallRecordRow.call_id).where(CallRecordRow.outcome == Outcome.LIVE)

    def old(before: datetime) -> Select[str]:
        fact = CallFactRow
        return select(fact.key).where(fact.at < before, fact.applied.is_(True), fact.call_id.not_in(live))

    return OldRows("facts", database, CallFactRow.key, old)


async def _needed(db: AsyncSession, calls: Sequence[str], cases: CasesThatKeep, before: datetime) -> set[str]:
    """Those that are live, or that a case needs."""
    row = CallRecordRow
    live = await db.scalars(select(row.call_id).where(row.call_id.in_(calls), row.outcome == Outcome.LIVE))
    return set(live) | await cases.kept(db, calls, since=before)
