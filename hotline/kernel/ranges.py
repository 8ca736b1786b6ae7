"""The part of a sound that a Range header asks for, so that a browser can start at once and seek."""

from __future__ import annotations

import hashlib

from aiohttp import hdrs, web

from hotline.kernel.errors import HotlineError


class RangeError(HotlineError):
    error_id = "http.range"
    status = 416
    title = "The recording has no such part"


def byte_range(request: web.Request, total: int, etag: str) -> tuple[int, int, bool]:
    """The half-open range to send, and whether it is a part. A Range header that makes no sense is ignored."""
    if request.headers.get(hdrs.IF_RANGE, etag) != etag:
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


def send_bytes(request: web.Request, data: bytes, media_type: str) -> web.Response:
    """`data`, or the part of it that is asked for; never kept by the browser, for it may change."""
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    begin, end, partial = byte_range(request, len(data), etag)
    headers = {hdrs.ACCEPT_RANGES: "bytes", hdrs.ETAG: etag, hdrs.CACHE_CONTROL: "private, no-store"}
    if partial:
        headers[hdrs.CONTENT_RANGE] = f"bytes {begin}-{end - 1}/{len(data)}"
    return web.Response(body=data[begin:end], status=206 if partial else 200, content_type=media_type, headers=headers)
