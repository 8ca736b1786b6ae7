"""Asterisk's logs are rotated daily or when large, and nothing in them is lost."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from cti.calls.asterisk_logs.tail import LogTail
from hotline.onebox.log_rotation import KEPT, LARGEST, MODULE, LogRotation, is_due, rotated_files
from tests.fakes.clock import FakeClock

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("size", "since", "due"),
    [
        (0, TODAY - DAY, False),
        (1, TODAY, False),
        (1, TODAY - DAY, True),
        (LARGEST - 1, TODAY, False),
        (LARGEST, TODAY, True),
    ],
)
def test_a_log_is_due_once_a_day_or_when_it_is_large(size: int, since: date, due: bool) -> None:
    assert is_due(size, since, TODAY) is due


class Logs:
    """A folder of logs, and an Asterisk that opens them again where it is not away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "cdr-custom").mkdir()
        self.clock = FakeClock(datetime.now(UTC))
        self.reloads: list[str] = []
        self.away = False
        self.rotation = LogRotation(folder, self._reload, self.clock)

    async def _reload(self, module: str) -> None:
        if self.away:
            raise ConnectionRefusedError
        self.reloads.append(module)

    def write(self, name: str, text: str) -> None:
        with (self.folder / name).open("a") as file:
            file.write(text)

    async def next_day(self) -> None:
        await self.clock.advance(DAY)
        await self.rotation.run()


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


async def test_each_log_is_rotated_and_reopened_once_a_day(logs: Logs) -> None:
    names = ("messages.log", "security.log", "queue_log", "cdr-custom/hotline.csv", "console.log")
    for name in names:
        logs.write(name, "first\n")
    await logs.rotation.run()
    assert not logs.reloads
    await logs.next_day()
    assert logs.reloads == [MODULE]
    for name in names:
        (rotated,) = rotated_files(logs.folder / name)
        assert rotated.read_text() == "first\n"
    logs.write("queue_log", "second\n")
    await logs.rotation.run()
    assert (logs.folder / "queue_log").exists()
    assert logs.reloads == [MODULE]


async def test_a_restarted_service_goes_by_the_rotated_files(logs: Logs) -> None:
    logs.write("queue_log", "first\n")
    await logs.next_day()
    logs.write("queue_log", "second\n")
    again = LogRotation(logs.folder, logs._reload, logs.clock)
    await again.run()
    assert len(rotated_files(logs.folder / "queue_log")) == 1
    await logs.clock.advance(DAY)
    await again.run()
    assert len(rotated_files(logs.folder / "queue_log")) == 2


async def test_a_large_log_is_rotated_again_on_the_same_day(logs: Logs) -> None:
    for _ in range(2):
        logs.write("messages.log", "x" * LARGEST)
        await logs.rotation.run()
    assert [file.stat().st_size for file in rotated_files(logs.folder / "messages.log")] == [LARGEST, LARGEST]


async def test_fourteen_files_of_each_are_kept_and_the_newest_of_them(logs: Logs) -> None:
    logs.write("queue_log-notes.txt", "not ours to remove")
    for day in range(KEPT + 3):
        logs.write("queue_log", f"{day}\n")
        await logs.next_day()
    kept = rotated_files(logs.folder / "queue_log")
    assert [file.read_text() for file in kept] == [f"{day}\n" for day in range(3, KEPT + 3)]
    assert (logs.folder / "queue_log-notes.txt").exists()


async def test_asterisk_away_is_asked_again_until_it_reopens_its_logs(logs: Logs) -> None:
    logs.write("queue_log", "first\n")
    logs.away = True
    with pytest.raises(ConnectionRefusedError):
        await logs.next_day()
    logs.away = False
    await logs.rotation.run()
    await logs.rotation.run()
    assert logs.reloads == [MODULE]


async def test_the_console_is_cut_under_the_writer_that_appends_to_it(logs: Logs) -> None:
    console = logs.folder / "console.log"
    with console.open("ab", buffering=0) as asterisk:
        asterisk.write(b"first\n")
        await logs.next_day()
        asterisk.write(b"second\n")
    (rotated,) = rotated_files(console)
    assert (rotated.read_bytes(), console.read_bytes()) == (b"first\n", b"second\n")
    assert rotated.stat().st_mode & 0o777 == 0o640 & ~_umask()


async def test_a_link_in_place_of_the_console_is_not_followed(logs: Logs, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("x" * 10)
    (logs.folder / "console.log").symlink_to(precious)
    await logs.next_day()
    assert precious.read_text() == "x" * 10


async def test_a_reader_gets_each_line_once_across_rotations_even_of_a_writer_that_is_late(logs: Logs) -> None:
    path = logs.folder / "queue_log"
    offsets: Mapping[str, int] = {}
    lines: list[str] = []
    for day in range(4):
        with path.open("a") as asterisk:
            asterisk.write(f"{day} before\n")
            asterisk.flush()
            if day % 2:
                lines, offsets = _read(path, lines, offsets)
            await logs.next_day()
            asterisk.write(f"{day} after the renaming\n")
    lines, offsets = _read(path, lines, offsets)
    assert lines == [f"{day} {when}" for day in range(4) for when in ("before", "after the renaming")]


def _read(path: Path, lines: list[str], offsets: Mapping[str, int]) -> tuple[list[str], Mapping[str, int]]:
    """As a service started again each time."""
    tail = LogTail(path)
    while (piece := tail.read(offsets)).lines:
        lines, offsets = [*lines, *piece.lines], piece.offsets
    return lines, offsets


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
