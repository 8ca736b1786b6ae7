"""Which prompts lie in the sounds folder."""

from __future__ import annotations

from pathlib import Path

SUFFIXES = ("sln16", "ulaw", "alaw", "wav", "gsm")


class SoundFolder:
    """`ivr.telephony.PromptStore` over `<sounds>/<language>/hotline/<id>.<suffix>`.

    Asked anew each time, for a few microseconds: a prompt may be uploaded, or lost, while calls are up.
    """

    def __init__(self, sounds: Path) -> None:
        self._sounds = sounds

    def available(self, id: str, language: str) -> bool:
        folder = self._sounds / language / "hotline"
        return any(_holds_sound(folder / f"{id}.{suffix}") for suffix in SUFFIXES)


def _holds_sound(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except (OSError, ValueError):
        return False
