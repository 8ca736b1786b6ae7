"""Voices: what turns a sentence into sound.

`Speech` is the port; `speech_from(settings)` picks the provider. A provider never blocks the event loop and
bounds every wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ivr.prompts.audio import Audio

MAX_WORDS = 300
"""Characters a voice takes in one sentence group; the catalogue holds to it too."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice of one provider."""

    name: str
    """Provider, voice and version: a sound is made again when it changes."""
    licence: str
    """What an operator may do with sounds made by it, in a sentence."""
    production_ready: bool
    """Whether a live service may use it; a lint rule refuses the others in production."""


class Speech(Protocol):
    """Synthesises speech."""

    def voice(self, language: str) -> Voice:
        """The voice that speaks `language`; raises SpeechUnavailableError where there is none."""
        ...

    async def synthesise(self, text: str, language: str, voice: Voice) -> Audio:
        """`text` as sound, within a deadline; safe to call several times at once.

        Raises SpeechUnavailableError (try again later, or install what the message names) or
        SpeechRefusedError (this text will not work).
        """
        ...

    async def close(self) -> None:
        """Release threads and connections; safe to call twice."""
        ...
