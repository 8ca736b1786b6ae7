"""Sound to test with, and a voice that needs no model."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from hotline.app.settings import Settings
from ivr.prompts.audio import Audio, Samples
from ivr.prompts.errors import SpeechUnavailableError
from ivr.prompts.speech import Voice
from ivr.settings import SpeechSettings


def tone(seconds: float = 1.0, rate: int = 24000, level: float = 0.3, frequency: float = 440.0) -> Samples:
    time = np.arange(int(seconds * rate)) / rate
    return np.asarray(level * np.sin(2 * np.pi * frequency * time), np.float32)


def silence(seconds: float, rate: int = 24000) -> Samples:
    return np.zeros(int(seconds * rate), np.float32)


def as_file(samples: Samples, rate: int = 24000, kind: str = "WAV", **options: Any) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, **options)
    return buffer.getvalue()


def instance(folder: Path, *, cache: Path | None = None, provider: str = "none") -> Settings:
    return Settings(home=folder / "home", cache=cache or folder / "cache", speech=SpeechSettings(provider=provider))


class FakeVoice:
    """Speaks every text as a tone; `mute` texts come out silent, `away` refuses, `meanwhile` runs while it speaks."""

    def __init__(self, name: str = "fake-1", *, production_ready: bool = True) -> None:
        self.name = name
        self.production_ready = production_ready
        self.away = False
        self.mute: tuple[str, ...] = ()
        self.asked: list[str] = []
        self.meanwhile: Callable[[], Awaitable[Any]] | None = None
        self.closed = 0

    def voice(self, language: str) -> Voice:
        return Voice(self.name, "free", self.production_ready)

    async def synthesise(self, text: str, language: str, voice: Voice) -> Audio:
        self.asked.append(text)
        if self.meanwhile is not None:
            work, self.meanwhile = self.meanwhile, None
            await work()
        if self.away:
            raise SpeechUnavailableError("The fake voice is away.")
        if text in self.mute:
            return Audio(silence(1.0), 24000)
        return Audio(tone(0.2 + 0.01 * len(text), rate=22050), 22050)

    async def close(self) -> None:
        self.closed += 1
