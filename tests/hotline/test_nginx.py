"""The reverse proxy as docs/deploy.md has it, on the real nginx where there is one."""

from __future__ import annotations

import asyncio
import io
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector, web
from aiohttp.test_utils import TestServer, unused_port

DOCS = Path(__file__).resolve().parents[2] / "docs/deploy.md"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
PAGE = "/portal/knowledge"
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is missing")


@dataclass
class ServiceBehind:
    """What the proxy passes on."""

    address: str
    folder: Path
    client: ClientSession
    asked: list[str] = field(default_factory=list)
    """Addresses as they arrive."""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(str(request.rel_url))
        body = await request.read()
        headers = {
            "X-Visitor": request.headers["X-Forwarded-For"],
            "X-Size": str(len(body)),
            "Cache-Control": "no-cache",
        }
        return web.Response(text="ok", status=int(request.query.get("status", "200")), headers=headers)

    async def get(self, path: str, **headers: str) -> tuple[int, dict[str, str]]:
        async with self.client.get(f"{self.address}{path}", headers=headers) as response:
            return response.status, dict(response.headers)

    async def post(self, path: str, size: int) -> int:
        async with self.client.post(f"{self.address}{path}", data=io.BytesIO(bytes(size))) as response:
            return response.status


def configuration(folder: Path, *, port: int, service: int) -> str:
    """The documented one, with this folder for its files and free ports for its own."""
    found = re.search(r"```nginx\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    hotline = (
        found[1].replace("listen 443 ", f"listen 127.0.0.1:{port} ").replace("127.0.0.1:8080", f"127.0.0.1:{service}")
    )
    hotline = hotline.replace("listen 80;", f"listen 127.0.0.1:{unused_port()};")
    for place in ("/etc/nginx/", "/var/cache/nginx/", "/var/log/nginx/"):
        hotline = hotline.replace(place, f"{folder}/")
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Its workers are somebody else where root starts it, who may not read the folder of a test.
    user = "user root;" if os.geteuid() == 0 else ""
    return f"{user} daemon off; pid {folder}/pid; events {{}}\nhttp {{\naccess_log off;\n{temporary}{hotline}}}\n"


@pytest.fixture
async def behind(tmp_path: Path) -> AsyncIterator[ServiceBehind]:
    assert NGINX is not None
    await asyncio.to_thread(_certify, tmp_path)
    port = unused_port()
    trust = ssl.create_default_context(cafile=tmp_path / "hotline.crt")
    trust.check_hostname = False
    async with ClientSession(connector=TCPConnector(ssl=trust)) as client:
        service = ServiceBehind(f"https://127.0.0.1:{port}", tmp_path, client)
        app = web.Application(client_max_size=0)
        app.router.add_route("*", "/{path:.*}", service.answer)
        async with TestServer(app) as server:
            assert server.port is not None
            (tmp_path / "nginx.conf").write_text(
                configuration(tmp_path, port=port, service=server.port), encoding="utf-8"
            )
            process = await asyncio.create_subprocess_exec(
                NGINX, "-p", str(tmp_path), "-c", "nginx.conf", "-e", "error.log", stderr=subprocess.PIPE
            )
            try:
                await _listening(port, process)
                yield service
            finally:
                if process.returncode is None:
                    process.terminate()
                await process.communicate()


def _certify(folder: Path) -> None:
    made = ["-keyout", str(folder / "hotline.key"), "-out", str(folder / "hotline.crt"), "-subj", "/CN=hotline"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *made], check=True, capture_output=True)


async def _listening(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(10):
        while True:
            if process.returncode is not None:
                pytest.fail((await process.communicate())[1].decode())
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            writer.close()
            return


async def test_files_pass_that_the_service_takes_and_nothing_else_as_large(behind: ServiceBehind) -> None:
    for path in ("/api/imports/knowledge", "/api/knowledge/1/attachments", "/api/cases/1/attachments?name=a.pdf"):
        assert await behind.post(path, 20 * 1024**2) == 200
        assert await behind.post(path, 20 * 1024**2 + 1) == 413
    assert await behind.post("/api/knowledge", 1024**2) == 200
    assert await behind.post("/api/knowledge", 1024**2 + 1) == 413
    assert await behind.post("/api/imports/knowledge/1/apply", 1024**2 + 1) == 413


async def test_a_public_page_is_asked_for_once_and_what_is_gone_each_time(behind: ServiceBehind) -> None:
    for _ in range(3):
        assert (await behind.get(f"{PAGE}?q=a"))[0] == 200
        assert (await behind.get(f"{PAGE}/1?status=410"))[0] == 410
        assert (await behind.get("/api/portal/knowledge"))[0] == 200
    assert behind.asked.count(f"{PAGE}?q=a") == 1
    assert len(behind.asked) == 7


async def test_a_visitor_is_who_connects_and_searches_are_in_no_log(behind: ServiceBehind) -> None:
    _, headers = await behind.get("/api/cases?search=13800000000", **{"X-Forwarded-For": "10.9.9.9"})
    assert headers["X-Visitor"] == "127.0.0.1"
    for _ in range(300):
        status, _ = await behind.get("/api/knowledge?search=13800000000")
    assert status == 429
    logs = "".join(path.read_text() for path in behind.folder.glob("*.log"))
    assert '"GET /api/knowledge" 429' in logs
    assert "13800000000" not in logs
