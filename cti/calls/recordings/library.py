"""Recordings as files: where they lie, how long they are, how loud. Everything here blocks.

Asterisk records what the caller says and what the caller hears as two files of the same length. Both together are
mixed while somebody listens: Asterisk's own mix comes out two or three times too long where the sample rate of a
call changes (https://github.com/asterisk/asterisk/issues/1278).
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np
import structlog

from cti.calls.recordings.wav import HEADER, WavHeader, read_header
from cti.calls.schemas import Peaks, Side
from hotline.kernel.ids import is_uuid

log = structlog.get_logger(__name__)

PEAKS = 800
PEAKS_IN_WORK = ".peaks-"
"""How a waveform's file is called until it is whole."""
_SUFFIXES = {Side.CALLER: "-caller", Side.AGENT: "-agent", Side.VOICEMAIL: "-voicemail"}
_SIDES = (Side.CALLER, Side.AGENT)
_FULL_SCALE = 32768


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording at one moment; one that is still being written has grown at the next."""

    paths: tuple[Path, ...]
    """The files that are heard at the same time."""
    header: WavHeader
    changed: float

    @property
    def seconds(self) -> float:
        return round(self.header.data_bytes / self.header.bytes_per_second, 2)

    @property
    def etag(self) -> str:
        return f'"{self.header.data_bytes:x}-{int(self.changed * 1000):x}"'

    def open(self) -> Listening:
        """Raises OSError where a file has vanished."""
        return Listening(self)


class Listening:
    """The samples of a recording, read where one likes; close it, or use it in a `with`."""

    def __init__(self, recording: Recording) -> None:
        self._frame = recording.header.frame_bytes
        self._files: list[BinaryIO] = []
        try:
            for path in recording.paths:
                self._files.append(path.open("rb"))
        except OSError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for file in self._files:
            file.close()

    def read(self, begin: int, size: int) -> bytes:
        """`size` bytes of the samples from byte `begin` on; fewer where every file ends before."""
        first = begin // self._frame * self._frame
        last = -(-(begin + size) // self._frame) * self._frame
        tracks = [self._track(file, first, last - first) for file in self._files]
        mixed = tracks[0] if len(tracks) == 1 else _mix(tracks)
        return mixed[begin - first : begin - first + size]

    def _track(self, file: BinaryIO, begin: int, size: int) -> bytes:
        file.seek(HEADER + begin)
        block = file.read(size)
        return block[: len(block) // self._frame * self._frame]


def _mix(tracks: list[bytes]) -> bytes:
    """The sum, clipped; a track that is shorter is silent at its end."""
    total = np.zeros(max(len(track) for track in tracks) // 2, dtype=np.int32)
    for track in tracks:
        samples = np.frombuffer(track, dtype="<i2")
        total[: samples.size] += samples
    return total.clip(-_FULL_SCALE, _FULL_SCALE - 1).astype("<i2").tobytes()


class Recordings:
    """The folder into which Asterisk records; see asterisk-config/extensions/hotline.conf for the names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def exists(self, call_id: str) -> bool:
        """Whether the call has a recording that holds anything."""
        return is_uuid(call_id) and any(_holds_something(self._path(call_id, side)) for side in _SIDES)

    def find(self, call_id: str, side: Side) -> Recording | None:
        """The recording of this side; None where there is none, or none that can be read."""
        # Nothing but a UUID becomes part of a path.
        if not is_uuid(call_id):
            return None
        if side is not Side.MIX:
            return self._find(call_id, side)
        tracks = [track for each in _SIDES if (track := self._find(call_id, each)) is not None]
        if not tracks or len({track.header.rate for track in tracks}) > 1:
            return tracks[0] if tracks else None
        return Recording(
            paths=tuple(path for track in tracks for path in track.paths),
            header=max((track.header for track in tracks), key=lambda header: header.data_bytes),
            changed=max(track.changed for track in tracks),
        )

    def _find(self, call_id: str, side: Side) -> Recording | None:
        path = self._path(call_id, side)
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                header = read_header(file.read(HEADER), status.st_size)
        except OSError:
            return None
        if header is None:
            log.warning("reading the recording failed", call_id=call_id, side=side.value)
            return None
        return Recording((path,), header, status.st_mtime) if header.data_bytes else None

    def sides(self, call_id: str) -> list[Side]:
        """The sides of the conversation that there are."""
        return [side for side in (Side.MIX, *_SIDES) if self.find(call_id, side) is not None]

    def voicemail_seconds(self, call_id: str) -> float:
        """The length of the message a caller left; 0 without one."""
        message = self.find(call_id, Side.VOICEMAIL)
        return message.seconds if message else 0.0

    def peaks(self, call_id: str, side: Side = Side.MIX) -> Peaks | None:
        """The envelope of this side's audio, cached next to the file."""
        recording = self.find(call_id, side)
        if recording is None:
            return None
        cache = self._folder / f"{call_id.lower()}{_SUFFIXES.get(side, '')}.peaks.json"
        if (kept := _read_peaks(cache, recording)) is not None:
            return kept
        peaks = Peaks(seconds=recording.seconds, peaks=_measure(recording))
        _write_peaks(cache, recording, peaks)
        return peaks

    def _path(self, call_id: str, side: Side) -> Path:
        return self._folder / f"{call_id.lower()}{_SUFFIXES[side]}.wav"


def _measure(recording: Recording) -> list[float]:
    """The loudest sample of each of `PEAKS` even stretches, 0 to 1; fewer where there are not so many samples."""
    header = recording.header
    samples = header.data_bytes // header.frame_bytes
    count = min(PEAKS, samples)
    if count == 0:
        return []
    edges = np.linspace(0, samples, count + 1).astype(np.int64) * header.frame_bytes
    peaks = []
    with recording.open() as listening:
        for begin, end in pairwise(edges.tolist()):
            block = np.frombuffer(listening.read(begin, end - begin), dtype="<i2")
            loudest = int(np.abs(block.astype(np.int32)).max()) if block.size else 0
            peaks.append(round(loudest / _FULL_SCALE, 3))
    return peaks


def _holds_something(path: Path) -> bool:
    try:
        return path.stat().st_size > HEADER
    except OSError:
        return False


def _read_peaks(cache: Path, recording: Recording) -> Peaks | None:
    try:
        kept = json.loads(cache.read_bytes())
        if kept["etag"] == recording.etag:
            return Peaks(seconds=kept["seconds"], peaks=kept["peaks"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def _write_peaks(cache: Path, recording: Recording, peaks: Peaks) -> None:
    """Whole or not at all; a folder that is read-only for us costs the next listener a second, no more."""
    document = json.dumps({"etag": recording.etag, "seconds": peaks.seconds, "peaks": peaks.peaks})
    name = ""
    try:
        with tempfile.NamedTemporaryFile("w", dir=cache.parent, prefix=PEAKS_IN_WORK, delete=False) as file:
            name = file.name
            file.write(document)
        Path(name).replace(cache)
    except OSError as error:
        log.warning("saving waveform peaks failed", reason=error.strerror)
        if name:
            with suppress(OSError):
                Path(name).unlink()
