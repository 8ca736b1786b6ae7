"""The call log put together: recorder, replay of Asterisk's own logs, and what others ask of it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from callflow.events import CallEnded
from cti.calls import repository
from cti.calls.asterisk_logs.replay import LogReplay
from cti.calls.exports.pages import Pages, exported_pages
from cti.calls.history.record import CallRecord, Outcome
from cti.calls.history.recorder import CallRecorder
from cti.calls.models import CallAttemptRow, CallRecordRow, CallStepRow, CallThreewayRow
from cti.calls.ports import AgentLookup, JournalReader
from cti.calls.recordings.library import Recording, Recordings
from cti.calls.recordings.playback_audit import PlaybackAudit
from cti.calls.repository import Scope
from cti.calls.schemas import CallDetail, CallFilter, CallRow, Peaks, RecordingView, Side, is_narrow
from cti.ports import CasesOfCalls
from hotline.accounts.roles import Permission
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import ForbiddenError, NotFoundError
from hotline.kernel.events import Recorded
from hotline.kernel.http import Page, Principal
from ivr.events import PhoneEvent
from ivr.switchboard import PhoneSnapshot


class CallNotFoundError(NotFoundError):
    error_id = "call.not_found"
    title = "No such call, or not one of yours"


class CallConfidentialError(ForbiddenError):
    error_id = "call.confidential"
    title = "This call is confidential"


class RecordingNotFoundError(NotFoundError):
    error_id = "recording.not_found"
    title = "This call has no such recording"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallParty:
    """Who is on a call. `caller_number` as the trunk shows it, "" when withheld."""

    caller_number: str
    enterprise_id: str | None = None
    contact_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierCall:
    """A call in the past, for the screen pop."""

    call_id: str
    started_at: datetime
    queue: str | None
    outcome: str
    agents: tuple[str, ...]
    talk_seconds: int
    survey: int | None


_CALLS_AT_ONCE = 500


class CallLog:
    """The log of live and ended calls. `start()` before the first call; `close()` may be called twice."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        journal: JournalReader,
        clock: Clock,
        *,
        recordings: Path,
        agents: AgentLookup,
        cases: CasesOfCalls,
        logs: Path | None = None,
        phone: Dispatcher[PhoneEvent] | None = None,
    ) -> None:
        """`logs` holds Asterisk's queue_log and CDR file; without it, what the service misses stays missed."""
        self._agents = agents
        self._cases = cases
        self.recordings = Recordings(recordings)
        self.recorder = CallRecorder(database, bus, journal, clock, self.recordings.exists)
        self.replay: LogReplay | None = None
        if logs is not None:
            self.replay = LogReplay(database, self.recorder, clock, logs, self.recordings.voicemail_seconds, phone)
        self._unsubscribe = bus.subscribe(self._on_end, CallEnded)
        self.playback_audit = PlaybackAudit(clock)

    async def start(self) -> None:
        await self.recorder.start()
        if self.replay is not None:
            await self.replay.start()

    async def close(self) -> None:
        self._unsubscribe()
        if self.replay is not None:
            await self.replay.close()
        await self.recorder.close()

    async def resync(self, snapshot: PhoneSnapshot) -> None:
        """Have what was missed filled in, and calls that Asterisk lost ended; after each log-in. Does not wait for it.

        Calls that began since the snapshot was asked for are not missed in it.
        """
        if self.replay is not None:
            calls = {channel.unique_id: channel.call_id for channel in snapshot.channels if channel.call_id}
            self.replay.resync(calls, snapshot.asked_at)

    def _on_end(self, recorded: Recorded) -> None:
        record = self.recorder.live(recorded.event.call_id)
        if self.replay is not None and (record is None or record.gap):
            self.replay.soon()

    def live(self, call_id: str) -> CallRecord | None:
        """The record of a live or lately ended call as far as it goes, from memory."""
        return self.recorder.live(call_id)

    # --- reading ----------------------------------------------------------------------------------------

    def scope(self, who: Principal) -> Scope:
        """Whose calls `who` may see."""
        numbers = Permission.NUMBER_UNMASK in who.permissions
        if Permission.CALL_READ_ALL in who.permissions:
            return Scope(True, numbers=numbers)
        return Scope(False, self._agents.number_of(who.user_id), numbers)

    async def page(self, db: AsyncSession, query: CallFilter, *, who: Principal) -> Page[CallRow]:
        found = await repository.find(db, query, self.scope(who))
        call_ids = [row.call_id for row in found.rows]
        cases = await self._cases.of_calls(db, call_ids)
        closed = await self._cases.closed_to(db, call_ids, who)

        def view(row: CallRecordRow) -> CallRow:
            now = self._now(row) or row
            shown = CallRow.of(now, has_recording=row.has_recording, cases=cases.get(row.call_id, ()))
            return shown.closed() if row.call_id in closed else shown

        page = found.page(view)
        if is_narrow(query):
            page.items = [item for item in page.items if not item.confidential]
            page.total = None
        return page

    async def detail(self, db: AsyncSession, call_id: str, *, who: Principal) -> CallDetail:
        row = await self.read(db, call_id, who=who)
        cases = (await self._cases.of_calls(db, [row.call_id])).get(row.call_id, ())
        recording = await asyncio.to_thread(self._recording_view, row.call_id)
        voicemail = await asyncio.to_thread(self._voicemail_view, row.call_id)
        if (now := self._now(row)) is not None:
            return CallDetail.whole(
                now,
                path=now.path,
                attempts=now.attempts,
                threeway=now.threeway,
                recording=recording,
                voicemail=voicemail,
                cases=cases,
            )
        return CallDetail.whole(
            row,
            path=await repository.parts(db, CallStepRow, row.call_id),
            attempts=await repository.parts(db, CallAttemptRow, row.call_id),
            threeway=await repository.parts(db, CallThreewayRow, row.call_id),
            recording=recording,
            voicemail=voicemail,
            cases=cases,
        )

    def _now(self, row: CallRecordRow) -> CallRecord | None:
        """What memory knows of a live call, whose row may be some seconds old."""
        return self.recorder.live(row.call_id) if row.outcome == Outcome.LIVE else None

    async def read(self, db: AsyncSession, call_id: str, *, who: Principal) -> CallRecordRow:
        """The call's row. Raises `CallNotFoundError`, also where not for `who`, or `CallConfidentialError`."""
        row = await repository.call(db, call_id, self.scope(who))
        if row is None:
            raise CallNotFoundError("The call log holds no such call, or it was not at your phone.")
        if await self._is_closed(db, call_id, who):
            raise CallConfidentialError("It belongs to a confidential case; ask a supervisor, who can open it.")
        return row

    async def _is_closed(self, db: AsyncSession, call_id: str, who: Principal) -> bool:
        """Whether its case is not for `who`; whoever speaks with the caller right now may see who that is."""
        if self._agents.call_of(who.user_id) == call_id:
            return False
        return bool(await self._cases.closed_to(db, [call_id], who))

    async def known_to(self, db: AsyncSession, call_id: str, who: Principal) -> bool:
        """Whether `who` may know of this call; of a live one, from memory, before its row is written."""
        if self._agents.call_of(who.user_id) == call_id:
            return True  # It may have rung while this service was away, and its record not know yet.
        if await self._is_closed(db, call_id, who):
            return False
        scope = self.scope(who)
        live = self.recorder.live(call_id)
        if live is not None and (scope.everything or any(a.agent == scope.agent for a in live.attempts)):
            return True
        return await repository.call(db, call_id, scope) is not None

    def _recording_view(self, call_id: str) -> RecordingView | None:
        mix = self.recordings.find(call_id, Side.MIX)
        if mix is None:
            return None
        return RecordingView(seconds=mix.seconds, sides=self.recordings.sides(call_id))

    def _voicemail_view(self, call_id: str) -> RecordingView | None:
        message = self.recordings.find(call_id, Side.VOICEMAIL)
        return RecordingView(seconds=message.seconds, sides=[Side.VOICEMAIL]) if message else None

    # --- recordings -------------------------------------------------------------------------------------

    async def recording(self, call_id: str, side: Side) -> Recording:
        found = await asyncio.to_thread(self.recordings.find, call_id, side)
        if found is None:
            raise RecordingNotFoundError("There is no recording of this side, or it was deleted.")
        return found

    async def peaks(self, call_id: str, side: Side) -> Peaks:
        found = await asyncio.to_thread(self.recordings.peaks, call_id, side)
        if found is None:
            raise RecordingNotFoundError("There is no recording of this side, or it was deleted.")
        return found

    def export_pages(self, database: Database, query: CallFilter, scope: Scope, who: Principal) -> Pages:
        """All matching calls, whole; a session of its own for each page."""
        return exported_pages(database, query, scope, self._cases, who)

    # --- for crm (its CallHistory) ----------------------------------------------------------------------

    async def party(self, db: AsyncSession, call_id: str) -> CallParty | None:
        """Who is or was on this call; a call that is just coming in is known from memory."""
        known = self.recorder.live(call_id) or await repository.call(db, call_id, Scope(True))
        if known is None:
            return None
        return CallParty(
            caller_number=known.caller_number, enterprise_id=known.enterprise_id, contact_id=known.contact_id
        )

    async def earlier(
        self, db: AsyncSession, *, number: str, enterprise_ids: Sequence[str], excluding: str, limit: int
    ) -> Sequence[EarlierCall]:
        """The latest calls from this number or of these enterprises, newest first, without `excluding`."""
        rows = await repository.earlier(
            db, number=number, enterprise_ids=enterprise_ids, excluding=excluding, limit=limit
        )
        return [
            EarlierCall(
                call_id=row.call_id,
                started_at=row.started_at,
                queue=row.queue or None,
                outcome=Outcome(row.outcome).value,
                agents=tuple(row.agents),
                talk_seconds=row.talk_seconds,
                survey=row.survey,
            )
            for row in rows
        ]

    async def rings(self, db: AsyncSession, call_ids: Collection[str]) -> Mapping[str, Sequence[datetime]]:
        """When each of these calls, once it is over, rang at agents who answered it."""
        found: dict[str, list[datetime]] = {}
        wanted = sorted(call_ids)
        for start in range(0, len(wanted), _CALLS_AT_ONCE):
            for row in await repository.attempts_of(db, wanted[start : start + _CALLS_AT_ONCE]):
                if row.answered_at is not None:
                    found.setdefault(row.call_id, []).append(row.rang_at)
        return found

    async def had_three_way(self, db: AsyncSession, call_id: str) -> bool:
        """Whether a specialist and the caller spoke with the agent on this call."""
        if (known := self.recorder.live(call_id)) is not None and known.had_three_way:
            return True
        return await repository.had_merge(db, call_id)

    async def specialists_of(self, db: AsyncSession, call_id: str) -> Sequence[str]:
        """The ids of the specialists who spoke with the caller on this call, in order."""
        if (known := self.recorder.live(call_id)) is not None and known.had_three_way:
            return [part.specialist_id for part in known.threeway if part.result == "merged"]
        return await repository.merged_specialists(db, call_id)
