"""A TCP proxy between the service and a peer, whose connections can be cut at a chosen byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.phones.ports import free_port


class Proxy:
    """`async with Proxy.to("127.0.0.1", port) as proxy`: whoever connects to `proxy.port` talks to the peer."""

    def __init__(self, host: str, port: int) -> None:
        self.port = free_port()
        self.cuts = 0
        """Connections ended by us."""
        self._peer = (host, port)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._fatal = b""

    @classmethod
    @asynccontextmanager
    async def to(cls, host: str, port: int) -> AsyncIterator[Proxy]:
        proxy = cls(host, port)
        await proxy.resume()
        try:
            yield proxy
        finally:
            await proxy.refuse()
            await asyncio.gather(*proxy._tasks, return_exceptions=True)

    async def resume(self) -> None:
        """Let connections through."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, reuse_address=True)

    async def refuse(self) -> None:
        """As a peer that is down: nobody listens, and every connection breaks."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()

    def cut(self) -> None:
        """Break every connection now; new ones are let through."""
        self.cuts += bool(self._open)
        for writer in self._open:
            writer.transport.abort()

    def cut_after(self, words: bytes) -> None:
        """Break the connection right after the peer has said `words` (once)."""
        self._fatal = words

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        try:
            peer_reader, peer_writer = await asyncio.open_connection(*self._peer)
        except OSError:
            writer.transport.abort()
            self._open.discard(writer)
            return
        self._open.add(peer_writer)
        try:
            await asyncio.gather(self._copy(reader, peer_writer), self._copy(peer_reader, writer, watched=True))
        finally:
            for one in (writer, peer_writer):
                self._open.discard(one)
                one.transport.abort()
            self._tasks.discard(task)

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, watched: bool = False) -> None:
        before = b""
        with suppress(OSError):
            while data := await source.read(65536):
                seen = before + data
                if watched and self._fatal and (at := seen.find(self._fatal)) >= 0:
                    target.write(data[: max(0, at + len(self._fatal) - len(before))])
                    await target.drain()
                    self._fatal = b""
                    self.cut()
                    return
                before = seen[-len(self._fatal) :] if self._fatal else b""
                target.write(data)
                await target.drain()
        with suppress(OSError):
            target.write_eof()
