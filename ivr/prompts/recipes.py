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
from ivr.prompts.store import PromptStore

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


class Recipes:
    """What the catalogue asks for, made by a recording where there is one and by a voice otherwise."""

    def __init__(self, catalogue: Catalogue, speech: Speech, store: PromptStore) -> None:
        self._catalogue = catalogue
        self._speech = speech
        self._store = store

    def all(self, failed: dict[str, str]) -> Iterator[Sound]:
        """Every sound there should be; into `failed`, by path, goes why one cannot be made."""
        for prompt in self._catalogue:
            path = sound_path(prompt)
            recorded = self.recorded(path)
            if recorded is not None:
                yield recorded
                continue
            try:
                yield self.spoken(prompt)
            except PromptError as error:
                failed[path] = error.detail
        for path, make in (("zh/beep", beep), ("moh/hold", hold_music), ("zh/hotline/short-gap", short_gap)):
            yield Sound(path, _key(MUSIC_VERSION, path), "computed", "", True, _in_thread(make))

    def recorded(self, path: str) -> Sound | None:
        """The sound of an uploaded recording, if there is one."""
        key = self._store.recording_key(path)
        if key is None:
            return None
        return Sound(path, key, "recording", "", True, _in_thread(lambda: self._store.recording(path)))

    def spoken(self, prompt: Prompt) -> Sound:
        """The sound of a prompt's words; raises SpeechUnavailableError where no voice speaks its language."""
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
