from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from hotline.kernel.db import Database
from hotline.kernel.spa import serve_web_build
from tests.fakes.clock import FakeClock
from tests.hotline.web import Edge

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html>page")
    (dist / "favicon.svg").write_text("<svg/>")
    (dist / "assets" / "index-a1b2.js").write_text("code")
    (dist / ".env").write_text("hidden")
    (tmp_path / "secret").write_text("secret")
    (dist / "link").symlink_to(tmp_path / "secret")
    return dist


@pytest.fixture
async def client(dist: Path, database: Database, clock: FakeClock) -> AsyncIterator[Client]:
    edge = Edge([], database, clock)
    serve_web_build(edge.app, dist)
    client = await edge.start()
    yield client
    await client.close()


async def test_assets_are_kept_forever(client: Client) -> None:
    response = await client.get("/assets/index-a1b2.js")
    assert await response.text() == "code"
    assert response.content_type.endswith("/javascript")
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path", ["/", "/workspace", "/cases/123", "/.env", "/link", "/%2e%2e/secret", "/..%2fsecret", "/%00"]
)
async def test_everything_else_is_the_page_and_never_cached(client: Client, path: str) -> None:
    response = await client.get(path)
    assert await response.text() == "<!doctype html>page"
    assert response.headers["Cache-Control"] == "no-cache"
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]


async def test_other_files_are_asked_again(client: Client) -> None:
    response = await client.get("/favicon.svg")
    assert (response.content_type, response.headers["Cache-Control"]) == ("image/svg+xml", "no-cache")
    again = await client.get("/favicon.svg", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status == 304


@pytest.mark.parametrize("path", ["/api", "/api/nothing", "/assets/index-gone.js"])
async def test_what_is_not_there_is_no_page(client: Client, path: str) -> None:
    response = await client.get(path)
    assert response.status == 404
    assert response.content_type == "application/problem+json"


async def test_without_a_build_it_says_so(client: Client, dist: Path) -> None:
    (dist / "index.html").unlink()
    response = await client.get("/")
    assert response.status == 503
    assert "not built" in await response.text()


async def test_a_write_is_not_a_page(client: Client) -> None:
    response = await client.post("/workspace", headers={"Origin": f"http://127.0.0.1:{client.port}"})
    assert response.status == 403
