"""A queue of lines in files: what is not in the database yet outlives the process.

Segments are named by the first sequence number in them, so the order of names is the order of events. The
place read up to is not kept: after a crash, lines are handed out again that the database may hold already.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)
_SEGMENT_BYTES = 4 * 1024 * 1024
_RESERVED = 1000


class Spool:
    """Blocking; its owner calls it from one thread at a time. Methods that write raise OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mark = folder / "reserved"
        self._segments: list[Path] = []
        """Oldest first; the last is the one written to."""
        self._file: int | None = None
        self._size = 0
        self._read_from = 0
        """Offset in the oldest segment up to which lines are done with."""
        self._reserved = 0

    @property
    def empty(self) -> bool:
        return not self._segments

    def open(self) -> None:
        """Find what an earlier run left. A line that a crash cut short is dropped."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in sorted(self._folder.glob("*.jsonl")):
            if path.stem.isdigit():
                self._recover(path)
        try:
            self._reserved = int(self._mark.read_text())
        except (OSError, ValueError):
            self._reserved = 0

    @property
    def reserved(self) -> int:
        """No sequence number above this was ever given out, as far as the disk knows."""
        return self._reserved

    def last_line(self) -> bytes | None:
        """The newest line, or None."""
        if not self._segments:
            return None
        lines = self._segments[-1].read_bytes().splitlines()
        return lines[-1] if lines else None

    def append(self, lines: list[bytes], first_seq: int, last_seq: int) -> None:
        """Write all of `lines`, or on OSError none."""
        if last_seq > self._reserved:
            self._reserve(last_seq + _RESERVED)
        if self._file is None or self._size >= _SEGMENT_BYTES:
            self._begin(first_seq)
        assert self._file is not None
        data = memoryview(b"".join(line + b"\n" for line in lines))
        try:
            written = 0
            while written < len(data):
                written += os.write(self._file, data[written:])
        except OSError:
            self._take_back()
            raise
        self._size += len(data)

    def peek(self, most: int) -> list[bytes]:
        """The oldest lines not done with, of one segment."""
        while self._segments:
            with self._segments[0].open("rb") as file:
                file.seek(self._read_from)
                lines = [line.rstrip(b"\n") for line, _ in zip(file, range(most), strict=False)]
            if lines:
                return lines
            self._drop_oldest()
        return []

    def done(self, lines: list[bytes]) -> None:
        """The lines that `peek` gave are safe elsewhere; a segment that holds no others goes."""
        self._read_from += sum(len(line) + 1 for line in lines)
        if self._read_from >= self._segments[0].stat().st_size:
            self._drop_oldest()

    def reject(self, line: bytes) -> None:
        """Keep a line that the database will never take for somebody to look at."""
        with (self._folder / "rejected.txt").open("ab") as file:
            file.write(line + b"\n")

    def sync(self) -> None:
        """Bring what is written to the disk itself."""
        if self._file is not None:
            os.fsync(self._file)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _begin(self, first_seq: int) -> None:
        self.close()
        path = self._folder / f"{first_seq:020d}.jsonl"
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_TRUNC, 0o600)
        self._size = 0
        self._segments.append(path)

    def _take_back(self) -> None:
        """Undo a write that failed midway; the next one begins a segment of its own."""
        assert self._file is not None
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, self._size)
        self.close()
        if self._size == 0:
            self._segments.pop().unlink(missing_ok=True)

    def _drop_oldest(self) -> None:
        path = self._segments[0]
        if len(self._segments) == 1:
            self.close()
        path.unlink(missing_ok=True)
        self._segments.pop(0)
        self._read_from = 0

    def _reserve(self, seq: int) -> None:
        fresh = self._mark.with_suffix(".new")
        with fresh.open("w") as file:
            file.write(str(seq))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._mark)
        self._reserved = seq

    def _recover(self, path: Path) -> None:
        data = path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            log.warning("spool ends with an incomplete line", path=str(path))
            os.truncate(path, whole)
        if whole:
            self._segments.append(path)
        else:
            path.unlink()
