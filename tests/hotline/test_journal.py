from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from hotline.kernel.clock import SystemClock
from hotline.kernel.codec import UnknownEvent, decode, decode_line, encode
from hotline.kernel.db import Base, Database
from hotline.kernel.errors import UnavailableError
from hotline.kernel.events import Event
from hotline.kernel.journal import Journal
from hotline.kernel.journal_table import insert_batch, read_after
from hotline.kernel.models import EventRecord
from hotline.kernel.spool import Spool
from tests.fakes.clock import FakeClock

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class TestHappened(Event):
    __test__ = False

    text: str = ""
    number: Any = 0
    when: datetime | None = None
    parts: tuple[str, ...] = ()


def happened(text: str, call_id: str = "") -> TestHappened:
    return TestHappened(at=AT, call_id=call_id, text=text)


async def texts(database: Database) -> list[tuple[int, str]]:
    return [(r.seq, getattr(r.event, "text", "?")) for r in await read_after(database, 0, 100_000)]


def is_written(journal: Journal) -> bool:
    return journal.waiting == 0


async def until(met: Callable[[], bool]) -> None:
    deadline = asyncio.get_running_loop().time() + 10
    while not met():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.01)


@asynccontextmanager
async def journal_on(database: Database, folder: Path, **options: Any) -> AsyncIterator[Journal]:
    journal = Journal(database, folder / "spool", SystemClock(), **options)
    await journal.open()
    try:
        yield journal
    finally:
        await journal.close()


def segments(folder: Path) -> list[Path]:
    return sorted((folder / "spool").glob("*.jsonl"))


class Locked:
    """Somebody else holds the SQLite file."""

    def __init__(self, database: Database) -> None:
        self._connection = sqlite3.connect(database.url.database or "", isolation_level=None)

    def __enter__(self) -> None:
        self._connection.execute("BEGIN EXCLUSIVE")

    def __exit__(self, *_: object) -> None:
        self._connection.execute("ROLLBACK")
        self._connection.close()


@pytest.fixture
async def impatient(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'hotline.db'}", busy_timeout=timedelta(milliseconds=50))
    await database.open()
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.close()


async def test_events_are_numbered_and_kept_in_order(any_database: Database, tmp_path: Path) -> None:
    async with journal_on(any_database, tmp_path) as journal:
        numbers = [journal.append(happened(f"事件{n}", call_id=f"c{n % 2}")) for n in range(1200)]
        assert numbers == list(range(1, 1201))
        await journal.flush()
        assert await journal.check() == "0 waiting"
        assert await texts(any_database) == [(n + 1, f"事件{n}") for n in range(1200)]
        assert [r.seq for r in await journal.read(1190, limit=5)] == [1191, 1192, 1193, 1194, 1195]
        assert [r.seq for r in await journal.for_call("c1")] == list(range(2, 1201, 2))
    assert segments(tmp_path) == []


async def test_what_is_read_is_what_happened(database: Database, tmp_path: Path) -> None:
    event = TestHappened(at=AT, call_id="c", text="话", number=1.5, when=AT + timedelta(seconds=1), parts=("a", "b"))
    async with journal_on(database, tmp_path) as journal:
        journal.append(event)
        await journal.flush()
        (recorded,) = await journal.read(0)
    assert recorded.event == event


async def test_a_restart_continues_counting(database: Database, tmp_path: Path) -> None:
    for first in (1, 3):
        async with journal_on(database, tmp_path) as journal:
            assert [journal.append(happened("x")), journal.append(happened("y"))] == [first, first + 1]
    assert len(await texts(database)) == 4


async def test_events_reach_the_database_without_a_flush(database: Database, tmp_path: Path) -> None:
    async with journal_on(database, tmp_path) as journal:
        journal.append(happened("x"))
        await until(lambda: journal.waiting == 0)
        assert await texts(database) == [(1, "x")]


async def test_batches_wait_for_the_clock_not_for_real_time(
    database: Database, tmp_path: Path, clock: FakeClock
) -> None:
    journal = Journal(database, tmp_path / "spool", clock)
    await journal.open()
    journal.append(happened("x"))
    await until(lambda: bool(segments(tmp_path)))
    assert await texts(database) == []
    await clock.advance(timedelta(milliseconds=250))
    await until(lambda: journal.waiting == 0)
    await journal.close()


@pytest.mark.slow
async def test_a_locked_database_delays_and_loses_nothing(impatient: Database, tmp_path: Path) -> None:
    async with journal_on(impatient, tmp_path) as journal:
        journal.append(happened("before"))
        await journal.flush()
        with Locked(impatient):
            for number in range(50):
                journal.append(happened(f"during {number}"))
            await journal.flush()  # into the spool
            with pytest.raises(UnavailableError, match="50 wait in the spool"):
                await journal.check()
            journal.append(happened("late"))
            await journal.flush()
        journal.append(happened("after"))
        await until(lambda: journal.waiting == 0)
        assert journal.available
    expected = ["before", *(f"during {n}" for n in range(50)), "late", "after"]
    assert await texts(impatient) == list(enumerate(expected, 1))
    assert segments(tmp_path) == []


async def test_a_database_away_at_the_start_and_at_the_end(tmp_path: Path, database: Database) -> None:
    async with journal_on(database, tmp_path) as journal:
        journal.append(happened("first run"))
    away = Database("sqlite:////proc/none/hotline.db")
    await away.open()
    async with journal_on(away, tmp_path) as journal:
        # Above any number that may have been given out, though the table cannot be asked.
        assert journal.append(happened("second run")) == 1002
    await away.close()
    async with journal_on(away, tmp_path) as journal:
        assert journal.append(happened("third run")) == 1003
    async with journal_on(database, tmp_path) as journal:
        assert journal.append(happened("fourth run")) == 1004
    assert await texts(database) == [
        (1, "first run"),
        (1002, "second run"),
        (1003, "third run"),
        (1004, "fourth run"),
    ]


async def test_numbers_that_are_taken_are_given_again_and_nothing_is_lost(database: Database, tmp_path: Path) -> None:
    """Both the database and the spool were away at the start, so the count began at 1 again."""
    async with journal_on(database, tmp_path) as journal:
        for number in range(3):
            journal.append(happened(f"old {number}"))
    away = Database("sqlite:////proc/none/hotline.db")
    await away.open()
    other = tmp_path / "other"
    async with journal_on(away, other) as journal:
        journal.append(happened("new 0"))
        journal.append(happened("new 1"))
    await away.close()
    async with journal_on(database, other) as journal:
        await journal.flush()
        await until(lambda: journal.waiting == 0)
        assert journal.append(happened("next")) == 6
    assert await texts(database) == list(enumerate(["old 0", "old 1", "old 2", "new 0", "new 1", "next"], 1))


async def test_a_crash_between_commit_and_clearing_the_spool_repeats_nothing(
    any_database: Database, tmp_path: Path
) -> None:
    away = Database("sqlite:////proc/none/hotline.db")
    await away.open()
    async with journal_on(away, tmp_path) as journal:
        for number in range(1300):
            journal.append(happened(str(number)))
    await away.close()
    lines = [line for path in segments(tmp_path) for line in path.read_bytes().splitlines()]
    await insert_batch(any_database, [decode_line(line) for line in lines[:700]])
    async with journal_on(any_database, tmp_path) as journal:
        await until(lambda: journal.waiting == 0)
    assert await texts(any_database) == [(n + 1, str(n)) for n in range(1300)]


async def test_a_line_that_a_crash_cut_short_is_dropped(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    folder.mkdir()
    whole = encode(7, "01890000-0000-7000-8000-000000000007", happened("whole"))
    torn = encode(8, "01890000-0000-7000-8000-000000000008", happened("torn"))
    (folder / f"{7:020d}.jsonl").write_bytes(whole + b"\n" + torn[:-3])
    (folder / f"{9:020d}.jsonl").write_bytes(b'{"torn')
    async with journal_on(database, tmp_path) as journal:
        assert journal.append(happened("next")) == 8
    assert await texts(database) == [(7, "whole"), (8, "next")]


async def test_a_line_that_is_no_event_holds_nothing_up(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    folder.mkdir()
    good = encode(2, "01890000-0000-7000-8000-000000000002", happened("good"))
    (folder / f"{1:020d}.jsonl").write_bytes(b'\x00\x00\n{"seq": 1}\n[]\n' + good + b"\n")
    async with journal_on(database, tmp_path) as journal:
        await until(lambda: journal.waiting == 0)
    assert await texts(database) == [(2, "good")]


@pytest.mark.postgres
async def test_an_event_that_the_database_refuses_is_saved_separately_and_holds_nothing_up(
    postgres_url: str, tmp_path: Path
) -> None:
    database = Database(postgres_url)
    await database.open()
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    folder = tmp_path / "spool"
    folder.mkdir()
    lines = [encode(n, f"01890000-0000-7000-8000-{n:012d}", happened(str(n))) for n in range(1, 10)]
    lines[4] = lines[4].replace(b"test.happened", b"x" * 101)
    (folder / f"{1:020d}.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    async with journal_on(database, tmp_path) as journal:
        await until(lambda: journal.waiting == 0)
    assert [seq for seq, _text in await texts(database)] == [1, 2, 3, 4, 6, 7, 8, 9]
    assert (folder / "rejected.txt").read_bytes() == lines[4] + b"\n"
    await database.close()


async def test_a_full_queue_loses_the_newest_and_counts_them(tmp_path: Path, database: Database) -> None:
    async with journal_on(database, tmp_path, bound=10) as journal:
        # Without a pause; the thread that writes may still take one or two meanwhile.
        for number in range(15):
            journal.append(happened(str(number)))
        lost = journal.lost
        assert 1 <= lost <= 5
        await journal.flush()
        assert journal.append(happened("next")) == 16
    kept = await texts(database)
    assert kept[:10] == [(n + 1, str(n)) for n in range(10)]
    assert (len(kept), kept[-1]) == (16 - lost, (16, "next"))


async def test_without_a_spool_events_go_straight_to_the_database(database: Database, tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")
    async with journal_on(database, tmp_path) as journal:
        for number in range(700):
            journal.append(happened(str(number)))
        await until(lambda: journal.waiting == 0)
    assert await texts(database) == [(n + 1, str(n)) for n in range(700)]


class Unspeakable(Event):
    def payload(self) -> dict[str, Any]:
        raise RuntimeError("a bug")


@pytest.mark.parametrize("spool", [True, False], ids=["by the spool", "without a spool"])
async def test_an_event_that_cannot_be_kept_holds_up_no_other(database: Database, tmp_path: Path, spool: bool) -> None:
    if not spool:
        (tmp_path / "spool").write_text("a file where the folder should be")
    async with journal_on(database, tmp_path) as journal:
        journal.append(Unspeakable(at=AT))
        journal.append(happened("next"))
        await until(lambda: journal.waiting == 0)
        with pytest.raises(UnavailableError, match="1 events were lost"):
            await journal.check()
    assert await texts(database) == [(2, "next")]


class BrokenSpool(Spool):
    broken = True

    def append(self, lines: list[bytes], first_seq: int, last_seq: int) -> None:
        if self.broken:
            raise ValueError("a bug")
        super().append(lines, first_seq, last_seq)


async def test_after_any_error_events_are_kept_all_the_same(database: Database, tmp_path: Path) -> None:
    async with journal_on(database, tmp_path) as journal:
        spool = journal._spool = BrokenSpool(tmp_path / "spool")
        spool.open()
        journal.append(happened("past the spool"))
        await until(lambda: journal.waiting == 0)
        spool.broken = False
        journal.append(happened("by the spool"))
        await until(lambda: journal.waiting == 0)
    assert [text for _, text in await texts(database)] == ["past the spool", "by the spool"]


async def test_with_neither_spool_nor_database_a_flush_says_so(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")
    away = Database("sqlite:////proc/none/hotline.db")
    await away.open()
    async with journal_on(away, tmp_path) as journal:
        assert journal.append(happened("x")) == 1
        with pytest.raises(UnavailableError):
            await journal.flush()
    await away.close()


@pytest.mark.slow
async def test_a_table_that_is_not_there_yet_loses_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'hotline.db'}")
    await database.open()
    async with journal_on(database, tmp_path) as journal:
        journal.append(happened("early"))
        await journal.flush()
        assert not journal.available
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await until(lambda: journal.waiting == 0)
    assert await texts(database) == [(1, "early")]
    await database.close()


@pytest.mark.parametrize(
    "value", ["a\0b", "\ud800", b"\xff", {1, 2}, {"k": {"\0": object}}, 2**70, float("nan"), object(), datetime.min]
)
async def test_no_value_stops_the_journal(any_database: Database, tmp_path: Path, value: Any) -> None:
    async with journal_on(any_database, tmp_path) as journal:
        journal.append(TestHappened(at=AT, call_id="\0" * 100, number=value))
        journal.append(happened("next"))
        await journal.flush()
    assert len(await texts(any_database)) == 2


async def test_an_event_of_another_version_is_still_read(database: Database, tmp_path: Path) -> None:
    assert decode("gone.away", AT, "c", {"x": 1}) == UnknownEvent(at=AT, call_id="c", type="gone.away", fields={"x": 1})
    changed = decode("test.happened", AT, "c", {"text": {"not": "text"}})
    assert isinstance(changed, UnknownEvent)


_WORKER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.kernel.journal import Journal
from tests.hotline.test_journal import happened

async def main():
    database = Database(sys.argv[1])
    await database.open()
    journal = Journal(database, Path(sys.argv[2]), SystemClock())
    await journal.open()
    number = 0
    while True:
        for _ in range(20):
            number = journal.append(happened("x"))
        await asyncio.sleep(0.002)
        print(max(0, number - 1000), flush=True)  # these had a hundred milliseconds at least

asyncio.run(main())
"""


@pytest.mark.slow
async def test_a_killed_process_loses_nothing_that_had_a_moment(database: Database, tmp_path: Path) -> None:
    total = 0
    for _round in range(3):
        command = [sys.executable, "-c", _WORKER, str(database.url), str(tmp_path / "spool")]
        process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, cwd=Path(__file__).parents[2])
        assert process.stdout is not None
        told = 0
        while told <= total + 3000:
            told = int(await process.stdout.readline())
        process.kill()
        told = max([told, *map(int, (await process.stdout.read()).split())])
        assert await process.wait() == -signal.SIGKILL
        async with journal_on(database, tmp_path) as journal:
            await until(partial(is_written, journal))
        numbers = [seq for seq, _text in await texts(database)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) >= told
        total = len(numbers)


async def test_appending_is_cheap(database: Database, tmp_path: Path) -> None:
    async with journal_on(database, tmp_path) as journal:
        clock = SystemClock()
        started = clock.monotonic()
        for _ in range(5000):
            journal.append(happened("x"))
        assert clock.monotonic() - started < 0.5  # some 10 µs each; ten times that on a busy machine
    async with database.snapshot() as db:
        assert await db.scalar(select(func.count()).select_from(EventRecord)) == 5000
