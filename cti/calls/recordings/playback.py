"""A recording over HTTP, whole or in ranges, so that a browser can start at once and seek."""

from __future__ import annotations

import asyncio

from aiohttp import hdrs, web

from cti.calls.recordings.library import Listening, Recording
from cti.calls.recordings.wav import HEADER
from hotline.kernel.ranges import byte_range

_CHUNK = 64 * 1024


async def send_recording(request: web.Request, recording: Recording) -> web.StreamResponse:
    """Answer with the recording, or the part of it that the Range header asks for.

    What the file was when it was found is what is sent: a recording that grows meanwhile stays a whole file.
    """
    total = HEADER + recording.header.data_bytes
    begin, end, partial = byte_range(request, total, recording.etag)
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
