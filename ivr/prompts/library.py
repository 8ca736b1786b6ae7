"""The prompt library: keeps every prompt playable, from recordings where there are some, else from a voice."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import structlog

from ivr.prompts.audio import encode, master, read_audio
from ivr.prompts.catalogue import Catalogue, Language, Prompt, shipped_catalogue
from ivr.prompts.errors import BadRecordingError, PromptError, SpeechUnavailableError, UnknownPromptError
from ivr.prompts.ports import PromptSettings
from ivr.prompts.recipes import Recipes, Sound, sound_path
from ivr.prompts.speech import Speech
from ivr.prompts.speech.choose import speech_from
from ivr.prompts.store import Encoded, PromptRecord, PromptStore

log = structlog.get_logger(__name__)

Progress = Callable[[int, int, str], None]
"""Called as (done, of how many, which) after each sound that had to be made or copied."""

_AT_ONCE = 4
_OWN_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What `ensure` did. `failed` says why, by "zh/hotline/welcome"; `missing` is what cannot be played at all."""

    total: int
    synthesised: int
    copied: int
    failed: Mapping[str, str]
    missing: tuple[str, ...]
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether every prompt of the catalogue can be played."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class PromptStatus:
    """One line of `hotline prompt list`."""

    prompt: Prompt
    source: str
    """recording, speech, file (put there by hand) or missing."""
    seconds: float
    production_ready: bool


@dataclass(slots=True)
class _BuildRun:
    """One run of `ensure`."""

    total: int
    progress: Progress | None
    done: int = 0
    synthesised: int = 0
    copied: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    silent_voices: dict[str, str] = field(default_factory=dict)

    def step(self, path: str) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total, path)


class PromptLibrary:
    """The prompts of one instance. Methods may be called at once and again; `close()` twice."""

    def __init__(
        self, settings: PromptSettings, *, speech: Speech | None = None, catalogue: Catalogue | None = None
    ) -> None:
        self._store = PromptStore(settings)
        self._speech = speech_from(settings) if speech is None else speech
        self._catalogue = shipped_catalogue() if catalogue is None else catalogue
        self._recipes = Recipes(self._catalogue, self._speech, self._store)

    async def ensure(self, progress: Progress | None = None) -> BuildReport:
        """Make what is missing or changed, and nothing else.

        A voice or file that fails is reported, never raised, and what was there before stays in use.
        """
        started = time.monotonic()
        failed: dict[str, str] = {}
        sounds = list(self._recipes.all(failed))
        stale = [sound for sound in sounds if not self._is_current(sound)]
        run = _BuildRun(len(stale), progress, failed=failed)
        slots = asyncio.Semaphore(_AT_ONCE)

        async def build(sound: Sound) -> None:
            async with slots:
                await self._build(sound, run)

        async with asyncio.TaskGroup() as group:
            for sound in stale:
                group.create_task(build(sound))
        paths = sorted({sound_path(prompt) for prompt in self._catalogue} | {sound.path for sound in sounds})
        for why in sorted(set(run.failed.values())):
            affected = sorted(path for path, reason in run.failed.items() if reason == why)
            log.warning("prompts not made", reason=why, count=len(affected), first=affected[0])
        return BuildReport(
            total=len(paths),
            synthesised=run.synthesised,
            copied=run.copied,
            failed=run.failed,
            missing=tuple(path for path in paths if not self._store.playable(path)),
            seconds=time.monotonic() - started,
        )

    async def upload(self, prompt_id: str, language: str, data: bytes, *, new: bool = False) -> float:
        """Take a recording for a prompt; it wins over the voice from now on. Returns its seconds.

        `new` allows an id that the catalogue does not have, played as hotline/<id>. Raises UnknownPromptError,
        BadRecordingError.
        """
        path = self._path_of(prompt_id, language, new=new)
        audio = await asyncio.to_thread(lambda: master(read_audio(data)))
        await asyncio.to_thread(self._store.keep_recording, path, audio)
        sound = self._recipes.recorded(path)
        if sound is None:
            raise PromptError(f"The recording for {path} was taken away while it was stored.")
        encoded = Encoded(await asyncio.to_thread(encode, audio))
        await asyncio.to_thread(self._install, sound, encoded)
        return audio.seconds

    async def forget_recording(self, prompt_id: str, language: str) -> bool:
        """Go back to the voice; False when there was no recording. The sound stays until the voice has made another."""
        path = self._path_of(prompt_id, language, new=True)
        gone = await asyncio.to_thread(self._store.drop_recording, path)
        if gone:
            await self.ensure()
        return gone

    def missing(self, ids: Iterable[str], language: str) -> tuple[str, ...]:
        """Those of `ids` that Asterisk could not play in `language`, in order.

        Ask before a call does: a missing file in STREAM FILE ends the AGI session. Also takes "digits/7", "beep".
        """
        return tuple(i for i in ids if not self._store.playable(f"{language}/{self._name(i, language)}"))

    def status(self) -> list[PromptStatus]:
        """Every prompt of the catalogue and where its sound comes from."""
        rows = []
        for prompt in self._catalogue:
            made = self._store.record_of(sound_path(prompt))
            if made is not None:
                rows.append(PromptStatus(prompt, made.source, made.seconds, made.production_ready))
            else:
                by_hand = self._store.playable(sound_path(prompt))
                rows.append(PromptStatus(prompt, "file" if by_hand else "missing", 0.0, by_hand))
        return rows

    def unfit_for_production(self) -> tuple[str, ...]:
        """Prompts ("zh/hotline/welcome") spoken by a voice that a live service may not use."""
        return tuple(
            sound_path(row.prompt) for row in self.status() if row.source != "missing" and not row.production_ready
        )

    def export(self, prompt_id: str, language: str, suffix: str = "sln16") -> str:
        """The path of a playable file of this prompt; raises UnknownPromptError."""
        path = self._path_of(prompt_id, language, new=True)
        if not self._store.playable(path):
            raise UnknownPromptError(f"{path} has no sound yet; run `hotline prompt build`.")
        return str(self._store.file(path, suffix))

    async def close(self) -> None:
        await self._speech.close()

    def _is_current(self, sound: Sound) -> bool:
        made = self._store.record_of(sound.path)
        return made is not None and made.key == sound.key

    async def _build(self, sound: Sound, run: _BuildRun) -> None:
        try:
            if sound.source != "recording" and (cached := await asyncio.to_thread(self._store.cached, sound.key)):
                await asyncio.to_thread(self._install, sound, cached)
                run.copied += 1
            else:
                await self._make(sound, run)
        except (PromptError, OSError) as error:
            run.failed[sound.path] = error.detail if isinstance(error, PromptError) else str(error)
        run.step(sound.path)

    async def _make(self, sound: Sound, run: _BuildRun) -> None:
        # A voice that is away is asked once a run, not once for each of a hundred prompts.
        if sound.voice in run.silent_voices:
            raise SpeechUnavailableError(run.silent_voices[sound.voice])
        try:
            audio = await sound.make()
        except SpeechUnavailableError as error:
            run.silent_voices[sound.voice] = error.detail
            raise
        except BadRecordingError as error:
            raise PromptError(f"The {sound.source} for it is no usable sound: {error.detail}") from error
        encoded = Encoded(await asyncio.to_thread(encode, audio))
        if sound.source != "recording":
            await asyncio.to_thread(self._store.remember, sound.key, encoded)
        await asyncio.to_thread(self._install, sound, encoded)
        run.synthesised += 1

    def _install(self, sound: Sound, encoded: Encoded) -> None:
        if sound.source == "speech" and self._store.recording_key(sound.path) is not None:
            return  # somebody uploaded a recording while the voice was speaking
        record = PromptRecord(
            key=sound.key,
            source=sound.source,
            voice=sound.voice,
            production_ready=sound.production_ready,
            seconds=encoded.seconds,
            sizes=encoded.sizes,
        )
        self._store.install(sound.path, encoded, record)

    def _name(self, prompt_id: str, language: str) -> str:
        if self._catalogue.has(prompt_id, language):
            return self._catalogue.get(prompt_id, language).name
        return prompt_id if "/" in prompt_id or prompt_id == "beep" else f"hotline/{prompt_id}"

    def _path_of(self, prompt_id: str, language: str, *, new: bool) -> str:
        if language not in tuple(Language):
            raise UnknownPromptError(f"{language!r} is no language of the hotline; it speaks zh and en.")
        if not self._catalogue.has(prompt_id, language) and not (new and _OWN_ID.fullmatch(prompt_id)):
            return sound_path(self._catalogue.get(prompt_id, language))
        return f"{language}/{self._name(prompt_id, language)}"


async def ensure(settings: PromptSettings, progress: Progress | None = None) -> BuildReport:
    """Build the prompts of an instance by its own settings and let the voices go again."""
    library = PromptLibrary(settings)
    try:
        return await library.ensure(progress)
    finally:
        await library.close()
