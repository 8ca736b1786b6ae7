"""Views of the case lists kept under a name, and shared by a supervisor."""

from __future__ import annotations

from typing import Any

import pytest

from hotline.accounts.roles import Role
from hotline.kernel.ids import uuid7
from tests.crm.conftest import Workspace

VIEWS = "/api/saved-views"


def view(name: str = "紧急待派", **more: Any) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "name": name,
        "work_list": "to_dispatch",
        "filters": {"urgency": "urgent"},
        "columns": ["number", "title"],
        "sort": "due",
        **more,
    }


async def names(workspace: Workspace, who: str) -> list[str]:
    return [one["name"] for one in await workspace.get(who, VIEWS)]


async def test_a_view_is_its_owners(workspace: Workspace) -> None:
    body = view()
    kept = await workspace.post("agent1", VIEWS, body)
    assert await workspace.post("agent1", VIEWS, body) == kept, "sent twice: one view"
    assert kept["filters"] == {"urgency": "urgent"}
    assert await names(workspace, "agent2") == []
    assert (await workspace.refused("agent2", "DELETE", f"{VIEWS}/{kept['id']}"))[0] == 404
    assert await workspace.refused("agent1", "POST", VIEWS, view()) == (409, "saved_view.name")
    change = {key: value for key, value in view("今日").items() if key != "id"}
    path = f"{VIEWS}/{kept['id']}"
    status, changed = await workspace.ask("agent1", "PUT", path, {**change, "version": 1})
    assert (status, changed["name"], changed["version"]) == (200, "今日", 2)
    assert (await workspace.refused("agent1", "PUT", path, {**change, "version": 1}))[1] == "saved_view.version"
    assert (await workspace.ask("agent1", "DELETE", path))[0] == 204
    assert await names(workspace, "agent1") == []
    assert workspace.audited() == [], "one's own view is nobody's business"


async def test_a_supervisor_shares_a_view_with_a_role(workspace: Workspace) -> None:
    assert await workspace.refused("agent1", "POST", VIEWS, view(shared_with="agent")) == (403, "saved_view.sharing")
    kept = await workspace.post("supervisor", VIEWS, view(shared_with="agent", filters={"search": "王某"}))
    assert await names(workspace, "agent1") == ["紧急待派"]
    assert await names(workspace, "qa") == []
    path = f"{VIEWS}/{kept['id']}"
    assert (await workspace.refused("agent1", "DELETE", path))[1] == "saved_view.owner"
    (record,) = [one for one in workspace.audits.records if one.action.startswith("saved_view.")]
    assert (record.username, record.action) == ("supervisor", "saved_view.share")
    assert "王某" not in str(record.detail)
    assert (await workspace.ask("supervisor", "DELETE", path))[0] == 204
    assert workspace.audited()[-1] == ("supervisor", "saved_view.remove")


async def test_what_a_view_may_hold(workspace: Workspace) -> None:
    for wrong in (
        {"name": ""},
        {"name": "二\n行"},
        {"work_list": "nothing"},
        {"sort": "password"},
        {"filters": {"a b": "c"}},
        {"filters": {"a": "x" * 101}},
        {"columns": ["<b>"]},
        {"shared_with": "nobody"},
    ):
        assert (await workspace.refused("supervisor", "POST", VIEWS, view(**wrong)))[0] == 422, wrong
    for number in range(50):
        await workspace.post("agent1", VIEWS, view(f"视图 {number}"))
    assert await workspace.refused("agent1", "POST", VIEWS, view("一个太多")) == (409, "saved_view.full")


@pytest.mark.parametrize("role", list(Role))
async def test_which_role_keeps_views(workspace: Workspace, role: Role) -> None:
    somebody = workspace.hire("somebody", role)
    body = view()
    change = {**{key: value for key, value in body.items() if key != "id"}, "version": 1}
    for method, path, sent in (
        ("GET", VIEWS, None),
        ("POST", VIEWS, body),
        ("PUT", f"{VIEWS}/{body['id']}", change),
        ("DELETE", f"{VIEWS}/{body['id']}", None),
    ):
        status, _ = await workspace.ask("somebody", method, path, sent)
        assert (status < 400) == ("case.read" in somebody.permissions), (role, method, status)
