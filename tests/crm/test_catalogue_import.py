"""Files of items, from the check to the catalogue, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from crm.catalogue.service import CatalogueService
from hotline.accounts.roles import Permission, Role
from hotline.kernel.imports import repository
from hotline.kernel.imports import worker as worker_module
from hotline.kernel.imports.models import ImportRecord
from tests.crm.conftest import Workspace
from tests.crm.test_catalogue import add
from tests.crm.test_units import a_unit
from tests.hotline import imports

HEADER = "事项编码,事项名称,上级编码,承办单位,办结时限,时限依据,关键词"


async def checked(workspace: Workspace, *rows: str) -> ImportRecord:
    assert workspace.imports is not None
    return await imports.checked(workspace.database, workspace.imports, "catalogue", "\n".join([HEADER, *rows]))


async def applied(workspace: Workspace, made: ImportRecord) -> ImportRecord:
    assert workspace.imports is not None
    return await imports.applied(workspace.database, workspace.imports, made)


async def problems(workspace: Workspace, made: ImportRecord) -> dict[int, list[str]]:
    assert workspace.imports is not None
    return await imports.problems(workspace.database, workspace.imports, made)


async def items(workspace: Workspace) -> dict[str, Any]:
    async with workspace.database.snapshot() as db:
        return {view.code: view for view in await CatalogueService().listed(db, active=None)}


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that depend on one another are checked in different chunks."""
    monkeypatch.setattr(worker_module, "_CHECK_AT_ONCE", 2)


async def test_a_child_may_stand_above_its_parent(workspace: Workspace) -> None:
    await workspace.post("supervisor", "/api/units", a_unit(name="市税务局"))
    made = await checked(
        workspace,
        "A.1.1,发票领用,A.1,,,,",
        "A.1,发票,A,市税务局,15个工作日,《发票管理办法》第十五条,发票、领票,",
        "B,执照,,,4 working hours,Law,",
        "A,税务,,,,,",
    )
    assert made.counts == {"create": 4}
    assert await items(workspace) == {}
    assert (await applied(workspace, made)).state == "applied"
    found = await items(workspace)
    assert {code: item.level for code, item in found.items()} == {"A": 1, "A.1": 2, "A.1.1": 3, "B": 1}
    assert (found["A.1.1"].handled_by.name, found["A.1.1"].limit_applied.amount) == ("市税务局", 15)
    assert (found["A.1"].keywords, found["B"].limit.unit) == (["发票", "领票"], "working_hour")


async def test_a_row_changes_what_it_says_and_nothing_else(workspace: Workspace) -> None:
    limit = {"amount": 3, "unit": "working_day", "basis": "Law"}
    top = await add(workspace, "A", keywords=["税"])
    await add(workspace, "B", top["id"], limit=limit)
    made = await checked(workspace, "A,税务,,,,,", "B,事项B,A,,3工作日,Law,", "B2,新,B,,,,票")
    assert made.counts == {"update": 1, "skip": 1, "create": 1}
    await applied(workspace, made)
    found = await items(workspace)
    assert (found["A"].name, found["A"].keywords, found["B2"].level) == ("税务", ["税"], 3)
    assert found["B"].limit.model_dump(mode="json") == limit
    assert (await checked(workspace, "A,税务,,,,,", "B2,新,B,,,,票")).counts == {"skip": 2}


async def test_every_bad_row_says_why(workspace: Workspace) -> None:
    closed = await add(workspace, "OLD")
    await workspace.patch("supervisor", f"/api/catalogue/{closed['id']}", {"version": 1, "active": False})
    made = await checked(
        workspace,
        "A,好,,,,,",
        "A,又,,,,,",
        "有 空,名,,,,,",
        "B,,,,,,",
        "C,名,NONE,,,,",
        "D,名,C,,,,",
        "E,名,OLD,,,,",
        "F,名,,无此单位,,,",
        "G,名,,,15,,",
        "H,名,,,15天,Law,",
        "I,名,,,,," + "关键" * 40,
        "J,名,F,,,,",
    )
    assert await problems(workspace, made) == {
        3: ["code_repeated"],
        4: ["text_invalid"],
        5: ["text_invalid"],
        6: ["parent_unknown"],
        7: ["parent_unknown"],
        8: ["parent_closed"],
        9: ["unit_unknown"],
        10: ["limit_without_law"],
        11: ["limit_invalid"],
        12: ["keywords_invalid"],
        13: ["parent_unknown"],
    }
    assert made.counts == {"create": 1, "error": 11}


async def test_a_cycle_over_several_chunks_is_found_before_anything_is_written(workspace: Workspace) -> None:
    await add(workspace, "A")
    await add(workspace, "B")
    made = await checked(workspace, "A,甲,C,,,,", "X,好,,,,,", "B,乙,A,,,,", "Y,好,X,,,,", "C,丙,B,,,,", "Z,丁,C,,,,")
    assert await problems(workspace, made) == {2: ["cycle"], 4: ["cycle"], 6: ["cycle"], 7: ["parent_unknown"]}
    await applied(workspace, made)
    found = await items(workspace)
    assert {code: item.level for code, item in found.items()} == {"A": 1, "B": 1, "X": 1, "Y": 2}


async def test_a_sixth_level_is_refused_also_where_it_is_below_what_moves(workspace: Workspace) -> None:
    moved = await add(workspace, "M")
    await add(workspace, "M1", moved["id"])
    made = await checked(
        workspace,
        "L5,五,L4,,,,",
        "L6,六,L5,,,,",
        "L4,四,L3,,,,",
        "M,移,L4,,,,",
        "L3,三,L2,,,,",
        "L2,二,L1,,,,",
        "L1,一,,,,,",
    )
    assert await problems(workspace, made) == {3: ["too_deep"], 5: ["too_deep"]}


async def test_what_changed_since_the_check_stops_the_whole_import(workspace: Workspace) -> None:
    await add(workspace, "A")
    made = await checked(workspace, "B,乙,,,,,", "C,丙,A,,,,")
    await add(workspace, "B")
    failed = await applied(workspace, made)
    assert (failed.state, "Row 2" in (failed.problem or "")) == ("failed", True)
    assert set(await items(workspace)) == {"A", "B"}


async def test_a_unit_that_is_gone_is_no_unit(workspace: Workspace) -> None:
    unit = await workspace.post("supervisor", "/api/units", a_unit(name="市税务局"))
    made = await checked(workspace, "A,税务,,市税务局,,,", "B,执照,,,,,")
    await workspace.patch("supervisor", f"/api/units/{unit['id']}", {"version": 1, "active": False})
    failed = await applied(workspace, made)
    assert (failed.state, "Row 2" in (failed.problem or "")) == ("failed", True)
    assert await items(workspace) == {}
    again = await checked(workspace, "A,税务,,市税务局,,,", "B,执照,,,,,")
    assert await problems(workspace, again) == {2: ["unit_unknown"]}


async def test_a_code_that_a_spreadsheet_has_rounded_is_not_taken(workspace: Workspace) -> None:
    made = await checked(workspace, "911503001234567000,税务,,,,,", "B,执照,9.11503E+17,,,,", "C,发票,,,,,")
    assert await problems(workspace, made) == {2: ["cell_not_trusted"], 3: ["cell_not_trusted"]}
    assert made.counts == {"create": 1, "error": 2}


async def test_what_was_written_is_taken_back_but_for_what_is_used(workspace: Workspace) -> None:
    await add(workspace, "A")
    made = await checked(workspace, "A,新名,,,,,", "N,新,A,,,,", "N1,新,N,,,,", "K,留,,,,,", "K1,留,K,,,,")
    importer = workspace.imports.service.importer("catalogue")  # type: ignore[union-attr]
    await applied(workspace, made)
    used = (await items(workspace))["K1"]
    await workspace.patch("supervisor", f"/api/catalogue/{used.id}", {"version": 1, "name": "用了"})
    async with workspace.database.transaction() as db:
        written = await repository.to_undo(db, made.id, upto=99, most=99)
        assert await importer.undo(db, written) == 2
    found = await items(workspace)
    assert (set(found), found["A"].name) == ({"A", "K", "K1"}, "事项A")


async def test_a_workbook_and_a_file_of_an_old_spreadsheet(workspace: Workspace) -> None:
    assert workspace.imports is not None
    book = imports.workbook(["编码", "名称", "办理时限（工作日）", "依据"], ["A", "税务", 15.0, "Law"])
    old = "编码,名称,上级\nA.1,发票领用,A\n".encode("gb18030")
    for data in (book, old):
        made = await imports.checked(workspace.database, workspace.imports, "catalogue", data)
        assert (await applied(workspace, made)).state == "applied"
    found = await items(workspace)
    assert (found["A"].limit.amount, found["A.1"].name, found["A.1"].level) == (15, "发票领用", 2)


async def test_more_rows_than_a_catalogue_has_are_refused(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    importer = workspace.imports.service.importer("catalogue")  # type: ignore[union-attr]
    monkeypatch.setattr(importer, "most_rows", 2)
    made = await checked(workspace, "A,甲,,,,,", "B,乙,,,,,", "C,丙,,,,,")
    assert (made.state, made.rows_done) == ("failed", 0)
    assert "at most 2" in (made.problem or "")


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_import_a_catalogue(workspace: Workspace, role: Role) -> None:
    allowed = Permission.UNIT_WRITE in workspace.hire("somebody", role).permissions
    status, _ = await workspace.ask("somebody", "GET", "/api/imports/catalogue/x")
    assert status == (404 if allowed else 403)
