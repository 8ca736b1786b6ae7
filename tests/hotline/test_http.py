from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import WSServerHandshakeError, web
from aiohttp.test_utils import TestClient
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import String, select, text
from sqlalchemy.orm import Mapped, mapped_column
from structlog.testing import capture_logs
from yarl import URL

from hotline.kernel.db import Base, Database, Identified
from hotline.kernel.errors import ConflictError, NotFoundError
from hotline.kernel.events import Event
from hotline.kernel.http import SIGNED_IN, EdgeOptions, Page, PageQuery, RequestContext, Routes, fetch_page
from hotline.kernel.models import EventRecord
from tests.fakes.clock import FakeClock
from tests.hotline.web import Edge, Somebody, from_page

Client = TestClient[web.Request, web.Application]


class Note(Identified, Base):
    __tablename__ = "test_note"

    text: Mapped[str] = mapped_column(String(20), unique=True)


class MemoDraft(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=20)


class MemoView(BaseModel):
    id: str
    text: str


class MemoQuery(PageQuery):
    search: str = ""
    tags: list[str] = []


@dataclass(frozen=True, kw_only=True)
class NoteWritten(Event):
    text: str


def note_routes() -> Routes:
    routes = Routes("/api/notes", tag="notes")

    @routes.post("", permission="note.write", status=201)
    async def write_note(ctx: RequestContext, body: MemoDraft) -> MemoView:
        """Write a note.

        It is kept for good.
        """
        note = Note(text=body.text)
        ctx.db.add(note)
        await ctx.db.flush()
        ctx.emit(NoteWritten(at=ctx.clock.now(), text=body.text))
        await ctx.audit("note.write", note.id, length=len(body.text))
        match body.text:
            case "refused":
                raise ConflictError("Not this one.")
            case "bug":
                raise KeyError("secret inside")
        return MemoView(id=note.id, text=note.text)

    @routes.get("", permission="note.read")
    async def list_notes(ctx: RequestContext, query: MemoQuery) -> Page[MemoView]:
        found = await fetch_page(
            ctx.db, select(Note).where(Note.text.contains(query.search)), query, by=(Note.text, Note.id)
        )
        return found.page(lambda note: MemoView(id=note.id, text=note.text))

    @routes.get("/{number}", permission="note.read")
    async def read_note(ctx: RequestContext, number: int) -> MemoView:
        await ctx.audit("note.read", str(number))
        return MemoView(id=str(number), text="")

    @routes.delete("/{number}", permission=SIGNED_IN)
    async def forget_note(ctx: RequestContext, number: int) -> None:
        return None

    @routes.get("/{number}/write", permission="note.read")
    async def write_on_read(ctx: RequestContext, number: int) -> None:
        await ctx.db.execute(text("DELETE FROM test_note"))

    @routes.get("/{number}/file", public=True, raw=True, produces="audio/wav")
    async def file(ctx: RequestContext, number: int) -> web.StreamResponse:
        return web.Response(body=b"RIFF", content_type="audio/wav")

    @routes.websocket("/socket", permission="note.read")
    async def socket(ctx: RequestContext) -> web.StreamResponse:
        response = web.WebSocketResponse()
        await response.prepare(ctx.request)
        await response.send_str(ctx.user.name)
        await response.close()
        return response

    return routes


def value_routes() -> Routes:
    routes = Routes("/api/notes", tag="values")

    @routes.post("/long", permission=SIGNED_IN, status=201)
    async def write_long(ctx: RequestContext) -> MemoView:
        ctx.db.add(Note(text="x" * 21))  # SQLite does not mind
        await ctx.db.flush()
        return MemoView(id="", text="")

    @routes.get("/{number}/find", permission="note.read")
    async def find_note(ctx: RequestContext, number: int) -> MemoView:
        if await ctx.db.scalar(select(EventRecord).where(EventRecord.seq == number)) is None:
            raise NotFoundError("No such note.")
        return MemoView(id="", text="")

    @routes.get("/{when}/since-own", permission="note.read", transaction=False)
    async def since_in_its_own_session(ctx: RequestContext, when: AwareDatetime) -> None:
        async with ctx.database.snapshot() as db:
            await db.scalar(select(EventRecord).where(EventRecord.at == when))

    @routes.get("/{when}/since", permission="note.read")
    async def since(ctx: RequestContext, when: AwareDatetime) -> None:
        await ctx.db.scalar(select(EventRecord).where(EventRecord.at == when))

    return routes


@pytest.fixture
async def edge(database: Database, clock: FakeClock) -> Edge:
    edge = Edge([note_routes()], database, clock)
    edge.tokens["writer"] = Somebody(permissions=frozenset({"note.write", "note.read"}))
    edge.tokens["reader"] = Somebody(permissions=frozenset({"note.read"}))
    return edge


@pytest.fixture
async def client(edge: Edge) -> AsyncIterator[Client]:
    client = await edge.start()
    yield client
    await client.close()


async def notes(database: Database) -> list[str]:
    async with database.snapshot() as db:
        return list(await db.scalars(select(Note.text).order_by(Note.text)))


async def write(client: Client, text: str, token: str = "writer") -> tuple[int, dict[str, Any]]:
    response = await client.post("/api/notes", json={"text": text}, **from_page(client, token))
    return response.status, await response.json()


async def test_a_typed_handler_commits_then_publishes(client: Client, edge: Edge, database: Database) -> None:
    status, body = await write(client, "企业")
    assert status == 201
    assert body["text"] == "企业"
    assert await notes(database) == ["企业"]
    assert [event.payload() for event in edge.journal.events] == [{"text": "企业"}]
    assert [(r.action, r.target, r.username, r.detail) for r in edge.audits.records] == [
        ("note.write", body["id"], "agent1", {"length": 2})
    ]


async def test_a_refusal_rolls_back_and_notifies_nobody(client: Client, edge: Edge, database: Database) -> None:
    status, body = await write(client, "refused")
    assert status == 409
    assert body["error_id"] == "state.conflict"
    assert body["type"] == "urn:hotline:error:state.conflict"
    assert body["detail"] == "Not this one."
    assert await notes(database) == []
    assert edge.journal.events == []


async def test_a_bug_is_a_problem_document_without_a_trace(client: Client, database: Database) -> None:
    response = await client.post("/api/notes", json={"text": "bug"}, **from_page(client, "writer"))
    text = await response.text()
    assert response.status == 500
    assert response.content_type == "application/problem+json"
    assert "KeyError" not in text
    assert "secret" not in text
    assert response.headers["X-Request-ID"] in text
    assert await notes(database) == []


async def test_a_duplicate_is_a_conflict(client: Client) -> None:
    await write(client, "one")
    status, body = await write(client, "one")
    assert (status, body["error_id"]) == (409, "state.duplicate")


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"[]", "body"),
        (b'{"text": "x", "more": 1}', "body.more"),
        (b'{"text": 7}', "body.text"),
        ('{"text": "一二三四五六七八九十一二三四五六七八九十一"}'.encode(), "body.text"),
        (b'{"text": "a\\u0000b"}', "body.text"),
        (b'{"text": "\\ud800"}', "body"),
        (b'{"text": "\xff"}', "body"),
    ],
)
async def test_a_body_that_does_not_fit_is_named(client: Client, body: bytes, where: str) -> None:
    sent = from_page(client, "writer", **{"Content-Type": "application/json"})
    response = await client.post("/api/notes", data=body, **sent)
    problem = await response.json()
    assert response.status == 422
    assert problem["error_id"] == "input.invalid"
    assert [error["where"] for error in problem["errors"]] == [where]


async def test_an_escaped_backslash_before_u0000_is_plain_text(client: Client) -> None:
    status, body = await write(client, "\\u0000")
    assert (status, body["text"]) == (201, "\\u0000")


@pytest.mark.parametrize("path", ["/api/notes/x", "/api/notes/%00", "/api/notes/1.5", "/api/notes/%ff"])
async def test_a_path_that_does_not_fit_is_named(client: Client, path: str) -> None:
    response = await client.get(path, **from_page(client, "reader"))
    assert response.status == 422
    assert (await response.json())["errors"][0]["where"] == "path.number"


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "nosuch=1", "limit=1&limit=2", "search=%00", "cursor=x"])
async def test_a_query_that_does_not_fit_is_refused(client: Client, query: str) -> None:
    response = await client.get(f"/api/notes?{query}", **from_page(client, "reader"))
    assert response.status == 422
    assert (await response.json())["error_id"] in ("input.invalid", "input.cursor")


async def test_a_list_parameter_may_be_given_many_times(client: Client) -> None:
    response = await client.get("/api/notes?tags=a&tags=b", **from_page(client, "reader"))
    assert response.status == 200


async def test_pages_follow_one_another_to_the_end(client: Client) -> None:
    for number in range(7):
        await write(client, f"n{number}")
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        query = {"limit": "3", **({"cursor": cursor} if cursor else {})}
        response = await client.get("/api/notes", params=query, **from_page(client, "reader"))
        page = await response.json()
        seen += [item["text"] for item in page["items"]]
        cursor = page["next"]
    assert seen == [f"n{number}" for number in reversed(range(7))]


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        (f"/api/notes/{2**70}/find", {404, 422}),
        (f"/api/notes/{'9' * 400}/find", {404, 422}),
        ("/api/notes/0001-01-01T00:00:00+14:00/since", {422}),
        ("/api/notes/9999-12-31T23:59:59-14:00/since", {422}),
        ("/api/notes/9999-12-31T23:59:59-14:00/since-own", {422}),
    ],
)
async def test_a_value_out_of_range_is_refused(
    any_database: Database, clock: FakeClock, path: str, statuses: set[int]
) -> None:
    edge = Edge([value_routes()], any_database, clock)
    edge.tokens["reader"] = Somebody(permissions=frozenset({"note.read"}))
    client = await edge.start()
    response = await client.get(URL(path.replace("+", "%2B"), encoded=True), **from_page(client, "reader"))
    assert response.status in statuses
    await client.close()


async def test_a_text_too_long_for_its_column_is_refused(any_database: Database, clock: FakeClock) -> None:
    edge = Edge([value_routes()], any_database, clock)
    edge.tokens["reader"] = Somebody(permissions=frozenset({"note.read"}))
    client = await edge.start()
    response = await client.post("/api/notes/long", **from_page(client, "reader"))
    assert response.status == (201 if any_database.is_sqlite else 422)
    await client.close()


async def test_nobody_gets_in_without_a_session(client: Client) -> None:
    response = await client.get("/api/notes", **from_page(client))
    assert (response.status, (await response.json())["error_id"]) == (401, "auth.required")
    response = await client.get("/api/notes", **from_page(client, "stale"))
    assert response.status == 401


async def test_a_permission_is_asked_before_the_body_is_read(client: Client, database: Database) -> None:
    response = await client.post("/api/notes", data=b"{", **from_page(client, "reader"))
    problem = await response.json()
    assert (response.status, problem["error_id"]) == (403, "auth.forbidden")
    assert "note.write" in problem["detail"]


async def test_none_answers_204(client: Client) -> None:
    response = await client.delete("/api/notes/1", **from_page(client, "reader"))
    assert response.status == 204
    assert await response.read() == b""


async def test_a_read_is_audited_at_once(client: Client, edge: Edge) -> None:
    await client.get("/api/notes/7", **from_page(client, "reader"))
    assert [(r.action, r.target, r.address) for r in edge.audits.records] == [("note.read", "7", "127.0.0.1")]


@pytest.mark.slow
async def test_a_read_cannot_write(client: Client, database: Database) -> None:
    await write(client, "kept")
    response = await client.get("/api/notes/1/write", **from_page(client, "reader"))
    assert response.status == 500
    assert await notes(database) == ["kept"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1"},
        {"X-Requested-With": ""},
        {"X-Requested-With": "XMLHttpRequest"},
    ],
)
async def test_another_sites_page_cannot_write(client: Client, headers: dict[str, str], database: Database) -> None:
    response = await client.post("/api/notes", json={"text": "x"}, **from_page(client, "writer", **headers))
    assert (response.status, (await response.json())["error_id"]) == (403, "auth.cross_site")
    assert await notes(database) == []


async def test_a_websocket_knows_its_user(client: Client) -> None:
    async with client.ws_connect("/api/notes/socket", **from_page(client, "reader")) as socket:
        assert await socket.receive_str() == "王芳"


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [("reader", {"Origin": "https://evil.example"}, 403), ("", {}, 401), ("writeless", {}, 403)],
)
async def test_a_websocket_passes_the_same_gate(
    edge: Edge, client: Client, token: str, headers: dict[str, str], status: int
) -> None:
    edge.tokens["writeless"] = Somebody()
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect("/api/notes/socket", **from_page(client, token, **headers))
    assert refused.value.status == status


@pytest.mark.parametrize(
    ("method", "path", "status", "error_id"),
    [("GET", "/api/none", 404, "http.not_found"), ("PUT", "/api/notes", 405, "http.method_not_allowed")],
)
async def test_aiohttps_own_errors_are_problems_too(
    client: Client, method: str, path: str, status: int, error_id: str
) -> None:
    response = await client.request(method, path, **from_page(client, "writer"))
    assert response.content_type == "application/problem+json"
    assert (response.status, (await response.json())["error_id"]) == (status, error_id)
    if status == 405:
        assert "POST" in response.headers["Allow"]


async def test_a_body_too_large_is_refused(database: Database, clock: FakeClock) -> None:
    edge = Edge([note_routes()], database, clock, EdgeOptions(max_body=100))
    edge.tokens["writer"] = Somebody(permissions=frozenset({"note.write"}))
    client = await edge.start()
    status, body = await write(client, "x" * 200)
    assert (status, body["error_id"]) == (413, "http.request_entity_too_large")
    await client.close()


async def test_a_body_that_never_comes_is_given_up(database: Database, clock: FakeClock) -> None:
    edge = Edge([note_routes()], database, clock, EdgeOptions(body_timeout=timedelta(milliseconds=50)))
    edge.tokens["writer"] = Somebody(permissions=frozenset({"note.write"}))
    client = await edge.start()
    reader, writer = await asyncio.open_connection(client.host, client.port)
    headers = from_page(client, "writer")["headers"]
    lines = ["POST /api/notes HTTP/1.1", "Host: x", *(f"{key}: {value}" for key, value in headers.items())]
    lines[1] = f"Host: {client.host}:{client.port}"
    writer.write("\r\n".join([*lines, "Content-Type: application/json", "Content-Length: 10", "", "{"]).encode())
    assert b"408" in await reader.readline()
    writer.close()
    await client.close()


@pytest.mark.parametrize("packed", [b"not gzip at all", gzip.compress(b'{"text": "a"}', mtime=0)])
async def test_a_compressed_body_is_refused(client: Client, packed: bytes) -> None:
    page = from_page(client, "writer", **{"Content-Type": "application/json", "Content-Encoding": "gzip"})
    answer = await client.post("/api/notes", data=packed, **page)
    assert answer.status == 415
    assert (await answer.json())["error_id"] == "http.unsupported_media_type"


async def test_a_form_is_no_json(client: Client) -> None:
    response = await client.post("/api/notes", data={"text": "x"}, **from_page(client, "writer"))
    assert (response.status, (await response.json())["error_id"]) == (415, "http.unsupported_media_type")


async def test_every_answer_carries_the_security_headers(database: Database, clock: FakeClock) -> None:
    options = EdgeOptions(
        public_url="https://12345.example", connect_src=lambda request: ["wss://sip.example/ws", "x; script-src *"]
    )
    client = await Edge([note_routes()], database, clock, options).start()
    for path in ("/api/notes", "/nothing"):
        headers = (await client.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Strict-Transport-Security"].startswith("max-age=")
        assert "microphone=(self)" in headers["Permissions-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "Server" not in headers
    policy = headers["Content-Security-Policy"]
    assert f"connect-src 'self' wss://sip.example/ws ws://127.0.0.1:{client.port}" in policy
    assert "script-src *" not in policy
    assert (await client.get("/api/notes")).headers["Cache-Control"] == "no-store"
    await client.close()


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://12345.example", True),
        ("https://12345.example:443", True),
        ("http://12345.example", False),
        ("https://12345.example.evil", False),
        ("own", True),
    ],
)
async def test_with_a_public_address_only_that_and_this_machine_count(
    database: Database, clock: FakeClock, origin: str, allowed: bool
) -> None:
    edge = Edge([note_routes()], database, clock, EdgeOptions(public_url="https://12345.example"))
    edge.tokens["writer"] = Somebody(permissions=frozenset({"note.write"}))
    client = await edge.start()
    headers = {} if origin == "own" else {"Origin": origin}
    response = await client.post("/api/notes", json={"text": "x"}, **from_page(client, "writer", **headers))
    assert response.status == (201 if allowed else 403)
    await client.close()


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        ((), "10.9.9.9", "127.0.0.1"),
        (("127.0.0.0/8",), "10.9.9.9", "10.9.9.9"),
        (("127.0.0.1",), "1.1.1.1, 10.9.9.9", "10.9.9.9"),
        (("127.0.0.1", "10.9.9.9"), "1.1.1.1, 10.9.9.9", "1.1.1.1"),
        (("127.0.0.1",), "rubbish", "127.0.0.1"),
    ],
)
async def test_a_forwarded_address_is_believed_of_trusted_proxies_only(
    database: Database, clock: FakeClock, proxies: tuple[str, ...], forwarded: str, address: str
) -> None:
    edge = Edge([note_routes()], database, clock, EdgeOptions(trusted_proxies=proxies))
    edge.tokens["reader"] = Somebody(permissions=frozenset({"note.read"}))
    client = await edge.start()
    await client.get("/api/notes/7", **from_page(client, "reader", **{"X-Forwarded-For": forwarded}))
    assert edge.audits.records[0].address == address
    await client.close()


async def test_the_log_names_the_request_without_its_values(client: Client) -> None:
    with capture_logs() as logs:
        await client.get("/api/notes?search=13800138000", **from_page(client, "reader"))
    (line,) = [entry for entry in logs if entry["event"] == "request"]
    assert line["query"] == ["search"]
    assert (line["path"], line["status"], line["user_id"]) == ("/api/notes", 200, "u-1")
    assert "13800138000" not in repr(logs)


async def test_the_description_shows_all_of_a_route(client: Client) -> None:
    assert (await client.get("/api/openapi.json")).status == 401
    response = await client.get("/api/openapi.json", **from_page(client, "writer"))
    document = await response.json()
    assert document["openapi"] == "3.1.0"
    write = document["paths"]["/api/notes"]["post"]
    assert write["x-permission"] == "note.write"
    assert write["security"] == [{"session": []}]
    assert (write["summary"], write["description"]) == ("Write a note.", "It is kept for good.")
    assert write["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/MemoDraft"}
    assert write["responses"]["201"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/MemoView"
    }
    assert set(write["responses"]) == {"201", "401", "403", "409", "422", "default"}
    listing = document["paths"]["/api/notes"]["get"]
    assert {p["name"]: p["required"] for p in listing["parameters"]} == {
        "limit": False,
        "cursor": False,
        "search": False,
        "tags": False,
    }
    assert listing["parameters"][0]["schema"]["maximum"] == 200
    assert listing["parameters"][1]["schema"] == {"maxLength": 1000, "type": "string"}
    assert document["paths"]["/api/notes/{number}/file"]["get"]["responses"]["200"]["content"] == {"audio/wav": {}}
    assert "/api/notes/socket" not in document["paths"]


def test_a_route_says_who_may_use_it() -> None:
    with pytest.raises(TypeError, match="permission"):
        Routes("/api/x", tag="x").get("")(None)  # type: ignore[type-var]


async def test_a_handler_that_does_not_fit_its_path_stops_the_start(database: Database, clock: FakeClock) -> None:
    routes = Routes("/api/x", tag="x")

    @routes.get("/{thing_id}", public=True)
    async def read(ctx: RequestContext, other_id: str) -> None: ...

    with pytest.raises(TypeError, match="thing_id"):
        Edge([routes], database, clock)
