"""The recorder's hand at the database: completes traces and writes their records."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy.exc import DataError, IntegrityError

from cti.calls.asterisk_logs.facts import facts_of, mark_applied
from cti.calls.history.projection import Trace, apply, fill, project
from cti.calls.history.record import CallRecord
from cti.calls.history.rows import write_cursor, write_records
from cti.calls.metrics import CALLS_REFUSED
from cti.calls.ports import JournalReader
from hotline.kernel.db import Database, DuplicateError
from hotline.kernel.errors import UnavailableError

log = structlog.get_logger(__name__)


class RecordWriter:
    """Every method raises `UnavailableError` where the database is away; then nothing of it has happened."""

    def __init__(self, database: Database, journal: JournalReader, has_recording: Callable[[str], bool]) -> None:
        self._database = database
        self._journal = journal
        self._has_recording = has_recording

    async def journal_is_stored(self) -> None:
        """Return once every event so far is in the database."""
        await self._journal.flush()
        if not self._journal.available:
            raise UnavailableError("The journal's events are not in the database yet.")

    async def complete(self, trace: Trace) -> Trace:
        """`trace` with all that the journal and Asterisk's own logs know of its call."""
        await self.journal_is_stored()
        for recorded in await self._journal.for_call(trace.call_id):
            trace = apply(trace, recorded.seq, recorded.event)
        async with self._database.snapshot() as db:
            facts = await facts_of(db, trace.call_id)
        return fill(trace, facts) if facts else trace

    async def write(self, traces: Sequence[Trace], cursors: Mapping[str, Mapping[str, Any]]) -> None:
        """Write the records of `traces`, and `cursors`, in one transaction.

        A record that the database will never take is logged and left out, so that it holds up no other.
        """
        pairs = [(trace, record) for trace in traces if (record := project(trace)) is not None]
        recorded = await self._recorded([record for _, record in pairs])
        try:
            await self._write(pairs, recorded, cursors)
        except (DataError, IntegrityError, DuplicateError) as error:
            if not pairs:
                raise
            if len(pairs) == 1:
                await self._leave_out(pairs[0][1].call_id, cursors, error)
                return
            middle = len(pairs) // 2
            await self.write([trace for trace, _ in pairs[:middle]], {})
            await self.write([trace for trace, _ in pairs[middle:]], cursors)

    async def _write(
        self,
        pairs: Sequence[tuple[Trace, CallRecord]],
        recorded: set[str],
        cursors: Mapping[str, Mapping[str, Any]],
    ) -> None:
        async with self._database.transaction() as db:
            await write_records(db, [(record, record.call_id in recorded) for _, record in pairs])
            await mark_applied(db, [key for trace, _ in pairs for key in trace.filled])
            for source, position in cursors.items():
                await write_cursor(db, source, dict(position))

    async def _leave_out(self, call_id: str, cursors: Mapping[str, Mapping[str, Any]], error: Exception) -> None:
        CALLS_REFUSED.inc()
        log.error("database refused a call record", call_id=call_id, cause=type(error).__name__)
        if cursors:
            await self._write((), set(), cursors)

    async def _recorded(self, records: Sequence[CallRecord]) -> set[str]:
        """Which of those that were at a queue have a recording."""
        wanted = [record.call_id for record in records if record.queued_at is not None]
        if not wanted:
            return set()
        return await asyncio.to_thread(lambda: {call_id for call_id in wanted if self._has_recording(call_id)})
