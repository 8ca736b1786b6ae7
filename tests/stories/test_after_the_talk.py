"""The talk itself and what follows it: the agent's number, the recording, the survey."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.fakes.hearing import load_recorded, load_sound
from tests.stories.office import ITSELF, Office, Talk, hear, loud_tones, said, said_in_turn, tones_in

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]


@asynccontextmanager
async def surveyed(office: Office) -> AsyncIterator[Talk]:
    """The agent has hung up and the caller is asked for a rating."""
    async with office.talk() as talk:
        talk.agent.hang_up()
        await office.comes_to(talk.caller, "survey")
        yield talk


async def test_a_rating_is_taken_and_thanked_for(office: Office) -> None:
    async with surveyed(office) as talk:
        assert await said(await talk.caller.listen(5), "survey-ask", first=18) > 0.6
        await talk.caller.heard()
        talk.caller.press("3")
        await talk.caller.wait_for("disconnected", within=15)
        assert await said(await talk.caller.heard(), "survey-thanks") > 0.6
    record = await talk.record()
    assert record["survey"] == 3
    assert record["ended_by"] == "agent"


async def test_a_key_that_is_no_rating_is_asked_about_once_more(office: Office) -> None:
    async with surveyed(office) as talk:
        await talk.caller.heard()
        talk.caller.press("9")
        await office.until_call(talk.caller, lambda call: call["path"][-1]["digits"] == "9", what="rated 9")
        assert await said(await talk.caller.listen_on(3), "survey-retry") > 0.6
        talk.caller.press("5")
        await talk.caller.wait_for("disconnected", within=15)
    record = await talk.record()
    assert record["survey"] == 5
    assert record["path"][-1]["node"] == "thanks"


async def test_who_does_not_rate_is_hung_up_quietly(hurried: Office) -> None:
    async with surveyed(hurried) as talk:
        await talk.caller.wait_for("disconnected", within=40)
    record = await talk.record()
    assert record["survey"] is None
    assert record["outcome"] == "answered"
    assert record["path"][-1]["node"] == "goodbye"


async def test_keys_pressed_during_the_talk_are_no_rating(office: Office) -> None:
    async with office.talk() as talk:
        talk.caller.press("5")
        await talk.agent.wait_for("digit")
        talk.agent.hang_up()
        await office.comes_to(talk.caller, "survey")
        talk.caller.press("1")
        await talk.caller.wait_for("disconnected", within=15)
    assert (await talk.record())["survey"] == 1


async def test_the_agents_number_is_announced_to_the_caller_alone(office: Office) -> None:
    # From here on: the agents' phones have heard the stories before.
    await office["1001"].heard()
    async with office.talk(silent=True) as talk:
        announced = await talk.caller.listen_on(8)
        overheard = await talk.agent.heard()
        prompts = ("hotline/agent-number-before", *(f"digits/{digit}" for digit in "1001"))
        assert min(said_in_turn(office.city, announced, *prompts)) > ITSELF
        samples, _ = load_sound(overheard)
        assert abs(samples).max() < 0.02


async def test_each_side_is_recorded_in_its_own_file(office: Office) -> None:
    async with office.talk() as talk:
        await hear({talk.caller: {"agent"}, talk.agent: {"caller"}})
        # Past the announcement of the agent's number, which is on the side that the caller hears.
        await talk.caller.listen(5)
        talk.caller.hang_up()
        record = await talk.record()
    assert record["recording"]["sides"] == ["mix", "caller", "agent"]
    folder = office.city.settings.recordings
    end = record["recording"]["seconds"] - 0.5
    for suffix, tones in (("-caller", {"caller"}), ("-agent", {"agent"})):
        assert tones_in(folder / f"{talk.call_id}{suffix}.wav", start=end - 1, end=end) == tones
    samples, rate = load_recorded(folder, talk.call_id)
    assert len(samples) / rate == pytest.approx(record["recording"]["seconds"], abs=0.1)
    assert loud_tones(samples[int((end - 1) * rate) : int(end * rate)], rate) == {"caller", "agent"}
