"""Sounds that are made, not spoken: music on hold and the beep before a message.

The music is computed from the few bars below, so it is free of anyone's rights. It is soft, slow, and holds nothing
above about 2 kHz, which a telephone codec would spoil (and which makes test tones above that easy to distinguish).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ivr.prompts.audio import MASTER_RATE, Audio

Wave = NDArray[np.float64]

MUSIC_VERSION = "music-1"

_BEAT = 0.8
"""Seconds: 75 beats a minute."""
_BAR = 4 * _BEAT
_LEVEL_DBFS = -27.0

# Sixteen bars in F: bass and chord as MIDI notes, and a melody (beat, note, beats) from the pentatonic scale.
_CHORDS = [
    (41, (57, 60, 64)),
    (38, (57, 60, 65)),
    (46, (58, 62, 65)),
    (36, (58, 60, 64)),
    (41, (57, 60, 64)),
    (45, (55, 60, 64)),
    (46, (58, 62, 65)),
    (36, (58, 62, 64)),
    (38, (57, 60, 65)),
    (45, (55, 60, 64)),
    (46, (57, 62, 65)),
    (41, (57, 60, 65)),
    (43, (58, 62, 65)),
    (36, (58, 60, 64)),
    (41, (57, 60, 64)),
    (41, (57, 60, 65)),
]
_MELODY = [
    *((0, 72, 2), (2, 74, 1), (3, 77, 1), (4, 74, 3), (8, 77, 2), (10, 74, 1), (11, 72, 1), (12, 72, 3)),
    *((16, 69, 2), (18, 72, 1), (19, 74, 1), (20, 72, 3), (24, 70, 2), (26, 74, 2), (28, 72, 3)),
    *((32, 77, 2), (34, 74, 1), (35, 72, 1), (36, 72, 3), (40, 74, 2), (42, 70, 1), (43, 69, 1), (44, 69, 3)),
    *((48, 70, 2), (50, 74, 1), (51, 77, 1), (52, 76, 3), (56, 72, 2), (58, 69, 2), (60, 65, 3)),
]


def hold_music() -> Audio:
    """51 seconds that loop without a seam: what rings out past the end is folded back to the start."""
    length = int(len(_CHORDS) * _BAR * MASTER_RATE)
    piece = np.zeros(length)
    for bar, (bass, chord) in enumerate(_CHORDS):
        start = bar * _BAR
        _add(piece, _pluck(bass, 2.6 * _BEAT), start, 0.5)
        _add(piece, _pluck(bass + 12, 1.6 * _BEAT), start + 2 * _BEAT, 0.22)
        for beat, note in enumerate((*chord, chord[1])):
            _add(piece, _pluck(note, 3 * _BEAT), start + (beat + 0.5) * _BEAT, 0.2)
        for note in chord:
            _add(piece, _pad(note, _BAR), start, 0.1)
    for at, note, beats in _MELODY:
        _add(piece, _pluck(note, (beats + 1.5) * _BEAT), at * _BEAT, 0.42)
    piece = _reverberate(piece)
    piece *= 10 ** (_LEVEL_DBFS / 20) / np.sqrt(np.mean(piece**2))
    return Audio(piece.astype(np.float32), MASTER_RATE)


def beep() -> Audio:
    """A quarter second of 1 kHz, with soft edges."""
    seconds = np.arange(MASTER_RATE // 4) / MASTER_RATE
    edge = np.clip(np.minimum(seconds, seconds[::-1]) / 0.02, 0, 1)
    return Audio((0.25 * edge * np.sin(2 * np.pi * 1000 * seconds)).astype(np.float32), MASTER_RATE)


def _frequency(note: int) -> float:
    return float(440.0 * 2 ** ((note - 69) / 12))


def _pluck(note: int, seconds: float) -> Wave:
    """A soft mallet: overtones that die sooner than the ground note."""
    time = np.arange(int(seconds * MASTER_RATE)) / MASTER_RATE
    frequency = _frequency(note)
    wave = np.zeros_like(time)
    for partial, level, decay in ((1, 1.0, 1.1), (2, 0.28, 2.2), (3, 0.1, 3.6), (4.02, 0.05, 6.0)):
        if partial * frequency < 2000:
            wave += level * np.exp(-decay * time) * np.sin(2 * np.pi * partial * frequency * time)
    return np.asarray(wave * _edges(time, 0.012, 0.25))


def _pad(note: int, seconds: float) -> Wave:
    """A quiet string-like ground that swells and sinks: two voices slightly apart in pitch."""
    time = np.arange(int(seconds * 1.25 * MASTER_RATE)) / MASTER_RATE
    frequency = _frequency(note)
    wave = sum(
        level * np.sin(2 * np.pi * partial * frequency * detune * time)
        for detune in (0.9985, 1.0015)
        for partial, level in ((1, 1.0), (2, 0.25), (3, 0.08))
    )
    return np.asarray(wave * _edges(time, 0.9, 1.2))


def _edges(time: Wave, attack: float, release: float) -> Wave:
    return np.asarray(np.clip(time / attack, 0, 1) * np.clip((time[-1] - time) / release, 0, 1))


def _add(piece: Wave, wave: Wave, at: float, level: float) -> None:
    places = (int(at * MASTER_RATE) + np.arange(len(wave))) % len(piece)
    piece[places] += level * wave


def _reverberate(piece: Wave) -> Wave:
    """A small hall: the piece convolved, round its loop, with darkened noise that dies in 1.4 s."""
    noise = np.random.default_rng(12345).standard_normal(int(1.4 * MASTER_RATE))
    time = np.arange(len(noise)) / MASTER_RATE
    response = np.zeros(len(piece))
    response[: len(noise)] = noise * np.exp(-4.5 * time)
    spectrum = np.fft.rfft(response)
    frequencies = np.fft.rfftfreq(len(piece), 1 / MASTER_RATE)
    spectrum *= 0.25 / np.sqrt(np.sum(response**2)) / (1 + (frequencies / 900) ** 2)
    low_pass = 1 / np.sqrt(1 + (frequencies / 2000) ** 12)
    return np.asarray(np.fft.irfft(np.fft.rfft(piece) * (1 + spectrum) * low_pass, len(piece)))


def short_gap() -> Audio:
    """Silence between the groups of a long number."""
    return Audio(np.zeros(int(0.35 * MASTER_RATE), np.float32), MASTER_RATE)
