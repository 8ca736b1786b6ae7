"""Whatever is sent, the answer is a problem document and never a mistake of ours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.crm.conftest import Workspace
from tests.crm.test_attachments import raw

NASTY: list[Any] = [
    None,
    "",
    " ",
    "x" * 100_000,
    "😀'\"\\%_;--",
    "a\u0000b",
    "\r\n\r\n",
    "\u202e١٢٣",
    -1,
    2**31,
    2**70,
    1e308,
    True,
    [],
    ["x"],
    {"a": {"b": []}},
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "2026-02-30T00:00:00Z",
    "00000000-0000-0000-0000-000000000000",
]

CASE = {
    "type": "help",
    "life_cycle_stage": "operate",
    "urgency": "normal",
    "channel": "phone",
    "title": "题",
    "content": "文",
    "unit_complained_of": "",
    "complaint_type": "",
    "demand": "",
    "place": "",
    "occurred_at": "2026-03-01T00:00:00Z",
    "confidential": False,
    "enterprise_id": None,
    "contact_id": None,
    "callback_number": "",
    "call_id": None,
    "id": None,
}
ENTERPRISE: dict[str, Any] = {
    "name": "甲",
    "credit_code": None,
    "kind": "enterprise",
    "industry": "",
    "size": None,
    "skips_menu": True,
    "contacts": [],
}
UNIT = {"name": "局", "specialists": []}
QUERIES = {
    "/api/cases": ("state", "type", "enterprise_id", "call_id", "since", "before", "search", "cursor", "limit", "mine"),
    "/api/enterprises": ("search", "cursor", "limit"),
}


async def never_a_bug(workspace: Workspace, method: str, path: str, body: Any = None, **query: Any) -> None:
    status, answer = await workspace.ask("supervisor", method, path, body, **query)
    assert status < 500, (method, path, body, query, answer)
    if status >= 400:
        assert answer["error_id"]


@pytest.mark.parametrize(
    ("path", "whole"), [("/api/cases", CASE), ("/api/enterprises", ENTERPRISE), ("/api/units", UNIT)]
)
async def test_one_bad_value_in_a_body(workspace: Workspace, path: str, whole: dict[str, Any]) -> None:
    status, made = await workspace.ask("supervisor", "POST", path, whole)
    assert status == 201, made
    for field in whole:
        for value in NASTY:
            await never_a_bug(workspace, "POST", path, whole | {field: value})
            await never_a_bug(workspace, "PATCH", f"{path}/{made['id']}", {"version": 1, field: value})
    for value in NASTY:
        await never_a_bug(workspace, "POST", path, value)
        await never_a_bug(workspace, "PATCH", f"{path}/{made['id']}", {"version": value})


async def test_one_bad_value_in_a_contact_a_specialist_or_a_phone(workspace: Workspace) -> None:
    enterprise = await workspace.post("supervisor", "/api/enterprises", ENTERPRISE)
    unit = await workspace.post("supervisor", "/api/units", UNIT)
    contact = {"name": "李", "role": "", "preferred": "sms", "numbers": []}
    specialist = {"name": "张", "phones": [{"label": "机", "kind": "internal", "number": "6001"}]}
    for value in NASTY:
        for field in contact:
            path = f"/api/enterprises/{enterprise['id']}/contacts"
            await never_a_bug(workspace, "POST", path, contact | {field: value})
        for field in ("number", "purpose"):
            number = {"number": "13912345678", "purpose": "caller"} | {field: value}
            await never_a_bug(workspace, "POST", path, contact | {"numbers": [number]})
        for field in ("label", "kind", "number"):
            phone = specialist["phones"][0] | {field: value}  # type: ignore[operator]
            body = specialist | {"phones": [phone]}
            await never_a_bug(workspace, "POST", f"/api/units/{unit['id']}/specialists", body)


async def test_one_bad_value_in_a_move(workspace: Workspace) -> None:
    move = {"version": 1, "request_id": "00000000-0000-0000-0000-000000000000"}
    bodies: dict[str, dict[str, Any]] = {
        "not-accept": {"reason": "a", "explanation": "说明", "channel": "12348", **move},
        "transfer-emergency": {"service": "110", **move},
        "close-direct": {"answer": "答", "three_way_call_id": None, "knowledge": [], "consent": True, **move},
        "calls": {"call_id": "00000000-0000-0000-0000-000000000000"},
    }
    for verb, whole in bodies.items():
        for field in whole:
            for value in NASTY:
                case = await workspace.post("supervisor", "/api/cases", {})
                await never_a_bug(workspace, "POST", f"/api/cases/{case['id']}/{verb}", whole | {field: value})


@pytest.mark.parametrize("path", list(QUERIES))
async def test_one_bad_value_in_a_query(workspace: Workspace, path: str) -> None:
    await workspace.post("supervisor", "/api/cases", {})
    for field in QUERIES[path]:
        for value in NASTY:
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                await never_a_bug(workspace, "GET", path, **{field: str(value)[:2000]})


@pytest.mark.parametrize("path", ["/api/cases", "/api/enterprises", "/api/units"])
async def test_a_bad_id_in_the_path(workspace: Workspace, path: str) -> None:
    for bad in ("x" * 3000, "%00", "..%2f..", "%F0%9F%98%80", "'%20OR%201=1", "%ff"):
        await never_a_bug(workspace, "GET", f"{path}/{bad}")


# --- text that is too much, or that would be run elsewhere ---------------------------------------------


async def test_ten_megabytes_of_text_are_refused_and_nothing_is_lost(workspace: Workspace) -> None:
    case = await workspace.post("agent1", "/api/cases", CASE)
    for method, path in (
        ("POST", "/api/cases"),
        ("PATCH", f"/api/cases/{case['id']}"),
        ("POST", f"/api/cases/{case['id']}/submit"),
        ("POST", f"/api/cases/{case['id']}/notes"),
        ("POST", "/api/enterprises"),
    ):
        length = f"Content-Length: {10 * 1024 * 1024}"
        answer = await raw(workspace, (f"{method} {path} HTTP/1.1", length, "Content-Type: application/json"), b"{")
        assert answer.startswith(b"HTTP/1.1 413 "), path
        assert b'"detail"' in answer
    kept = await workspace.get("agent1", f"/api/cases/{case['id']}")
    assert (kept["content"], kept["version"]) == (CASE["content"], case["version"])


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '=HYPERLINK("http://x","y")', "@SUM(1)", "-1+1", "&lt;b&gt;"]
)
async def test_html_and_formulas_are_kept_as_they_were_typed(workspace: Workspace, text: str) -> None:
    case = await workspace.post("agent1", "/api/cases", CASE | {"title": text, "content": text, "place": text})
    kept = await workspace.get("agent1", f"/api/cases/{case['id']}")
    assert (kept["title"], kept["content"], kept["place"]) == (text, text, text)
    sheet = await workspace.get("agent1", f"/api/cases/{case['id']}/sheet")
    assert (sheet["title"], sheet["sections"][0]["texts"]) == (text, [text])
    enterprise = await workspace.post("supervisor", "/api/enterprises", ENTERPRISE | {"name": text})
    assert enterprise["name"] == text
