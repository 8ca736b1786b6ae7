"""Where sounds lie on disk: the instance's sounds folder and the shared cache; see `versions` for the masters.

    <sounds>/<language>/hotline/<id>.{sln16,ulaw,alaw}    what Asterisk plays
    <sounds>/.prompts/<language>/<name>.json              what that was made from
    <cache>/prompts/<2 digits>/<key>.{…}                  made once for all instances of this machine

All methods block for a moment (files of at most a few MB): call those that write in a thread.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ivr.prompts.audio import FORMATS, write_atomically
from ivr.prompts.ports import PromptSettings

_PLAYABLE = frozenset({*FORMATS, "sln", "sln24", "sln48", "wav", "wav16", "gsm", "g722", "ogg", "opus", "g729"})
_SHORTEST_FILE = 320
"""Bytes: 40 ms of G.711; less is a file that was cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRecord:
    """What a sound in the sounds folder was made from."""

    key: str
    source: str
    """"recording", "speech" or "computed"."""
    voice: str
    production_ready: bool
    seconds: float
    sizes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Encoded:
    """The files of one sound, by format."""

    files: Mapping[str, bytes]

    @property
    def seconds(self) -> float:
        return len(self.files["ulaw"]) / 8000

    @property
    def sizes(self) -> dict[str, int]:
        return {suffix: len(data) for suffix, data in self.files.items()}


class PromptStore:
    """`path` below is language and name as in "zh/hotline/welcome" or "moh/hold"."""

    def __init__(self, settings: PromptSettings) -> None:
        self._sounds = settings.sounds
        self._cache = settings.cache / "prompts"

    def record_of(self, path: str) -> PromptRecord | None:
        """The record of what was made; None when there is none, or the files are not those any more."""
        try:
            record = PromptRecord(**json.loads(self._record(path).read_bytes()))
            for suffix, size in record.sizes.items():
                if (self._sounds / f"{path}.{suffix}").stat().st_size != size:
                    return None
        except (OSError, ValueError, TypeError):
            return None
        return record if set(record.sizes) == set(FORMATS) else None

    def playable(self, path: str) -> bool:
        """Whether Asterisk will find sound under this name: every file of it is whole, or at least not empty."""
        folder, name = (self._sounds / path).parent, Path(path).name
        found = {p.suffix[1:]: p for p in folder.glob(f"{name}.*") if p.stem == name and p.suffix[1:] in _PLAYABLE}
        try:
            return bool(found) and all(file.stat().st_size >= _SHORTEST_FILE for file in found.values())
        except OSError:
            return False

    def install(self, path: str, encoded: Encoded, record: PromptRecord) -> None:
        """Put the files in place, each by rename, then their record."""
        for suffix, data in encoded.files.items():
            write_atomically(self._sounds / f"{path}.{suffix}", data)
        write_atomically(self._record(path), json.dumps(asdict(record)).encode())

    def cached(self, key: str) -> Encoded | None:
        """The files under `key`, if all are there and whole."""
        try:
            files = {suffix: self._cached(key, suffix).read_bytes() for suffix in FORMATS}
        except OSError:
            return None
        encoded = Encoded(files)
        seconds = encoded.seconds
        whole = abs(len(files["alaw"]) / 8000 - seconds) < 0.01 and abs(len(files["sln16"]) / 32000 - seconds) < 0.01
        return encoded if whole and seconds > 0 else None

    def remember(self, key: str, encoded: Encoded) -> None:
        for suffix, data in encoded.files.items():
            write_atomically(self._cached(key, suffix), data)

    def file(self, path: str, suffix: str) -> Path:
        return self._sounds / f"{path}.{suffix}"

    def _record(self, path: str) -> Path:
        return self._sounds / ".prompts" / f"{path}.json"

    def _cached(self, key: str, suffix: str) -> Path:
        return self._cache / key[:2] / f"{key}.{suffix}"
