"""Requests made to hold the service up: none may keep the loop, on which the calls are steered, for long."""

from __future__ import annotations

import asyncio
import gc
import socket
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import orjson
import pytest
from aiohttp import web
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from hotline.accounts.feature import AccountFeature
from hotline.accounts.roles import Role
from hotline.accounts.routes import account_routes
from hotline.kernel.db import Database
from hotline.kernel.http import RequestContext, Routes
from hotline.kernel.listen import Listener
from hotline.kernel.problems import malformed
from hotline.kernel.rate import RateLimit
from tests.fakes.clock import FakeClock
from tests.hotline.accounts import Accounts
from tests.hotline.web import Edge, from_page

CLIENTS = 50
KEYS = orjson.dumps({f"k{number}": 1 for number in range(95_000)})
LONGEST = 0.15
"""Seconds of the loop's own work between two turns; the fault was 0.33 for a single request, and seconds for many."""


class StrictBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = ""


@asynccontextmanager
async def loop_watched() -> AsyncIterator[list[float]]:
    """What the loop's thread worked between any two of its turns, in seconds of processor time, so that a busy
    machine does not count. Neither do the objects of the tests before: to collect them takes more than a second."""
    gc.collect()
    gc.freeze()
    worked: list[float] = []

    async def watch() -> None:
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            worked.append(now - before)
            before = now

    task = asyncio.create_task(watch())
    try:
        yield worked
    finally:
        task.cancel()
        gc.unfreeze()


def request(address: tuple[str, int], path: str, body: bytes, *headers: str) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1" if body else f"GET {path} HTTP/1.1",
        "Host: {}:{}".format(*address),
        "Origin: http://{}:{}".format(*address),
        "X-Requested-With: hotline",
        "Connection: close",
        *headers,
    ]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def send(address: tuple[str, int], sent: bytes) -> str:
    """The status line of the answer, from a thread."""
    with socket.create_connection(address, timeout=20) as connection:
        try:
            connection.sendall(sent)
        except OSError:
            return "reset"
        received = b""
        while b"\r\n" not in received and (more := connection.recv(4096)):
            received += more
        return received.partition(b"\r\n")[0].decode()


@pytest.fixture
async def address(database: Database, clock: FakeClock) -> AsyncIterator[tuple[str, int]]:
    accounts = Accounts(database, clock)
    await accounts.start()
    await accounts.add("agent1", Role.AGENT)
    listener = Listener(_application(accounts.feature, database, clock))
    yield await listener.open("127.0.0.1", 0)
    await listener.close()
    await accounts.close()


def _application(accounts: AccountFeature, database: Database, clock: FakeClock) -> web.Application:
    return Edge(account_routes(accounts), database, clock).app


HOSTILE = {
    "unknown keys": ("/api/session", KEYS, ()),
    "deep nesting": ("/api/session", b'{"username":' + b"[" * 400_000, ()),
    "a huge number": ("/api/session", b'{"username":' + b"9" * 900_000 + b"}", ()),
    "a query of keys": ("/api/session?" + "&".join(f"k{number}" for number in range(1300)), b"", ()),
    "one key again and again": ("/api/session?" + "a=&" * 2600, b"", ()),
    "many cookies": ("/api/session", b"", ("Cookie: " + "a=b; " * 1600,)),
    "many hops": ("/api/session", b"", tuple("X-Forwarded-For: " + "127.0.0.1," * 800 for _ in range(50))),
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_fifty_clients_do_not_hold_the_loop(address: tuple[str, int], kind: str) -> None:
    path, body, headers = HOSTILE[kind]
    sent = request(address, path, body, *headers)
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(CLIENTS) as pool:
        async with loop_watched() as worked:
            answers = await asyncio.gather(
                *(loop.run_in_executor(pool, send, address, sent) for _ in range(2 * CLIENTS))
            )
    assert not [answer for answer in answers if " 50" in answer]
    assert max(worked) < LONGEST


async def test_a_large_body_is_refused_before_it_is_sent(address: tuple[str, int]) -> None:
    sent = request(address, "/api/session", b"x" * 5000)[:-5000]
    assert " 413 " in await asyncio.to_thread(send, address, sent)


def test_what_is_wrong_is_counted_before_it_is_listed() -> None:
    adapter = TypeAdapter(StrictBody)
    for keys, listed in ((60, 50), (5000, 0)):
        with pytest.raises(ValidationError) as caught:
            adapter.validate_json(orjson.dumps({f"k{number}": 1 for number in range(keys)}))
        error = malformed(caught.value, "body")
        assert len(error.errors) == listed
        assert f"{keys} value(s)" in error.detail


def test_the_name_of_an_unknown_key_is_shortened() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(StrictBody).validate_json(orjson.dumps({"k" * 50_000: 1}))
    assert len(malformed(caught.value, "body").errors[0].where) < 200


def limited_routes() -> Routes:
    routes = Routes("/api/notes", tag="notes")

    @routes.post("", public=True, transaction=False, limit=RateLimit("notes", "2/minute"))
    async def write(ctx: RequestContext, body: StrictBody) -> None:
        """Write."""

    return routes


async def test_the_rate_is_counted_before_the_body_is_read(database: Database, clock: FakeClock) -> None:
    client = await Edge([limited_routes()], database, clock).start()
    page = from_page(client, **{"Content-Type": "application/json"})
    statuses = [(await client.post("/api/notes", data=b"no json", **page)).status for _ in range(3)]
    assert statuses == [422, 422, 429]
    await client.close()
