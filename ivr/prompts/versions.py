"""What each prompt has said: every change is a new version, and the newest one is in force.

    <home>/prompts/<language>/<name>.versions/<number>.json    what it says, by whom and since when
    <home>/prompts/<language>/<name>.versions/<sha256>.flac    masters of recordings, by content
    <home>/prompts/<language>/<name>.flac                      a recording from before there were versions: version 1

Files, not rows: prompts are built before there is a database, and calls play them while it is away. A prompt without
any version is as the catalogue has it. All methods block for a moment: call those that write in a thread.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from ivr.prompts.audio import Audio, read_audio, to_flac, write_atomically
from ivr.prompts.catalogue import Catalogue, Language, Prompt, Segment
from ivr.prompts.errors import PromptConflictError

_FOLDER = ".versions"
_OWN = "hotline/"


class VersionKind(StrEnum):
    CATALOGUE = "catalogue"
    """The words of the catalogue, spoken."""
    SPEECH = "speech"
    RECORDING = "recording"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptVersion:
    """Immutable once it is kept; going back makes a new one that `restores` an earlier one."""

    number: int = 0
    kind: VersionKind
    text: str = ""
    """What it says; "" where that is as in the catalogue."""
    spoken: tuple[Segment, ...] = ()
    """Of SPEECH: what the voice is given."""
    sha256: str = ""
    """Of RECORDING: its master."""
    by: str = ""
    at: datetime | None = None
    restores: int = 0

    def to_json(self) -> bytes:
        value: dict[str, Any] = {
            "kind": self.kind,
            "text": self.text,
            "spoken": [[segment.language, segment.words] for segment in self.spoken],
            "sha256": self.sha256,
            "by": self.by,
            "at": self.at.isoformat() if self.at else None,
            "restores": self.restores,
        }
        return json.dumps(value, ensure_ascii=False).encode()


class PromptVersions:
    """`path` is language and name, as in "zh/hotline/welcome"."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def newest(self, path: str) -> PromptVersion | None:
        history = self.history(path)
        return history[-1] if history else None

    def history(self, path: str) -> tuple[PromptVersion, ...]:
        """The oldest first. A file that cannot be read is passed over."""
        found = [one for file in sorted(self._of(path).glob("*.json")) if (one := _read(file)) is not None]
        before = self._before_versions(path)
        if before is not None and not any(one.number == 1 for one in found):
            found.insert(0, before)
        return tuple(found)

    def all(self) -> dict[str, PromptVersion]:
        """The newest version of every prompt that has one, by path."""
        places = {place.relative_to(self._folder).as_posix() for place in self._folder.glob("*/*/*")}
        paths = {place.removesuffix(_FOLDER).removesuffix(".flac") for place in places}
        return {path: newest for path in sorted(paths) if (newest := self.newest(path)) is not None}

    def add(self, path: str, version: PromptVersion, *, expected: int | None = None) -> PromptVersion:
        """Put a version in force, the newest one being `expected` (0: none). Raises PromptConflictError, OSError."""
        newest = self.newest(path)
        found = newest.number if newest else 0
        if expected is not None and expected != found:
            raise _conflict(found, expected)
        added = replace(version, number=found + 1)
        folder = self._of(path)
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".new.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(added.to_json())
            # A link, not a rename: of two processes that add the same number, one is refused.
            os.link(temporary, folder / f"{added.number:04d}.json")
        except FileExistsError:
            raise _conflict(added.number, found) from None
        finally:
            os.unlink(temporary)
        return added

    def keep_recording(self, path: str, audio: Audio) -> str:
        """Store a master; returns its SHA-256."""
        data = to_flac(audio)
        digest = hashlib.sha256(data).hexdigest()
        write_atomically(self._of(path) / f"{digest}.flac", data)
        return digest

    def recording_key(self, path: str, version: PromptVersion) -> str:
        """A value that changes with the recording."""
        if version.sha256:
            return f"recording-{version.sha256[:32]}"
        stat = self._recording(path, version).stat()
        return f"recording-{stat.st_size}-{stat.st_mtime_ns}"

    def recording(self, path: str, version: PromptVersion) -> Audio:
        """The master; raises BadRecordingError when the file was damaged since, OSError when it is gone."""
        return read_audio(self._recording(path, version).read_bytes())

    def _of(self, path: str) -> Path:
        return self._folder / f"{path}{_FOLDER}"

    def _recording(self, path: str, version: PromptVersion) -> Path:
        return self._of(path) / f"{version.sha256}.flac" if version.sha256 else self._folder / f"{path}.flac"

    def _before_versions(self, path: str) -> PromptVersion | None:
        try:
            changed = (self._folder / f"{path}.flac").stat().st_mtime
        except OSError:
            return None
        return PromptVersion(number=1, kind=VersionKind.RECORDING, at=datetime.fromtimestamp(changed, UTC))


def prompts_of(catalogue: Catalogue, newest: Mapping[str, PromptVersion]) -> Iterator[Prompt]:
    """All prompts with the words in force: the catalogue's, then those the organisation has added."""
    known = set()
    for prompt in catalogue:
        path = f"{prompt.language}/{prompt.name}"
        known.add(path)
        yield worded(prompt, newest.get(path))
    for path, version in newest.items():
        language, _, name = path.partition("/")
        if path in known or not name.startswith(_OWN) or language not in tuple(Language):
            continue
        if version.kind is not VersionKind.CATALOGUE:  # one that was taken back
            yield worded(Prompt(name.removeprefix(_OWN), Language(language), name, "", ()), version)


def worded(prompt: Prompt, version: PromptVersion | None) -> Prompt:
    """`prompt` with what `version` says."""
    if version is None or version.kind is VersionKind.CATALOGUE:
        return prompt
    return replace(prompt, text=version.text or prompt.text, spoken=version.spoken or prompt.spoken)


def _read(file: Path) -> PromptVersion | None:
    try:
        value = json.loads(file.read_bytes())
        return PromptVersion(
            number=int(file.stem),
            kind=VersionKind(value["kind"]),
            text=value["text"],
            spoken=tuple(Segment(Language(language), words) for language, words in value["spoken"]),
            sha256=value["sha256"],
            by=value["by"],
            at=datetime.fromisoformat(value["at"]) if value["at"] else None,
            restores=value["restores"],
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _conflict(found: int, expected: int) -> PromptConflictError:
    return PromptConflictError(
        f"The prompt is at version {found}, not {expected}; load it again and repeat the change.", version=found
    )
