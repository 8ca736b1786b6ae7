"""Listening for HTTP. aiohttp waits for a connection's first request without end; here, silence has an end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler

from hotline.kernel.edge import Handler
from hotline.kernel.ids import uuid7
from hotline.kernel.problems import problem_of_http

log = structlog.get_logger(__name__)

FIRST_REQUEST_WITHIN = timedelta(seconds=20)
KEEP_ALIVE = timedelta(seconds=75)
"""Between two requests of a connection; longer than a reverse proxy keeps its own."""
LINGER = timedelta(seconds=2)
"""How long the rest of a body is read and dropped, so that its sender gets the answer instead of a reset."""
DRAIN_EVERY = timedelta(milliseconds=20)
"""Between two large bodies that are read only to be dropped. Each costs the loop 2 ms, and a hostile sender repeats at
once: unpaced, 50 of them leave it no time for others."""
LARGE_BODY = 64 * 1024
MOST_HEADERS = 64
LINES_A_MINUTE = 20


class _FaultLog:
    """One line for what is no HTTP, and of many in a minute the first few and a count."""

    def __init__(self) -> None:
        self._minute = 0
        self._lines = 0
        self._unlogged = 0

    def malformed(self, remote: str | None, fault: BaseException | None) -> None:
        minute = int(asyncio.get_running_loop().time() // 60)
        if minute != self._minute:
            if self._unlogged:
                log.info("malformed HTTP, further requests", count=self._unlogged)
            self._minute, self._lines, self._unlogged = minute, 0, 0
        self._lines += 1
        if self._lines > LINES_A_MINUTE:
            self._unlogged += 1
            return
        # The parser's own message quotes what was sent.
        log.info("malformed HTTP", remote=remote, fault=type(fault).__name__)


class _Connection(RequestHandler):
    """aiohttp logs what its parser refuses with a trace, and answers and logs it with bytes of the request."""

    __slots__ = ("faults",)
    faults: _FaultLog

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if isinstance(exc, ConnectionError):
            raise exc  # The client has disconnected; there is nobody to answer.
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        self.faults.malformed(request.remote, exc)
        response = problem_of_http(web.HTTPBadRequest(), uuid7())
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kwargs: Any) -> None:
        fault = kwargs.get("exc_info")
        # A body whose framing breaks while it is read and dropped, after its request was answered.
        if isinstance(fault, web.RequestPayloadError | HttpProcessingError):
            self.faults.malformed(self.peername[0] if isinstance(self.peername, tuple) else None, fault)
        else:
            super().log_exception(*args, **kwargs)


class Drains:
    """When the next large refused body may be read and dropped."""

    def __init__(self, every: timedelta) -> None:
        self._every = every.total_seconds()
        self._next = 0.0

    def wait(self, now: float) -> float | None:
        """Seconds until the turn of one more, which is then taken; None where that is later than LINGER."""
        wait = max(0.0, self._next - now)
        if wait > LINGER.total_seconds():
            return None
        self._next = now + wait + self._every
        return wait


class Listener:
    """Serves one application at one address. Connections are files: unbounded, they starve the link to Asterisk."""

    def __init__(
        self,
        app: web.Application,
        *,
        first_request_within: timedelta = FIRST_REQUEST_WITHIN,
        drain_every: timedelta = DRAIN_EVERY,
    ) -> None:
        self._within = first_request_within.total_seconds()
        self._silent: set[asyncio.BaseProtocol] = set()
        app.middlewares.insert(0, self._note)
        self._faults = _FaultLog()
        self._drains = Drains(drain_every)
        self._runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=2.0)
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> tuple[str, int]:
        """Listen, and return the address; port 0 takes any. Raises OSError where it is taken."""
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, host, port, reuse_address=True)
        found: tuple[str, int] = self._server.sockets[0].getsockname()[:2]
        return found

    async def close(self) -> None:
        """Stop listening, then end what is open; may be called twice."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._runner.cleanup()

    def _connection(self) -> RequestHandler:
        server = self._runner.server
        assert server is not None
        # No body is unpacked: a small one could become a large one.
        handler = _Connection(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]  # none at all, as its code allows
            auto_decompress=False,
            keepalive_timeout=KEEP_ALIVE.total_seconds(),
            lingering_time=LINGER.total_seconds(),
            max_headers=MOST_HEADERS,
        )
        handler.faults = self._faults
        self._silent.add(handler)
        asyncio.get_running_loop().call_later(self._within, self._end_silent, handler)
        return handler

    def _end_silent(self, handler: RequestHandler) -> None:
        if handler in self._silent:
            self._silent.discard(handler)
            if handler.transport is not None:
                handler.transport.abort()

    @web.middleware
    async def _note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._silent.discard(request.protocol)
        response = await handler(request)
        if response.status >= 400 and not request.content.is_eof() and _is_large(request):
            # Until the answer is sent, aiohttp reads no more of the body than its buffer holds.
            wait = self._drains.wait(asyncio.get_running_loop().time())
            if wait is None:
                request.protocol.force_close()
            else:
                await asyncio.sleep(wait)
        return response


def _is_large(request: web.Request) -> bool:
    return request.content_length is None or request.content_length > LARGE_BODY
