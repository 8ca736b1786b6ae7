"""Files of entries: by content, with the version that has them, for whoever may read the entry."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crm.attachments.state import AttachmentState
from crm.knowledge_attachments import repository
from crm.knowledge_attachments.service import MOST_FILES
from hotline.kernel.ids import uuid7
from tests.crm import hostile_files as files
from tests.crm.conftest import Workspace
from tests.crm.test_attachments import fetch, kept, night
from tests.crm.test_knowledge import WRITTEN, KnowledgeDesk, desk
from tests.fakes.clock import FakeClock
from tests.hotline.web import from_page

__all__ = ["desk"]

NOBODY = ""


async def send(
    desk: KnowledgeDesk, who: str, entry_id: str, content: bytes, name: str = "表.docx", **query: str
) -> tuple[int, Any]:
    client = desk.workspace.client
    assert client is not None
    sent = from_page(client, who, **{"Content-Type": "application/octet-stream"})
    params = {"name": name, "id": uuid7(), **query}
    path = f"/api/knowledge/{entry_id}/attachments"
    async with client.post(path, data=content, params=params, **sent) as response:
        return response.status, await response.json()


async def added(desk: KnowledgeDesk, entry_id: str, content: bytes | None = None, **query: str) -> Any:
    status, answer = await send(desk, "bureau", entry_id, content or files.docx(), **query)
    assert status == 201, answer
    return answer


async def entry_of(desk: KnowledgeDesk, entry_id: str, who: str = "bureau") -> Any:
    return await desk.workspace.get(who, f"/api/knowledge/{entry_id}")


async def publish(desk: KnowledgeDesk, entry_id: str) -> None:
    await desk.act("bureau", entry_id, "submit")
    await desk.act("bureau_head", entry_id, "approve")
    await desk.act("kb_reviewer", entry_id, "publish")


def content_of(entry_id: str, file_id: str) -> str:
    return f"/api/knowledge/{entry_id}/attachments/{file_id}/content"


async def test_a_file_is_published_with_its_version_and_stays_with_it(desk: KnowledgeDesk) -> None:
    workspace = desk.workspace
    entry_id = await desk.draft()
    document = files.docx()
    one = await added(desk, entry_id, document, name="申请表")
    assert (one["name"], one["state"]) == ("申请表.docx", "ready")
    # Of a draft, an agent sees nothing.
    assert (await fetch(workspace, "agent1", content_of(entry_id, one["id"])))[0] == 404
    await publish(desk, entry_id)
    status, body, headers = await fetch(workspace, "agent1", content_of(entry_id, one["id"]))
    assert (status, body) == (200, document)
    assert headers["Content-Disposition"].startswith("attachment; ")
    assert "sandbox" in headers["Content-Security-Policy"]
    # The next version has another file, the first keeps its own.
    await desk.act("bureau", entry_id, "revise")
    two = await added(desk, entry_id, files.picture(), name="图.png")
    version = await desk.version(entry_id)
    path = f"/api/knowledge/{entry_id}/attachments/{one['id']}/remove"
    assert (await workspace.ask("bureau", "POST", path, {"version": version}))[0] == 204
    assert (await fetch(workspace, "agent1", content_of(entry_id, two["id"])))[0] == 404
    await publish(desk, entry_id)
    kept_in = [
        (await workspace.get("agent1", f"/api/knowledge/{entry_id}/versions/{number}"))["content"]["attachment_ids"]
        for number in (1, 2)
    ]
    assert kept_in == [[one["id"]], [two["id"]]]
    for file in (one, two):
        assert (await fetch(workspace, "agent1", content_of(entry_id, file["id"])))[0] == 200
    listed = await workspace.get("agent1", f"/api/knowledge/{entry_id}/attachments")
    assert [file["name"] for file in listed] == ["申请表.docx", "图.png"]
    assert ("bureau", "knowledge.attach") in workspace.audited()
    (detached,) = (record for record in workspace.audits.records if record.action == "knowledge.detach")
    assert (detached.username, detached.detail["before"]["size"]) == ("bureau", len(document))


async def test_what_is_saved_or_made_changes_no_files(desk: KnowledgeDesk) -> None:
    other = await desk.draft()
    foreign = await added(desk, other)
    entry_id = await desk.draft(attachment_ids=[foreign["id"]])
    assert (await entry_of(desk, entry_id))["revision"]["attachment_ids"] == []
    own = await added(desk, entry_id)
    body = {
        "version": await desk.version(entry_id),
        "content": {**WRITTEN, "title": "新", "attachment_ids": [foreign["id"]]},
    }
    status, entry = await desk.workspace.ask("bureau", "PUT", f"/api/knowledge/{entry_id}/revision", body)
    assert (status, entry["revision"]["attachment_ids"], entry["revision"]["title"]) == (200, [own["id"]], "新")
    assert (await fetch(desk.workspace, "bureau", content_of(entry_id, foreign["id"])))[0] == 404


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"MZ\x90\x00" + bytes(100), "attachment.type"),
        (b"<html><script>x</script>", "attachment.type"),
        (files.docx()[:200], "attachment.broken"),
        (files.bomb(), "attachment.bomb"),
        (b"", "attachment.broken"),
    ],
)
async def test_a_file_that_is_not_what_it_says_is_refused(
    desk: KnowledgeDesk, tmp_path: Path, content: bytes, error: str
) -> None:
    entry_id = await desk.draft()
    status, answer = await send(desk, "bureau", entry_id, content, "申请表.pdf")
    assert (status // 100, answer["error_id"]) == (4, error)
    assert (await entry_of(desk, entry_id))["revision"]["attachment_ids"] == []
    assert kept(tmp_path) == set()


async def test_only_those_who_write_the_entry_add_files_and_only_to_a_draft(desk: KnowledgeDesk) -> None:
    entry_id = await desk.draft()
    assert (await send(desk, "other", entry_id, files.docx()))[0] == 404
    assert (await send(desk, "agent1", entry_id, files.docx()))[0] == 403
    await added(desk, entry_id)
    await publish(desk, entry_id)
    assert (await send(desk, "other", entry_id, files.docx()))[1]["error_id"] == "knowledge.actor"
    assert (await send(desk, "bureau", entry_id, files.docx()))[1]["error_id"] == "knowledge.transition"
    assert (await fetch(desk.workspace, "other", content_of(entry_id, "none")))[0] == 404


async def test_an_upload_sent_twice_is_one_file_and_there_is_a_most(desk: KnowledgeDesk) -> None:
    entry_id, key = await desk.draft(), uuid7()
    document = files.docx()
    assert await added(desk, entry_id, document, id=key) == await added(desk, entry_id, document, id=key)
    assert (await send(desk, "bureau", entry_id, files.picture(), id=key))[0] == 409
    for _ in range(MOST_FILES - 1):
        await added(desk, entry_id, document)
    assert (await send(desk, "bureau", entry_id, document))[1]["error_id"] == "attachment.too_many"


async def test_the_nightly_sweep_leaves_the_files_of_entries(
    desk: KnowledgeDesk, morning: FakeClock, tmp_path: Path
) -> None:
    await added(desk, await desk.draft())
    before = kept(tmp_path)
    await morning.advance(timedelta(days=30))
    await desk.workspace.crm.attachments.sweep(night(desk.workspace, morning))
    assert kept(tmp_path) == before != set()


async def test_everybody_downloads_the_files_of_a_public_entry_until_it_is_gone(
    desk: KnowledgeDesk, workspace: Workspace
) -> None:
    entry_id = await desk.draft(scope="public")
    document = files.docx()
    one = await added(desk, entry_id, document, name="申请表.docx")
    path = f"/portal/knowledge/{entry_id}/files/{one['id']}"
    assert (await fetch(workspace, NOBODY, path))[0] == 404
    await publish(desk, entry_id)
    status, body, headers = await fetch(workspace, NOBODY, path)
    assert (status, body) == (200, document)
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Content-Disposition"].startswith("attachment; ")
    public = await workspace.get(NOBODY, f"/api/portal/knowledge/{entry_id}")
    assert public["attachments"] == [{"id": one["id"], "name": "申请表.docx", "size": len(document)}]
    _, html, _ = await fetch(workspace, NOBODY, f"/portal/knowledge/{entry_id}")
    assert f'href="{path}"' in html.decode()
    # What waits for the scanner is nobody's yet.
    async with workspace.database.transaction() as db:
        row = await repository.file(db, one["id"], lock=True)
        assert row is not None
        row.state = AttachmentState.QUARANTINED
    assert (await fetch(workspace, NOBODY, path))[0] == 404
    assert (await fetch(workspace, "agent1", content_of(entry_id, one["id"])))[0] == 409
    async with workspace.database.transaction() as db:
        row = await repository.file(db, one["id"], lock=True)
        assert row is not None
        row.state = AttachmentState.READY
    await desk.act("kb_reviewer", entry_id, "withdraw", reason="已废止")
    assert (await fetch(workspace, NOBODY, path))[0] == 410
    assert (await fetch(workspace, "agent1", content_of(entry_id, one["id"])))[0] == 200  # a case may cite it
