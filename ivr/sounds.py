"""Which prompts lie in the sounds folder."""

from __future__ import annotations

import os
from pathlib import Path

SUFFIXES = ("sln16", "ulaw", "alaw", "wav", "gsm")


class SoundFolder:
    """`ivr.telephony.PromptStore` over `<sounds>/<language>/hotline/<id>.<suffix>`.

    Looked up each time, for a few microseconds: a prompt may be uploaded, or lost, while calls are up.
    """

    def __init__(self, sounds: Path) -> None:
        self._sounds = str(sounds)

    def available(self, id: str, language: str) -> bool:
        # Text, not paths: a caller has just pressed a key and waits, and joining paths takes longer than asking.
        return any(holds_sound(f"{self._sounds}/{language}/hotline/{id}.{suffix}") for suffix in SUFFIXES)


def holds_sound(path: str) -> bool:
    """Whether a file is there and not empty."""
    try:
        return os.stat(path).st_size > 0
    except (OSError, ValueError):
        return False
