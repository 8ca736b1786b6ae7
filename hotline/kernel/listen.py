"""Listening for HTTP. aiohttp waits for a connection's first request without end; here, silence has an end."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from hotline.kernel.edge import Handler

FIRST_REQUEST_WITHIN = timedelta(seconds=20)
KEEP_ALIVE = timedelta(seconds=75)
"""Between two requests of a connection; longer than a reverse proxy keeps its own."""


class Listener:
    """Serves one application at one address. Connections are files: unbounded, they starve the link to Asterisk."""

    def __init__(self, app: web.Application, *, first_request_within: timedelta = FIRST_REQUEST_WITHIN) -> None:
        self._within = first_request_within.total_seconds()
        self._silent: set[asyncio.BaseProtocol] = set()
        app.middlewares.insert(0, self._note)
        # No body is unpacked: a small one could become a large one, and one that breaks would be a trace in the log.
        self._runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            shutdown_timeout=2.0,
            auto_decompress=False,
            keepalive_timeout=KEEP_ALIVE.total_seconds(),
        )
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
        handler = server()
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
        return await handler(request)
