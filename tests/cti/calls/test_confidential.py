"""A call of a confidential case is for those who may open the case."""

from __future__ import annotations

import pytest

from hotline.kernel.ids import uuid7
from tests.cti.calls.callers import CallStory
from tests.cti.calls.conftest import House
from tests.cti.calls.test_recordings import MORNING, record


@pytest.fixture
async def closed(lite: House) -> CallStory:
    call = CallStory(uuid7(), MORNING)
    for side in ("-caller", "-agent"):
        record(lite.recordings, call.call_id + side)
    await lite.happens(*call.simple())
    lite.cases.confidential.add(call.call_id)
    return call


@pytest.mark.parametrize("part", ["", "/recording", "/peaks"])
async def test_detail_and_recording_are_closed(lite: House, closed: CallStory, part: str) -> None:
    path = f"/api/calls/{closed.call_id}{part}"
    assert (await lite.ask("qa", "GET", path))[0] == 403
    response, _ = await lite.bytes("supervisor", path)
    assert response.status == 200


async def test_a_list_shows_neither_caller_nor_recording(lite: House, closed: CallStory) -> None:
    [row] = (await lite.get("qa", "/api/calls"))["items"]
    assert (row["confidential"], row["caller_number"], row["caller_name"], row["enterprise_name"]) == (True, "", "", "")
    assert (row["enterprise_id"], row["has_recording"]) == (None, False)
    [row] = (await lite.get("supervisor", "/api/calls"))["items"]
    assert row["confidential"] is False
    assert row["caller_number"]


async def test_no_search_shows_whose_it_was(lite: House, closed: CallStory) -> None:
    [row] = (await lite.get("supervisor", "/api/calls"))["items"]
    last = row["caller_number"][-4:]
    assert (await lite.get("supervisor", "/api/calls", search=last))["items"]
    assert (await lite.get("qa", "/api/calls", search=last))["items"] == []


async def test_the_agent_at_its_phone_sees_the_call_while_it_lasts(lite: House, closed: CallStory) -> None:
    path = f"/api/calls/{closed.call_id}"
    lite.numbers.calls["id-agent1"] = closed.call_id
    assert (await lite.ask("agent1", "GET", path))[0] == 200
    lite.numbers.calls.clear()
    assert (await lite.ask("agent1", "GET", path))[0] == 403


async def test_an_export_keeps_it_closed(lite: House, closed: CallStory) -> None:
    assert lite.client is not None
    shown = (await lite.bytes("supervisor", "/api/calls/export"))[1].decode("utf-8-sig")
    number = (await lite.get("supervisor", "/api/calls"))["items"][0]["caller_number"]
    assert number in shown
    lite.people["other"] = lite.people["supervisor"].__class__(
        user_id="id-other", roles=frozenset({"qa"}), permissions=lite.people["supervisor"].permissions
    )
    hidden = (await lite.bytes("other", "/api/calls/export"))[1].decode("utf-8-sig")
    assert closed.call_id in hidden or len(hidden.splitlines()) == len(shown.splitlines())
    assert number not in hidden
