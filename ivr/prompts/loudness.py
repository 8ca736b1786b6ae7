"""How loud a prompt is on the line, measured on the 8 kHz file that callers hear. Pure."""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import soundfile

from ivr.prompts.audio import SPEECH_DBFS, Samples, active_level

LINE_RATE = 8000
TOLERANCE_DB = 3.0
"""Either way of `SPEECH_DBFS`: more is heard as a step between one prompt and the next."""
_CLIPPED = 32_000 / 32_768
"""A-law has nothing above 32,256."""


class LoudnessVerdict(StrEnum):
    OK = "ok"
    QUIET = "quiet"
    LOUD = "loud"
    CLIPPED = "clipped"


@dataclass(frozen=True, slots=True)
class Loudness:
    """`level`: RMS of the 20 ms frames in which there is speech, dBFS; `peak`: dBFS."""

    level: float
    peak: float

    @property
    def verdict(self) -> LoudnessVerdict:
        if self.peak > 20 * np.log10(_CLIPPED):
            return LoudnessVerdict.CLIPPED
        if self.level < SPEECH_DBFS - TOLERANCE_DB:
            return LoudnessVerdict.QUIET
        return LoudnessVerdict.LOUD if self.level > SPEECH_DBFS + TOLERANCE_DB else LoudnessVerdict.OK


def loudness(alaw: bytes) -> Loudness | None:
    """Of A-law at 8 kHz; None where there is nothing to hear."""
    samples = from_alaw(alaw)
    peak = float(np.abs(samples).max()) if len(samples) else 0.0
    if peak <= 0:
        return None
    return Loudness(round(active_level(samples, LINE_RATE), 1), round(float(20 * np.log10(peak)), 1))


def from_alaw(alaw: bytes) -> Samples:
    if not alaw:
        return np.zeros(0, np.float32)
    options = {"format": "RAW", "subtype": "ALAW", "samplerate": LINE_RATE, "channels": 1}
    samples, _ = soundfile.read(io.BytesIO(alaw), dtype="float32", **options)
    return np.asarray(samples, np.float32)


def to_wav(alaw: bytes) -> bytes:
    """The same as a WAV file that a browser plays: what comes out of the caller's phone."""
    buffer = io.BytesIO()
    soundfile.write(buffer, from_alaw(alaw), LINE_RATE, format="WAV", subtype="PCM_16")
    return buffer.getvalue()
