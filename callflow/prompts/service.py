"""Shows and changes the prompts of this installation; whoever calls audits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from callflow.prompts.schemas import (
    PromptListing,
    PromptSoundView,
    PromptUse,
    PromptVersionView,
    PromptView,
    PromptVoice,
)
from callflow.prompts.usage import PromptUsage, built_in
from hotline.kernel.clock import Clock
from ivr.prompts.audio import MAX_BYTES, MAX_SECONDS, SPEECH_DBFS
from ivr.prompts.catalogue import Language, Prompt
from ivr.prompts.errors import PromptError, UnknownPromptError
from ivr.prompts.library import PromptLibrary
from ivr.prompts.loudness import TOLERANCE_DB, Loudness, loudness, to_wav
from ivr.prompts.recipes import sound_path
from ivr.prompts.store import PromptStore
from ivr.prompts.versions import PromptVersion, VersionKind, worded
from ivr.prompts.wording import segments_of

log = structlog.get_logger(__name__)
MOST_OWN = 500
"""Prompts that the organisation may add."""
_AT_ONCE = 2
"""Recordings and sentences under work: each takes a core for a moment."""


class PromptService:
    """`library` belongs to this service, which closes it."""

    def __init__(self, library: PromptLibrary, store: PromptStore, clock: Clock) -> None:
        self._library = library
        self._store = store
        self._clock = clock
        self._usage = PromptUsage()
        self._measured: dict[Path, tuple[tuple[int, int], Loudness | None]] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def close(self) -> None:
        await self._library.close()

    # --- what there is ----------------------------------------------------------------------------------

    async def listing(self, db: AsyncSession) -> PromptListing:
        """All prompts, and who says each."""
        uses = await self._usage.uses(db, self._clock.now())
        return PromptListing(
            prompts=await asyncio.to_thread(lambda: list(self._views(uses))),
            voices=[self._voice(language) for language in Language],
            level=SPEECH_DBFS,
            tolerance=TOLERANCE_DB,
            longest=MAX_SECONDS,
            most_bytes=MAX_BYTES,
        )

    async def sound(self, prompt_id: str, language: Language) -> PromptSoundView:
        """One of them. Raises UnknownPromptError."""
        prompt = self._library.prompt(prompt_id, language)
        return await asyncio.to_thread(self._view, prompt, self._library.versions.newest(sound_path(prompt)))

    def history(self, prompt_id: str, language: Language) -> list[PromptVersionView]:
        """The newest first, down to the words of the catalogue. Raises UnknownPromptError."""
        prompt = self._library.prompt(prompt_id, language)
        found = list(self._library.versions.history(sound_path(prompt)))
        if prompt.spoken:
            found.insert(0, PromptVersion(kind=VersionKind.CATALOGUE))
        return [
            PromptVersionView(
                number=one.number,
                kind=one.kind,
                text=worded(prompt, one).text,
                by=one.by,
                at=one.at,
                restores=one.restores,
                in_force=one is found[-1],
            )
            for one in reversed(found)
        ]

    async def wave(self, prompt_id: str, language: Language, version: int | None) -> bytes:
        """A WAV of what callers hear, or of one version. Raises UnknownPromptError, PromptVersionNotFoundError."""
        prompt = self._library.prompt(prompt_id, language)
        if version is None:
            file = self._store.file(sound_path(prompt), "alaw")
            try:
                return await asyncio.to_thread(lambda: to_wav(file.read_bytes()))
            except OSError as error:
                raise UnknownPromptError(
                    f"{sound_path(prompt)} has no sound yet; record it, or have it spoken."
                ) from error
        async with self._slots:
            encoded = await self._library.editor.listen(prompt, version)
        return await asyncio.to_thread(to_wav, encoded.files["alaw"])

    # --- changes ----------------------------------------------------------------------------------------

    async def trial(self, language: Language, text: str, spoken: str) -> bytes:
        """A WAV of these words as a caller would hear them; nothing is changed. Raises PromptError."""
        async with self._slots:
            encoded = await self._library.editor.preview(segments_of(spoken or text, language), language)
        return await asyncio.to_thread(to_wav, encoded.files["alaw"])

    async def speak(
        self, prompt_id: str, language: Language, text: str, spoken: str, *, version: int, new: bool, by: str
    ) -> tuple[PromptSoundView | None, PromptSoundView]:
        """Before and after. Raises PromptError: unknown, not speakable, no voice, or somebody changed it."""
        prompt = self._editable(prompt_id, language, new)
        segments = segments_of(spoken or text, language)
        draft = PromptVersion(kind=VersionKind.SPEECH, text=text, spoken=segments, by=by[:100], at=self._clock.now())
        before = await self._before(prompt_id, language)
        async with self._slots:
            await self._library.editor.put(prompt, draft, expected=version)
        return before, await self.sound(prompt_id, language)

    async def record(
        self, prompt_id: str, language: Language, data: bytes, *, text: str, version: int, new: bool, by: str
    ) -> tuple[PromptSoundView | None, PromptSoundView]:
        """Before and after. Raises also BadRecordingError."""
        prompt = self._editable(prompt_id, language, new)
        before = await self._before(prompt_id, language)
        kept = text or (before.text if before else "")
        draft = PromptVersion(kind=VersionKind.RECORDING, text=kept, by=by[:100], at=self._clock.now())
        async with self._slots:
            await self._library.editor.record(prompt, data, draft, expected=version)
        return before, await self.sound(prompt_id, language)

    async def restore(
        self, prompt_id: str, language: Language, number: int, *, version: int, by: str
    ) -> tuple[PromptSoundView, PromptSoundView]:
        """Before and after. Raises also PromptVersionNotFoundError."""
        prompt = self._library.prompt(prompt_id, language)
        before = await self.sound(prompt_id, language)
        draft = PromptVersion(kind=VersionKind.CATALOGUE, by=by[:100], at=self._clock.now())
        async with self._slots:
            await self._library.editor.restore(prompt, draft, number, expected=version)
        return before, await self.sound(prompt_id, language)

    # --- inner ------------------------------------------------------------------------------------------

    def _editable(self, prompt_id: str, language: Language, new: bool) -> Prompt:
        prompt = self._library.prompt(prompt_id, language, new=new)
        if new and not prompt.spoken and len(self._library.versions.all()) >= MOST_OWN:
            raise PromptError(f"There are {MOST_OWN} changed prompts already; use one of them again.")
        return prompt

    async def _before(self, prompt_id: str, language: Language) -> PromptSoundView | None:
        try:
            return await self.sound(prompt_id, language)
        except UnknownPromptError:
            return None

    def _voice(self, language: Language) -> PromptVoice:
        try:
            voice = self._library.voice(language)
        except PromptError as error:
            return PromptVoice(language=language, name="", licence="", licensed=False, trouble=error.detail)
        return PromptVoice(
            language=language, name=voice.name, licence=voice.licence, licensed=voice.production_ready, trouble=""
        )

    def _views(self, uses: dict[str, list[PromptUse]]) -> Iterable[PromptView]:
        newest = self._library.versions.all()
        by_id: dict[str, list[Prompt]] = {}
        for prompt in self._library.prompts():
            by_id.setdefault(prompt.id, []).append(prompt)
        for id, prompts in by_id.items():
            more = built_in(id)
            yield PromptView(
                id=id,
                own=not any(self._library.ships(id, prompt.language) for prompt in prompts),
                sounds=[self._view(prompt, newest.get(sound_path(prompt))) for prompt in prompts],
                uses=[*uses.get(id, ()), *([more] if more else ())],
            )

    def _view(self, prompt: Prompt, version: PromptVersion | None) -> PromptSoundView:
        path, words = sound_path(prompt), worded(prompt, version)
        record = self._store.record_of(path)
        playable = record is not None or self._store.playable(path)
        measured = self._loudness(self._store.file(path, "alaw")) if playable else None
        return PromptSoundView(
            language=prompt.language,
            version=version.number if version else 0,
            text=words.text,
            spoken=" ".join(segment.words for segment in words.spoken),
            source=record.source if record else "file" if playable else "missing",  # type: ignore[arg-type]
            voice=record.voice if record else "",
            licensed=record.production_ready if record else playable,
            current=record is None or self._library.is_current(prompt, version, record.key),
            seconds=round(record.seconds, 2) if record else None,
            level=measured.level if measured else None,
            peak=measured.peak if measured else None,
            loudness=measured.verdict if measured else None,
            by=version.by if version else "",
            at=version.at if version else None,
        )

    def _loudness(self, file: Path) -> Loudness | None:
        try:
            stat = file.stat()
            state = (stat.st_size, stat.st_mtime_ns)
            if self._measured.get(file, (None,))[0] != state:
                self._measured[file] = (state, loudness(file.read_bytes()))
            return self._measured[file][1]
        except OSError:
            return None
