from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from hotline.accounts.models import User
from hotline.accounts.roles import Role
from hotline.kernel.ids import uuid7
from hotline.notices.models import NoticeRecord
from tests.crm.conftest import Workspace


@pytest.fixture(autouse=True)
async def accounts(workspace: Workspace) -> None:
    """Whoever works here has an account; the last of them has left."""
    people = [
        ("agent1", "王芳", [Role.AGENT], True),
        ("agent2", "李娜", [Role.AGENT], True),
        ("supervisor", "张敏", [Role.SUPERVISOR], True),
        ("handler", "赵强", [Role.UNIT_HANDLER], True),
        ("telephony", "孙涛", [Role.TELEPHONY_ADMIN], True),
        ("gone", "周杰", [Role.AGENT], False),
    ]
    async with workspace.database.transaction() as db:
        for username, name, roles, active in people:
            db.add(
                User(
                    id=uid(username),
                    username=username,
                    name=name,
                    password_hash="",
                    roles=[str(role) for role in roles],
                    active=active,
                    created_at=workspace.crm.notes._clock.now(),
                )
            )
    for username, _, roles, _ in people:
        workspace.hire(username, *roles).user_id = uid(username)


def uid(username: str) -> str:
    return "00000000-0000-7000-8000-" + username.encode().hex()[:12].rjust(12, "0")


async def new_case(workspace: Workspace, **fields: Any) -> str:
    return str((await workspace.post("agent1", "/api/cases", fields))["id"])


async def notes(workspace: Workspace, who: str, case_id: str) -> list[Any]:
    return list((await workspace.get(who, f"/api/cases/{case_id}/notes"))["items"])


async def test_a_note_is_written_once_and_corrected_by_another(workspace: Workspace) -> None:
    case_id = await new_case(workspace)
    path = f"/api/cases/{case_id}/notes"
    draft = {"id": uuid7(), "text": "<b>已电话联系</b> 13912345678"}
    first = await workspace.post("agent1", path, draft)
    assert await workspace.post("agent1", path, draft) == first
    assert first["text"] == draft["text"]
    second = await workspace.post("agent1", path, {"text": "更正：尚未联系", "corrects": first["id"]})
    newest, oldest = await notes(workspace, "agent2", case_id)
    assert (newest["id"], newest["corrects"]) == (second["id"], first["id"])
    assert (oldest["corrected_by"], oldest["text"]) == (second["id"], draft["text"])
    again = {"text": "再更正", "corrects": first["id"]}
    assert await workspace.refused("agent1", "POST", path, again) == (409, "note.corrected")
    stranger = {"text": "改别人的", "corrects": second["id"]}
    assert await workspace.refused("agent2", "POST", path, stranger) == (403, "note.not_yours")
    assert await workspace.refused("agent1", "POST", path, {"text": " "}) == (422, "input.invalid")
    for method in ("PUT", "PATCH", "DELETE"):
        assert (await workspace.ask("agent1", method, f"{path}/{first['id']}"))[0] in (404, 405)
    audited = [record.detail["after"] for record in workspace.audits.records if record.action == "note.add"]
    assert len(audited) == 2
    assert "13912345678" not in str(audited)


async def test_a_correction_belongs_to_its_case(workspace: Workspace) -> None:
    one, other = await new_case(workspace), await new_case(workspace)
    first = await workspace.post("agent1", f"/api/cases/{one}/notes", {"text": "一"})
    body = {"text": "二", "corrects": first["id"]}
    assert (await workspace.refused("agent1", "POST", f"/api/cases/{other}/notes", body))[0] == 404


async def test_whom_a_note_may_mention(workspace: Workspace) -> None:
    case_id = await new_case(workspace)
    path = f"/api/cases/{case_id}/people"
    offered = {one["name"] for one in await workspace.get("agent1", path)}
    assert offered == {"李娜", "张敏"}, "who sees the case, without the writer, those who left and other trades"
    assert [one["name"] for one in await workspace.get("agent1", path, search="娜")] == ["李娜"]
    assert await workspace.get("agent1", path, search="%") == []

    body = {"text": "@李娜 请看", "mentions": [uid("agent2"), uid("agent2")]}
    note = await workspace.post("agent1", f"/api/cases/{case_id}/notes", body)
    assert note["mentions"] == [{"id": uid("agent2"), "name": "李娜"}]
    for username in ("telephony", "gone", "handler", "nobody"):
        body = {"text": "@谁", "mentions": [uid(username)]}
        refused = await workspace.refused("agent1", "POST", f"/api/cases/{case_id}/notes", body)
        assert refused == (422, "note.mention"), username
    assert len(await notes(workspace, "agent1", case_id)) == 1


async def test_of_a_confidential_case_only_those_who_may_open_it_are_mentioned(workspace: Workspace) -> None:
    case_id = await new_case(workspace, confidential=True)
    assert {one["name"] for one in await workspace.get("agent1", f"/api/cases/{case_id}/people")} == {"张敏"}
    body = {"text": "@李娜", "mentions": [uid("agent2")]}
    assert (await workspace.refused("agent1", "POST", f"/api/cases/{case_id}/notes", body))[1] == "note.mention"
    await workspace.post("agent1", f"/api/cases/{case_id}/notes", {"text": "举报人的住址"})
    (record,) = [record for record in workspace.audits.records if record.action == "note.add"]
    assert "住址" not in str(record.detail)
    assert (await workspace.refused("agent2", "GET", f"/api/cases/{case_id}/notes"))[0] == 403


async def test_a_mention_is_notified_in_the_same_transaction(workspace: Workspace) -> None:
    case_id = await new_case(workspace)
    body = {"id": uuid7(), "text": "@李娜 @王芳", "mentions": [uid("agent2"), uid("agent1")]}
    await workspace.post("agent1", f"/api/cases/{case_id}/notes", body)
    await workspace.post("agent1", f"/api/cases/{case_id}/notes", body)
    refused = {"text": "@周杰 @李娜", "mentions": [uid("agent2"), uid("gone")]}
    await workspace.refused("agent1", "POST", f"/api/cases/{case_id}/notes", refused)
    async with workspace.database.snapshot() as db:
        rows = (await db.scalars(select(NoticeRecord))).all()
    assert [(row.user_id, row.subject_id) for row in rows] == [(uid("agent2"), case_id)], "once, and not the writer"
    assert "提到了您" in rows[0].text_zh


ROUTES = {("GET", "notes"): "case.read", ("POST", "notes"): "case.write", ("GET", "people"): "case.write"}


@pytest.mark.parametrize("role", list(Role))
async def test_which_role_may_what(workspace: Workspace, role: Role) -> None:
    case_id = await new_case(workspace)
    somebody = workspace.hire("somebody", role)
    staff = role in {Role.AGENT, Role.DISPATCHER, Role.CALLBACK, Role.QA, Role.SUPERVISOR}
    for (method, path), permission in ROUTES.items():
        body = {"text": "x"} if method == "POST" else None
        status, _ = await workspace.ask("somebody", method, f"/api/cases/{case_id}/{path}", body)
        assert (status < 400) == (staff and permission in somebody.permissions), (role, method, path, status)
