"""Changes what a prompt says while calls are up: the next call hears it, and every earlier version is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from ivr.prompts.audio import encode, master, read_audio
from ivr.prompts.catalogue import Language, Prompt, Segment
from ivr.prompts.errors import BadRecordingError, PromptError, PromptVersionNotFoundError
from ivr.prompts.recipes import Recipes, Sound, sound_path
from ivr.prompts.store import Encoded, PromptRecord, PromptStore
from ivr.prompts.versions import PromptVersion, PromptVersions, VersionKind


class PromptEditor:
    """The sound is made before a version is kept: what cannot be spoken or decoded changes nothing."""

    def __init__(self, store: PromptStore, versions: PromptVersions, recipes: Recipes) -> None:
        self._store = store
        self._versions = versions
        self._recipes = recipes

    async def record(
        self, prompt: Prompt, data: bytes, draft: PromptVersion, *, expected: int | None = None
    ) -> PromptVersion:
        """Use a recording, levelled and trimmed. Raises BadRecordingError, PromptConflictError."""
        audio = await asyncio.to_thread(lambda: master(read_audio(data)))
        digest = await asyncio.to_thread(self._versions.keep_recording, sound_path(prompt), audio)
        return await self.put(prompt, replace(draft, kind=VersionKind.RECORDING, sha256=digest), expected=expected)

    async def restore(self, prompt: Prompt, draft: PromptVersion, number: int, *, expected: int) -> PromptVersion:
        """Put version `number` in force again, 0 being the catalogue's. Raises also PromptVersionNotFoundError."""
        earlier = self.version(prompt, number)
        again = replace(earlier, at=draft.at, by=draft.by, restores=number)
        return await self.put(prompt, again, expected=expected)

    def version(self, prompt: Prompt, number: int) -> PromptVersion:
        """Raises PromptVersionNotFoundError."""
        if number == 0 and prompt.spoken:
            return PromptVersion(kind=VersionKind.CATALOGUE)
        for version in self._versions.history(sound_path(prompt)):
            if version.number == number:
                return version
        raise PromptVersionNotFoundError(f"{sound_path(prompt)} has no version {number}; load the page again.")

    async def put(self, prompt: Prompt, draft: PromptVersion, *, expected: int | None = None) -> PromptVersion:
        """Make the sound, keep the version, and have calls hear it. Raises PromptError, OSError."""
        sound = self._recipes.of(prompt, draft)
        encoded = await self.encoded(sound)
        added = await asyncio.to_thread(self._versions.add, sound.path, draft, expected=expected)
        await asyncio.to_thread(self.install, replace(sound, version=added.number), encoded)
        return added

    async def preview(self, segments: tuple[Segment, ...], language: Language) -> Encoded:
        """What a voice makes of these words; nothing is changed."""
        return await self.encoded(self._recipes.of(Prompt("preview", language, "preview", "", segments), None))

    async def listen(self, prompt: Prompt, number: int) -> Encoded:
        """An earlier version again; 0 is the catalogue's."""
        return await self.encoded(self._recipes.of(prompt, self.version(prompt, number)))

    async def encoded(self, sound: Sound) -> Encoded:
        """The files of a sound, from the cache where they are there already."""
        if sound.source != "recording" and (cached := await asyncio.to_thread(self._store.cached, sound.key)):
            return cached
        return await self.made(sound)

    async def made(self, sound: Sound) -> Encoded:
        """The same, made anew."""
        try:
            audio = await sound.make()
        except BadRecordingError as error:
            raise PromptError(f"The {sound.source} for it is no usable sound: {error.detail}") from error
        encoded = Encoded(await asyncio.to_thread(encode, audio))
        if sound.source != "recording":
            await asyncio.to_thread(self._store.remember, sound.key, encoded)
        return encoded

    def install(self, sound: Sound, encoded: Encoded) -> None:
        """Put the files where Asterisk plays them; blocks for a moment."""
        newest = self._versions.newest(sound.path)
        if (newest.number if newest else 0) != sound.version:
            return  # somebody changed the prompt while this one was made
        record = PromptRecord(
            key=sound.key,
            source=sound.source,
            voice=sound.voice,
            production_ready=sound.production_ready,
            seconds=encoded.seconds,
            sizes=encoded.sizes,
        )
        self._store.install(sound.path, encoded, record)
