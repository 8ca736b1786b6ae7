"""What flows ask on the web: with a real server that behaves, hangs, floods, redirects and answers rubbish."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from callflow.ports import WebRequestError
from callflow.settings import FlowHttpSettings
from callflow.web_requests import LONGEST_ANSWER, FlowWebClient
from tests.callflow.actions import Bench
from tests.fakes.clock import FakeClock

SECRET = "a secret of the tests"
SECOND = timedelta(seconds=1)


class Peer:
    """A server on this machine; `came` are the requests, `let_go` ends what hangs."""

    def __init__(self) -> None:
        self.came: list[tuple[str, str, dict[str, str], bytes]] = []
        self.let_go = asyncio.Event()
        self.sent = 0
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self.server = TestServer(app, host="127.0.0.1")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.came.append((request.method, request.path_qs, dict(request.headers), await request.read()))
        match request.path:
            case "/hangs":
                await self.let_go.wait()
            case "/drips":
                return await self._drip(request)
            case "/floods":
                return await self._flood(request)
            case "/redirects":
                raise web.HTTPFound(f"{self.url}/inside")
            case "/rubbish":
                return web.Response(body=b"\xff\xfe{not json", content_type="application/json")
            case "/fails":
                return web.json_response({"state": 1}, status=500)
            case "/empty":
                return web.Response(status=204)
        return web.json_response({"data": {"state": "3", "open": True, "list": [{"number": 4711}]}})

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'{"data": ')
        await self.let_go.wait()
        return response

    async def _flood(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(160):
            try:
                await response.write(b" " * 65536)
            except ConnectionError:
                break
            self.sent += 65536
        return response


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer()
    await peer.server.start_server()
    yield peer
    peer.let_go.set()
    await peer.server.close()


@pytest.fixture
async def client() -> AsyncIterator[FlowWebClient]:
    settings = FlowHttpSettings(inside_hosts=("127.0.0.1",), secret=SecretStr(SECRET))
    client = FlowWebClient(settings, FakeClock())
    yield client
    await client.close()


def signed(timestamp: str, what: bytes) -> str:
    return "v1=" + hmac.new(SECRET.encode(), timestamp.encode() + b"." + what, hashlib.sha256).hexdigest()


async def test_a_post_is_json_and_signed(peer: Peer, client: FlowWebClient) -> None:
    answer = await client.ask("POST", f"{peer.url}/state?v=1", {"case": "4711"}, within=5 * SECOND)
    assert answer["data"]["state"] == "3"
    [(method, path, headers, body)] = peer.came
    assert (method, path, json.loads(body)) == ("POST", "/state?v=1", {"case": "4711"})
    assert headers["X-Hotline-Signature"] == signed(headers["X-Hotline-Timestamp"], body)


async def test_a_get_has_its_fields_in_the_query_and_is_signed_with_it(peer: Peer, client: FlowWebClient) -> None:
    await client.ask("GET", f"{peer.url}/state?v=1", {"case": "1+2"}, within=5 * SECOND)
    [(method, path, headers, body)] = peer.came
    assert (method, path, body) == ("GET", "/state?v=1&case=1%2B2", b"")
    assert headers["X-Hotline-Signature"] == signed(headers["X-Hotline-Timestamp"], path.encode())


async def test_an_empty_answer_is_none(peer: Peer, client: FlowWebClient) -> None:
    assert await client.ask("POST", f"{peer.url}/empty", {}, within=5 * SECOND) is None


@pytest.mark.parametrize("path", ["hangs", "drips"])
async def test_who_does_not_answer_in_time_is_left(peer: Peer, client: FlowWebClient, path: str) -> None:
    with pytest.raises(TimeoutError):
        await client.ask("POST", f"{peer.url}/{path}", {}, within=SECOND / 5)


async def test_ten_megabytes_are_not_read(peer: Peer, client: FlowWebClient) -> None:
    with pytest.raises(WebRequestError, match="more than 64 KiB"):
        await client.ask("POST", f"{peer.url}/floods", {}, within=5 * SECOND)
    # What the kernel's buffers took is sent, the rest never.
    assert peer.sent < 10_000_000
    assert LONGEST_ANSWER == 65536


@pytest.mark.parametrize(
    ("path", "reason"), [("redirects", "HTTP 302"), ("rubbish", "JSONDecodeError"), ("fails", "HTTP 500")]
)
async def test_what_is_no_success_is_a_failure(peer: Peer, client: FlowWebClient, path: str, reason: str) -> None:
    with pytest.raises(WebRequestError, match=reason):
        await client.ask("POST", f"{peer.url}/{path}", {}, within=5 * SECOND)
    assert [came[1] for came in peer.came] == [f"/{path}"], "no redirect is followed"


async def test_nobody_there_is_a_failure(client: FlowWebClient) -> None:
    with pytest.raises(WebRequestError, match="ClientConnectorError"):
        await client.ask("POST", "http://127.0.0.1:1/x", {}, within=5 * SECOND)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0.0.0.0", "10.0.0.1", "192.168.1.1", "169.254.169.254"),
        *("[::1]", "[::ffff:127.0.0.1]", "[fe80::1]", "[fd00::1]", "localhost", "100.64.0.1"),
    ],
)
async def test_no_address_of_the_inside_is_asked_that_is_not_named(peer: Peer, host: str) -> None:
    client = FlowWebClient(FlowHttpSettings(inside_hosts=("oa.example.gov.cn",)), FakeClock())
    try:
        for scheme in ("https", "http"):
            with pytest.raises(WebRequestError):
                await client.ask("POST", f"{scheme}://{host}:{peer.server.port}/state", {}, within=5 * SECOND)
    finally:
        await client.close()
    assert peer.came == []


async def test_a_named_host_may_be_inside(peer: Peer) -> None:
    client = FlowWebClient(FlowHttpSettings(inside_hosts=("localhost",)), FakeClock())
    try:
        url = f"http://localhost:{peer.server.port}/state"
        assert await client.ask("GET", url, {}, within=5 * SECOND)
    finally:
        await client.close()
    assert "X-Hotline-Signature" not in peer.came[0][2], "without a secret there is no signature"


# --- the action ---------------------------------------------------------------------------------------------


async def run(peer: Peer, client: FlowWebClient, path: str, **options: Any) -> tuple[str, dict[str, str]]:
    bench = Bench(ports={"web": client})
    bench.facts.values["case"] = "260302000114"
    outcome = await bench.run("http", url=f"{peer.url}/{path}", **options)
    return outcome, bench.facts.values


async def test_values_go_out_and_come_back(peer: Peer, client: FlowWebClient) -> None:
    take = {"state": "data.state", "open": "data.open", "number": "data.list.0.number"}
    outcome, values = await run(peer, client, "state", send={"case": "{case}", "from": "{caller_number}"}, take=take)
    assert outcome == "ok"
    assert values == {"case": "260302000114", "state": "3", "open": "true", "number": "4711"}
    assert json.loads(peer.came[0][3]) == {"case": "260302000114", "from": "13904730001"}


@pytest.mark.parametrize("path", ["data.nothing", "data", "data.list.7.number", "data.list", "x.y.z"])
async def test_a_value_that_is_not_there_fails_and_nothing_is_taken(
    peer: Peer, client: FlowWebClient, path: str
) -> None:
    outcome, values = await run(peer, client, "state", take={"state": "data.state", "other": path})
    assert (outcome, values) == ("failed", {"case": "260302000114"})


@pytest.mark.parametrize(
    ("path", "outcome"),
    [("hangs", "timeout"), ("floods", "failed"), ("redirects", "failed"), ("rubbish", "failed"), ("fails", "failed")],
)
async def test_a_bad_peer_is_an_outcome(peer: Peer, client: FlowWebClient, path: str, outcome: str) -> None:
    limit = "PT0.2S" if path == "hangs" else "PT5S"
    assert (await run(peer, client, path, take={"state": "data.state"}, within=limit))[0] == outcome


@pytest.mark.parametrize(
    "options",
    [
        {"url": "ftp://example.gov.cn/"},
        {"url": "https://user:password@example.gov.cn/"},
        {"url": "https://example.gov.cn/#x"},
        {"url": "https://example.gov.cn/", "within": "PT6S"},
        {"url": "https://example.gov.cn/", "send": {"a": "说的话"}},
        {"url": "https://example.gov.cn/", "take": {"agent": "a"}},
        {"url": "https://example.gov.cn/", "take": {"a": "a..b"}},
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    from callflow.registry import all_actions

    with pytest.raises(ValueError, match="validation error"):
        all_actions()["http"].options.model_validate(options)
