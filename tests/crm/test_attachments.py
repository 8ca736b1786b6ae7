from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError

from crm.attachments.scanner import ClamdScanner, ScannerAwayError
from crm.settings import CrmSettings
from hotline.accounts.roles import Role
from hotline.kernel.ids import uuid7
from hotline.kernel.job_table import Job
from hotline.kernel.jobs import JobContext
from tests.crm import hostile_files as files
from tests.crm.conftest import Workspace
from tests.fakes.clock import FakeClock
from tests.hotline.web import from_page
from tests.ivr.ami.conftest import until


async def new_case(workspace: Workspace, who: str = "agent1", **fields: Any) -> str:
    return str((await workspace.post(who, "/api/cases", fields))["id"])


async def send(
    workspace: Workspace, who: str, case_id: str, content: Any, name: str = "照片.png", **query: str
) -> tuple[int, Any]:
    assert workspace.client is not None
    sent = from_page(workspace.client, who, **{"Content-Type": "application/octet-stream"})
    path = f"/api/cases/{case_id}/attachments"
    async with workspace.client.post(path, data=content, params={"name": name, **query}, **sent) as response:
        return response.status, await response.json()


async def sent(workspace: Workspace, case_id: str, content: bytes = b"", **query: str) -> Any:
    status, answer = await send(workspace, "agent1", case_id, content or files.picture(), **query)
    assert status == 201, answer
    return answer


async def fetch(workspace: Workspace, who: str, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    assert workspace.client is not None
    async with workspace.client.get(path, **from_page(workspace.client, who, **headers)) as response:
        return response.status, await response.read(), dict(response.headers)


def kept(tmp_path: Path) -> set[str]:
    return {file.name for file in (tmp_path / "files").glob("??/*")}


def night(workspace: Workspace, clock: FakeClock) -> JobContext:
    job = Job(id="j", kind="any", key=None, payload={}, run_at=clock.now(), attempts=1)
    return JobContext(job=job, clock=clock, database=workspace.database)


# --- the way of a file -----------------------------------------------------------------------------------


async def test_a_picture_is_kept_listed_and_downloaded(workspace: Workspace) -> None:
    case_id = await new_case(workspace)
    content = files.picture()
    added = await sent(workspace, case_id, content, kind="evidence", note="现场")
    assert (added["name"], added["media_type"], added["size"]) == ("照片.png", "image/png", len(content))
    listed = await workspace.get("agent2", f"/api/cases/{case_id}/attachments")
    (entry,) = listed["items"]
    assert (entry["state"], entry["has_thumbnail"], entry["may_remove"]) == ("ready", True, False)
    assert listed["most"] == 20

    base = f"/api/cases/{case_id}/attachments/{added['id']}"
    status, body, headers = await fetch(workspace, "agent2", f"{base}/content")
    assert (status, body) == (200, content)
    assert headers["Content-Type"] == "image/png"
    assert headers["Content-Disposition"].startswith("attachment; ")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "private, no-store"
    assert ("agent2", "attachment.download") in workspace.audited()
    status, small, headers = await fetch(workspace, "agent2", f"{base}/thumbnail")
    assert (status, headers["Content-Type"], small[:3]) == (200, "image/jpeg", b"\xff\xd8\xff")


async def test_a_player_asks_for_parts(workspace: Workspace) -> None:
    case_id = await new_case(workspace)
    content = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(range(256)) * 10
    added = await sent(workspace, case_id, content, name="录音.wav")
    path = f"/api/cases/{case_id}/attachments/{added['id']}/content"
    status, body, headers = await fetch(workspace, "agent1", path, Range="bytes=100-199")
    assert (status, body) == (206, content[100:200])
    assert headers["Content-Range"] == f"bytes 100-199/{len(content)}"
    assert (await fetch(workspace, "agent1", path, Range="bytes=99999-"))[0] == 416
    assert ("agent1", "attachment.download") in workspace.audited()


async def test_an_upload_sent_twice_is_one_attachment(workspace: Workspace) -> None:
    case_id, key = await new_case(workspace), uuid7()
    first = await sent(workspace, case_id, id=key)
    assert await sent(workspace, case_id, id=key) == first
    assert len((await workspace.get("agent1", f"/api/cases/{case_id}/attachments"))["items"]) == 1
    assert (await send(workspace, "agent1", case_id, files.docx(), id=key))[0] == 409


async def test_two_uploads_of_one_content_at_once_are_two_rows_and_one_file(
    workspace: Workspace, tmp_path: Path
) -> None:
    one, other = await new_case(workspace), await new_case(workspace)
    content = "同一份材料".encode() * 1000
    answers = await asyncio.gather(*(send(workspace, "agent1", case, content, "a.txt") for case in (one, other, one)))
    assert [status for status, _ in answers] == [201, 201, 201]
    assert len(kept(tmp_path)) == 1


async def test_removal_needs_a_reason_and_the_content_goes_at_night(
    workspace: Workspace, morning: FakeClock, tmp_path: Path
) -> None:
    case_id = await new_case(workspace)
    added = await sent(workspace, case_id)
    document = files.docx()
    stays = await sent(workspace, case_id, document, name="a.docx")
    path = f"/api/cases/{case_id}/attachments/{added['id']}/remove"
    assert (await workspace.refused("agent1", "POST", path, {"version": 1, "reason": " "}))[0] == 422
    body = {"version": added["version"], "reason": "传错了"}
    assert await workspace.refused("agent2", "POST", path, body) == (403, "auth.forbidden")
    stale = {"version": 7, "reason": "传错了"}
    assert await workspace.refused("agent1", "POST", path, stale) == (409, "attachment.version_conflict")
    removed = await workspace.post("supervisor", path, body)
    assert (removed["state"], removed["reason"], removed["may_remove"]) == ("removed", "传错了", False)
    assert await workspace.refused("agent1", "POST", path, {"version": 2, "reason": "x"}) == (403, "auth.forbidden")
    content = f"/api/cases/{case_id}/attachments/{added['id']}/content"
    assert (await fetch(workspace, "agent1", content))[0] == 409
    (entry,) = [record for record in workspace.audits.records if record.action == "attachment.remove"]
    assert (entry.detail["before"]["state"], entry.detail["after"]["state"]) == ("ready", "removed")

    assert len(kept(tmp_path)) == 3, "a picture, its thumbnail, a document"
    await workspace.crm.attachments.sweep(night(workspace, morning))
    assert len(kept(tmp_path)) == 3, "not before a day has passed"
    await morning.advance(timedelta(days=2))
    await workspace.crm.attachments.sweep(night(workspace, morning))
    assert len(kept(tmp_path)) == 1
    status, downloaded, _ = await fetch(workspace, "agent1", f"/api/cases/{case_id}/attachments/{stays['id']}/content")
    assert (status, downloaded) == (200, document)


# --- what is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "status", "error_id"),
    [
        (files.PE, 415, "attachment.type"),
        (files.HTML, 415, "attachment.type"),
        (files.SVG, 415, "attachment.type"),
        (files.bomb(), 422, "attachment.bomb"),
        (files.picture()[:20], 422, "attachment.broken"),
        (b"", 422, "attachment.broken"),
    ],
)
async def test_a_hostile_file_leaves_nothing(
    workspace: Workspace, tmp_path: Path, content: bytes, status: int, error_id: str
) -> None:
    case_id = await new_case(workspace)
    answer = await send(workspace, "agent1", case_id, content, "照片.png")
    assert (answer[0], answer[1]["error_id"]) == (status, error_id)
    assert (await workspace.get("agent1", f"/api/cases/{case_id}/attachments"))["items"] == []
    assert kept(tmp_path) == set()


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..\\x.png", "..", "a\u202egnp.exe", "a\x00.png", "a\n.png", "", " ", "x" * 181],
)
async def test_a_name_is_a_name(workspace: Workspace, name: str) -> None:
    case_id = await new_case(workspace)
    status, answer = await send(workspace, "agent1", case_id, files.picture(), name)
    assert (status, answer["error_id"]) == (422, "input.invalid")


async def test_a_declared_length_beyond_the_limit_is_refused_unread(workspace: Workspace) -> None:
    case_id = await new_case(workspace)
    head = (
        f"POST /api/cases/{case_id}/attachments?name=a.png HTTP/1.1",
        "Content-Length: 10737418240",
        "Content-Type: application/octet-stream",
    )
    answer = await raw(workspace, head, b"")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"file.too_large" in answer


async def test_bytes_are_counted_where_no_length_is_declared(workspace: Workspace, tmp_path: Path) -> None:
    case_id = await new_case(workspace)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(2000):
            yield bytes(64 * 1024)

    try:
        status, answer = await send(workspace, "agent1", case_id, endless())
        assert (status, answer["error_id"]) == (413, "file.too_large")
    except (ClientError, ConnectionError):
        pass  # The service hung up on the sender, who was still sending.
    assert kept(tmp_path) == set()


async def test_an_upload_that_breaks_off_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    case_id = await new_case(workspace)
    head = (
        f"POST /api/cases/{case_id}/attachments?name=a.png HTTP/1.1",
        "Content-Length: 100000",
        "Content-Type: application/octet-stream",
    )
    await raw(workspace, head, files.picture()[:500], hang_up=True)
    incoming = tmp_path / "files" / "incoming"
    await until(lambda: not any(incoming.iterdir()))
    assert kept(tmp_path) == set()
    assert (await workspace.get("agent1", f"/api/cases/{case_id}/attachments"))["items"] == []


async def raw(workspace: Workspace, head: tuple[str, ...], body: bytes, *, hang_up: bool = False) -> bytes:
    """The answer to a request that no well-behaved client sends; "" after hanging up in the middle of it."""
    client = workspace.client
    assert client is not None
    headers = [f"{name}: {value}" for name, value in from_page(client, "agent1")["headers"].items()]
    lines = "\r\n".join([*head, f"Host: {client.host}:{client.port}", *headers, "", ""])
    reader, writer = await asyncio.open_connection(str(client.host), client.port)
    writer.write(lines.encode() + body)
    await writer.drain()
    if hang_up:
        incoming = workspace.crm.attachments.files.path("0" * 64).parents[1] / "incoming"
        await until(lambda: incoming.exists() and any(incoming.iterdir()))
        answer = b""
    else:
        answer = await asyncio.wait_for(reader.readuntil(b"}"), 10)
    writer.close()
    return answer


@pytest.fixture
def crm_settings(request: pytest.FixtureRequest) -> CrmSettings:
    return getattr(request, "param", CrmSettings())


@pytest.mark.parametrize("crm_settings", [CrmSettings(attachments_per_case=3)], indirect=True)
async def test_a_case_takes_so_many_files_also_at_once(workspace: Workspace) -> None:
    case_id = await new_case(workspace)
    contents = [f"第{number}份".encode() for number in range(6)]
    answers = await asyncio.gather(*(send(workspace, "agent1", case_id, one, "a.txt") for one in contents))
    assert sorted(status for status, _ in answers) == [201, 201, 201, 409, 409, 409]
    assert {answer.get("error_id") for _, answer in answers} == {None, "attachment.too_many"}
    listed = (await workspace.get("agent1", f"/api/cases/{case_id}/attachments"))["items"]
    path = f"/api/cases/{case_id}/attachments/{listed[0]['id']}/remove"
    await workspace.post("agent1", path, {"version": 1, "reason": "不需要"})
    assert (await send(workspace, "agent1", case_id, contents[5], "a.txt"))[0] == 201


@pytest.mark.parametrize("crm_settings", [CrmSettings(attachment_megabytes=1)], indirect=True)
async def test_a_file_may_be_so_large(workspace: Workspace) -> None:
    case_id = await new_case(workspace)
    assert (await send(workspace, "agent1", case_id, io.BytesIO(b"a" * 1024 * 1024), "a.txt"))[0] == 201
    status, answer = await send(workspace, "agent1", case_id, io.BytesIO(b"a" * (1024 * 1024 + 1)), "a.txt")
    assert (status, answer["error_id"]) == (413, "file.too_large")


# --- who ---------------------------------------------------------------------------------------------------

ROUTES = {
    ("GET", ""): "case.read",
    ("POST", ""): "case.write",
    ("POST", "/{id}/remove"): "case.write",
    ("GET", "/{id}/content"): "case.read",
    ("GET", "/{id}/thumbnail"): "case.read",
}


@pytest.mark.parametrize("role", list(Role))
async def test_which_role_may_what(workspace: Workspace, role: Role) -> None:
    case_id = await new_case(workspace)
    added = await sent(workspace, case_id)
    somebody = workspace.hire("somebody", role)
    for (method, path), permission in ROUTES.items():
        path = f"/api/cases/{case_id}/attachments" + path.replace("{id}", added["id"])
        if method == "POST" and path.endswith("attachments"):
            status, _ = await send(workspace, "somebody", case_id, files.picture())
        elif method == "POST":
            status, _ = await workspace.ask("somebody", method, path, {"version": 1, "reason": "x"})
        else:
            status, _, _ = await fetch(workspace, "somebody", path)
        staff = role in {Role.AGENT, Role.DISPATCHER, Role.CALLBACK, Role.QA, Role.SUPERVISOR}
        permitted = permission in somebody.permissions and staff
        if path.endswith("remove"):
            permitted = role is Role.SUPERVISOR  # others did not upload it
        assert (status < 400) == permitted, (role, method, path, status)
        if path.endswith("remove") and permitted:
            return


async def test_an_unreadable_case_gives_nothing_away(workspace: Workspace) -> None:
    secret = await new_case(workspace, confidential=True)
    added = await sent(workspace, secret)
    mine = await new_case(workspace, "agent2")
    for path in ("", f"/{added['id']}/content", f"/{added['id']}/thumbnail"):
        status, _, _ = await fetch(workspace, "agent2", f"/api/cases/{secret}/attachments{path}")
        assert status == 403, path
    # Of a case of one's own, a stranger's file is not there.
    for path in (f"/{added['id']}/content", f"/{added['id']}/thumbnail"):
        assert (await fetch(workspace, "agent2", f"/api/cases/{mine}/attachments{path}"))[0] == 404
    path = f"/api/cases/{mine}/attachments/{added['id']}/remove"
    assert (await workspace.refused("agent2", "POST", path, {"version": 1, "reason": "x"}))[0] == 404
    assert (await send(workspace, "agent2", secret, files.picture()))[0] == 403
    assert (await fetch(workspace, "agent2", f"/api/cases/{uuid7()}/attachments"))[0] == 404
    await workspace.get("supervisor", f"/api/cases/{secret}/attachments")
    assert ("supervisor", "case.view_confidential") in workspace.audited()


async def test_without_a_session_there_is_nothing(workspace: Workspace) -> None:
    case_id = await new_case(workspace)
    added = await sent(workspace, case_id)
    for path in ("", f"/{added['id']}/content"):
        assert (await fetch(workspace, "", f"/api/cases/{case_id}/attachments{path}"))[0] == 401
    assert (await send(workspace, "", case_id, files.picture()))[0] == 401


# --- the virus scanner ---------------------------------------------------------------------------------------


class FakeClamd:
    """Speaks INSTREAM at the wire; finds whatever holds EICAR."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answer = ""
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, self.path)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self.path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        content = b""
        while length := int.from_bytes(await reader.readexactly(4)):
            content += await reader.readexactly(length)
        verdict = "stream: Eicar-Signature FOUND" if b"EICAR" in content else "stream: OK"
        writer.write((self.answer or verdict).encode() + b"\0")
        await writer.drain()
        writer.close()


@pytest.fixture
async def clamd(tmp_path: Path) -> AsyncIterator[FakeClamd]:
    clamd = FakeClamd(tmp_path / "clamd.sock")
    await clamd.start()
    yield clamd
    await clamd.stop()


async def test_the_scanner_finds_clears_or_is_away(clamd: FakeClamd, tmp_path: Path) -> None:
    clean, infected = tmp_path / "clean", tmp_path / "infected"
    clean.write_bytes(bytes(200_000))
    infected.write_bytes(bytes(200_000) + b"EICAR")
    scanner = ClamdScanner(str(clamd.path))
    assert await scanner.scan(clean) is None
    assert await scanner.scan(infected) == "Eicar-Signature"
    clamd.answer = "INSTREAM size limit exceeded. ERROR"
    with pytest.raises(ScannerAwayError):
        await scanner.scan(clean)
    await clamd.stop()
    with pytest.raises(ScannerAwayError):
        await scanner.scan(clean)


async def test_a_file_waits_for_the_scanner(
    workspace: Workspace, clamd: FakeClamd, morning: FakeClock, tmp_path: Path
) -> None:
    service = workspace.crm.attachments
    service.scanner = ClamdScanner(str(clamd.path))
    case_id = await new_case(workspace)
    good = await sent(workspace, case_id)
    bad = await sent(workspace, case_id, b"an EICAR text", name="a.txt")
    assert (good["state"], good["has_thumbnail"]) == ("quarantined", False)
    content = f"/api/cases/{case_id}/attachments/{good['id']}/content"
    assert (await fetch(workspace, "agent1", content))[0] == 409

    await clamd.stop()
    with pytest.raises(ScannerAwayError):
        await service.scan(night(workspace, morning))
    await clamd.start()
    await service.scan(night(workspace, morning))
    await service.scan(night(workspace, morning))
    listed = {one["id"]: one for one in (await workspace.get("agent1", f"/api/cases/{case_id}/attachments"))["items"]}
    assert (listed[good["id"]]["state"], listed[good["id"]]["has_thumbnail"]) == ("ready", True)
    assert (listed[bad["id"]]["state"], listed[bad["id"]]["reason"]) == ("refused", "Eicar-Signature")
    assert (await fetch(workspace, "agent1", content))[0] == 200
    await morning.advance(timedelta(days=2))
    await service.sweep(night(workspace, morning))
    assert len(kept(tmp_path)) == 2, "the picture and its thumbnail"
