"""What becomes of a caller whom nobody answers: who hangs up, who waits too long, who calls out of hours."""

from __future__ import annotations

import io

import pytest
import soundfile

from tests.fakes.hearing import tone_levels
from tests.stories.office import KNOWN, TONES, Office, hear, keys, nodes, said

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]


async def test_the_caller_hangs_up_in_the_menu(office: Office) -> None:
    async with office.caller() as caller:
        caller.press("4")
        await office.comes_to(caller, "english-menu")
        caller.hang_up()
        record = await office.record_of(caller)
    assert record["outcome"] == "abandoned_menu"
    assert record["ended_by"] == "caller"
    assert record["ended_in"] == "english-menu"
    assert record["attempts"] == []


async def test_the_caller_hangs_up_in_the_queue(office: Office) -> None:
    async with office.caller() as caller:
        caller.press("11")
        await office.comes_to(caller, "enterprise-desk")
        await hear({caller: {"music"}})
        await caller.listen(1)
        caller.hang_up()
        record = await office.record_of(caller)
    assert record["outcome"] == "abandoned_queue"
    assert record["ended_by"] == "caller"
    assert record["queue"] == "enterprise"
    assert record["waited_seconds"] >= 1
    assert record["answered_at"] is None


async def test_the_caller_hears_that_they_are_next(office: Office) -> None:
    async with office.caller() as caller:
        await caller.heard()
        caller.press("11")
        await office.comes_to(caller, "enterprise-desk")
        assert await said(await caller.listen_on(3), "queue-next") > 0.7


async def test_the_caller_hangs_up_while_the_agent_rings(office: Office) -> None:
    phone = office["1001"]
    async with office.on_duty() as desk, office.caller() as caller:
        caller.press("11")
        await desk.wait_call("ringing")
        await phone.wait_for("ringing")
        caller.hang_up()
        await phone.wait_for("disconnected")
        await desk.wait_state("ready")
        assert desk.call is None
        record = await office.record_of(caller)
    assert record["outcome"] == "abandoned_queue"
    assert [attempt["result"] for attempt in record["attempts"]] == ["withdrawn"]


async def test_an_agent_does_not_answer_and_the_next_one_rings(hurried: Office) -> None:
    hurried["1002"].tone(TONES["agent"])
    async with hurried.on_duty("1001") as first, hurried.caller() as caller:
        caller.press("20")
        await first.wait_call("ringing", within=20)
        async with hurried.on_duty("1002") as second:
            await second.wait_call("ringing", within=20)
            await first.wait(lambda d: d.agent["pause_reason"] == "missed", what="the first agent is paused as missed")
            assert first.agent["state"] == "paused"
            hurried["1002"].answer()
            await second.wait_call("talking")
            await hear({caller: {"agent"}, hurried["1002"]: {"caller"}})
            caller.hang_up()
            record = await hurried.record_of(caller)
    assert [(a["agent"], a["result"]) for a in record["attempts"]] == [("1001", "timeout"), ("1002", "answered")]
    assert record["attempts"][0]["rang_seconds"] >= 1


async def test_who_waits_too_long_may_leave_a_message_and_it_can_be_heard(hurried: Office) -> None:
    async with hurried.caller() as caller:
        caller.press("11")
        await hurried.comes_to(caller, "busy")
        await caller.heard()
        assert await said(await caller.listen(5), "desk-busy") > 0.7
        caller.press("1")
        await hurried.leaves_a_message(caller)
        caller.press("#")
        await caller.wait_for("disconnected", within=20)
        record = await hurried.record_of(caller)
    assert record["outcome"] == "voicemail"
    assert record["has_voicemail"]
    assert record["voicemail_seconds"] >= 1
    assert nodes(record)[-4:] == ["overflow-desk", "busy", "voicemail", "voicemail-thanks"]
    async with hurried.api.http.get(f"/api/calls/{record['call_id']}/recording?side=voicemail") as answer:
        samples, rate = soundfile.read(io.BytesIO(await answer.read()), dtype="float32")
    assert tone_levels(samples, rate, (TONES["caller"],))[TONES["caller"]] > -30


async def test_a_message_is_kept_when_the_caller_just_hangs_up(hurried: Office) -> None:
    async with hurried.caller(KNOWN) as caller:
        caller.press("1")
        await hurried.leaves_a_message(caller)
        caller.hang_up()
        record = await hurried.record_of(caller)
    assert record["outcome"] == "voicemail"
    assert record["voicemail_seconds"] >= 1


async def test_out_of_hours_the_caller_is_told(hurried: Office) -> None:
    async with hurried.caller(KNOWN) as caller:
        assert await said(await caller.listen(5), "out-of-hours") > 0.7
        caller.hang_up()
        record = await hurried.record_of(caller)
    assert record["outcome"] == "out_of_hours"


async def test_out_of_hours_0_reaches_a_person(hurried: Office) -> None:
    async with hurried.on_duty() as desk, hurried.caller(KNOWN) as caller:
        await hurried.comes_to(caller, "closed")
        caller.press("0")
        call = await desk.wait_call("ringing")
        assert call["queue"] == "public"
        assert keys(call) == ["0"]
