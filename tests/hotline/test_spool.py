from __future__ import annotations

import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.kernel import spool as spool_module
from hotline.kernel.codec import decode, decode_line, encode
from hotline.kernel.events import Event
from hotline.kernel.spool import Spool

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@dataclass(frozen=True, kw_only=True)
class AnythingHappened(Event):
    value: Any
    when: datetime | None = None


def written(folder: Path, *numbers: int) -> Spool:
    spool = Spool(folder)
    spool.open()
    for number in numbers:
        spool.append([str(number).encode()], number, number)
    return spool


def drained(spool: Spool, most: int = 2) -> list[bytes]:
    lines: list[bytes] = []
    while batch := spool.peek(most):
        lines += batch
        spool.done(batch)
    return lines


def test_lines_come_out_in_order_and_the_files_go(tmp_path: Path) -> None:
    spool = written(tmp_path, 1, 2, 3, 4, 5)
    assert not spool.empty
    assert drained(spool) == [b"1", b"2", b"3", b"4", b"5"]
    assert spool.empty
    assert list(tmp_path.glob("*.jsonl")) == []
    spool.append([b"6"], 6, 6)
    assert drained(spool) == [b"6"]


def test_what_was_not_done_comes_again(tmp_path: Path) -> None:
    spool = written(tmp_path, 1, 2, 3)
    spool.done(spool.peek(1))
    spool.peek(1)
    spool.close()
    again = Spool(tmp_path)
    again.open()
    assert again.last_line() == b"3"
    assert drained(again) == [b"1", b"2", b"3"]


def test_a_long_outage_makes_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "_SEGMENT_BYTES", 4)
    spool = written(tmp_path, *range(10, 30))
    assert len(list(tmp_path.glob("*.jsonl"))) == 10
    spool.close()
    again = Spool(tmp_path)
    again.open()
    again.append([b"30"], 30, 30)
    assert drained(again) == [str(number).encode() for number in range(10, 31)]


def test_numbers_are_reserved_ahead(tmp_path: Path) -> None:
    written(tmp_path, 5).close()
    again = Spool(tmp_path)
    again.open()
    assert again.reserved == 1005


def test_the_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    written(tmp_path / "new", 1).close()
    (segment,) = (tmp_path / "new").glob("*.jsonl")
    assert segment.stat().st_mode & 0o077 == 0
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let the system refuse to write further, as a full disk does: some of the data first, then an error."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("earlier", [[], [1, 2]])
def test_a_write_that_fails_midway_leaves_nothing(tmp_path: Path, earlier: list[int]) -> None:
    spool = written(tmp_path, 0)
    drained(spool)
    for number in earlier:
        spool.append([str(number).encode()], number, number)
    with largest_file(6), pytest.raises(OSError, match="too large"):
        spool.append([b"3", b"44444444"], 3, 4)
    spool.append([b"3", b"4"], 3, 4)
    assert drained(spool) == [str(number).encode() for number in [*earlier, 3, 4]]


@given(st.lists(st.binary(min_size=1).filter(lambda line: b"\n" not in line), min_size=1, max_size=5), st.data())
def test_a_crash_anywhere_leaves_whole_lines(lines: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(line + b"\n" for line in lines)
    cut = data.draw(st.integers(0, len(whole)))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"{1:020d}.jsonl").write_bytes(whole[:cut])
        spool = Spool(Path(folder))
        spool.open()
        assert drained(spool) == whole[:cut].split(b"\n")[:-1]


@given(value=JSON, call_id=st.text(max_size=64), hours=st.integers(-12, 12))
def test_every_event_survives_the_line(value: Any, call_id: str, hours: int) -> None:
    at = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=hours)))
    event = AnythingHappened(at=at, call_id=call_id, value=value, when=at)
    line = encode(7, "id", event)
    assert b"\n" not in line
    row = decode_line(line)
    assert (row["seq"], row["id"], row["at"], row["at"].utcoffset()) == (7, "id", at, timedelta(0))
    again = decode(row["name"], row["at"], row["call_id"], row["payload"])
    if "\0" not in repr(event).replace("\\x00", "\0"):
        assert again == event


def test_a_naive_time_does_not_stop_the_line() -> None:
    row = decode_line(encode(1, "id", AnythingHappened(at=datetime(2026, 3, 2), value=None)))
    assert row["at"].tzinfo == UTC
