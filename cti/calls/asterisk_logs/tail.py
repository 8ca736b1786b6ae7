"""Reads what is new in a log file that another program writes and rotates. Blocking.

A file is identified by its first line, not by its name or inode: renamed, copied and truncated, or compressed,
reading continues where it stopped. So every existing generation of the log is read once, however it is rotated.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import structlog

log = structlog.get_logger(__name__)

MOST_BYTES = 256 * 1024
_LONGEST_LINE = 64 * 1024
_COMPRESSED = ".gz"
_UNREADABLE = (OSError, EOFError, zlib.error)


@dataclass(frozen=True, slots=True)
class Piece:
    """New whole lines, and the position in each generation after them."""

    lines: list[str] = field(default_factory=list)
    offsets: Mapping[str, int] = field(default_factory=dict)
    written: datetime | None = None
    """When their file was last written to."""


class LogTail:
    """The log at `path` and its rotated forms: queue_log.1, queue_log-20260302, queue_log.1.gz."""

    def __init__(self, path: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._finished: dict[tuple[int, int], str] = {}
        """Compressed files without new_facts, so that they are not unpacked again each time."""

    def read(self, offsets: Mapping[str, int]) -> Piece:
        """The next new lines, of the oldest file that has any; call again until there are none.

        `offsets` are those of the last piece, {} at first. A line without its end is left until it has one.
        """
        known: dict[str, int] = {}
        for file in self._generations():
            try:
                lines = self._read(file, offsets, known)
            except _UNREADABLE as error:
                log.warning("reading the log failed", file=file.name, cause=repr(error))
                continue
            if lines:
                # The others keep their places until it is their turn.
                return Piece(lines, {**offsets, **known}, _written(file))
        # Nothing new anywhere: of files that are gone, nothing need be known any more.
        return Piece(offsets=known)

    def _read(self, file: Path, offsets: Mapping[str, int], known: dict[str, int]) -> list[str]:
        status = file.stat()
        packed = file.suffix == _COMPRESSED
        mark = (status.st_ino, status.st_mtime_ns)
        if packed and (done := self._finished.get(mark)) is not None:
            known[done] = offsets.get(done, 0)
            return []
        name = _identity(file)
        if not name:
            return []
        known[name] = max(known.get(name, 0), offsets.get(name, 0))
        lines: list[str] = []
        if packed or known[name] < status.st_size:
            lines, known[name] = self._lines(file, known[name])
        if packed and not lines:
            self._finished[mark] = name
        return lines

    def _lines(self, file: Path, offset: int) -> tuple[list[str], int]:
        with _open(file) as source:
            source.seek(offset)
            data = source.read(self._most_bytes)
        end = data.rfind(b"\n") + 1
        if end == 0 and len(data) == self._most_bytes:
            # A line longer than a piece is none of Asterisk's; on past it.
            return [""], offset + len(data)
        # Not splitlines(): a caller's name may hold what Unicode calls the end of a line.
        return data[:end].decode("utf-8", "replace").split("\n")[:-1], offset + end

    def _generations(self) -> list[Path]:
        path = self._path
        try:
            rotated = [p for p in path.parent.iterdir() if p.name.startswith((f"{path.name}.", f"{path.name}-"))]
            aged = sorted((p.stat().st_mtime_ns, p) for p in rotated if p.is_file())
        except OSError:
            return []
        return [p for _, p in aged] + ([path] if path.is_file() else [])


def _written(file: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return None


def _open(file: Path) -> IO[bytes]:
    return gzip.open(file) if file.suffix == _COMPRESSED else file.open("rb")  # type: ignore[return-value]  # reads alike


def _identity(file: Path) -> str:
    """A digest of the first line; "" while there is none."""
    with _open(file) as source:
        line = source.readline(_LONGEST_LINE)
    return hashlib.sha256(line).hexdigest()[:32] if line.endswith(b"\n") else ""
