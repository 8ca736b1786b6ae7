"""Identifiers: UUIDv7 (RFC 9562 §5.7), which sort by time of creation."""

from __future__ import annotations

import secrets
import time
import uuid


def uuid7() -> str:
    """A new UUIDv7 in its canonical 36-character form."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    value |= 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def is_uuid(text: str) -> bool:
    """Whether `text` is a UUID in canonical form, of any version."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
