"""How each sound is made, and the key that changes when it would come out differently."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from ivr.prompts.audio import Audio, join, master
from ivr.prompts.catalogue import Catalogue, Prompt
from ivr.prompts.errors import PromptError
from ivr.prompts.music import MUSIC_VERSION, beep, hold_music, short_gap
from ivr.prompts.speech import Speech
from ivr.prompts.versions import PromptVersion, PromptVersions, VersionKind, prompts_of, worded

_PIPELINE = "audio-2"
"""Part of every key: raise it when the same words and voice would come out of `audio` differently."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound that ought to be in the sounds folder."""

    path: str
    """Language and name: "zh/hotline/welcome"."""
    key: str
    source: str
    """"recording", "speech" or "computed"."""
    voice: str
    production_ready: bool
    make: Callable[[], Awaitable[Audio]]
    """Raises PromptError, OSError."""
    version: int = 0
    """Of the prompt; 0 where it is as in the catalogue, or is no prompt."""


class Recipes:
    """How each prompt is made as its version in force says: a recording, or words for a voice."""

    def __init__(self, catalogue: Catalogue, speech: Speech, versions: PromptVersions) -> None:
        self._catalogue = catalogue
        self._speech = speech
        self._versions = versions

    def all(self, failed: dict[str, str]) -> Iterator[Sound]:
        """Every sound there should be; into `failed`, by path, goes why one cannot be made."""
        newest = self._versions.all()
        for prompt in prompts_of(self._catalogue, newest):
            path = sound_path(prompt)
            try:
                yield self.of(prompt, newest.get(path))
            except (PromptError, OSError) as error:
                failed[path] = error.detail if isinstance(error, PromptError) else str(error)
        for path, make in (("zh/beep", beep), ("moh/hold", hold_music), ("zh/hotline/short-gap", short_gap)):
            yield Sound(path, _key(MUSIC_VERSION, path), "computed", "", True, _in_thread(make))

    def of(self, prompt: Prompt, version: PromptVersion | None) -> Sound:
        """The sound of a prompt as `version` has it. Raises SpeechUnavailableError, OSError."""
        if version is None or version.kind is not VersionKind.RECORDING:
            return self._spoken(worded(prompt, version), version.number if version else 0)
        path, key = sound_path(prompt), self._versions.recording_key(sound_path(prompt), version)
        made = _in_thread(lambda: self._versions.recording(path, version))
        return Sound(path, key, "recording", "", True, made, version.number)

    def _spoken(self, prompt: Prompt, version: int) -> Sound:
        """Of a prompt's words; raises SpeechUnavailableError where no voice speaks its language."""
        parts = [(segment, self._speech.voice(segment.language)) for segment in prompt.spoken]
        tight = prompt.name.startswith("digits/")

        async def make() -> Audio:
            audios = []
            for segment, voice in parts:
                audio = await self._speech.synthesise(segment.words, segment.language, voice)
                audios.append(await asyncio.to_thread(master, audio, tight=tight))
            return await asyncio.to_thread(join, audios)

        return Sound(
            sound_path(prompt),
            _key(tight, *((voice.name, segment.language, segment.words) for segment, voice in parts)),
            "speech",
            "+".join(dict.fromkeys(voice.name for _, voice in parts)),
            all(voice.production_ready for _, voice in parts),
            make,
            version,
        )


def sound_path(prompt: Prompt) -> str:
    """Where a prompt's sound lies under the sounds folder, without suffix."""
    return f"{prompt.language}/{prompt.name}"


def _key(*parts: object) -> str:
    return hashlib.sha256(json.dumps([_PIPELINE, parts], ensure_ascii=False).encode()).hexdigest()[:40]


def _in_thread(make: Callable[[], Audio]) -> Callable[[], Awaitable[Audio]]:
    async def run() -> Audio:
        return await asyncio.to_thread(make)

    return run
