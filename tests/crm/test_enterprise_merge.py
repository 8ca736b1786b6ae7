"""Duplicates found, merged without loss, and parted again."""

from __future__ import annotations

from typing import Any

import pytest

from hotline.accounts.roles import Permission, Role
from tests.crm.conftest import Workspace
from tests.crm.test_directory import eventually
from tests.crm.test_names import code

ONE, TWO = code("91150300MA000001"), code("91150300MA000002")
MERGES = "/api/enterprise-merges"
PAIRS = "/api/enterprise-duplicates"


def with_contact(name: str, number: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "contacts": [{"name": f"{name}的人", "numbers": [{"number": number}]}], **fields}


async def register(workspace: Workspace, draft: dict[str, Any]) -> Any:
    return await workspace.post("agent1", "/api/enterprises", draft)


async def read(workspace: Workspace, made: Any) -> Any:
    return await workspace.get("agent1", f"/api/enterprises/{made['id']}")


async def merge(workspace: Workspace, survivor: Any, merged: Any, **take: str) -> Any:
    survivor, merged = await read(workspace, survivor), await read(workspace, merged)
    body = {
        "survivor_id": survivor["id"],
        "survivor_version": survivor["version"],
        "merged_id": merged["id"],
        "merged_version": merged["version"],
        "take": take,
    }
    return await workspace.post("supervisor", MERGES, body)


async def pairs(workspace: Workspace) -> list[tuple[str, str, list[str]]]:
    page = await workspace.get("supervisor", PAIRS)
    return [(row["first"]["name"], row["second"]["name"], row["reasons"]) for row in page["items"]]


@pytest.fixture
async def two(workspace: Workspace) -> tuple[Any, Any]:
    kept = await register(workspace, with_contact("海勃湾酒店有限公司", "13912345678", industry="住宿"))
    gone = await register(
        workspace, with_contact("海勃湾酒店 有限责任公司", "13812345678", industry="餐饮", credit_code=ONE)
    )
    return kept, gone


async def test_duplicates_are_found_with_their_reasons(workspace: Workspace, two: tuple[Any, Any]) -> None:
    await register(workspace, with_contact("草原书店", "13912345678"))
    await register(workspace, {"name": "乌海银行", "credit_code": TWO})
    wrong = TWO[:-1] + ("0" if TWO[-1] != "0" else "1")
    await register(workspace, {"name": "银行", "credit_code": wrong, "credit_code_confirmed": True})
    assert await pairs(workspace) == [
        ("乌海银行", "银行", ["code"]),
        ("海勃湾酒店有限公司", "草原书店", ["number"]),
        ("海勃湾酒店有限公司", "海勃湾酒店 有限责任公司", ["name"]),
    ]
    before = await pairs(workspace)
    await workspace.crm.duplicates.find_all(workspace.database)
    assert await pairs(workspace) == before


async def test_a_pair_that_is_none_any_more_goes(workspace: Workspace, two: tuple[Any, Any]) -> None:
    await workspace.patch("agent1", f"/api/enterprises/{two[1]['id']}", {"version": 1, "name": "另一家"})
    assert await pairs(workspace) == []


async def test_a_pair_kept_apart_stays_so(workspace: Workspace, two: tuple[Any, Any]) -> None:
    page = await workspace.get("supervisor", PAIRS)
    for _ in range(2):
        await workspace.ask("supervisor", "POST", f"{PAIRS}/{page['items'][0]['id']}/keep-apart")
    await workspace.crm.duplicates.find_all(workspace.database)
    await workspace.patch("agent1", f"/api/enterprises/{two[0]['id']}", {"version": 1, "industry": "x"})
    assert await pairs(workspace) == []
    assert [action for _, action in workspace.audited()].count("enterprise.keep_apart") == 1


async def test_a_merge_loses_nothing(workspace: Workspace, two: tuple[Any, Any]) -> None:
    kept, gone = two
    case = await workspace.post("agent1", "/api/cases", {"contact_id": gone["contacts"][0]["id"]})
    await workspace.post("agent1", f"/api/enterprises/{gone['id']}/notes", {"text": "老客户"})
    made = await merge(workspace, kept, gone, credit_code="merged", industry="merged")
    assert (made["contacts"], made["cases"], made["notes"]) == (1, 1, 1)
    one = await read(workspace, kept)
    assert (one["name"], one["credit_code"], one["industry"]) == ("海勃湾酒店有限公司", ONE, "餐饮")
    assert {contact["name"] for contact in one["contacts"]} == {"海勃湾酒店有限公司的人", "海勃湾酒店 有限责任公司的人"}
    assert await read(workspace, gone) == one  # the old id leads to the survivor
    notes = await workspace.get("agent1", f"/api/enterprises/{gone['id']}/notes")
    assert [(note["text"], note["author_name"]) for note in notes["items"]] == [("老客户", "agent1")]
    cases = await workspace.get("agent1", "/api/cases", enterprise_id=kept["id"])
    assert [row["id"] for row in cases["items"]] == [case["id"]]
    assert [row["id"] for row in (await workspace.get("agent1", "/api/enterprises"))["items"]] == [kept["id"]]
    assert await pairs(workspace) == []
    answer = await workspace.refused("agent1", "PATCH", f"/api/enterprises/{gone['id']}", {"version": 2, "name": "x"})
    assert answer == (409, "enterprise.merged")


async def test_the_caller_is_known_as_the_survivor(workspace: Workspace, two: tuple[Any, Any]) -> None:
    await merge(workspace, *two)

    def survivor() -> bool:
        rows = workspace.crm.directory.matches("13812345678")
        return [row.enterprise_name for row in rows] == ["海勃湾酒店有限公司"]

    await eventually(survivor)


async def test_undo_restores_exactly(workspace: Workspace, two: tuple[Any, Any]) -> None:
    kept, gone = two
    case = await workspace.post("agent1", "/api/cases", {"contact_id": gone["contacts"][0]["id"]})
    note = await workspace.post("agent1", f"/api/enterprises/{gone['id']}/notes", {"text": "老客户"})
    before = [await read(workspace, kept), await read(workspace, gone)]
    made = await merge(workspace, kept, gone, name="merged", credit_code="merged", industry="merged")
    undone = await workspace.post("supervisor", f"{MERGES}/{made['id']}/undo")
    assert (undone["kept"], undone["contacts"], undone["cases"], undone["notes"]) == ([], 1, 1, 1)
    after = [await read(workspace, kept), await read(workspace, gone)]
    for one in (*before, *after):
        one.pop("version"), one.pop("updated_at")
    assert after == before
    cases = await workspace.get("agent1", "/api/cases", enterprise_id=gone["id"])
    assert [row["id"] for row in cases["items"]] == [case["id"]]
    notes = await workspace.get("agent1", f"/api/enterprises/{gone['id']}/notes")
    assert [row["id"] for row in notes["items"]] == [note["id"]]
    assert await pairs(workspace) == [("海勃湾酒店有限公司", "海勃湾酒店 有限责任公司", ["name"])]
    again = await workspace.refused("supervisor", "POST", f"{MERGES}/{made['id']}/undo")
    assert again == (409, "enterprise.merge")


async def test_undo_after_later_edits_says_what_stays(workspace: Workspace, two: tuple[Any, Any]) -> None:
    kept, gone = two
    made = await merge(workspace, kept, gone, industry="merged", credit_code="merged")
    one = await read(workspace, kept)
    path = f"/api/enterprises/{kept['id']}"
    await workspace.patch("agent1", path, {"version": one["version"], "industry": "旅游"})
    moved = f"{path}/contacts/{gone['contacts'][0]['id']}"
    await workspace.patch("agent1", moved, {"version": one["version"] + 1, "role": "经理"})
    await workspace.post("agent1", f"{path}/contacts", {"name": "新人"})
    case = await workspace.post("agent1", "/api/cases", {"contact_id": gone["contacts"][0]["id"]})
    undone = await workspace.post("supervisor", f"{MERGES}/{made['id']}/undo")
    assert (undone["kept"], undone["cases"]) == (["industry"], 1)
    first, second = await read(workspace, kept), await read(workspace, gone)
    assert (first["industry"], first["credit_code"], second["credit_code"]) == ("旅游", None, ONE)
    assert [contact["name"] for contact in first["contacts"]] == ["海勃湾酒店有限公司的人", "新人"]
    assert [contact["role"] for contact in second["contacts"]] == ["经理"]
    assert (await workspace.get("agent1", f"/api/cases/{case['id']}"))["enterprise_id"] == gone["id"]


async def test_a_code_that_somebody_else_took_does_not_come_back(workspace: Workspace, two: tuple[Any, Any]) -> None:
    kept, gone = two
    made = await merge(workspace, kept, gone, credit_code="merged")
    one = await read(workspace, kept)
    await workspace.patch("agent1", f"/api/enterprises/{kept['id']}", {"version": one["version"], "credit_code": None})
    await register(workspace, {"name": "第三家", "credit_code": ONE})
    undone = await workspace.post("supervisor", f"{MERGES}/{made['id']}/undo")
    assert undone["kept"] == ["credit_code", "merged_credit_code"]
    assert (await read(workspace, gone))["credit_code"] is None


async def test_merges_of_merges_are_undone_in_reverse(workspace: Workspace, two: tuple[Any, Any]) -> None:
    third = await register(workspace, with_contact("第三家", "13712345678"))
    first = await merge(workspace, *two)
    second = await merge(workspace, third, two[0])
    assert (await read(workspace, two[1]))["id"] == third["id"]
    assert await workspace.refused("supervisor", "POST", f"{MERGES}/{first['id']}/undo") == (409, "enterprise.merge")
    for made in (second, first):
        await workspace.post("supervisor", f"{MERGES}/{made['id']}/undo")
    for one in (*two, third):
        assert len((await read(workspace, one))["contacts"]) == 1


async def test_what_cannot_be_merged(workspace: Workspace, two: tuple[Any, Any]) -> None:
    kept, gone = two
    body = {"survivor_id": kept["id"], "survivor_version": 1, "merged_id": gone["id"], "merged_version": 1}
    for change, expected in (
        ({"merged_id": kept["id"]}, (409, "enterprise.merge")),
        ({"merged_id": "none"}, (404, "resource.not_found")),
        ({"survivor_version": 9}, (409, "enterprise.version_conflict")),
        ({"merged_version": 9}, (409, "enterprise.version_conflict")),
        ({"take": {"contacts": "merged"}}, (422, "input.invalid")),
    ):
        assert await workspace.refused("supervisor", "POST", MERGES, body | change) == expected
    await merge(workspace, kept, gone)
    assert await workspace.refused("supervisor", "POST", MERGES, body) == (409, "enterprise.merged")


async def test_merges_and_notes_are_audited(workspace: Workspace, two: tuple[Any, Any]) -> None:
    made = await merge(workspace, *two)
    await workspace.post("supervisor", f"{MERGES}/{made['id']}/undo")
    await workspace.post("agent1", f"/api/enterprises/{two[0]['id']}/notes", {"text": "<b>x</b>\n第二行"})
    records = [record for record in workspace.audits.records if record.action.startswith("enterprise.")][-3:]
    assert [record.action for record in records] == [
        "enterprise.merge",
        "enterprise.undo_merge",
        "enterprise.add_note",
    ]
    assert two[1]["id"] in records[0].detail["before"]
    assert "x" not in str(records[2].detail)


@pytest.mark.parametrize("text", ["", "   ", "a\x07", "x" * 4001])
async def test_a_note_is_a_clean_text(workspace: Workspace, two: tuple[Any, Any], text: str) -> None:
    path = f"/api/enterprises/{two[0]['id']}/notes"
    assert (await workspace.refused("agent1", "POST", path, {"text": text}))[0] == 422


ROUTES = {
    ("GET", PAIRS): Permission.ENTERPRISE_MANAGE,
    ("POST", f"{PAIRS}/{{duplicate_id}}/keep-apart"): Permission.ENTERPRISE_MANAGE,
    ("POST", MERGES): Permission.ENTERPRISE_MANAGE,
    ("POST", f"{MERGES}/{{merge_id}}/undo"): Permission.ENTERPRISE_MANAGE,
    ("GET", "/api/enterprises/{enterprise_id}/merges"): Permission.ENTERPRISE_READ,
    ("GET", "/api/enterprises/{enterprise_id}/notes"): Permission.ENTERPRISE_READ,
    ("POST", "/api/enterprises/{enterprise_id}/notes"): Permission.ENTERPRISE_WRITE,
}


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_merge_and_note(workspace: Workspace, role: Role) -> None:
    person = workspace.hire("somebody", role)
    for (method, path), permission in ROUTES.items():
        address = path.format(duplicate_id="x", merge_id="x", enterprise_id="x")
        status, _ = await workspace.ask("somebody", method, address, {} if method != "GET" else None)
        assert (status == 403) is (permission not in person.permissions), (method, path)
        assert await workspace.refused("nobody", method, address) == (401, "auth.required")


def test_the_routes_are_all_in_the_matrix(workspace: Workspace) -> None:
    [routes] = [group for group in workspace.crm.routes if any(route.path == MERGES for route in group)]
    assert {(route.method, route.path): route.permission for route in routes} == ROUTES
