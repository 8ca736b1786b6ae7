"""The listener, over real connections."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from hotline.kernel.listen import LARGE_BODY, LINES_A_MINUTE, LINGER, Drains, Listener

Address = tuple[str, int]
WITHIN = timedelta(milliseconds=200)


async def hello(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


async def read(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(text="read")


async def refuse(_request: web.Request) -> web.Response:
    return web.Response(status=413)


async def echo(request: web.Request) -> web.WebSocketResponse:
    page = web.WebSocketResponse()
    await page.prepare(request)
    async for message in page:
        if message.type is web.WSMsgType.TEXT:
            await page.send_str(message.data)
    return page


@pytest.fixture
async def address() -> AsyncIterator[Address]:
    app = web.Application()
    app.router.add_get("/", hello)
    app.router.add_post("/", read)
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


SECRET = "13912345678"
UPGRADE = (
    "GET /socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDAwMDAwMDAwMDAwMDAwMA==\r\n\r\n"
)
CHUNKED = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
MALFORMED = {
    "TLS": f"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03{SECRET}",
    "words": f"{SECRET} nonsense\r\n\r\n",
    "a second request": f"GET / HTTP/1.1\r\nHost: x\r\n\r\n{SECRET}\r\n\r\n",
    "NUL": f"GET /\x00{SECRET} HTTP/1.1\r\nHost: x\r\n\r\n",
    "a long line": f"GET /{SECRET * 2000} HTTP/1.1\r\nHost: x\r\n\r\n",
    "a huge header": f"GET / HTTP/1.1\r\nHost: x\r\nX: {SECRET * 2000}\r\n\r\n",
    "many headers": "GET / HTTP/1.1\r\nHost: x\r\n" + "".join(f"X{n}: {SECRET}\r\n" for n in range(500)) + "\r\n",
    "a broken chunk": f"{CHUNKED}3\r\nabc\r\nZZ{SECRET}\r\n\r\n",
    "two lengths": f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n{SECRET}",
    "no number": f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {SECRET}x\r\n\r\n",
    "HTTP/2": f"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{SECRET}",
}


@pytest.mark.parametrize("kind", MALFORMED)
async def test_malformed_http_is_one_line_without_its_bytes(
    address: Address, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as lines, caplog.at_level(logging.DEBUG, "aiohttp"):
        answer = await exchange(address, MALFORMED[kind])
    assert " 400 " in answer
    assert SECRET not in answer
    assert [line["event"] for line in lines] == ["malformed HTTP"]
    assert SECRET not in str(lines)
    assert not caplog.records


@pytest.mark.parametrize(
    "frames", [f"{SECRET} no frame \x7f" * 20, f"\x81\x7f\x7f{SECRET}{SECRET}", "\x81\x82\0\0\0\0\xc3\x28"]
)
async def test_a_socket_that_sends_no_frames_leaves_no_trace(
    address: Address, frames: str, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as lines:
        assert " 101 " in await exchange(address, UPGRADE + frames)
    assert SECRET not in str(lines)
    assert not caplog.records


async def test_one_who_leaves_amid_a_body_leaves_no_trace(address: Address, caplog: pytest.LogCaptureFixture) -> None:
    _, writer = await asyncio.open_connection(*address)
    writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
    await asyncio.sleep(0)
    writer.close()
    await writer.wait_closed()
    await until_ended(address)
    assert not caplog.records


async def test_of_many_malformed_requests_the_first_are_logged(address: Address) -> None:
    with capture_logs() as lines:
        for _ in range(LINES_A_MINUTE + 20):
            await exchange(address, "nonsense\r\n\r\n")
    assert LINES_A_MINUTE <= len(lines) <= LINES_A_MINUTE + 20
    assert len(lines) < LINES_A_MINUTE + 20


async def exchange(address: Address, sent: str) -> str:
    """All that is answered before the listener ends the connection."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(sent.encode("latin-1"))
    answer = b""
    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionError):
            while more := await reader.read(1000):
                answer += more
    writer.close()
    return answer.decode("latin-1")


# --- large bodies that are refused ----------------------------------------------------------------------


def test_large_refused_bodies_are_read_one_after_another_within_the_linger_time() -> None:
    drains = Drains(timedelta(seconds=0.5))
    assert [drains.wait(100.0) for _ in range(6)] == [0, 0.5, 1, 1.5, 2, None]
    assert drains.wait(100.5) == 2.0
    assert drains.wait(100.5) is None
    assert drains.wait(200.0) == 0
    assert LINGER == timedelta(seconds=2)


async def post(address: Address, length: int) -> bytes:
    """The head of the answer to a body of this length, of which a byte is sent before there is one; b"" for none."""
    reader, writer = await asyncio.open_connection(*address)
    answer = b""
    writer.write(b"POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\nx" % length)
    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionError):
            answer = await reader.readline()
    writer.close()
    return answer


async def test_beyond_that_a_large_refused_body_ends_its_connection_and_a_small_one_is_answered() -> None:
    app = web.Application()
    app.router.add_post("/refused", refuse)
    app.router.add_get("/", hello)
    listener = Listener(app, drain_every=timedelta(hours=1))
    address = await listener.open("127.0.0.1", 0)
    assert (await post(address, 2 * LARGE_BODY)).startswith(b"HTTP/1.1 413")
    assert await post(address, 2 * LARGE_BODY) == b""
    for _ in range(3):
        assert (await post(address, 100)).startswith(b"HTTP/1.1 413")
    await listener.close()
