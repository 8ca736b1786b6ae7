"""Recordings as files: where they lie, how long they are, how loud. Everything here blocks."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog

from cti.calls.schemas import Peaks, Side
from cti.calls.wav import HEADER, WavHeader, read_header
from hotline.kernel.ids import is_uuid

log = structlog.get_logger(__name__)

PEAKS = 800
_SUFFIXES = {Side.MIX: "", Side.CALLER: "-caller", Side.AGENT: "-agent", Side.VOICEMAIL: "-voicemail"}
_CONVERSATION = (Side.MIX, Side.CALLER, Side.AGENT)
_FULL_SCALE = 32768


@dataclass(frozen=True, slots=True)
class Recording:
    """A file at one moment; one that is still being written has grown at the next."""

    path: Path
    header: WavHeader
    changed: float

    @property
    def seconds(self) -> float:
        return round(self.header.data_bytes / self.header.bytes_per_second, 2)

    @property
    def etag(self) -> str:
        return f'"{self.header.data_bytes:x}-{int(self.changed * 1000):x}"'


class Recordings:
    """The folder into which Asterisk records; see asterisk-config/extensions/hotline.conf for the names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def exists(self, call_id: str) -> bool:
        """Whether the call has a recording that holds anything."""
        try:
            return is_uuid(call_id) and self._path(call_id, Side.MIX).stat().st_size > HEADER
        except OSError:
            return False

    def find(self, call_id: str, side: Side) -> Recording | None:
        """The recording of this side; None where there is none, or none that can be read."""
        # Nothing but a UUID becomes part of a path.
        if not is_uuid(call_id):
            return None
        path = self._path(call_id, side)
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                header = read_header(file.read(HEADER), status.st_size)
        except OSError:
            return None
        if header is None:
            log.warning("recording cannot be read", call_id=call_id, side=side.value)
            return None
        return Recording(path, header, status.st_mtime) if header.data_bytes else None

    def sides(self, call_id: str) -> list[Side]:
        """The sides of the conversation that there are."""
        return [side for side in _CONVERSATION if self.find(call_id, side) is not None]

    def voicemail_seconds(self, call_id: str) -> float:
        """The length of the message a caller left; 0 without one."""
        message = self.find(call_id, Side.VOICEMAIL)
        return message.seconds if message else 0.0

    def peaks(self, call_id: str) -> Peaks | None:
        """The envelope of the whole conversation, kept beside the file for the next time."""
        recording = self.find(call_id, Side.MIX)
        if recording is None:
            return None
        cache = recording.path.with_suffix(".peaks.json")
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
    edges = np.linspace(0, samples, count + 1).astype(np.int64)
    peaks = []
    with recording.path.open("rb") as file:
        file.seek(HEADER)
        for length in np.diff(edges):
            block = np.frombuffer(file.read(int(length) * header.frame_bytes), dtype="<i2")
            loudest = int(np.abs(block.astype(np.int32)).max()) if block.size else 0
            peaks.append(round(loudest / _FULL_SCALE, 3))
    return peaks


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
        with tempfile.NamedTemporaryFile("w", dir=cache.parent, prefix=".peaks-", delete=False) as file:
            name = file.name
            file.write(document)
        Path(name).replace(cache)
    except OSError as error:
        log.warning("peaks cannot be kept beside the recording", reason=error.strerror)
        if name:
            with suppress(OSError):
                Path(name).unlink()
