"""An agent's phone dies in the middle of a talk, without a word."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio

from tests.fakes.hearing import load_sound
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until
from tests.stories.city import impatient_with_silence
from tests.stories.office import ITSELF, LOGINS, TONES, Office, Talk, hear, nodes, off_duty, said_in_turn, tones_in

pytestmark = [pytest.mark.real, pytest.mark.timeout(180), pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def impatient(office: Office) -> AsyncIterator[Office]:
    """Silence of a desk phone counts after six seconds instead of thirty."""
    async with impatient_with_silence(office.city.asterisk, 6):
        yield office


@pytest_asyncio.fixture(loop_scope="session")
async def mortal(impatient: Office) -> AsyncIterator[Office]:
    """Agent 1001 has another phone at the end."""
    try:
        yield impatient
    finally:
        await impatient["1001"].close()
        impatient.phones["1001"] = PjsuaPhone.desk_phone(impatient.city.asterisk, "1001")
        await impatient["1001"].__aenter__()


async def test_the_caller_is_told_and_gets_the_next_agent_before_all_others(mortal: Office) -> None:
    async with mortal.talk() as talk, mortal.caller() as other:
        await talk.hear(agent={"caller"}, caller={"agent"})
        other.press("11")
        await mortal.comes_to(other, "enterprise-queue")
        await in_the_queue(mortal, 1)
        await talk.caller.listen(3)  # long enough to be found in the recording
        await talk.agent.vanish()
        await told_and_paused(talk)
        await in_the_queue(mortal, 2)

        mortal["1002"].tone(TONES["colleague"])
        mortal["1002"].answers()
        async with mortal.on_duty("1002") as second:
            call = await second.wait_call("talking", within=20)
            assert call["call_id"] == talk.call_id
            await in_the_queue(mortal, 1)
            await hear({talk.caller: {"colleague"}, mortal["1002"]: {"caller"}})
            other.hang_up()
            await talk.caller.listen(3)
            mortal["1002"].hang_up()
            await second.wait_state("wrap_up")
            # Who hangs up is not lost, though somebody before them was.
            await mortal.comes_to(talk.caller, "survey")
            talk.caller.press("4")
            await talk.caller.wait_for("disconnected", within=15)
            record = await talk.record()
    assert [(a["agent"], a["result"]) for a in record["attempts"]] == [("1001", "lost"), ("1002", "answered")]
    assert nodes(record).count("enterprise-queue") == 1
    assert (record["survey"], record["ended_by"]) == (4, "agent")
    recorded_throughout(mortal, record)


def recorded_throughout(office: Office, record: dict[str, Any]) -> None:
    """One recording, from the first wait to the end of the last talk, in which each agent is heard in turn."""
    began, ended = (datetime.fromisoformat(at) for at in (record["queued_at"], record["attempts"][-1]["ended_at"]))
    seconds = (ended - began).total_seconds()
    folder, call_id = office.city.settings.recordings, record["call_id"]
    assert len(list(folder.glob(f"{call_id}*"))) == 2
    for side in ("caller", "agent"):
        samples, rate = load_sound(folder / f"{call_id}-{side}.wav")
        assert len(samples) / rate == pytest.approx(seconds, abs=1.5)
    first = (datetime.fromisoformat(record["answered_at"]) - began).total_seconds()
    heard = folder / f"{call_id}-agent.wav"
    assert "agent" in tones_in(heard, start=first + 1, end=first + 3)
    assert "colleague" in tones_in(heard, start=seconds - 2.5, end=seconds - 1)
    assert "caller" in tones_in(folder / f"{call_id}-caller.wav", start=seconds - 2.5, end=seconds - 1)


async def in_the_queue(office: Office, callers: int) -> None:
    async def waiting() -> bool:
        return f" has {callers} calls" in await office.city.asterisk.cli("queue show enterprise")

    await until(waiting, within=20, each=0.2, what=f"{callers} wait")


async def test_with_the_service_dead_the_dialplan_does_it_alone(mortal: Office) -> None:
    city, phone = mortal.city, mortal["1001"]
    phone.tone(TONES["agent"])
    phone.answers()
    async with mortal.caller() as caller:
        async with city.workspace(LOGINS["1001"]) as workspace:
            await workspace.ready()
            caller.press("11")
            call = await workspace.wait_call("talking", within=20)
            await hear({caller: {"agent"}})
            await city.kill()
        try:
            await phone.vanish()
            await in_the_queue(mortal, 1)
            assert said_in_turn(city, await caller.heard(), "hotline/agent-lost")[0] > ITSELF
            caller.hang_up()
            await in_the_queue(mortal, 0)
        finally:
            await city.start()

    async def known() -> bool:
        record = await mortal.api.get(f"/api/calls/{call['call_id']}")
        # Nobody pauses the dead phone: the queue may have tried it once more.
        return [(a["agent"], a["result"]) for a in record["attempts"][:1]] == [("1001", "lost")]

    await until(known, within=20, each=0.5, what="the call log knows from Asterisk's that the agent was lost")
    record = await mortal.record(call["call_id"])
    assert (record["outcome"], record["ended_by"], record["gap"]) == ("answered", "caller", True)
    async with city.workspace(LOGINS["1001"]) as workspace:
        await off_duty(workspace)


async def told_and_paused(talk: Talk) -> None:
    await talk.workspace.wait(lambda d: d.agent["wanted"] == "paused", what="the phone is lost")
    assert said_in_turn(talk.office.city, await talk.caller.listen_on(10), "hotline/agent-lost")[0] > ITSELF
    await talk.workspace.wait_state("wrap_up")
    await talk.workspace.do("finish_wrap_up")
    await talk.workspace.wait(lambda d: d.agent["pause_reason"] == "phone_lost", what="paused, the phone is lost")


async def test_a_lost_agent_in_a_consultation(mortal: Office) -> None:
    async with mortal.talk() as talk:
        await talk.consulting()
        await talk.agent.vanish()
        await told_and_paused(talk)
        talk.caller.hang_up()
        record = await talk.record()
    assert [(a["agent"], a["result"]) for a in record["attempts"]] == [("1001", "lost")]
