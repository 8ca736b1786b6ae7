"""A folder of Piper voices on this machine: `<language>….onnx` with its `….onnx.json`, one for each language.

    speech.provider = "piper"
    speech.voice = "/srv/voices"        # zh_CN-….onnx, en_US-….onnx

piper-tts (GPL-3.0) is an optional package; it is imported only when this provider, or the English demo voice, is used.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from ivr.prompts.audio import Audio
from ivr.prompts.errors import SpeechUnavailableError
from ivr.prompts.speech import Voice
from ivr.prompts.speech.worker import VoiceWorkers

_phonemising = threading.Lock()
"""Piper's phonemiser keeps global state, so one sentence at a time in a process."""


class Piper:
    """One loaded Piper voice."""

    def __init__(self, voice: Any) -> None:
        self._voice = voice

    def speak(self, text: str) -> Audio:
        with _phonemising:
            chunks = list(self._voice.synthesize(text))
        if not chunks:
            raise SpeechUnavailableError("The Piper voice returned no sound.")
        pause = np.zeros(int(0.15 * chunks[0].sample_rate), np.float32)
        pieces = [piece for chunk in chunks for piece in (chunk.audio_float_array, pause)]
        return Audio(np.asarray(np.concatenate(pieces[:-1]), np.float32), chunks[0].sample_rate)


def load_piper(model: Path) -> Piper:
    """Load a voice (0.3 s); raises SpeechUnavailableError."""
    try:
        from piper import PiperVoice
    except ImportError as error:
        raise SpeechUnavailableError(
            f"Piper voices lack the package {error.name}; install the `voice` extra, or set speech.provider."
        ) from error
    try:
        return Piper(PiperVoice.load(model))
    except Exception as error:  # onnxruntime raises types of its own, one for each way a file can be broken
        raise SpeechUnavailableError(f"The Piper voice {model.name} cannot be loaded: {error}") from error


class PiperSpeech:
    """The voices of one folder; the first file, in order of name, whose name begins with the language speaks it."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise SpeechUnavailableError(f"speech.voice must name a folder of Piper voices; {folder} is none.")
        self._models = {
            language: found[0]
            for language in ("zh", "en")
            if (found := sorted(folder.glob(f"{language}[_-]*.onnx")) or sorted(folder.glob(f"{language}.onnx")))
        }
        self._folder = folder
        self._workers: dict[str, VoiceWorkers] = {}

    def voice(self, language: str) -> Voice:
        model = self._models.get(language)
        if model is None:
            raise SpeechUnavailableError(f"{self._folder} holds no Piper voice named {language}_….onnx.")
        return Voice(
            name=f"piper-{model.stem}-{model.stat().st_size}",
            licence="As the voice's model card says; the operator chose it.",
            production_ready=True,
        )

    async def synthesise(self, text: str, language: str, voice: Voice) -> Audio:
        self.voice(language)
        model = self._models[language]
        if language not in self._workers:
            self._workers[language] = VoiceWorkers(
                model.stem, lambda: load_piper(model), count=1, deadline=timedelta(seconds=90)
            )
        return await self._workers[language].speak(text)

    async def close(self) -> None:
        for worker in self._workers.values():
            await worker.close()
