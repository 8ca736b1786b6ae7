"""Sound in, Asterisk's sound files out: reading, levelling, trimming, resampling, G.711.

A master is 24 kHz mono float32. From it come `.sln16` (16-bit little endian, 16 kHz), `.ulaw` and `.alaw`
(G.711, 8 kHz), so that no call, wide or narrow, makes Asterisk resample while it plays.
Pure functions but for `write_atomically` and `write_formats`; all of them block, so call them in a thread.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from ivr.prompts.errors import BadRecordingError

Samples = NDArray[np.float32]

MASTER_RATE = 24000
FORMATS = ("sln16", "ulaw", "alaw")
MAX_BYTES = 30_000_000
MAX_SECONDS = 180.0
MIN_SECONDS = 0.1

SPEECH_DBFS = -20.0
"""Every prompt is levelled to it, so that none is louder than the one before."""
_PEAK_DBFS = -2.0
_SILENT_DBFS = -55.0
_TRIM_DB = 42.0
_LEAD = 0.06
_TAIL = 0.12
_TIGHT_LEAD = 0.02
_TIGHT_TAIL = 0.05
_FADE = 0.008
_FRAME = 0.02


@dataclass(frozen=True, slots=True)
class Audio:
    """Mono float32 samples in −1…1 and their rate in Hz."""

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


def read_audio(data: bytes, *, max_seconds: float = MAX_SECONDS) -> Audio:
    """Decode any format libsndfile knows (WAV, FLAC, Ogg, MP3, AIFF …), mixed down to mono.

    Raises BadRecordingError for what is empty, too large, too long, broken, or no sound at all.
    """
    if not data:
        raise BadRecordingError("The recording is empty (0 bytes).", reason="empty")
    if len(data) > MAX_BYTES:
        raise BadRecordingError(
            f"The recording has {len(data):,} bytes; at most {MAX_BYTES:,} are taken.", reason="too_large"
        )
    try:
        # A real file: over a Python object, soundfile prints a trace when a broken header makes it seek below zero.
        with tempfile.TemporaryFile() as whole, _opened(whole, data) as file:
            rate = int(file.samplerate)
            # The two bounds also hold what a small file can unpack to at 140 MB.
            if not 4000 <= rate <= 96_000:
                raise BadRecordingError(
                    f"A sample rate of {rate} Hz is not usable; record at 8,000 to 96,000 Hz.", reason="rate"
                )
            if file.channels > 2:
                raise BadRecordingError(
                    f"The recording has {file.channels} channels; record in mono or stereo.", reason="channels"
                )
            samples = file.read(int(max_seconds * rate) + 1, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError, ValueError) as error:
        raise BadRecordingError(
            "The recording cannot be decoded; send a WAV, FLAC, Ogg or MP3 file that plays on a computer."
        ) from error
    if len(samples) > max_seconds * rate:
        raise BadRecordingError(f"The recording is longer than {max_seconds:.0f} seconds.", reason="too_long")
    mono = np.asarray(samples.mean(axis=1), np.float32)
    if not np.isfinite(mono).all():
        raise BadRecordingError("The recording holds values that are no sound (NaN or infinity).")
    return Audio(mono, rate)


def _opened(whole: IO[bytes], data: bytes) -> Any:
    whole.write(data)
    whole.flush()
    whole.seek(0)
    return soundfile.SoundFile(whole.fileno(), closefd=False)


def master(audio: Audio, *, tight: bool = False) -> Audio:
    """`audio` as a master: 24 kHz, silence trimmed at both ends, speech levelled to −20 dBFS, peak at most −2 dBFS.

    `tight` leaves less silence at the ends, for words that are played one after the other (digits).
    Raises BadRecordingError when nothing, or less than 0.1 s, can be heard in it.
    """
    samples = np.asarray(audio.samples, np.float32)
    if len(samples) < MIN_SECONDS * audio.rate:
        raise BadRecordingError(f"The recording is shorter than {MIN_SECONDS:.1f} seconds.", reason="too_short")
    samples = samples - np.float32(samples.mean())
    if audio.rate != MASTER_RATE:
        samples = np.asarray(soxr.resample(samples, audio.rate, MASTER_RATE, quality="VHQ"), np.float32)
    return Audio(_level(_trim(samples, tight)), MASTER_RATE)


def join(parts: list[Audio], pause: float = 0.12) -> Audio:
    """Masters one after the other with `pause` seconds between them."""
    silence = np.zeros(int(pause * MASTER_RATE), np.float32)
    pieces: list[Samples] = []
    for part in parts:
        if part.rate != MASTER_RATE:
            raise ValueError("only masters can be joined")
        pieces += [part.samples, silence]
    return Audio(np.concatenate(pieces[:-1]), MASTER_RATE)


def encode(audio: Audio) -> dict[str, bytes]:
    """The bytes of each of `FORMATS`."""
    wide = soxr.resample(audio.samples, audio.rate, 16000, quality="VHQ")
    narrow = to_int16(np.asarray(soxr.resample(audio.samples, audio.rate, 8000, quality="VHQ"), np.float32))
    return {
        "sln16": to_int16(np.asarray(wide, np.float32)).astype("<i2").tobytes(),
        "ulaw": ulaw(narrow).tobytes(),
        "alaw": alaw(narrow).tobytes(),
    }


def to_int16(samples: Samples) -> NDArray[np.int16]:
    """16-bit samples, clipped, never wrapped."""
    return np.asarray(np.clip(np.rint(samples * 32767.0), -32768, 32767), np.int16)


def ulaw(samples: NDArray[np.int16]) -> NDArray[np.uint8]:
    """G.711 μ-law (ITU-T G.711 §3.2, table 2a): 14-bit magnitude with bias 33, all bits inverted."""
    value = samples.astype(np.int32) >> 2
    sign = np.where(value < 0, 0x80, 0)
    magnitude = np.minimum(np.abs(value), 8158) + 33
    exponent = _bit_length(magnitude) - 6
    mantissa = (magnitude >> (exponent + 1)) & 0x0F
    return np.asarray(~(sign | exponent << 4 | mantissa) & 0xFF, np.uint8)


def alaw(samples: NDArray[np.int16]) -> NDArray[np.uint8]:
    """G.711 A-law (ITU-T G.711 §3.1, table 1a): 13-bit magnitude, even bits inverted."""
    value = samples.astype(np.int32) >> 3
    sign = np.where(value < 0, 0, 0x80)
    magnitude = np.where(value < 0, ~value, value)
    exponent = np.maximum(_bit_length(magnitude) - 5, 0)
    mantissa = (magnitude >> np.maximum(exponent, 1)) & 0x0F
    return np.asarray((sign | exponent << 4 | mantissa) ^ 0x55, np.uint8)


def _bit_length(values: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.asarray(np.frexp(values.astype(np.float64))[1], np.int32)


def write_formats(folder: Path, name: str, encoded: Mapping[str, bytes]) -> None:
    """Write `<folder>/<name>.<format>` for each format; a reader sees the old file or the new one, never a part."""
    for suffix, data in encoded.items():
        write_atomically(folder / f"{name}.{suffix}", data)


def write_atomically(path: Path, data: bytes) -> None:
    """Write next to `path`, then rename; readable by all, since Asterisk runs as another user."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def to_flac(audio: Audio) -> bytes:
    """As a master is kept."""
    buffer = io.BytesIO()
    soundfile.write(buffer, audio.samples, audio.rate, format="FLAC", subtype="PCM_24")
    return buffer.getvalue()


def active_level(samples: Samples, rate: int) -> float:
    """RMS in dBFS of the 20 ms frames that are at most 25 dB under the loudest: the speech, without its pauses."""
    levels = _frame_levels(samples, rate)
    active = levels[levels > levels.max() - 25]
    return float(10 * np.log10(np.mean(10 ** (active / 10))))


def _frame_levels(samples: Samples, rate: int = MASTER_RATE) -> NDArray[np.float64]:
    """RMS of each 20 ms frame, in dBFS."""
    size = int(_FRAME * rate)
    padded = np.pad(samples, (0, -len(samples) % size)).reshape(-1, size).astype(np.float64)
    return np.asarray(10 * np.log10(np.mean(padded**2, axis=1) + 1e-12), np.float64)


def _trim(samples: Samples, tight: bool) -> Samples:
    levels = _frame_levels(samples)
    loudest = float(levels.max())
    if loudest < _SILENT_DBFS:
        raise BadRecordingError(
            "Nothing can be heard in the recording; check the microphone and record again.", reason="silent"
        )
    heard = np.flatnonzero(levels > max(loudest - _TRIM_DB, _SILENT_DBFS - 10))
    size = int(_FRAME * MASTER_RATE)
    start, end = int(heard[0]) * size, min(len(samples), (int(heard[-1]) + 1) * size)
    if end - start < MIN_SECONDS * MASTER_RATE:
        raise BadRecordingError(
            f"Less than {MIN_SECONDS:.1f} seconds of sound can be heard in the recording.", reason="too_short"
        )
    lead = int((_TIGHT_LEAD if tight else _LEAD) * MASTER_RATE)
    tail = int((_TIGHT_TAIL if tight else _TAIL) * MASTER_RATE)
    kept = samples[max(0, start - lead) : end + tail].copy()
    fade = np.linspace(0.0, 1.0, int(_FADE * MASTER_RATE), dtype=np.float32)
    kept[: len(fade)] *= fade
    kept[-len(fade) :] *= fade[::-1]
    return np.pad(kept, (max(0, lead - start), max(0, end + tail - len(samples))))


def _level(samples: Samples) -> Samples:
    gain = SPEECH_DBFS - active_level(samples, MASTER_RATE)
    peak = 20 * np.log10(float(np.abs(samples).max()))
    return samples * np.float32(10 ** (min(gain, _PEAK_DBFS - peak) / 20))
