"""Asterisk's WAV files: 16-bit PCM behind a header of 44 bytes. Pure.

Asterisk writes the lengths into the header when it closes a file: while a call is recorded, or after a crash,
they are wrong. So they are taken from the file's size, and a right header is served in the place of the wrong one.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

HEADER = 44
_LAYOUT = struct.Struct("<4sI4s4sIHHIIHH4sI")
_PCM = 1
_BITS = 16


@dataclass(frozen=True, slots=True)
class WavHeader:
    channels: int
    rate: int
    """Samples a second."""
    data_bytes: int

    @property
    def frame_bytes(self) -> int:
        return self.channels * _BITS // 8

    @property
    def bytes_per_second(self) -> int:
        return self.rate * self.frame_bytes

    def encode(self) -> bytes:
        return _LAYOUT.pack(
            b"RIFF",
            HEADER - 8 + self.data_bytes,
            b"WAVE",
            b"fmt ",
            16,
            _PCM,
            self.channels,
            self.rate,
            self.bytes_per_second,
            self.frame_bytes,
            _BITS,
            b"data",
            self.data_bytes,
        )


def read_header(start: bytes, file_bytes: int) -> WavHeader | None:
    """What the first bytes of a file of this size say; None where it is no file of this kind."""
    if len(start) < HEADER:
        return None
    riff, _, wave, fmt, _, coding, channels, rate, _, _, bits, data, _ = _LAYOUT.unpack(start[:HEADER])
    if (riff, wave, fmt, data) != (b"RIFF", b"WAVE", b"fmt ", b"data"):
        return None
    if coding != _PCM or bits != _BITS or not 1 <= channels <= 2 or not 4000 <= rate <= 192_000:
        return None
    frame = channels * _BITS // 8
    return WavHeader(channels, rate, max(0, file_bytes - HEADER) // frame * frame)
