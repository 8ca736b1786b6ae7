"""The speech provider the settings ask for."""

from __future__ import annotations

from pathlib import Path

from ivr.prompts.audio import Audio
from ivr.prompts.errors import PromptError, SpeechUnavailableError
from ivr.prompts.ports import PromptSettings
from ivr.prompts.speech import Speech, Voice

_RECORDINGS_ONLY = (
    "No speech provider is set (speech.provider = none): upload a recording with `hotline prompt upload`."
)


class NoSpeech:
    """Nothing is synthesised, for `reason`: what is there stays in use, the rest must be uploaded recordings."""

    def __init__(self, reason: str = _RECORDINGS_ONLY) -> None:
        self._reason = reason

    def voice(self, language: str) -> Voice:
        raise SpeechUnavailableError(self._reason)

    async def synthesise(self, text: str, language: str, voice: Voice) -> Audio:
        raise SpeechUnavailableError(self._reason)

    async def close(self) -> None:
        pass


def speech_from(settings: PromptSettings) -> Speech:
    """The provider that `settings.speech` names.

    One that cannot be set up (no such folder) is a NoSpeech that says why, since the prompts there are may do.
    Raises PromptError for an unknown name.
    """
    try:
        return _provider(settings)
    except SpeechUnavailableError as error:
        return NoSpeech(error.detail)


def speech_or_reason(settings: PromptSettings) -> Speech:
    """The same for a service that runs with prompts made before: a wrong name is a NoSpeech too."""
    try:
        return speech_from(settings)
    except PromptError as error:
        return NoSpeech(error.detail)


def _provider(settings: PromptSettings) -> Speech:
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
            return NoSpeech()
        case other:
            raise PromptError(f"speech.provider is {other!r}; it must be demo, openai, piper or none.")
