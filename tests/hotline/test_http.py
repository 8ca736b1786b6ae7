from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import String, select, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.kernel.db import Base, Database, Identified
from hotline.kernel.errors import ConflictError
from hotline.kernel.events import Event
from hotline.kernel.http import SIGNED_IN, Page, PageQuery, RequestContext, Routes, fetch_page
from tests.fakes.clock import FakeClock
from tests.hotline.web import Edge, Somebody, from_page

Client = TestClient[web.Request, web.Application]


class Note(Identified, Base):
    __tablename__ = "test_note"

    text: Mapped[str] = mapped_column(String(20), unique=True)


class NoteDraft(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=20)


class NoteView(BaseModel):
    id: str
    text: str


class NoteQuery(PageQuery):
    search: str = ""
    tags: list[str] = []


@dataclass(frozen=True, kw_only=True)
class NoteWritten(Event):
    text: str


def note_routes() -> Routes:
    routes = Routes("/api/notes", tag="notes")

    @routes.post("", permission="note.write", status=201)
    async def write_note(ctx: RequestContext, body: NoteDraft) -> NoteView:
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
        return NoteView(id=note.id, text=note.text)

    @routes.get("", permission="note.read")
    async def list_notes(ctx: RequestContext, query: NoteQuery) -> Page[NoteView]:
        found = await fetch_page(
            ctx.db, select(Note).where(Note.text.contains(query.search)), query, by=(Note.text, Note.id)
        )
        return found.page(lambda note: NoteView(id=note.id, text=note.text))

    @routes.get("/{number}", permission="note.read")
    async def read_note(ctx: RequestContext, number: int) -> NoteView:
        await ctx.audit("note.read", str(number))
        return NoteView(id=str(number), text="")

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


async def test_a_typed_handler_commits_then_tells(client: Client, edge: Edge, database: Database) -> None:
    status, body = await write(client, "企业")
    assert status == 201
    assert body["text"] == "企业"
    assert await notes(database) == ["企业"]
    assert [event.payload() for event in edge.journal.events] == [{"text": "企业"}]
    assert [(r.action, r.target, r.username, r.detail) for r in edge.audits.records] == [
        ("note.write", body["id"], "agent1", {"length": 2})
    ]


async def test_a_refusal_rolls_back_and_tells_nobody(client: Client, edge: Edge, database: Database) -> None:
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
