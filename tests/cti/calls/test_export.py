"""The log as a file for a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from callflow.events import DigitsEntered, NodeEntered, SafeFlowUsed
from cti.calls import routes
from cti.calls.exports.files import COLUMNS, heading
from cti.events import ConsultStarted
from cti.ports import CaseReference
from hotline.kernel.ids import uuid7
from hotline.kernel.spreadsheet import csv_cell
from tests.cti.calls.callers import CallStory
from tests.cti.calls.conftest import House

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


async def csv_rows(house: House, **query: Any) -> list[dict[str, str]]:
    response, body = await house.bytes("supervisor", "/api/calls/export", **query)
    assert response.status == 200, body
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert rows[0] == heading(ZoneInfo("Asia/Shanghai"))
    keys = [column.split()[1] for column in COLUMNS]
    return [dict(zip(keys, row, strict=True)) for row in rows[1:]]


async def test_csv(house: House) -> None:
    call = CallStory(uuid7(), MORNING, name="李雷")
    await house.happens(*call.simple())
    house.cases.references[call.call_id] = [CaseReference(id="c", number="202603020001", title="", state="draft")]
    (row,) = await csv_rows(house)
    assert row["call_id"] == call.call_id
    assert (row["started_at"], row["caller_number"], row["caller_name"]) == (
        "2026-03-02 09:00:00",
        "'+86139****5678",
        "李雷",
    )
    assert (row["outcome"], row["agents"], row["talk_seconds"], row["survey"]) == ("answered", "1001", "60", "1")
    # A spreadsheet would show a bare number as 2.02603E+11.
    assert row["cases"] == "\t202603020001"


async def test_the_way_of_a_call_and_who_was_asked(house: House) -> None:
    call = CallStory(uuid7(), MORNING)
    consulted = ConsultStarted(
        at=call.at(30),
        call_id=call.call_id,
        agent="1002",
        specialist_id="s-1",
        specialist="=刘建国",
        unit="=税务局",
    )
    keyed = DigitsEntered(at=call.at(2), call_id=call.call_id, node="menu", digits="13912345678")
    await house.happens(
        call.arrives(),
        *call.menu(),
        keyed,
        NodeEntered(at=call.at(3), call_id=call.call_id, node="queue", action="queue", label=""),
        call.queues(4),
        call.rings(5, "1001"),
        call.misses(25, "1001"),
        call.rings(26, "1002"),
        call.answers(29, "1002"),
        consulted,
        call.talk_ends(60, 31, "1002"),
        call.ends(61, cause=31),
    )
    (row,) = await csv_rows(house)
    assert (row["dialed"], row["flow"], row["flow_version"], row["cause"]) == ("12345", "enterprise", "3", "31")
    assert row["path"] == "主菜单 [1 139****5678] > queue"
    assert row["attempts"] == "1001 timeout 20 s; 1002 answered 3 s"
    assert row["specialists"] == "'=税务局 =刘建国 cancelled"
    assert row["safe_reason"] == ""


async def test_why_the_dialplan_served_a_caller_by_itself(house: House) -> None:
    call = CallStory(uuid7(), MORNING)
    safe = SafeFlowUsed(at=call.at(1), call_id=call.call_id, reason="no_lease")
    await house.happens(call.arrives(), safe, call.ends(9))
    (row,) = await csv_rows(house)
    assert (row["outcome"], row["safe_reason"]) == ("safe_flow", "no_lease")


async def test_the_filters_of_the_page_count_and_the_export_is_audited(house: House) -> None:
    early, late = CallStory(uuid7(), MORNING), CallStory(uuid7(), MORNING + timedelta(hours=1))
    await house.happens(*early.simple("1001"), *late.simple("1002"))
    assert [row["call_id"] for row in await csv_rows(house, agent="1001")] == [early.call_id]
    assert [row["call_id"] for row in await csv_rows(house, search="13912345678")] == [late.call_id, early.call_id]
    audits = [record for record in house.audits.records if record.action == "call.export"]
    assert [record.detail["rows"] for record in audits] == [1, 2]
    assert audits[0].detail["filters"] == {"agent": ["1001"]}
    # What was searched for may be somebody's number.
    assert "139" not in str(audits[1].detail)


async def test_more_calls_than_a_page_of_the_database(lite: House) -> None:
    stories = [CallStory(uuid7(), MORNING + timedelta(minutes=minute)) for minute in range(450)]
    await lite.happens(*(event for story in stories for event in (story.arrives(), story.ends(5))))
    rows = await csv_rows(lite)
    assert [row["call_id"] for row in rows] == [story.call_id for story in reversed(stories)]


async def test_xlsx(lite: House) -> None:
    bad = CallStory(uuid7(), MORNING, number="13912345678", name='=HYPERLINK("http://x")\x01')
    odd = CallStory(uuid7(), MORNING - timedelta(hours=1), number="13912345678", name="-明珠-")
    await lite.happens(*bad.simple(), *odd.simple())
    lite.cases.references[odd.call_id] = [CaseReference(id="c", number="261130000248", title="", state="draft")]
    response, body = await lite.bytes("supervisor", "/api/calls/export", format="xlsx")
    assert response.status == 200
    assert response.headers["Content-Disposition"].endswith('.xlsx"')
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    header, row, other = sheet.iter_rows()
    assert tuple(cell.value for cell in header) == tuple(heading(ZoneInfo("Asia/Shanghai")))
    values = dict(zip(COLUMNS, row, strict=True))
    name = values["主叫名称 caller_name"]
    assert (name.data_type, name.value) == ("s", '=HYPERLINK("http://x")\ufffd')
    # As it is stored; only a CSV needs a mark.
    others = dict(zip(COLUMNS, other, strict=True))
    assert (others["主叫名称 caller_name"].value, others["主叫名称 caller_name"].data_type) == ("-明珠-", "s")
    assert (others["工单 cases"].value, others["工单 cases"].data_type) == ("261130000248", "s")
    assert values["通话秒数 talk_seconds"].value == 60
    assert (values["流程版本 flow_version"].value, values["挂机原因 cause (Q.850)"].value) == (3, 16)
    assert values["振铃记录 attempts"].value == "1001 answered 2 s"


async def test_no_calls_make_a_file_with_its_head_alone(lite: House) -> None:
    assert await csv_rows(lite) == []
    _, body = await lite.bytes("supervisor", "/api/calls/export", format="xlsx")
    assert openpyxl.load_workbook(io.BytesIO(body)).active.max_row == 1


async def test_too_many_calls_are_refused_in_words(lite: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "MOST_ROWS", 2)
    for minute in range(3):
        call = CallStory(uuid7(), MORNING + timedelta(minutes=minute))
        await lite.happens(call.arrives(), call.ends(3))
    status, problem = await lite.ask("supervisor", "GET", "/api/calls/export")
    assert (status, problem["error_id"]) == (422, "export.too_large")
    assert "More than 2" in problem["detail"]
    assert len(await csv_rows(lite, **{"to": "2026-03-02T01:02:00Z"})) == 2


async def test_who_may_not_export(lite: House) -> None:
    for who in ("agent1", "qa"):
        assert (await lite.ask(who, "GET", "/api/calls/export"))[0] == 403


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=1", "＝1＋1", "＋86"])
def test_what_a_spreadsheet_might_run(text: str) -> None:
    assert str(csv_cell(text)).startswith("'")


@pytest.mark.parametrize(
    "text",
    [
        *("261130000248", "911503001234567890", "02991001", "1732950000.120", "150302190001010051"),
        *("13912345678901", " 261130000248", "12E5", "1,234,567,890"),
    ],
)
def test_digits_that_a_spreadsheet_would_round_or_shorten_stay_text(text: str) -> None:
    assert csv_cell(text) == "\t" + text


@pytest.mark.parametrize("text", ["李雷", "12345", "a=b", "", "2026-03-02 01:00:00"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert csv_cell(text) == text


def test_numbers_stay_numbers() -> None:
    assert csv_cell(-5) == -5
