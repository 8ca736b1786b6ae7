"""The end of Asterisk's own logs, for an error message: without what callers have put there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

_LINES = 4
_MOST_BYTES = 64 * 1024
_OURS = r"/[\w./-]+|[\w-]+\.(?:so|conf|ctl|wav)|[\w-]+(?:\.[\w-]+)*:\d{1,5}|\d+(?:\.\d+){3}(?:/\d+)?"
"""A file, a module, an address: quoted text that is not from a caller."""
_QUOTED = re.compile(r"""(['"])(.*?)\1(?=[\s,.:;)\]|]|$)""")
_ADDRESS = re.compile(r"\b(sips?|tel):[^@>\s]+", re.IGNORECASE)
_NUMBER = re.compile(r"\+?\d{7,}")
_FOREIGN = re.compile(r"[^\x20-\x7e…]+")


def masked(line: str) -> str:
    """`line` without names, numbers and words that may be a caller's: those in quotes, in addresses or not ASCII."""
    line = _QUOTED.sub(lambda found: found[0] if re.fullmatch(_OURS, found[2]) else f"{found[1]}…{found[1]}", line)
    line = _ADDRESS.sub(r"\1:…", line)
    return _FOREIGN.sub("…", _NUMBER.sub("…", line))


def _end_of(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _MOST_BYTES))
        return file.read().decode("utf-8", "replace")


def last_words(files: Iterable[Path]) -> str:
    """The last lines of each file, on one line."""
    lines: list[str] = []
    for path in files:
        if path.exists():
            lines += _end_of(path).splitlines()[-_LINES:]
    text = " | ".join(masked(line.strip()) for line in lines if line.strip()) or "none"
    return f"Its last words: {text}"
