"""The body of an upload, read piece by piece: never more in memory than one piece."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from datetime import timedelta

from aiohttp import hdrs, web

from crm.attachments.errors import BusyUploadsError, TruncatedUploadError, UnknownTypeError
from hotline.kernel.binding import TooSlowError
from hotline.kernel.clock import Clock
from hotline.kernel.files import FileTooLargeError

CONTENT_TYPE = "application/octet-stream"
_IDLE = timedelta(seconds=30)
_WHOLE = timedelta(minutes=10)
_AT_ONCE = 16
_PIECE = 256 * 1024


def check_declared(request: web.Request, *, most: int) -> None:
    """What the headers say, before anything is read. Raises FileTooLargeError, UnknownTypeError."""
    if request.content_type != CONTENT_TYPE or request.headers.get(hdrs.CONTENT_ENCODING, "identity") != "identity":
        raise UnknownTypeError(f"Send the file's own bytes as the body, with Content-Type: {CONTENT_TYPE}.")
    if request.content_length is not None and request.content_length > most:
        raise FileTooLargeError(f"At most {most:,} bytes are taken.", most=most)


async def pieces(request: web.Request, clock: Clock) -> AsyncGenerator[bytes]:
    """The body. Raises TruncatedUploadError where it ends early, TooSlowError."""
    until = clock.monotonic() + _WHOLE.total_seconds()
    received = 0
    try:
        while True:
            async with asyncio.timeout(_IDLE.total_seconds()):
                piece = await request.content.read(_PIECE)
            if not piece:
                break
            received += len(piece)
            yield piece
            if clock.monotonic() > until:
                raise TooSlowError(f"The file did not arrive within {_WHOLE.total_seconds():g} s.")
    except TimeoutError:
        raise TooSlowError(f"Nothing of the file arrived for {_IDLE.total_seconds():g} s.") from None
    except (web.RequestPayloadError, ConnectionError):
        raise TruncatedUploadError("The connection broke; send the file again.") from None
    if request.content_length is not None and received != request.content_length:
        raise TruncatedUploadError("Less arrived than was announced; send the file again.")


class UploadSlots:
    """How many files arrive at once: each holds a part of the disk."""

    def __init__(self, most: int = _AT_ONCE) -> None:
        self._free = most

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Raises BusyUploadsError."""
        if self._free <= 0:
            raise BusyUploadsError("Try again in a moment.")
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1
