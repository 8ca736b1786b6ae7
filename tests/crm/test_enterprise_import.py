"""Files of enterprises, from the upload to the book, on both databases."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from crm.enterprises.models import Contact, ContactNumber, Enterprise
from hotline.accounts.roles import Permission, Role
from hotline.kernel.imports import worker as worker_module
from hotline.kernel.imports.models import ImportFile, ImportRow
from tests.crm import hostile_files
from tests.crm.conftest import Workspace
from tests.crm.test_directory import eventually
from tests.crm.test_names import code
from tests.hotline.web import from_page

BASE = "/api/imports/enterprises"
HEADER = "企业名称,统一社会信用代码,类型,行业,规模,联系人,职务,联系电话"
ONE, TWO = code("91150300MA000001"), code("91150300MA000002")


async def upload(workspace: Workspace, data: bytes | str, who: str = "supervisor", *, name: str = "企业.csv") -> Any:
    assert workspace.client is not None
    body = data.encode() if isinstance(data, str) else data
    request = from_page(workspace.client, who)
    async with workspace.client.post(BASE, data=body, params={"file_name": name}, **request) as response:
        answer = await response.json()
        assert response.status == 201, answer
        return answer


async def work(workspace: Workspace, made: Any) -> Any:
    """The import after the background has done what it can."""
    assert workspace.imports is not None
    await workspace.imports.worker.work_on(made["id"])
    return await workspace.get("supervisor", f"{BASE}/{made['id']}")


async def checked(workspace: Workspace, data: bytes | str, **choices: Any) -> Any:
    made = await upload(workspace, data)
    made = await workspace.post("supervisor", f"{BASE}/{made['id']}/check", {"version": made["version"], **choices})
    return await work(workspace, made)


async def applied(workspace: Workspace, data: bytes | str) -> Any:
    made = await checked(workspace, data)
    assert made["state"] == "checked", made
    made = await workspace.post("supervisor", f"{BASE}/{made['id']}/apply", {"version": made["version"]})
    return await work(workspace, made)


async def rows(workspace: Workspace, made: Any, **query: Any) -> list[tuple[int, str, list[str]]]:
    page = await workspace.get("supervisor", f"{BASE}/{made['id']}/rows", **query)
    return [(row["number"], row["outcome"], [problem["code"] for problem in row["problems"]]) for row in page["items"]]


async def counted(workspace: Workspace) -> tuple[int, int, int]:
    async with workspace.database.snapshot() as db:
        counts = [
            await db.scalar(select(func.count()).select_from(table)) for table in (Enterprise, Contact, ContactNumber)
        ]
    return tuple(count or 0 for count in counts)  # type: ignore[return-value]


async def test_a_file_is_checked_and_then_written(workspace: Workspace) -> None:
    hotel = f"海勃湾酒店有限公司,{ONE},民营企业,住宿,小型,李娜,财务,13912345678"
    text = f"{HEADER}\n{hotel}\n草原书店,,个体工商户,,,,,2991001\n"
    made = await checked(workspace, text)
    assert made["counts"] == {"create": 2}
    assert (made["rows_total"], made["rows_done"], await counted(workspace)) == (2, 2, (0, 0, 0))
    made = await workspace.post("supervisor", f"{BASE}/{made['id']}/apply", {"version": made["version"]})
    assert (await work(workspace, made))["state"] == "applied"
    assert await counted(workspace) == (2, 2, 2)
    found = await workspace.get("agent1", "/api/enterprises", search="hbwjd")
    hotel = await workspace.get("agent1", f"/api/enterprises/{found['items'][0]['id']}")
    assert (hotel["kind"], hotel["size"], hotel["credit_code"]) == ("private_enterprise", "small", ONE)
    assert hotel["contacts"][0]["numbers"][0]["number"] == "139****5678"
    assert workspace.events() == ["enterprises.imported"]
    assert [action for _, action in workspace.audited()] == ["import.upload", "import.apply"]


async def test_the_caller_is_known_after_an_import(workspace: Workspace) -> None:
    await applied(workspace, f"{HEADER}\n草原书店,,,,,巴图,,13912345678\n")
    directory = workspace.crm.directory
    await eventually(lambda: bool(directory.matches("13912345678")))
    identity = await directory.identify("13912345678")
    assert identity is not None
    assert (identity.enterprise_name, identity.contact_name) == ("草原书店", "巴图")


async def test_every_bad_row_says_why(workspace: Workspace) -> None:
    text = "\n".join(
        [
            HEADER,
            "好公司,,企业,,,,,13912345678",
            ",,企业,,,,,13912345678",
            f"甲,{ONE[:-1]}{'0' if ONE[-1] != '0' else '1'},,,,,,",
            "乙,,工厂,,,,,",
            "丙,,,,,,,abc",
            "丁,911503001234567000,,,,,,",
            "戊,,,,巨型,,,12",
        ]
    )
    made = await checked(workspace, text)
    assert made["counts"] == {"create": 1, "error": 6}
    assert await rows(workspace, made, outcome="error") == [
        (3, "error", ["text_invalid"]),
        (4, "error", ["credit_code_check_digit"]),
        (5, "error", ["choice_unknown"]),
        (6, "error", ["number_invalid"]),
        (7, "error", ["cell_not_trusted"]),
        (8, "error", ["choice_unknown", "number_invalid"]),
    ]


async def test_rows_are_matched_by_code_then_by_name(workspace: Workspace) -> None:
    hotel = await workspace.post("agent1", "/api/enterprises", {"name": "海勃湾酒店有限公司", "credit_code": ONE})
    shop = await workspace.post("agent1", "/api/enterprises", {"name": "草原书店有限责任公司"})
    text = "\n".join(
        [
            HEADER,
            f"海勃湾大酒店,{ONE},,,,,,",
            f"（草原书店）有限公司,{TWO},,图书,,巴图,,13912345678",
            "海勃湾酒店有限公司,,,,,李娜,,13812345678",
            "草原书店有限责任公司,,,,,巴图,经理,",
            "新公司,,,,,甲,,",
            "新公司,,,,,乙,,",
        ]
    )
    made = await applied(workspace, text)
    assert made["state"] == "applied", made
    assert made["counts"] == {"update": 5, "create": 1}
    shop = await workspace.get("agent1", f"/api/enterprises/{shop['id']}")
    assert (shop["credit_code"], shop["industry"]) == (TWO, "图书")
    assert [(contact["name"], contact["role"]) for contact in shop["contacts"]] == [("巴图", "经理")]
    hotel = await workspace.get("agent1", f"/api/enterprises/{hotel['id']}")
    assert [contact["name"] for contact in hotel["contacts"]] == ["李娜"]
    assert await counted(workspace) == (3, 4, 2)


async def test_the_same_file_again_changes_nothing(workspace: Workspace) -> None:
    text = f"{HEADER}\n草原书店,{ONE},企业,图书,小型,巴图,经理,13912345678\n"
    await applied(workspace, text)
    made = await checked(workspace, text)
    assert made["counts"] == {"skip": 1}
    answer = await workspace.refused("supervisor", "POST", f"{BASE}/{made['id']}/apply", {"version": made["version"]})
    assert answer == (409, "import.nothing")


async def test_a_float_number_and_a_formula_of_a_workbook(workspace: Workspace) -> None:
    book = Workbook()
    book.active.append(["名称", "手机", "行业", "信用代码"])
    book.active.append(["草原书店", 13912345678.0, '=HYPERLINK("http://x")', ""])
    book.active.append(["甲", "", "", 911503001234567890])
    out = io.BytesIO()
    book.save(out)
    made = await applied(workspace, out.getvalue())
    assert made["counts"] == {"create": 1, "error": 1}
    found = (await workspace.get("agent1", "/api/enterprises", search="13912345678"))["items"]
    assert [row["industry"] for row in found] == ['=HYPERLINK("http://x")']
    assert (await rows(workspace, made, outcome="error"))[0][2] == ["cell_not_trusted"]


async def test_a_doubtful_encoding_is_asked_about(workspace: Workspace) -> None:
    data = "name,phone\né,13912345678\n".encode()
    made = await upload(workspace, data)
    assert (made["encoding"], len(made["encodings"])) == (None, 2)
    path = f"{BASE}/{made['id']}/check"
    assert await workspace.refused("supervisor", "POST", path, {"version": 1}) == (422, "table.encoding_uncertain")
    made = await workspace.post("supervisor", path, {"version": 1, "encoding": "utf-8"})
    await work(workspace, made)
    page = await workspace.get("supervisor", f"{BASE}/{made['id']}/rows")
    assert page["items"][0]["subject"] == "é"


async def test_columns_can_be_assigned_otherwise(workspace: Workspace) -> None:
    made = await upload(workspace, "a,b\n草原书店,13912345678\n")
    assert made["mapping"] == {}
    path = f"{BASE}/{made['id']}/check"
    for mapping in ({}, {"nonsense": 1, "name": 0}, {"name": 0, "number": 0}, {"name": 900}):
        body = {"version": 1, "mapping": mapping}
        assert await workspace.refused("supervisor", "POST", path, body) == (422, "import.mapping")
    await workspace.post("supervisor", path, {"version": 1, "mapping": {"name": 0, "number": 1}})
    assert (await work(workspace, made))["counts"] == {"create": 1}


async def test_a_cancelled_import_leaves_nothing(workspace: Workspace) -> None:
    made = await upload(workspace, f"{HEADER}\n草原书店,,,,,,,\n")
    await workspace.post("supervisor", f"{BASE}/{made['id']}/check", {"version": 1})
    await workspace.post("supervisor", f"{BASE}/{made['id']}/cancel")
    assert (await work(workspace, made))["state"] == "cancelled"
    assert (await workspace.post("supervisor", f"{BASE}/{made['id']}/cancel"))["state"] == "cancelled"
    async with workspace.database.snapshot() as db:
        for table in (ImportRow, ImportFile):
            assert await db.scalar(select(func.count()).select_from(table)) == 0


async def test_a_check_cancelled_between_two_chunks_stops_there(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_CHECK_AT_ONCE", 2)
    text = HEADER + "\n" + "\n".join(f"公司{number},,,,,,," for number in range(10))
    made = await upload(workspace, text)
    await workspace.post("supervisor", f"{BASE}/{made['id']}/check", {"version": 1})
    assert workspace.imports is not None
    importer = workspace.imports.service.importer("enterprises")
    compare, calls = importer.compare, 0

    async def cancelling(*args: Any) -> None:
        nonlocal calls
        calls += 1
        await compare(*args)
        importer.__dict__.pop("compare", None)

    importer.__dict__["compare"] = cancelling
    real = workspace.imports.worker._check_chunk

    async def once(*args: Any) -> bool:
        more = await real(*args)
        await workspace.post("supervisor", f"{BASE}/{made['id']}/cancel")
        return more

    monkeypatch.setattr(workspace.imports.worker, "_check_chunk", once)
    assert (await work(workspace, made))["state"] == "cancelled"
    assert calls == 1
    assert await counted(workspace) == (0, 0, 0)


async def test_what_changed_since_the_check_stops_the_whole_import(workspace: Workspace) -> None:
    shop = await workspace.post("agent1", "/api/enterprises", {"name": "草原书店"})
    text = f"{HEADER}\n新公司,,,,,,,\n草原书店,,,图书,,,,\n"
    made = await checked(workspace, text)
    await workspace.patch("agent1", f"/api/enterprises/{shop['id']}", {"version": 1, "industry": "餐饮"})
    made = await workspace.post("supervisor", f"{BASE}/{made['id']}/apply", {"version": made["version"]})
    made = await work(workspace, made)
    assert made["state"] == "failed"
    assert "Row 3" in made["problem"]
    assert (await counted(workspace))[0] == 1
    made = await workspace.post("supervisor", f"{BASE}/{made['id']}/check", {"version": made["version"]})
    assert (await work(workspace, made))["counts"] == {"create": 1, "update": 1}


async def test_a_code_registered_since_the_check_stops_the_whole_import(workspace: Workspace) -> None:
    made = await checked(workspace, f"{HEADER}\n甲,,,,,,,\n乙,{ONE},,,,,,\n")
    await workspace.post("agent1", "/api/enterprises", {"name": "丙", "credit_code": ONE})
    made = await workspace.post("supervisor", f"{BASE}/{made['id']}/apply", {"version": made["version"]})
    made = await work(workspace, made)
    assert (made["state"], (await counted(workspace))[0]) == ("failed", 1)


async def test_a_file_that_breaks_in_its_middle_fails_with_the_place(workspace: Workspace) -> None:
    text = HEADER + "\n" + "公司,,,,,,,\n" * 30 + '"' + "x" * 40_000 + '",,,,,,,\n'
    made = await checked(workspace, text)
    assert made["state"] == "failed"
    assert "Row 32" in made["problem"]


async def test_the_report_is_a_table_that_runs_nothing(workspace: Workspace) -> None:
    made = await checked(workspace, f"{HEADER}\n甲,,=1+1,,,,,\n乙,,,,,,,13912345678\n")
    assert workspace.client is not None
    request = from_page(workspace.client, "supervisor")
    path = f"{BASE}/{made['id']}/report"
    async with workspace.client.get(path, params={"outcome": "error"}, **request) as response:
        text = (await response.read()).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0][3:5] == ["企业名称", "统一社会信用代码"]
    assert [(line[0], line[1], line[3], line[5]) for line in lines[1:]] == [("2", "error", "甲", "'=1+1")]


async def test_an_import_is_its_uploaders_alone(workspace: Workspace) -> None:
    made = await upload(workspace, f"{HEADER}\n甲,,,,,,,\n")
    workspace.hire("other", Role.SUPERVISOR)
    for method, rest in (("GET", ""), ("GET", "/rows"), ("GET", "/report"), ("POST", "/cancel")):
        assert (await workspace.refused("other", method, f"{BASE}/{made['id']}{rest}"))[0] == 404
    body = {"version": 1}
    for rest in ("check", "apply"):
        assert (await workspace.refused("other", "POST", f"{BASE}/{made['id']}/{rest}", body))[0] == 404


async def test_steps_out_of_order_are_refused(workspace: Workspace) -> None:
    made = await upload(workspace, f"{HEADER}\n甲,,,,,,,\n")
    path = f"{BASE}/{made['id']}"
    assert await workspace.refused("supervisor", "POST", f"{path}/apply", {"version": 1}) == (409, "import.state")
    assert await workspace.refused("supervisor", "POST", f"{path}/check", {"version": 9}) == (
        409,
        "import.version_conflict",
    )


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04junk", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", hostile_files.bomb(), hostile_files.lying_bomb()],
)
async def test_a_hostile_file_is_refused_at_the_upload(workspace: Workspace, data: bytes) -> None:
    assert workspace.client is not None
    request = from_page(workspace.client, "supervisor")
    async with workspace.client.post(BASE, data=data, params={"file_name": "x"}, **request) as response:
        assert (response.status, (await response.json())["error_id"]) == (422, "table.unreadable")


ROUTES = [
    ("POST", BASE),
    ("GET", f"{BASE}/template"),
    ("GET", f"{BASE}/x"),
    ("GET", f"{BASE}/x/rows"),
    ("GET", f"{BASE}/x/report"),
    ("POST", f"{BASE}/x/check"),
    ("POST", f"{BASE}/x/apply"),
    ("POST", f"{BASE}/x/cancel"),
]


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_import(workspace: Workspace, role: Role) -> None:
    person = workspace.hire("somebody", role)
    allowed = Permission.ENTERPRISE_MANAGE in person.permissions
    assert allowed is (role is Role.SUPERVISOR)
    for method, path in ROUTES:
        status, _ = await workspace.ask(
            "somebody",
            method,
            path,
            {"version": 1} if method == "POST" else None,
            **({"file_name": "x"} if path == BASE else {}),
        )
        assert (status == 403) is not allowed, (method, path)
        assert await workspace.refused("nobody", method, path) == (401, "auth.required")


def test_the_list_of_routes_is_whole(workspace: Workspace) -> None:
    assert workspace.imports is not None
    paths = {(route.method, route.path.format(kind="enterprises", import_id="x")) for route in workspace.imports.routes}
    assert paths == set(ROUTES)
