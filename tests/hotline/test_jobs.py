from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from hotline.kernel.bus import Bus
from hotline.kernel.calendar import every
from hotline.kernel.db import Base, Database, Identified
from hotline.kernel.errors import ConflictError, UnavailableError
from hotline.kernel.events import Event
from hotline.kernel.job_runner import JobRunner, retry_delay
from hotline.kernel.jobs import JobContext, JobQueue
from hotline.kernel.models import JobRecord
from tests.fakes.clock import FakeClock
from tests.hotline.web import NoJournal

SECOND = timedelta(seconds=1)


class Effect(Identified, Base):
    __tablename__ = "test_effect"

    text: Mapped[str] = mapped_column(String(100))


@dataclass(frozen=True, kw_only=True)
class JobRan(Event):
    text: str


async def until(met: Callable[[], bool]) -> None:
    deadline = asyncio.get_running_loop().time() + 10
    while not met():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.005)


class Work:
    """A queue, its runners, and what the handlers saw."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database = database
        self.clock = clock
        self.queue = JobQueue(clock)
        self.journal = NoJournal()
        self.ran: list[tuple[str, int]] = []
        self.fail: Exception | None = None
        self.hold: asyncio.Event | None = None
        self.entered = 0
        self._runners: list[JobRunner] = []

    async def handle(self, ctx: JobContext) -> None:
        text = str(ctx.job.payload["text"])
        self.entered += 1
        if ctx.session is not None:
            ctx.db.add(Effect(text=text))
        ctx.emit(JobRan(at=ctx.clock.now(), text=text))
        if self.hold is not None:
            await self.hold.wait()
        if self.fail is not None:
            raise self.fail
        self.ran.append((text, ctx.job.attempts))

    async def runner(self, owner: str = "one", **options: Any) -> JobRunner:
        runner = JobRunner(self.database, self.queue, Bus(self.journal), self.clock, owner=owner)
        runner.register("say", self.handle, **options)
        await runner.start()
        self._runners.append(runner)
        return runner

    async def schedule(
        self, text: str, after: timedelta = timedelta(), key: str | None = None, kind: str = "say"
    ) -> None:
        async with self.database.transaction() as db:
            await self.queue.schedule(db, kind, {"text": text}, run_at=self.clock.now() + after, key=key)

    async def rows(self) -> list[JobRecord]:
        async with self.database.snapshot() as db:
            return list(await db.scalars(select(JobRecord).order_by(JobRecord.run_at)))

    async def effects(self) -> list[str]:
        async with self.database.snapshot() as db:
            return list(await db.scalars(select(Effect.text).order_by(Effect.text)))

    async def advance_until(self, met: Callable[[], bool], step: timedelta = SECOND) -> None:
        """Move the clock on, giving the database its real time in between."""
        deadline = asyncio.get_running_loop().time() + 10
        while not met():
            assert asyncio.get_running_loop().time() < deadline
            await self.clock.advance(step)
            await asyncio.sleep(0.01)

    async def close(self) -> None:
        for runner in self._runners:
            await runner.close()
            await runner.close()


@pytest.fixture
async def work(any_database: Database, clock: FakeClock) -> AsyncIterator[Work]:
    work = Work(any_database, clock)
    yield work
    await work.close()


@pytest.fixture
async def lite(database: Database, clock: FakeClock) -> AsyncIterator[Work]:
    work = Work(database, clock)
    yield work
    await work.close()


async def test_a_due_job_runs_once_with_all_it_did(work: Work) -> None:
    await work.runner()
    await work.schedule("x")
    await until(lambda: len(work.journal.events) == 1)
    assert work.ran == [("x", 1)]
    assert await work.effects() == ["x"]
    assert await work.rows() == []


async def test_a_job_waits_for_its_time(work: Work) -> None:
    await work.runner()
    await work.schedule("later", timedelta(hours=2))
    await work.schedule("sooner", timedelta(hours=1))
    await work.advance_until(lambda: len(work.ran) == 2, timedelta(minutes=10))
    assert [text for text, _attempt in work.ran] == ["sooner", "later"]


async def test_many_jobs_all_run(work: Work) -> None:
    await work.runner()
    async with work.database.transaction() as db:
        for number in range(30):
            await work.queue.schedule(db, "say", {"text": f"{number:02}"}, run_at=work.clock.now())
    await until(lambda: len(work.journal.events) == 30)
    assert await work.effects() == [f"{number:02}" for number in range(30)]


async def test_several_runners_share_the_work_and_do_nothing_twice(work: Work) -> None:
    async with work.database.transaction() as db:
        for number in range(30):
            await work.queue.schedule(db, "say", {"text": f"{number:02}"}, run_at=work.clock.now())
    for owner in ("one", "two", "three"):
        await work.runner(owner)
    # Published after the commit; `ran` is filled before it.
    await work.advance_until(lambda: len(work.journal.events) >= 30)
    assert await work.effects() == [f"{number:02}" for number in range(30)]


async def test_a_failed_attempt_leaves_nothing_and_is_tried_again(lite: Work) -> None:
    await lite.runner()
    lite.fail = ConflictError("Not now.")
    await lite.schedule("x")
    await until(lambda: lite.entered == 1)
    lite.fail = None
    # Published after the commit; `ran` is filled before it.
    await lite.advance_until(lambda: bool(lite.journal.events))
    assert lite.ran == [("x", 2)]
    assert lite.clock.monotonic() >= 10
    assert await lite.effects() == ["x"]
    assert len(lite.journal.events) == 1


async def test_a_job_that_keeps_failing_is_kept_to_be_looked_at(lite: Work) -> None:
    await lite.runner(attempts=3)
    lite.fail = KeyError("13800138000")
    await lite.schedule("x", key="k")
    await lite.advance_until(lambda: lite.entered == 3)
    (row,) = await lite.rows()
    while row.failed_at is None:
        await asyncio.sleep(0.01)
        (row,) = await lite.rows()
    assert row.last_error == "KeyError"  # and not its words, which may be a caller's
    assert row.key is None
    assert await lite.effects() == []


async def test_a_key_moves_the_job_instead_of_adding_one(work: Work) -> None:
    await work.schedule("first", timedelta(hours=1), key="case-1")
    await work.schedule("second", timedelta(hours=3), key="case-1")
    (row,) = await work.rows()
    assert row.payload == {"text": "second"}
    await work.runner()
    await work.advance_until(lambda: bool(work.ran), timedelta(minutes=30))
    assert work.clock.monotonic() >= 3 * 3600
    assert [text for text, _attempt in work.ran] == ["second"]


async def test_a_cancelled_job_does_not_run(work: Work) -> None:
    await work.schedule("x", timedelta(seconds=5), key="k")
    async with work.database.transaction() as db:
        await work.queue.cancel(db, "k")
        await work.queue.cancel(db, "unknown")
    assert await work.rows() == []


async def test_what_is_rolled_back_was_never_scheduled(lite: Work) -> None:
    async def schedule_and_fail() -> None:
        async with lite.database.transaction() as db:
            await lite.queue.schedule(db, "say", {"text": "x"}, run_at=lite.clock.now())
            raise KeyError

    with pytest.raises(KeyError):
        await schedule_and_fail()
    assert await lite.rows() == []
    assert not lite.queue.changed.is_set()


async def test_a_handler_may_schedule_its_own_job_again(work: Work) -> None:
    rounds: list[int] = []

    async def again(ctx: JobContext) -> None:
        number = int(ctx.job.payload["number"])
        rounds.append(number)
        run_at = ctx.clock.now() + timedelta(minutes=1)
        await work.queue.schedule(ctx.db, "tick", {"number": number + 1}, run_at=run_at, key="tick")

    runner = JobRunner(work.database, work.queue, Bus(work.journal), work.clock, owner="ticker")
    runner.register("tick", again)
    async with work.database.transaction() as db:
        await work.queue.schedule(db, "tick", {"number": 1}, run_at=work.clock.now(), key="tick")
    await runner.start()
    await work.advance_until(lambda: len(rounds) == 4, timedelta(seconds=20))
    await runner.close()
    assert rounds == [1, 2, 3, 4]


async def test_a_job_of_a_runner_that_died_is_resumed_after_its_lease(work: Work) -> None:
    work.hold = asyncio.Event()
    dead = await work.runner("dead", transaction=False, time=timedelta(seconds=30))
    await work.schedule("x")
    await until(lambda: work.entered == 1)
    await dead._tasks.close()  # as a killed process: without giving the lease back
    work.hold = None
    await work.runner("alive", transaction=False)
    await work.advance_until(lambda: bool(work.ran))
    assert work.ran == [("x", 2)]
    assert 60 <= work.clock.monotonic() <= 120


async def test_a_runner_that_stops_gives_its_jobs_back_at_once(lite: Work) -> None:
    lite.hold = asyncio.Event()
    stopping = await lite.runner("stopping", transaction=False)
    await lite.schedule("x")
    await until(lambda: lite.entered == 1)
    await stopping.close()
    lite.hold = None
    await lite.runner("next", transaction=False)
    await until(lambda: bool(lite.ran))
    assert lite.clock.monotonic() == 0


async def test_recurring_work_that_fails_is_reported_by_every_process_until_one_does_it_well(work: Work) -> None:
    fail = True
    rounds = 0

    async def tick(_ctx: JobContext) -> None:
        nonlocal rounds
        rounds += 1
        if fail:
            raise ConflictError("Not now.")

    async def fails(runner: JobRunner) -> bool:
        try:
            return await runner.check() != "tick"
        except UnavailableError as error:
            return "tick fails" in error.detail and "Not now." in error.detail

    async def until_told(runner: JobRunner, *, failing: bool) -> None:
        """The handler returns before its outcome is in the table."""
        async with asyncio.timeout(10):
            while await fails(runner) is not failing:  # noqa: ASYNC110 - the database has no event to wait for
                await asyncio.sleep(0.01)

    first, second = [JobRunner(work.database, work.queue, Bus(work.journal), work.clock, owner=o) for o in "ab"]
    for runner in (first, second):
        runner.register_recurring("tick", tick, next_time=every(timedelta(minutes=1)))
    await first.start()
    await work.advance_until(lambda: rounds == 1)
    await until_told(first, failing=True)
    await first.close()
    assert await fails(second)
    fail = False
    await second.start()
    await work.advance_until(lambda: rounds == 2)
    await until_told(second, failing=False)
    await second.close()
    assert not await fails(first)


async def test_an_unexpected_error_is_reported_and_the_runner_continues(lite: Work) -> None:
    broken = True

    def next_time(now: datetime) -> datetime:
        if broken:
            raise ValueError("no such day")
        return now + SECOND

    ran = asyncio.Event()

    async def tick(_ctx: JobContext) -> None:
        ran.set()

    runner = JobRunner(lite.database, lite.queue, Bus(lite.journal), lite.clock)
    runner.register_recurring("tick", tick, next_time=next_time)
    await runner.start()
    await lite.advance_until(lambda: bool(runner._cut_off))
    with pytest.raises(UnavailableError, match="ValueError"):
        await runner.check()
    broken = False
    await lite.advance_until(ran.is_set)
    assert await runner.check() == "tick"
    await runner.close()


async def test_a_handler_that_hangs_is_given_up(lite: Work) -> None:
    lite.hold = asyncio.Event()
    await lite.runner(time=timedelta(milliseconds=50))
    await lite.schedule("x")
    await until(lambda: lite.entered == 1)
    lite.hold = None
    await lite.advance_until(lambda: bool(lite.journal.events))
    assert await lite.effects() == ["x"]


async def test_a_kind_that_nobody_here_knows_stays(lite: Work) -> None:
    await lite.runner()
    await lite.schedule("other", kind="other")
    await lite.schedule("x")
    await until(lambda: bool(lite.journal.events))
    assert [row.kind for row in await lite.rows()] == ["other"]


def test_retries_grow_to_an_hour() -> None:
    assert [retry_delay(n).total_seconds() for n in (1, 2, 3, 9, 10, 1000)] == [10, 20, 40, 2560, 3600, 3600]


async def test_a_kind_has_one_handler(lite: Work) -> None:
    runner = await lite.runner()
    with pytest.raises(ValueError, match="say"):
        runner.register("say", lite.handle)
