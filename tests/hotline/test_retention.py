"""What goes when its time is over, and what stays: on real files and both databases."""

from __future__ import annotations

import asyncio
import os
import secrets
import sqlite3
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

import hotline.app.models
from crm.cases.models import Case, CaseCall, CaseStep
from crm.cases.state import CaseAction, CaseState
from cti.calls.models import CallFactRow, CallRecordRow, CallStepRow
from cti.calls.recordings.library import PEAKS_IN_WORK
from cti.calls.retention import CALLS_AT_ONCE
from hotline.accounts.audit import AuditLog
from hotline.accounts.models import AuditEntry
from hotline.app.retention import NIGHT, Retention, build_retention, retain_each_night
from hotline.app.settings import RetentionSettings, Settings
from hotline.cli.main import app
from hotline.kernel.db import Base, Database
from hotline.kernel.ids import uuid7
from hotline.kernel.job_runner import JobRunner
from hotline.kernel.jobs import JobQueue
from hotline.kernel.journal import Journal
from hotline.kernel.migrate import upgrade
from hotline.kernel.models import EventRecord, JobRecord
from hotline.kernel.retention import BATCH, Removal
from tests.cti.calls.callers import CallStory
from tests.cti.calls.conftest import House, opened
from tests.fakes.clock import FakeClock

assert hotline.app.models.metadata is Base.metadata

DAY = timedelta(days=1)
KINDS = ("-caller.wav", "-agent.wav", "-voicemail.wav", ".wav", ".peaks.json", "-voicemail.peaks.json")


def call_id_at(moment: datetime) -> str:
    """A call id (UUIDv7) as the dialplan makes it at this moment."""
    milliseconds = int(moment.timestamp() * 1000)
    return str(uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | 0b10 << 62 | secrets.randbits(62)))


class Archive:
    """A call log with years behind it."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.database = house.database
        self.folder = house.recordings
        self.clock = FakeClock(datetime.now(UTC))
        self.home = folder
        self.kept: dict[str, int] = {}

    @property
    def retention(self) -> Retention:
        settings = Settings(
            home=self.home,
            asterisk={"recordings": self.folder},  # type: ignore[arg-type]
            retention=RetentionSettings(**self.kept),
        )
        return build_retention(settings, self.database, AuditLog(self.clock), self.clock)

    def ago(self, days: float) -> datetime:
        return self.clock.now() - days * DAY

    async def call(self, days: float, *, ended: bool = True) -> str:
        """A call so many days ago, recorded, with its record in the log."""
        began = self.ago(days)
        story = CallStory(call_id_at(began), began)
        for kind in KINDS:
            (self.folder / f"{story.call_id}{kind}").write_bytes(bytes(100))
        await self.house.happens(story.arrives(), *story.menu(), story.queues(), *([story.ends(9)] if ended else []))
        await self.house.journal.flush()
        return story.call_id

    async def case(self, call_id: str, *, closed: float | None = None) -> None:
        """A case of this call, open, or closed so many days ago."""
        now = self.clock.now()
        state = CaseState.IN_PROGRESS if closed is None else CaseState.ARCHIVED
        case = Case(number=secrets.token_hex(6), state=state, created_by="x", created_at=now, updated_at=now)
        async with self.database.transaction() as db:
            db.add(case)
            await db.flush()
            db.add(CaseCall(case_id=case.id, call_id=call_id, linked_at=now))
            for action, source, target, at in (
                (CaseAction.CLOSE, CaseState.CALLBACK, CaseState.CLOSED, closed),
                (CaseAction.ARCHIVE, CaseState.CLOSED, CaseState.ARCHIVED, 0),
            ):
                if closed is not None and at is not None:
                    step = {"by": "x", "action": action, "source": source, "target": target}
                    db.add(CaseStep(case_id=case.id, at=self.ago(at), **step))

    def files(self, call_id: str) -> int:
        return len(list(self.folder.glob(f"{call_id}*")))

    async def rows(self, model: type[Base]) -> int:
        async with self.database.snapshot() as db:
            return await db.scalar(select(func.count()).select_from(model)) or 0

    async def record(self, call_id: str) -> CallRecordRow | None:
        async with self.database.snapshot() as db:
            return await db.get(CallRecordRow, call_id)

    async def audited(self, action: str = "retention.run") -> list[dict[str, Any]]:
        async with self.database.snapshot() as db:
            query = select(AuditEntry.detail).where(AuditEntry.action == action).order_by(AuditEntry.id)
            return list(await db.scalars(query))


@pytest.fixture
async def archive(any_database: Database, tmp_path: Path) -> AsyncIterator[Archive]:
    async with opened(any_database, tmp_path) as house:
        yield Archive(house, tmp_path)


@pytest.fixture
async def lite(database: Database, tmp_path: Path) -> AsyncIterator[Archive]:
    async with opened(database, tmp_path) as house:
        yield Archive(house, tmp_path)


async def test_recordings_go_after_their_days_and_the_record_says_so(archive: Archive) -> None:
    old, young = await archive.call(181), await archive.call(179)
    done = await archive.retention.run()
    assert done["recordings"] == Removal(1)
    assert (archive.files(old), archive.files(young)) == (0, len(KINDS))
    told = await archive.house.get("supervisor", f"/api/calls/{old}")
    assert told["recording"] is None
    assert datetime.fromisoformat(told["recording_removed_at"]) == archive.clock.now()
    assert (await archive.house.get("supervisor", f"/api/calls/{young}"))["recording_removed_at"] is None
    status, _ = await archive.house.ask("supervisor", "GET", f"/api/calls/{old}/recording")
    assert status == 404
    # The record made again from its events still knows.
    archive.house.calls.recorder.refresh([old])
    await archive.house.calls.recorder.settle()
    record = await archive.record(old)
    assert record is not None
    assert (record.recording_removed_at, record.has_recording) == (archive.clock.now(), False)


async def test_a_case_keeps_the_recording_until_it_is_closed_and_the_days_are_over(archive: Archive) -> None:
    under_way, just_closed, long_closed = [await archive.call(400) for _ in range(3)]
    await archive.case(under_way)
    await archive.case(just_closed, closed=179)
    await archive.case(long_closed, closed=181)
    assert (await archive.retention.run())["recordings"] == Removal(1)
    assert [bool(archive.files(call_id)) for call_id in (under_way, just_closed, long_closed)] == [True, True, False]
    await archive.clock.advance(2 * DAY)
    assert (await archive.retention.run())["recordings"] == Removal(1)
    assert [bool(archive.files(call_id)) for call_id in (under_way, just_closed)] == [True, False]


async def test_what_is_no_recording_of_a_call_stays_in_the_folder(lite: Archive) -> None:
    other_files = ["notes.txt", "holiday.wav", f"{call_id_at(lite.ago(900))}.wav.bak"]
    for name in other_files:
        (lite.folder / name).write_text("x")
    await lite.retention.run()
    assert sorted(path.name for path in lite.folder.iterdir()) == sorted(other_files)


async def test_a_waveform_that_was_never_finished_goes_after_a_day(lite: Archive) -> None:
    left, in_work = lite.folder / f"{PEAKS_IN_WORK}left", lite.folder / f"{PEAKS_IN_WORK}in-work"
    for path, days in ((left, 1.1), (in_work, 0.9)):
        path.write_text("{")
        os.utime(path, (lite.ago(days).timestamp(),) * 2)
    await lite.retention.run()
    assert (left.exists(), in_work.exists()) == (False, True)


async def test_a_file_that_cannot_be_removed_is_reported_and_tried_again(
    lite: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    call_id = await lite.call(200)
    blocked = lite.folder / f"{call_id}-agent.wav"
    blocked.unlink()
    blocked.mkdir()  # Nobody's file, not even root's, can be unlinked there.
    assert (await lite.retention.run())["recordings"] == Removal(0, 1)
    assert capsys.readouterr().out.count("removing a recording failed") == 1
    record = await lite.record(call_id)
    assert record is not None
    assert record.recording_removed_at is None
    blocked.rmdir()
    blocked.write_bytes(b"")
    assert (await lite.retention.run())["recordings"] == Removal(1)
    assert [detail["failed"] for detail in await lite.audited()] == [{"recordings": 1}, {}]


async def test_call_records_go_with_all_their_rows_unless_live_or_needed(archive: Archive) -> None:
    gone, live = await archive.call(1100), await archive.call(1100, ended=False)
    needed, young = await archive.call(1100), await archive.call(1000)
    await archive.case(needed)
    assert (await archive.retention.run())["call_records"] == Removal(1)
    assert await archive.record(gone) is None
    assert None not in [await archive.record(call_id) for call_id in (live, needed, young)]
    async with archive.database.snapshot() as db:
        assert gone not in set(await db.scalars(select(CallStepRow.call_id)))


async def test_a_call_whose_beginning_was_never_known_is_not_taken_for_an_old_one(archive: Archive) -> None:
    call_id = await archive.call(1)
    async with archive.database.transaction() as db:
        never = update(CallRecordRow).where(CallRecordRow.call_id == call_id)
        await db.execute(never.values(started_at=datetime.fromtimestamp(0, UTC)))
    assert (await archive.retention.run())["call_records"] == Removal(0)
    assert await archive.record(call_id) is not None


async def test_more_than_a_batch_goes_in_one_run(archive: Archive) -> None:
    calls = 2 * CALLS_AT_ONCE + 7
    for _ in range(calls):
        await archive.call(1100)
    events = await archive.rows(EventRecord)
    assert events > BATCH
    done = await archive.retention.run()
    assert (done["recordings"], done["call_records"]) == (Removal(calls), Removal(calls))
    assert done["events"] == Removal(events - 1)
    assert await archive.rows(CallRecordRow) == 0


async def test_events_go_once_folded_and_no_number_is_given_twice(archive: Archive, tmp_path: Path) -> None:
    await archive.call(100)
    await archive.call(95)
    async with archive.database.snapshot() as db:
        last = await db.scalar(select(func.max(EventRecord.seq))) or 0
    assert (await archive.retention.run())["events"] == Removal(last - 1)
    assert await archive.rows(EventRecord) == 1
    await archive.house.journal.close()
    # Another start, its spool lost: the database alone knows how far the numbers had come.
    journal = Journal(archive.database, tmp_path / "another-spool", archive.house.clock)
    await journal.open()
    try:
        story = CallStory(uuid7(), archive.clock.now())
        assert journal.append(story.arrives()) > last
    finally:
        await journal.close()


async def test_events_that_the_call_log_has_not_taken_in_stay(archive: Archive) -> None:
    await archive.call(100)
    before = await archive.rows(EventRecord)
    await archive.house.calls.recorder.close()
    story = CallStory(call_id_at(archive.ago(100)), archive.ago(100))
    for event in (story.arrives(), *story.menu(), story.ends(9)):
        archive.house.bus.publish(event)
    await archive.house.journal.flush()
    total = await archive.rows(EventRecord)
    await archive.retention.run()
    assert await archive.rows(EventRecord) == total - before


async def test_events_of_a_live_call_stay(archive: Archive) -> None:
    live = await archive.call(100, ended=False)
    await archive.call(99)
    await archive.retention.run()
    assert len(await archive.house.journal.for_call(live)) == 5


async def test_facts_jobs_and_audit_entries_go_by_their_own_days(archive: Archive) -> None:
    archive.kept = {"facts_days": 10, "failed_jobs_days": 20, "audit_days": 365}
    async with archive.database.transaction() as db:
        for days in (9, 11):
            fact = {"call_id": "c", "unique_id": "u", "at": archive.ago(days), "name": "x", "payload": {}}
            db.add(CallFactRow(key=f"applied-{days}", applied=True, **fact))
            db.add(CallFactRow(key=f"waits-{days}", applied=False, **fact))
        for failed in (archive.ago(21), archive.ago(19), None):
            db.add(
                JobRecord(kind="k", payload={}, run_at=archive.ago(30), created_at=archive.ago(30), failed_at=failed)
            )
        for days in (364, 366):
            entry = {"username": "", "action": f"{days}", "target": "", "address": "", "detail": {}}
            db.add(AuditEntry(at=archive.ago(days), **entry))
    done = await archive.retention.run()
    assert {name: done[name].removed for name in ("facts", "failed_jobs", "audit")} == dict.fromkeys(
        ("facts", "failed_jobs", "audit"), 1
    )
    async with archive.database.snapshot() as db:
        assert sorted(await db.scalars(select(CallFactRow.key))) == ["applied-9", "waits-11", "waits-9"]
        assert "366" not in set(await db.scalars(select(AuditEntry.action)))


async def test_the_audit_log_is_closed_again_after_a_run(archive: Archive) -> None:
    archive.kept = {"audit_days": 365}
    async with archive.database.transaction() as db:
        db.add(AuditEntry(at=archive.ago(366), username="", action="a", target="", address="", detail={}))
    await archive.retention.run()
    async with archive.database.transaction() as db:
        db.add(AuditEntry(at=archive.ago(366), username="", action="a", target="", address="", detail={}))
    with pytest.raises(DBAPIError, match="append-only"):
        async with archive.database.transaction() as db:
            await db.execute(delete(AuditEntry))


async def test_a_run_is_audited_at_both_ends_and_an_idle_run_not(archive: Archive) -> None:
    await archive.call(200)
    due = {due.name: due.count for due in await archive.retention.plan() if due.count}
    await archive.retention.run()
    (begin,) = await archive.audited("retention.begin")
    assert begin["due"] == due
    (detail,) = await archive.audited()
    assert detail["removed"]["recordings"] == 1
    assert detail["removed"]["events"] > 0
    assert detail["before"]["recordings"] == archive.ago(180).isoformat()
    assert begin["before"] == detail["before"]
    await archive.retention.run()
    assert len(await archive.audited()) == len(await archive.audited("retention.begin")) == 1


class Slow:
    """A `HeldCalls` of which each batch takes half an hour."""

    name = "slow"

    def __init__(self, clock: FakeClock, batches: int) -> None:
        self.clock = clock
        self.left = batches

    async def count(self, _before: datetime) -> int:
        return self.left

    async def remove(self, _before: datetime) -> AsyncGenerator[Removal]:
        while self.left:
            self.left -= 1
            await self.clock.advance(timedelta(minutes=30))
            yield Removal(1)


async def test_nothing_is_removed_that_was_not_announced(lite: Archive) -> None:
    class Killed(Slow):
        async def remove(self, before: datetime) -> AsyncGenerator[Removal]:
            assert [begin["due"] for begin in await lite.audited("retention.begin")] == [{"slow": 2}]
            async for removal in super().remove(before):
                yield removal

    slow = Killed(lite.clock, 2)
    retention = Retention([(slow, 1)], lite.database, AuditLog(lite.clock), lite.clock)
    assert await retention.run() == {"slow": Removal(2)}


async def test_a_night_that_is_over_ends_well_and_the_next_continues(lite: Archive) -> None:
    first, second = Slow(lite.clock, 5), Slow(lite.clock, 1)
    second.name = "second"
    retention = Retention([(first, 1), (second, 1)], lite.database, AuditLog(lite.clock), lite.clock)
    assert await retention.run(within=NIGHT) == {"slow": Removal(4)}
    assert (first.left, second.left) == (1, 1)
    assert await retention.run(within=NIGHT) == {"slow": Removal(1), "second": Removal(1)}
    told = [(detail["removed"], detail["cut_short"]) for detail in await lite.audited()]
    assert told == [({"slow": 4}, ["slow"]), ({"slow": 1, "second": 1}, [])]


async def test_the_nightly_job_that_does_not_come_to_an_end_has_not_failed(lite: Archive) -> None:
    slow = Slow(lite.clock, 1000)
    retention = Retention([(slow, 1)], lite.database, AuditLog(lite.clock), lite.clock)
    jobs = JobRunner(lite.database, JobQueue(lite.clock), lite.house.bus, lite.clock)
    retain_each_night(jobs, retention, Settings(home=lite.home))
    await jobs.start()
    try:
        async with asyncio.timeout(20):
            while slow.left == 1000 or (await the_job(lite)).lease_owner is not None:  # noqa: ASYNC110
                await lite.clock.advance(timedelta(minutes=1 if slow.left < 1000 else 20))
                await asyncio.sleep(0.01)
        row = await the_job(lite)
        assert 0 < slow.left < 1000  # The clock of this test moves on beside the run's own.
        assert (row.last_error, row.attempts) == (None, 0)
        assert row.run_at - lite.clock.now() > timedelta(hours=20)
        assert await jobs.check() == "retention"
    finally:
        await jobs.close()


async def the_job(archive: Archive) -> JobRecord:
    async with archive.database.snapshot() as db:
        query = select(JobRecord).where(JobRecord.key == "retention")
        # Not in the table before the runner has begun.
        return await db.scalar(query) or JobRecord(lease_owner="nobody yet")


async def test_a_plan_counts_what_the_run_then_removes_and_touches_nothing(archive: Archive) -> None:
    calls = [await archive.call(1100), await archive.call(200), await archive.call(1)]
    await archive.case(calls[1])
    plan = {due.name: due.count for due in await archive.retention.plan()}
    assert all(archive.files(call_id) == len(KINDS) for call_id in calls)
    assert {name: removal.removed for name, removal in (await archive.retention.run()).items()} == plan
    assert plan["recordings"] == plan["call_records"] == 1


async def test_zero_days_keep_forever(lite: Archive) -> None:
    lite.kept = {name: 0 for name in RetentionSettings.model_fields if name.endswith("_days")}
    call_id = await lite.call(5000)
    assert await lite.retention.run() == {}
    assert lite.files(call_id) == len(KINDS)
    assert await lite.audited() == []


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"audit_days": 90}, "audit_days"),
        ({"call_records_days": 100}, "recordings_days"),
        ({"call_records_days": 365, "events_days": 0}, "events_days"),
    ],
)
def test_days_that_contradict_are_refused(given: dict[str, int], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        RetentionSettings(**given)


def test_the_command_line_shows_what_would_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    monkeypatch.setenv("HOTLINE_RETENTION__EVENTS_DAYS", "30")
    monkeypatch.setenv("HOTLINE_RETENTION__AUDIT_DAYS", "0")
    asyncio.run(upgrade(Settings(home=tmp_path).database_url))
    recording = tmp_path / "recordings" / f"{call_id_at(datetime.now(UTC) - 200 * DAY)}-caller.wav"
    recording.parent.mkdir()
    recording.write_bytes(b"x")
    told = CliRunner().invoke(app, ["retention", "--dry-run"])
    assert told.exit_code == 0, told.output
    assert "recordings: 1 would go, older than 180 days" in told.output
    assert "events: 0 would go, older than 30 days" in told.output
    assert "audit: kept indefinitely" in told.output
    assert recording.exists()
    assert "recordings: 1 removed" in CliRunner().invoke(app, ["retention"]).output
    assert not recording.exists()
    with sqlite3.connect(tmp_path / "hotline.db") as db:
        audited = db.execute("SELECT action, address FROM audit_entry ORDER BY id").fetchall()
    assert audited == [("retention.begin", "command line"), ("retention.run", "command line")]
