"""AMI on the wire, without I/O: bytes → frames → headers, and header lines → bytes.

A frame is one message without its closing blank line. The name of an event is read from the frame's first
bytes, so that a caller can drop what it does not want before the headers are parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ivr.errors import UnsafeValueError

EOL = b"\r\n"
END_OF_FRAME = b"\r\n\r\n"
EVENT_PREFIX = b"Event: "

MAX_FRAME = 256 * 1024
"""Bytes. Asterisk's largest events are far shorter; longer ones are dropped, never kept."""
MAX_BANNER = 1024
MAX_HEADER = 1000
"""Bytes of one `Name: value` line we send; Asterisk reads lines of up to 1,024 into a fixed buffer."""
MAX_HEADERS = 120
"""Lines of one action; Asterisk reads 128 and silently drops the rest."""

_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_C_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class FrameReader:
    """Cuts the byte stream of one connection into frames, however the reads fall.

    The memory it holds is bounded by `limit`: a longer frame is dropped whole and counted in `dropped`,
    and reading continues after it.
    """

    def __init__(self, *, limit: int = MAX_FRAME) -> None:
        self.banner: str | None = None
        """Asterisk's greeting line, once it has come."""
        self.dropped = 0
        self._limit = limit
        self._buffer = bytearray()
        self._discarding = False

    def feed(self, data: bytes) -> list[bytes]:
        """Take what was read; return the frames it completes, in order."""
        if self.banner is None:
            data = self._take_banner(data)
            if self.banner is None:
                return []
        if self._buffer:
            data = self._join(data)
        frames = data.split(END_OF_FRAME)
        tail = frames.pop()
        if frames and self._discarding:
            self._discarding = False
            del frames[0]
        self._keep(tail)
        limit = self._limit
        kept = [frame for frame in frames if len(frame) <= limit]
        self.dropped += len(frames) - len(kept)
        return [frame.strip(EOL) for frame in kept]

    def _take_banner(self, data: bytes) -> bytes:
        self._buffer += data
        line, found, rest = bytes(self._buffer).partition(EOL)
        if not found and len(line) <= MAX_BANNER:
            return b""
        self._buffer.clear()
        self.banner = line[:MAX_BANNER].decode("utf-8", "replace")
        return rest

    def _join(self, data: bytes) -> bytes:
        """The buffered bytes and `data`, or b"" when together they still hold no end of a frame."""
        buffer = self._buffer
        start = max(0, len(buffer) - len(END_OF_FRAME) + 1)
        buffer += data
        if buffer.find(END_OF_FRAME, start) < 0:
            return b""
        joined = bytes(buffer)
        buffer.clear()
        return joined

    def _keep(self, tail: bytes) -> None:
        buffer = self._buffer
        buffer += tail
        if len(buffer) > self._limit + len(END_OF_FRAME) - 1:
            if not self._discarding:
                self._discarding = True
                self.dropped += 1
            del buffer[: len(buffer) - len(END_OF_FRAME) + 1]


def event_name(frame: bytes) -> bytes | None:
    """The event's name as written by Asterisk, or None for a response or garbage."""
    if not frame.startswith(EVENT_PREFIX):
        return None
    end = frame.find(EOL)
    return frame[len(EVENT_PREFIX) :] if end < 0 else frame[len(EVENT_PREFIX) : end]


def parse_headers(frame: bytes) -> dict[str, str]:
    """The headers of a frame, names as Asterisk writes them. Never raises.

    A header that comes more than once (`Output:`, `ChanVariable:`) holds its values joined by newlines.
    Bytes that are not UTF-8 become U+FFFD; lines without a colon are left out.
    """
    lines = frame.decode("utf-8", "replace").split("\r\n")
    try:
        headers = dict([line.split(": ", 1) for line in lines])
    except ValueError:
        return _parse_odd(lines)
    return headers if len(headers) == len(lines) else _parse_odd(lines)


def _parse_odd(lines: Iterable[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name:
            continue
        value = value.removeprefix(" ")
        headers[name] = f"{headers[name]}\n{value}" if name in headers else value
    return headers


def encode_action(fields: Mapping[str, object]) -> bytes:
    """The action as bytes, with its closing blank line; a list or tuple becomes one line for each of its values.

    Raises UnsafeValueError unless every header line is one line, short enough and whole UTF-8.
    """
    lines: list[bytes] = []
    for name, value in fields.items():
        if not _HEADER_NAME.fullmatch(name):
            raise UnsafeValueError("The header's name is not one of letters, digits, hyphen and underscore.")
        for one in value if isinstance(value, list | tuple) else (value,):
            lines.append(_encode_line(name, str(one)))
    if len(lines) > MAX_HEADERS:
        raise UnsafeValueError(f"The action has {len(lines)} headers; Asterisk reads {MAX_HEADERS} at most.")
    return EOL.join(lines) + END_OF_FRAME


def _encode_line(name: str, value: str) -> bytes:
    if "\r" in value or "\n" in value or "\0" in value:
        raise UnsafeValueError(f"The value of {name} holds a line break or NUL.", header=name)
    try:
        line = f"{name}: {value}".encode()
    except UnicodeEncodeError:
        raise UnsafeValueError(f"The value of {name} is not valid Unicode text.", header=name) from None
    if len(line) > MAX_HEADER:
        raise UnsafeValueError(f"The value of {name} is longer than Asterisk's line.", header=name, bytes=len(line))
    return line


def unescape_c(value: str) -> str:
    """Undo the C escapes that Asterisk puts into names and variables in events."""
    if "\\" not in value:
        return value
    return _ESCAPED.sub(lambda match: _C_ESCAPES.get(match[1], match[1]), value)


def quote_caller(name: str, number: str) -> str:
    """A CallerID value, `"name" <number>`, as Asterisk's parser reads it back."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{number}>'


def quote_variable(name: str, value: str) -> str:
    """A `name=value` pair for a Variable header, which Asterisk splits at commas outside quotes and brackets."""
    return f"{name}=" + re.sub(r'([\\",()\[\]])', r"\\\1", value)
