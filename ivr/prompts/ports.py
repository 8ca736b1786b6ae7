"""What the prompts ask of the floors above."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from ivr.settings import SpeechSettings


class PromptSettings(Protocol):
    """The settings that the prompts read."""

    @property
    def home(self) -> Path:
        """Uploaded recordings are kept in its `prompts/`."""
        ...

    @property
    def cache(self) -> Path:
        """Made sounds and models."""
        ...

    @property
    def sounds(self) -> Path:
        """Where Asterisk plays them from."""
        ...

    @property
    def speech(self) -> SpeechSettings: ...
