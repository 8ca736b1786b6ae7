"""A receiver of SMS and webhooks at the wire."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass
class Received:
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers with `status` and `answer`; keeps what came."""

    status: int = 200
    answer: str = "ok"
    headers: dict[str, str] = field(default_factory=dict)
    came: list[Received] = field(default_factory=list)

    async def start(self) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        self._server = TestServer(app, host="127.0.0.1")
        await self._server.start_server()
        return f"http://127.0.0.1:{self._server.port}"

    async def close(self) -> None:
        await self._server.close()

    async def _take(self, request: web.Request) -> web.Response:
        self.came.append(
            Received(request.path, request.rel_url.raw_query_string, dict(request.headers), await request.read())
        )
        return web.Response(status=self.status, text=self.answer, headers=self.headers)
