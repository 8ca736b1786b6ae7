"""Records get written, whatever becomes of the database and the service."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from cti.calls.history.record import CallRecord
from cti.calls.history.recorder import CallRecorder
from cti.calls.models import CallAttemptRow, CallRecordRow, CallStepRow
from hotline.kernel.bus import Bus
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Base, Database
from hotline.kernel.errors import UnavailableError
from hotline.kernel.ids import uuid7
from hotline.kernel.journal import Journal
from tests.cti.calls.callers import CallStory
from tests.cti.calls.conftest import House
from tests.phones.waiting import until

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def a_call(minutes: int = 0) -> CallStory:
    return CallStory(uuid7(), MORNING + timedelta(minutes=minutes))


async def row(database: Database, call_id: str) -> CallRecordRow | None:
    async with database.snapshot() as db:
        return await db.get(CallRecordRow, call_id)


async def count(database: Database, model: type[Base]) -> int:
    async with database.snapshot() as db:
        return await db.scalar(select(func.count()).select_from(model)) or 0


async def test_a_live_call_has_a_row_that_grows(house: House) -> None:
    call = a_call()
    await house.happens(call.arrives())
    live = await row(house.database, call.call_id)
    assert live is not None
    assert (live.outcome, live.number_digits) == ("live", "13912345678")
    await house.happens(*call.simple()[1:])
    ended = await row(house.database, call.call_id)
    assert ended is not None
    assert (ended.outcome, ended.agents, ended.whole) == ("answered", ["1001"], True)
    assert await count(house.database, CallStepRow) == 1
    assert await count(house.database, CallAttemptRow) == 1


async def test_a_background_task_writes_without_being_asked(lite: House) -> None:
    call = a_call()
    lite.bus.publish(call.arrives())

    async def written() -> bool:
        return await row(lite.database, call.call_id) is not None

    await until(written)


async def test_memory_knows_a_call_at_once(lite: House) -> None:
    call = a_call()
    lite.bus.publish(call.arrives())
    record = lite.calls.live(call.call_id)
    assert isinstance(record, CallRecord)
    assert record.caller_number == "+8613912345678"


async def test_a_record_is_made_once_for_each_event_however_many_ask(lite: House) -> None:
    first, second, *_ = (call := a_call()).simple()
    lite.bus.publish(first)
    record = lite.calls.live(call.call_id)
    assert lite.calls.live(call.call_id) is record
    lite.bus.publish(second)
    later = lite.calls.live(call.call_id)
    assert later is not record
    assert lite.calls.live(call.call_id) is later


async def test_what_follows_the_end_is_kept(house: House) -> None:
    call = a_call()
    *before, rated, ended = call.simple()
    await house.happens(*before, ended)
    await house.happens(rated)
    found = await row(house.database, call.call_id)
    assert found is not None
    assert (found.survey, found.outcome) == (1, "answered")


@pytest.mark.parametrize(
    ("number", "name"),
    [("", ""), ("1" * 300, "x" * 1000), ("anonymous", 'a\x00b\ud800"\\\r\n=1+1'), ("+86 139 1234 5678", "😀" * 300)],
)
async def test_nothing_a_caller_sends_keeps_a_record_out(house: House, number: str, name: str) -> None:
    call = CallStory(uuid7(), MORNING, number=number, name=name)
    await house.happens(*call.simple())
    found = await row(house.database, call.call_id)
    assert found is not None
    assert found.outcome == "answered"


# --- restarts -------------------------------------------------------------------------------------------


class Restart:
    """Recorders over one journal, started and given up like a service that is killed and started."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.clock = SystemClock()
        self.journal = Journal(database, folder / "spool", self.clock)
        self.bus = Bus(self.journal)
        self._started: list[CallRecorder] = []

    async def start(self, **bounds: int) -> CallRecorder:
        recorder = CallRecorder(self.database, self.bus, self.journal, self.clock, lambda call_id: False, **bounds)
        await recorder.start()
        self._started.append(recorder)
        return recorder

    async def kill(self, recorder: CallRecorder) -> None:
        """Nothing more is written of what it knows."""
        if recorder._unsubscribe is not None:
            recorder._unsubscribe()
            recorder._unsubscribe = None
        await recorder._tasks.close()

    async def close(self) -> None:
        for recorder in self._started:
            await self.kill(recorder)
        await self.journal.close()


@pytest.fixture
async def restart(any_database: Database, tmp_path: Path) -> Any:
    restart = Restart(any_database, tmp_path)
    await restart.journal.open()
    yield restart
    await restart.close()


async def test_what_was_not_written_before_a_crash_is_read_from_the_journal(restart: Restart) -> None:
    first, call, other = await restart.start(), a_call(), a_call(1)
    for event in call.simple()[:5]:
        restart.bus.publish(event)
    await first.settle()
    await restart.kill(first)
    for event in [*call.simple()[5:], *other.simple()]:
        restart.bus.publish(event)
    second = await restart.start()
    await second.settle()
    for story in (call, other):
        found = await row(restart.database, story.call_id)
        assert found is not None
        assert (found.outcome, found.talk_seconds, found.caller_number) == ("answered", 60, "+8613912345678")


async def test_a_call_that_runs_through_a_restart_is_one_record(restart: Restart) -> None:
    first, call = await restart.start(), a_call()
    for event in call.simple()[:6]:
        restart.bus.publish(event)
    await first.settle()
    await restart.kill(first)
    second = await restart.start()
    await second.settle()
    for event in call.simple()[6:]:
        restart.bus.publish(event)
    await second.settle()
    found = await row(restart.database, call.call_id)
    assert found is not None
    assert (found.outcome, found.flow, found.whole) == ("answered", "enterprise", True)
    assert await count(restart.database, CallRecordRow) == 1
    assert await count(restart.database, CallStepRow) == 1


@pytest.mark.slow
async def test_a_live_call_that_waits_for_its_turn_is_rebuilt_after_a_crash(restart: Restart) -> None:
    """Its later events lie before the place in the journal that is stored: other calls were written since."""
    first, live, other = await restart.start(), a_call(), a_call(1)

    async def written(story: CallStory) -> bool:
        return await row(restart.database, story.call_id) is not None

    restart.bus.publish(live.arrives())
    await until(lambda: written(live))
    for event in [live.queues(), *other.simple()]:
        restart.bus.publish(event)
    await until(lambda: written(other))
    waits = await row(restart.database, live.call_id)
    assert waits is not None
    assert waits.queue == ""
    await restart.kill(first)
    second = await restart.start()
    await second.settle()
    again = await row(restart.database, live.call_id)
    assert again is not None
    assert (again.queue, again.outcome) == ("enterprise", "live")


async def test_more_ended_calls_than_memory_bears(restart: Restart) -> None:
    recorder = await restart.start(most_ended=3)
    stories = [a_call(minute) for minute in range(12)]
    for story in stories:
        *before, rated, ended = story.simple()
        for event in [*before, ended]:
            restart.bus.publish(event)
    await recorder.settle()
    for story in stories:
        restart.bus.publish(story.rates(70))
    await recorder.settle()
    for story in stories:
        found = await row(restart.database, story.call_id)
        assert found is not None
        assert (found.outcome, found.survey) == ("answered", 1)


async def test_more_waiting_calls_than_memory_bears(restart: Restart) -> None:
    recorder = await restart.start(most_ended=3, most_waiting=5)
    stories = [a_call(minute) for minute in range(40)]
    for place in range(len(stories[0].simple())):
        for story in stories:
            restart.bus.publish(story.simple()[place])
    await recorder.settle()
    assert await count(restart.database, CallRecordRow) == len(stories)
    async with restart.database.snapshot() as db:
        outcomes = set(await db.scalars(select(CallRecordRow.outcome)))
    assert outcomes == {"answered"}


# --- the database away ----------------------------------------------------------------------------------


@pytest.fixture
async def stubborn(tmp_path: Path) -> Any:
    """A database that can be locked from outside: `lock()` returns what lets go of it."""
    database = Database(f"sqlite:///{tmp_path / 'locked.db'}", busy_timeout=timedelta(milliseconds=100))
    await database.open()
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    def lock() -> Callable[[], None]:
        other = sqlite3.connect(tmp_path / "locked.db", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")

        def let_go() -> None:
            other.execute("ROLLBACK")
            other.close()

        return let_go

    yield database, lock
    await database.close()


@pytest.mark.slow
async def test_a_locked_database_delays_records_and_loses_none(stubborn: Any, tmp_path: Path) -> None:
    database, lock = stubborn
    house = Restart(database, tmp_path)
    await house.journal.open()
    recorder = await house.start()
    await recorder.settle()
    let_go = lock()
    stories = [a_call(minute) for minute in range(5)]
    for story in stories:
        for event in story.simple():
            house.bus.publish(event)
    with pytest.raises(UnavailableError):
        await recorder.settle()
    record = recorder.live(stories[0].call_id)
    assert record is not None
    assert record.talk_seconds == 60
    let_go()

    async def all_there() -> bool:
        return await count(database, CallRecordRow) == len(stories)

    await until(all_there)
    await house.close()


@pytest.mark.slow
async def test_tables_that_come_late_are_written_to(tmp_path: Path) -> None:
    """The service was started before the database was migrated."""
    database = Database(f"sqlite:///{tmp_path / 'late.db'}", busy_timeout=timedelta(milliseconds=500))
    await database.open()
    house = Restart(database, tmp_path)
    await house.journal.open()
    await house.start()
    call = a_call()
    for event in call.simple():
        house.bus.publish(event)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async def there() -> bool:
        return await row(database, call.call_id) is not None

    await until(there)
    await house.close()
    await database.close()


async def test_a_record_that_the_database_refuses_holds_up_no_other(lite: House) -> None:
    bad, good = a_call(), a_call(1)
    refuse = f"CREATE TRIGGER refuse BEFORE INSERT ON call_record WHEN NEW.call_id = '{bad.call_id}' "
    async with lite.database.transaction() as db:
        await db.execute(text(refuse + "BEGIN SELECT RAISE(ABORT, 'no'); END"))
    await lite.happens(*bad.simple(), *good.simple())
    assert await row(lite.database, bad.call_id) is None
    assert await row(lite.database, good.call_id) is not None
