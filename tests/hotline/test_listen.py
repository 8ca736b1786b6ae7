"""The listener, over real connections."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web

from hotline.kernel.listen import Listener

Address = tuple[str, int]
WITHIN = timedelta(milliseconds=200)


async def hello(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


async def echo(request: web.Request) -> web.WebSocketResponse:
    page = web.WebSocketResponse()
    await page.prepare(request)
    async for message in page:
        await page.send_str(message.data)
    return page


@pytest.fixture
async def address() -> AsyncIterator[Address]:
    app = web.Application()
    app.router.add_get("/", hello)
    app.router.add_get("/socket", echo)
    listener = Listener(app, first_request_within=WITHIN)
    yield await listener.open("127.0.0.1", 0)
    await listener.close()
    await listener.close()


async def until_ended(address: Address, sent: bytes = b"") -> None:
    """Connect, send this much and nothing more, and wait for the listener to end it."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(sent)
    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionError):
            while await reader.read(100):
                pass
    writer.close()


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_a_connection_that_asks_nothing_is_ended(address: Address, sent: bytes) -> None:
    await until_ended(address, sent)


async def test_one_that_asked_stays_open_for_more(address: Address) -> None:
    reader, writer = await asyncio.open_connection(*address)
    for _ in range(2):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(5):
            assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
        await until_ended(address)
    writer.close()


async def test_a_websocket_may_be_silent(address: Address) -> None:
    host, port = address
    async with aiohttp.ClientSession() as client, client.ws_connect(f"ws://{host}:{port}/socket") as page:
        await until_ended(address)
        await page.send_str("still here")
        assert await page.receive_str(timeout=5) == "still here"


async def test_a_taken_address_is_an_error(address: Address) -> None:
    second = Listener(web.Application())
    with pytest.raises(OSError, match="in use"):
        await second.open(*address)
    await second.close()
