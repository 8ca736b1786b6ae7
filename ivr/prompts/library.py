"""The prompt library: keeps every prompt playable, from recordings where there are some, else from a voice."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from ivr.prompts.catalogue import Catalogue, Language, Prompt, shipped_catalogue
from ivr.prompts.editing import PromptEditor
from ivr.prompts.errors import PromptError, SpeechUnavailableError, UnknownPromptError
from ivr.prompts.ports import PromptSettings
from ivr.prompts.recipes import Recipes, Sound, sound_path
from ivr.prompts.speech import Speech, Voice
from ivr.prompts.speech.choose import speech_from
from ivr.prompts.store import PromptStore
from ivr.prompts.versions import PromptVersion, PromptVersions, VersionKind, prompts_of

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
        self.versions = PromptVersions(settings.home / "prompts")
        self._recipes = Recipes(self._catalogue, self._speech, self.versions)
        self.editor = PromptEditor(self._store, self.versions, self._recipes)

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
        paths = sorted({sound_path(prompt) for prompt in self.prompts()} | {sound.path for sound in sounds})
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

    async def upload(
        self, prompt_id: str, language: str, data: bytes, *, text: str = "", by: str = "", new: bool = False
    ) -> float:
        """Take a recording for a prompt; it wins over the voice from now on. Returns its seconds.

        `text` is what it says, where that is not what the catalogue has. `new` allows an id that the catalogue does
        not have, played as hotline/<id>. Raises UnknownPromptError, BadRecordingError.
        """
        prompt = self.prompt(prompt_id, language, new=new)
        draft = PromptVersion(kind=VersionKind.RECORDING, text=text, by=by, at=datetime.now(UTC))
        await self.editor.record(prompt, data, draft)
        record = self._store.record_of(sound_path(prompt))
        return record.seconds if record else 0.0

    async def forget_recording(self, prompt_id: str, language: str, *, by: str = "") -> bool:
        """Go back to the catalogue's words, spoken; False when they are in force already.

        The sound stays until the voice has made another.
        """
        path = sound_path(self.prompt(prompt_id, language, new=True))
        newest = await asyncio.to_thread(self.versions.newest, path)
        if newest is None or newest.kind is VersionKind.CATALOGUE:
            return False
        draft = PromptVersion(kind=VersionKind.CATALOGUE, by=by, at=datetime.now(UTC))
        await asyncio.to_thread(self.versions.add, path, draft)
        await self.ensure()
        return True

    def prompts(self) -> list[Prompt]:
        """All of them with the words in force, those the organisation has added last."""
        return list(prompts_of(self._catalogue, self.versions.all()))

    def prompt(self, prompt_id: str, language: str, *, new: bool = False) -> Prompt:
        """As the catalogue has it, with no words where it does not. Raises UnknownPromptError.

        `new` allows an id that nothing is known of.
        """
        if language not in tuple(Language):
            raise UnknownPromptError(f"{language!r} is no language of the hotline; it speaks zh and en.")
        if self._catalogue.has(prompt_id, language):
            return self._catalogue.get(prompt_id, language)
        own = Prompt(prompt_id, Language(language), f"hotline/{prompt_id}", "", ())
        if _OWN_ID.fullmatch(prompt_id) and (new or self.versions.newest(sound_path(own)) is not None):
            return own
        return self._catalogue.get(prompt_id, language)

    def ships(self, prompt_id: str, language: str) -> bool:
        """Whether the catalogue has it."""
        return self._catalogue.has(prompt_id, language)

    def is_current(self, prompt: Prompt, version: PromptVersion | None, key: str) -> bool:
        """Whether a sound made under `key` says what `version` says; so it seems where no voice is there to ask."""
        try:
            return self._recipes.of(prompt, version).key == key
        except (PromptError, OSError):
            return True

    def voice(self, language: str) -> Voice:
        """Which voice speaks a language; raises SpeechUnavailableError."""
        return self._speech.voice(language)

    def missing(self, ids: Iterable[str], language: str) -> tuple[str, ...]:
        """Those of `ids` that Asterisk could not play in `language`, in order.

        Ask before a call does: a missing file in STREAM FILE ends the AGI session. Also takes "digits/7", "beep".
        """
        return tuple(i for i in ids if not self._store.playable(f"{language}/{self._name(i, language)}"))

    def status(self) -> list[PromptStatus]:
        """Every prompt of the catalogue and where its sound comes from."""
        rows = []
        for prompt in self.prompts():
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
        path = sound_path(self.prompt(prompt_id, language, new=True))
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
                await asyncio.to_thread(self.editor.install, sound, cached)
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
            encoded = await self.editor.made(sound)
        except SpeechUnavailableError as error:
            run.silent_voices[sound.voice] = error.detail
            raise
        await asyncio.to_thread(self.editor.install, sound, encoded)
        run.synthesised += 1

    def _name(self, prompt_id: str, language: str) -> str:
        if self._catalogue.has(prompt_id, language):
            return self._catalogue.get(prompt_id, language).name
        return prompt_id if "/" in prompt_id or prompt_id == "beep" else f"hotline/{prompt_id}"


async def ensure(settings: PromptSettings, progress: Progress | None = None) -> BuildReport:
    """Build the prompts of an instance by its own settings and let the voices go again."""
    library = PromptLibrary(settings)
    try:
        return await library.ensure(progress)
    finally:
        await library.close()
