"""An import of many rows, some of them bad: progress, a report that names them all, and nothing half done."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from bench.imports import enterprise_file
from hotline.kernel.imports import worker as worker_module
from hotline.kernel.imports import writing
from tests.crm.conftest import Workspace
from tests.crm.test_enterprise_import import BASE, counted, upload, work
from tests.hotline.web import from_page

ROWS, EVERY = 1000, 50
BAD = [number + 1 for number in range(EVERY, ROWS + 1, EVERY)]
"""As the spreadsheet numbers them: the header is row 1."""


@pytest.fixture(autouse=True)
def a_chunk_an_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "_CHECK_AT_ONCE", 200)
    monkeypatch.setattr(worker_module, "_BUDGET", timedelta(seconds=-1))
    monkeypatch.setattr(writing, "_FIRST", 200)
    monkeypatch.setattr(writing, "_BUDGET", timedelta(seconds=-1))


async def to_check(workspace: Workspace) -> Any:
    made = await upload(workspace, enterprise_file(ROWS, EVERY))
    return await workspace.post("supervisor", f"{BASE}/{made['id']}/check", {"version": made["version"]})


async def worked(workspace: Workspace, made: Any) -> tuple[Any, list[int]]:
    """The import in the end, and what its page showed after each chunk."""
    shown = []
    while made["state"] in ("checking", "applying", "reverting"):
        made = await work(workspace, made)
        shown.append(made["rows_done"])
    return made, shown


async def test_progress_is_shown_and_the_report_names_each_bad_row(workspace: Workspace) -> None:
    made, shown = await worked(workspace, await to_check(workspace))
    assert shown == [200, 400, 600, 800, 1000, 1000]
    assert made["counts"] == {"create": ROWS - len(BAD), "error": len(BAD)}
    listed: list[int] = []
    query: dict[str, Any] = {"outcome": "error", "limit": 8}
    while True:
        page = await workspace.get("supervisor", f"{BASE}/{made['id']}/rows", **query)
        listed += [row["number"] for row in page["items"]]
        assert {problem["code"] for row in page["items"] for problem in row["problems"]} == {"number_invalid"}
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert listed == BAD
    assert workspace.client is not None
    request = from_page(workspace.client, "supervisor")
    async with workspace.client.get(f"{BASE}/{made['id']}/report", params={"outcome": "error"}, **request) as response:
        table = csv.reader(io.StringIO((await response.read()).decode("utf-8-sig")))
    assert [int(line[0]) for line in list(table)[1:]] == BAD
    assert await counted(workspace) == (0, 0, 0)
    made = await workspace.post("supervisor", f"{BASE}/{made['id']}/apply", {"version": made["version"]})
    made, shown = await worked(workspace, made)
    assert made["state"] == "applied"
    assert len(shown) > 2
    assert shown == sorted(shown)
    assert await counted(workspace) == (ROWS - len(BAD),) * 3


async def test_cancelled_while_it_is_written_it_is_taken_back_and_says_how_far(workspace: Workspace) -> None:
    made, _ = await worked(workspace, await to_check(workspace))
    made = await workspace.post("supervisor", f"{BASE}/{made['id']}/apply", {"version": made["version"]})
    made = await work(workspace, await work(workspace, made))
    written = (await counted(workspace))[0]
    assert 0 < written < ROWS - len(BAD)
    made = await workspace.post("supervisor", f"{BASE}/{made['id']}/cancel")
    assert made["state"] == "reverting"
    made, shown = await worked(workspace, made)
    assert (made["state"], made["problem"]) == ("cancelled", None)
    assert shown[0] < written
    assert await counted(workspace) == (0, 0, 0)


async def test_cancelled_while_it_is_checked_it_leaves_nothing(workspace: Workspace) -> None:
    made = await work(workspace, await to_check(workspace))
    assert (made["state"], made["rows_done"]) == ("checking", 200)
    await workspace.post("supervisor", f"{BASE}/{made['id']}/cancel")
    assert (await work(workspace, made))["state"] == "cancelled"
    page = await workspace.get("supervisor", f"{BASE}/{made['id']}/rows")
    assert page["items"] == []
    assert await counted(workspace) == (0, 0, 0)


async def test_a_check_that_breaks_off_is_continued_by_another_process(workspace: Workspace) -> None:
    made = await to_check(workspace)
    assert workspace.imports is not None
    importer = workspace.imports.service.importer("enterprises")

    async def dying(*_: object) -> None:
        raise asyncio.CancelledError

    made = await work(workspace, made)
    importer.__dict__["compare"] = dying
    with pytest.raises(asyncio.CancelledError):
        await work(workspace, made)
    del importer.__dict__["compare"]
    made, shown = await worked(workspace, made)
    assert shown == [400, 600, 800, 1000, 1000]
    assert made["counts"] == {"create": ROWS - len(BAD), "error": len(BAD)}
