"""The speech provider the settings ask for."""

from __future__ import annotations

from pathlib import Path

from hotline.kernel.settings import Settings
from ivr.prompts.audio import Audio
from ivr.prompts.errors import PromptError, SpeechUnavailableError
from ivr.prompts.speech import Speech, Voice


class RecordingsOnly:
    """Provider `none`: nothing is synthesised; every prompt must be an uploaded recording."""

    def voice(self, language: str) -> Voice:
        raise SpeechUnavailableError(
            "No speech provider is set (speech.provider = none): upload a recording with `hotline prompt upload`."
        )

    async def synthesise(self, text: str, language: str, voice: Voice) -> Audio:
        raise SpeechUnavailableError("No speech provider is set.")

    async def close(self) -> None:
        pass


def speech_from(settings: Settings) -> Speech:
    """The provider named by `settings.speech.provider`; raises PromptError for an unknown name."""
    speech = settings.speech
    match speech.provider:
        case "demo":
            from ivr.prompts.speech.demo import DemoSpeech

            return DemoSpeech(settings.cache)
        case "openai":
            from ivr.prompts.speech.openai import OpenAiSpeech

            return OpenAiSpeech(
                url=speech.url, api_key=speech.api_key.get_secret_value(), model=speech.model, voice=speech.voice
            )
        case "piper":
            from ivr.prompts.speech.piper import PiperSpeech

            return PiperSpeech(Path(speech.voice))
        case "none":
            return RecordingsOnly()
        case other:
            raise PromptError(f"speech.provider is {other!r}; it must be demo, openai, piper or none.")
