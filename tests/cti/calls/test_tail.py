"""A log is read whole and once, however it is rotated."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from cti.calls.asterisk_logs.tail import LogTail


class Reader:
    """Reads like a service that remembers its offsets and is started again each time."""

    def __init__(self, path: Path, *, most_bytes: int = 1024) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self.offsets: Mapping[str, int] = {}

    def news(self) -> list[str]:
        tail = LogTail(self._path, most_bytes=self._most_bytes)
        lines: list[str] = []
        while (piece := tail.read(self.offsets)).lines:
            lines += piece.lines
            self.offsets = piece.offsets
        return lines


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "queue_log"


@pytest.fixture
def reader(log: Path) -> Reader:
    return Reader(log)


def write(path: Path, *lines: str) -> None:
    with path.open("a", encoding="utf-8", newline="") as file:
        file.writelines(line + "\n" for line in lines)


def test_no_log_is_no_news(reader: Reader) -> None:
    assert reader.news() == []


def test_only_what_is_new(log: Path, reader: Reader) -> None:
    write(log, "a", "b")
    assert reader.news() == ["a", "b"]
    assert reader.news() == []
    write(log, "c")
    assert reader.news() == ["c"]


def test_a_line_waits_for_its_end(log: Path, reader: Reader) -> None:
    write(log, "a")
    with log.open("a") as file:
        file.write("half")
    assert reader.news() == ["a"]
    write(log, " and half")
    assert reader.news() == ["half and half"]


def test_renamed(log: Path, reader: Reader) -> None:
    write(log, "a", "b")
    assert reader.news() == ["a", "b"]
    write(log, "c")
    log.rename(log.with_name("queue_log.0"))
    write(log, "d")
    assert reader.news() == ["c", "d"]


def test_written_to_after_it_was_renamed(log: Path, reader: Reader) -> None:
    """Asterisk writes on in the old file until it is told to open the new one."""
    write(log, "a")
    old = log.rename(log.with_name("queue_log.1"))
    write(log, "c")
    assert reader.news() == ["a", "c"]
    write(old, "b")
    assert reader.news() == ["b"]


def test_rotated_three_times_while_the_service_was_down(log: Path, reader: Reader) -> None:
    write(log, "a")
    assert reader.news() == ["a"]
    for name, line in (("queue_log.3", "b"), ("queue_log-20260301", "c"), ("queue_log.1", "d")):
        write(log, line)
        log.rename(log.with_name(name))
    write(log, "e")
    assert sorted(reader.news()) == ["b", "c", "d", "e"]
    assert reader.news() == []


def test_copied_and_cut(log: Path, reader: Reader) -> None:
    write(log, "a", "b")
    assert reader.news() == ["a", "b"]
    write(log, "c")
    shutil.copy(log, log.with_name("queue_log.1"))
    log.write_text("")
    write(log, "d")
    assert reader.news() == ["c", "d"]


def test_compressed(log: Path, reader: Reader) -> None:
    write(log, "a", "b")
    assert reader.news() == ["a", "b"]
    write(log, "c")
    packed = log.with_name("queue_log.1.gz")
    packed.write_bytes(gzip.compress(log.read_bytes()))
    log.unlink()
    write(log, "d")
    assert reader.news() == ["c", "d"]
    assert reader.news() == []


def test_a_broken_archive_hides_nothing_else(log: Path, reader: Reader) -> None:
    log.with_name("queue_log.2.gz").write_bytes(b"\x1f\x8bnot really")
    write(log, "a")
    assert reader.news() == ["a"]


def test_more_than_one_piece(log: Path) -> None:
    lines = [f"line {number}" for number in range(1000)]
    write(log, *lines)
    assert Reader(log, most_bytes=100).news() == lines


def test_a_monstrous_line_is_passed_over(log: Path) -> None:
    write(log, "a", "x" * 5000, "b")
    news = Reader(log, most_bytes=1000).news()
    assert (news[0], news[-1]) == ("a", "b")


def test_strange_ends_of_lines_split_none(log: Path, reader: Reader) -> None:
    write(log, "a\u2028b\x85c\x0bd")
    assert reader.news() == ["a\u2028b\x85c\x0bd"]


def test_what_is_gone_is_forgotten(log: Path, reader: Reader) -> None:
    write(log, "a")
    assert reader.news() == ["a"]
    log.unlink()
    write(log, "b")
    assert reader.news() == ["b"]
    assert len(LogTail(log).read(reader.offsets).offsets) == 1
