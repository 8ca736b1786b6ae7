"""A recording over HTTP, whole or in ranges, so that a browser can start at once and seek."""

from __future__ import annotations

import asyncio

from aiohttp import hdrs, web

from cti.calls.recordings.library import Listening, Recording
from cti.calls.recordings.wav import HEADER
from hotline.kernel.errors import HotlineError

_CHUNK = 64 * 1024


class RangeError(HotlineError):
    error_id = "http.range"
    status = 416
    title = "The recording has no such part"


async def send_recording(request: web.Request, recording: Recording) -> web.StreamResponse:
    """Answer with the recording, or the part of it that the Range header asks for.

    What the file was when it was found is what is sent: a recording that grows meanwhile stays a whole file.
    """
    total = HEADER + recording.header.data_bytes
    begin, end, partial = _range(request, recording, total)
    response = web.StreamResponse(status=206 if partial else 200)
    response.content_type = "audio/wav"
    response.content_length = end - begin
    response.headers[hdrs.ACCEPT_RANGES] = "bytes"
    response.headers[hdrs.ETAG] = recording.etag
    # What a caller said is not left lying on an agent's disk.
    response.headers[hdrs.CACHE_CONTROL] = "private, no-store"
    if partial:
        response.headers[hdrs.CONTENT_RANGE] = f"bytes {begin}-{end - 1}/{total}"
    # Opened before anything is sent: a file that has vanished is an error, not half an answer.
    listening = await asyncio.to_thread(recording.open)
    try:
        await response.prepare(request)
        if request.method != hdrs.METH_HEAD:
            await _send(response, listening, recording, begin, end)
        await response.write_eof()
    except ConnectionError:
        # The listener went to another page: the normal end of listening. ClientConnectionResetError is one of these.
        pass
    finally:
        # Not in a thread: a handler cancelled while it waits for one would leave the file open.
        listening.close()
    return response


async def _send(response: web.StreamResponse, listening: Listening, recording: Recording, begin: int, end: int) -> None:
    if begin < HEADER:
        await response.write(recording.header.encode()[begin:end])
        begin = HEADER
    while begin < end:
        block = await asyncio.to_thread(listening.read, begin - HEADER, min(_CHUNK, end - begin))
        if not block:  # The file was truncated while reading; the connection ends early, which the client notices.
            return
        await response.write(block)
        begin += len(block)


def _range(request: web.Request, recording: Recording, total: int) -> tuple[int, int, bool]:
    """The half-open range to send, and whether it is a part. A Range header that makes no sense is ignored."""
    if request.headers.get(hdrs.IF_RANGE, recording.etag) != recording.etag:
        return 0, total, False
    try:
        wanted = request.http_range
    except ValueError:
        return 0, total, False
    if wanted.start is None and wanted.stop is None:
        return 0, total, False
    begin, end, _ = wanted.indices(total)
    if begin >= end:
        raise RangeError(f"The recording has {total} bytes.", bytes=total)
    return begin, end, True
