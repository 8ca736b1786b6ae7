"""What becomes of a caller whom nobody answers: who hangs up, who waits too long, who calls out of hours."""

from __future__ import annotations

import contextlib
import io
import time
from pathlib import Path

import pytest
import soundfile

from tests.fakes.hearing import tone_levels
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until
from tests.stories.office import ITSELF, KNOWN, LOGINS, TONES, Office, hear, keys, nodes, said, said_in_turn

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
        await office.comes_to(caller, "enterprise-queue")
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
        await office.comes_to(caller, "enterprise-queue")
        assert await said(await caller.listen_on(3), "queue-next") > 0.7


async def test_who_waits_hears_how_long_it_will_take_as_far_as_others_have_shown_it(office: Office) -> None:
    await forget_the_pace(office)
    async with contextlib.AsyncExitStack() as stack:
        numbers = list(LOGINS)
        waiting = [await stack.enter_async_context(office.caller()) for _ in numbers]
        for place, caller in enumerate(waiting, 1):
            caller.press("11")
            await wait_in_line(office, place)
        # Three have to have waited for ten seconds before anything is known; until then nobody is told a time.
        assert max(times_heard(office, await waiting[0].listen(12)).values()) < 0.5
        for number in numbers:
            office[number].answers()
        queues = [await stack.enter_async_context(office.on_duty(number)) for number in numbers]
        for workspace in queues:
            await workspace.wait_call("talking", within=20)
        last = await stack.enter_async_context(office.caller())
        last.press("11")
        await wait_in_line(office, 1)
        await hears_the_time(office, last, "2")


@pytest.mark.parametrize(("key", "language", "seconds", "band"), [("11", "zh", 280, "5"), ("411", "en", 500, "10")])
async def test_the_expected_wait_is_said_in_bands(
    office: Office, key: str, language: str, seconds: int, band: str
) -> None:
    await forget_the_pace(office, then=[seconds] * 3)
    async with office.on_duty(), office.caller() as first, office.caller() as second:
        office["1001"].answers()
        first.press(key)
        await office["1001"].wait_for("confirmed", within=20)
        second.press(key)
        await wait_in_line(office, 1)
        await hears_the_time(office, second, band, language=language)
    await forget_the_pace(office)


async def test_the_caller_hangs_up_while_the_agent_rings(office: Office) -> None:
    phone = office["1001"]
    async with office.on_duty() as workspace, office.caller() as caller:
        caller.press("11")
        await workspace.wait_call("ringing")
        await phone.wait_for("ringing")
        caller.hang_up()
        await phone.wait_for("disconnected")
        await workspace.wait_state("ready")
        assert workspace.call is None
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
        assert await said(await caller.listen(5), "queue-busy") > 0.7
        caller.press("1")
        await hurried.leaves_a_message(caller)
        caller.press("#")
        await caller.wait_for("disconnected", within=20)
        record = await hurried.record_of(caller)
    assert record["outcome"] == "voicemail"
    assert record["has_voicemail"]
    assert record["voicemail_seconds"] >= 1
    assert nodes(record)[-4:] == ["overflow-queue", "busy", "voicemail", "voicemail-thanks"]
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
    async with hurried.on_duty() as workspace, hurried.caller(KNOWN) as caller:
        await hurried.comes_to(caller, "closed")
        caller.press("0")
        call = await workspace.wait_call("ringing")
        assert call["queue"] == "public"
        assert keys(call) == ["0"]


async def wait_in_line(office: Office, callers: int) -> None:
    """Until so many wait in either queue."""

    async def waiting() -> bool:
        return f" has {callers} calls" in await office.city.asterisk.cli("queue show")

    await until(waiting, within=20, each=0.2, what=f"{callers} wait")


async def hears_the_time(office: Office, caller: PjsuaPhone, band: str, *, language: str = "zh") -> None:
    """Wait until the sentence of this band, and none other, is heard."""
    likeness = times_heard(office, await caller.listen(15), language=language)
    assert max(likeness, key=lambda one: likeness[one]) == band, likeness
    assert likeness[band] > ITSELF


def times_heard(office: Office, sound: Path, *, language: str = "zh") -> dict[str, float]:
    """How alike what is heard is to the sentence of each band."""
    bands = ("2", "3", "5", "10", "15", "20", "30", "more")
    return {
        band: said_in_turn(office.city, sound, f"hotline/queue-wait-{band}", language=language)[0] for band in bands
    }


async def forget_the_pace(office: Office, *, then: list[int] | None = None) -> None:
    """Of both queues; `then` are the seconds a place took callers who were answered just now."""
    pace = "&".join(f"{int(time.time())}:{seconds}" for seconds in then or [])
    for queue in ("enterprise", "public"):
        await office.city.asterisk.cli(f'dialplan set global HL_PACE_{queue} "{pace}"')
