"""The call log as supervisors and agents use it: who may see what, search, export, listening."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import openpyxl
import pytest
import pytest_asyncio

from tests.phones.waiting import until
from tests.stories.office import Office, new_number, off_duty

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]


@dataclass
class CallInLog:
    """A call that agent 1001 took, with a case, and that the caller rated 2."""

    office: Office
    number: str
    call_id: str
    record: dict[str, Any]
    case: dict[str, Any]

    async def listed(self, **filters: str | int) -> bool:
        """Whether the log shows the call with these filters."""
        page = await self.office.api.get("/api/calls", **filters)
        return self.call_id in [row["call_id"] for row in page["items"]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told(the_office: Office) -> AsyncIterator[CallInLog]:
    office = the_office
    await office.clear()
    number = new_number()
    phone = office["1001"]
    phone.tone(440)
    phone.answers()
    async with office.on_duty() as workspace, office.caller(number, name="=1+1") as caller:
        caller.press("11")
        call = await workspace.wait_call("talking", within=20)
        case = await workspace.api.post("/api/cases", call_id=call["call_id"])
        case = await workspace.api.patch(f"/api/cases/{case['id']}", version=case["version"], title="咨询开办流程")
        await caller.listen(2)
        phone.hang_up()
        await office.comes_to(caller, "survey")
        caller.press("2")
        await caller.wait_for("disconnected", within=15)
        record = await office.record(call["call_id"])
        await off_duty(workspace)
    told = CallInLog(office, number, call["call_id"], record, case)
    # What is read of a call is up to date at once; what is searched, when it has been written.
    await until(lambda: told.listed(outcome="answered", survey=2), what="the record is written")
    yield told


async def test_the_record_shows_the_whole_call(told: CallInLog) -> None:
    record = told.record
    assert (record["outcome"], record["queue"], record["agents"]) == ("answered", "enterprise", ["1001"])
    assert (record["entry"], record["dialed"], record["caller_name"]) == ("trunk", "12345", "=1+1")
    assert (record["flow"], record["survey"], record["ended_by"]) == ("enterprise", 2, "agent")
    assert record["started_at"] <= record["queued_at"] <= record["answered_at"] <= record["ended_at"]
    assert [step["node"] for step in record["path"]] == [
        *("arrive", "identify", "hours", "welcome", "announcements", "menu"),
        *("to-enterprise", "enterprise-queue", "survey", "thanks"),
    ]
    assert record["talk_seconds"] >= 2
    assert record["gap"] is False


async def test_the_case_of_the_call_is_in_its_record(told: CallInLog) -> None:
    detail = await told.office.api.get(f"/api/calls/{told.call_id}")
    assert [(case["number"], case["title"]) for case in detail["cases"]] == [(told.case["number"], "咨询开办流程")]


async def test_numbers_are_masked_even_for_who_took_the_call(told: CallInLog) -> None:
    masked = f"138****{told.number[-4:]}"
    async with told.office.city.as_user("agent1") as agent:
        row = await agent.get(f"/api/calls/{told.call_id}")
        assert row["caller_number"] == masked
        async with agent.http.post(f"/api/calls/{told.call_id}/unmask") as answer:
            assert answer.status == 403
    assert told.record["caller_number"] == masked


async def test_an_agent_sees_no_call_of_a_colleague(told: CallInLog) -> None:
    async with told.office.city.as_user("agent2") as agent, agent.http.get(f"/api/calls/{told.call_id}") as answer:
        assert answer.status == 404


async def test_a_supervisor_may_unmask_and_it_is_noted_who_did(told: CallInLog) -> None:
    answer = await told.office.api.post(f"/api/calls/{told.call_id}/unmask")
    assert answer["caller_number"] == told.number
    entries = await told.office.audit("call.unmask")
    assert (entries[0]["username"], entries[0]["target"]) == ("supervisor", told.call_id)


async def test_a_call_is_found_by_number_name_agent_queue_outcome_and_rating(told: CallInLog) -> None:
    for filters in (
        {"search": told.number},
        {"search": told.number[-4:]},
        {"search": "=1+1"},
        {"search": told.call_id},
        {"agent": "1001", "queue": "enterprise", "outcome": "answered", "survey": 2},
        {"from": told.record["started_at"]},
    ):
        assert await told.listed(**filters), filters
    for filters in ({"agent": "1002"}, {"queue": "public"}, {"outcome": "voicemail"}, {"survey": 5}):
        assert not await told.listed(search=told.number, **filters), filters


async def test_the_csv_export_opens_in_a_spreadsheet_and_runs_no_formula(told: CallInLog) -> None:
    query = {"format": "csv", "search": told.number}
    async with told.office.api.http.get("/api/calls/export", params=query) as answer:
        assert answer.content_type == "text/csv"
        text = (await answer.read()).decode("utf-8")
    assert text.startswith("\ufeff")
    _, row = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert row[0] == told.call_id
    assert row[2] == told.record["caller_number"]
    assert row[3] == "'=1+1"
    assert "\t" + told.case["number"] in row, "a number of many digits stays a text"


async def test_the_xlsx_export_holds_the_same(told: CallInLog) -> None:
    query = {"format": "xlsx", "search": told.number}
    async with told.office.api.http.get("/api/calls/export", params=query) as answer:
        book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
    _, row = book.worksheets[0].iter_rows()
    assert row[0].value == told.call_id
    assert (row[3].value, row[3].data_type, row[3].number_format) == ("=1+1", "s", "@"), "a text, no formula"
    assert told.case["number"] in [cell.value for cell in row]


async def test_an_agent_may_not_export(told: CallInLog) -> None:
    async with told.office.city.as_user("agent1") as agent, agent.http.get("/api/calls/export") as answer:
        assert answer.status == 403


async def test_a_player_may_seek_in_the_recording(told: CallInLog) -> None:
    address = f"/api/calls/{told.call_id}/recording"
    async with told.office.api.http.get(address) as answer:
        whole = await answer.read()
        assert answer.content_type == "audio/wav"
    assert whole[:4] == b"RIFF"
    async with told.office.api.http.get(address, headers={"Range": "bytes=1000-1999"}) as answer:
        assert answer.status == 206
        assert answer.headers["Content-Range"] == f"bytes 1000-1999/{len(whole)}"
        assert await answer.read() == whole[1000:2000]
    async with told.office.api.http.get(address, headers={"Range": f"bytes={len(whole)}-"}) as answer:
        assert answer.status == 416


async def test_the_waveform_shows_that_there_is_sound(told: CallInLog) -> None:
    shape = await told.office.api.get(f"/api/calls/{told.call_id}/peaks")
    assert len(shape["peaks"]) == 800
    assert 0.1 < max(shape["peaks"]) <= 1
    assert shape["seconds"] == pytest.approx(told.record["recording"]["seconds"], abs=0.2)


async def test_listening_is_noted_and_needs_the_right(told: CallInLog) -> None:
    async with told.office.api.http.get(f"/api/calls/{told.call_id}/recording?side=caller") as answer:
        assert answer.status == 200
    entries = await told.office.audit("recording.play")
    assert told.call_id in [entry["target"] for entry in entries]
    async with told.office.city.as_user("dispatcher") as other:
        async with other.http.get(f"/api/calls/{told.call_id}/recording") as answer:
            assert answer.status == 403
