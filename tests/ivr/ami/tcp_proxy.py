"""A TCP proxy that cuts a connection in the middle of what the server says."""

from __future__ import annotations

import asyncio


class TcpProxy:
    """`async with TcpProxy(port) as proxy:` forwards from `proxy.port` to `port` on loopback."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._cut_at: bytes | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.connections = 0

    def cut_at(self, mark: bytes) -> None:
        """Reset the connection right after the first `mark` from the server has been passed on."""
        self._cut_at = mark

    async def __aenter__(self) -> TcpProxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self.connections += 1
        self._writers |= {writer, back}
        for source, sink, watched in ((reader, back, False), (there, writer, True)):
            task = asyncio.create_task(self._pump(source, sink, watched))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, watched: bool) -> None:
        try:
            while data := await source.read(65536):
                mark = self._cut_at if watched else None
                if mark is not None and mark in data:
                    self._cut_at = None
                    sink.write(data[: data.index(mark) + len(mark)])
                    await sink.drain()
                    break
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()
