"""The agent asks a unit's specialist: who hears whom at each step, and nobody is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.hearing import load_recorded
from tests.stories.office import Office, Talk, hear

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]


def results(record: dict[str, Any]) -> list[str]:
    return [part["result"] for part in record["threeway"]]


async def test_in_a_consultation_the_caller_hears_music_and_nobody_hears_the_caller(office: Office) -> None:
    async with office.talk() as talk:
        await talk.consulting()
        await talk.hear(agent={"specialist"}, specialist={"agent"}, caller={"music"})
        view = talk.workspace.call["threeway"] if talk.workspace.call else {}
        assert view["specialist"]["name"] == "陈志远"
        assert view["specialist"]["unit_name"] == "市场监督管理局"
        assert not view["with_caller"]
        talk.caller.hang_up()
        record = await talk.record()
    assert results(record) == ["consulted"]


async def test_after_the_merge_all_three_hear_each_other(office: Office) -> None:
    async with office.talk() as talk:
        await talk.merged()
        await talk.hear(agent={"caller", "specialist"}, specialist={"agent", "caller"}, caller={"agent", "specialist"})
        talk.caller.hang_up()
        record = await talk.record()
    assert results(record) == ["merged"]
    assert record["ended_by"] == "caller"


async def test_the_agent_cancels_the_consultation_and_has_the_caller_back(office: Office) -> None:
    async with office.talk() as talk:
        await talk.consulting()
        await talk.workspace.do("cancel_consult")
        await talk.together_again()
        await talk.specialist.wait_for("disconnected")


async def test_the_agent_speaks_with_one_and_then_the_other(office: Office) -> None:
    async with office.talk() as talk:
        await talk.consulting()
        await talk.workspace.do("toggle")
        await talk.hear(agent={"caller"}, caller={"agent"}, specialist={"music"})
        await talk.workspace.do("toggle")
        await talk.hear(agent={"specialist"}, specialist={"agent"}, caller={"music"})


async def test_the_specialist_is_dropped_and_agent_and_caller_continue(office: Office) -> None:
    async with office.talk() as talk:
        await talk.merged()
        await talk.workspace.do("drop", leg="specialist")
        await talk.specialist.wait_for("disconnected")
        await talk.hear(agent={"caller"}, caller={"agent"})
        talk.agent.hang_up()
        await rates(talk, "1")
    assert (await talk.record())["survey"] == 1


async def test_the_caller_is_dropped_into_the_survey_and_the_other_two_continue(office: Office) -> None:
    async with office.talk() as talk:
        await talk.merged()
        await talk.workspace.do("drop", leg="caller")
        await rates(talk, "2")
        await talk.hear(agent={"specialist"}, specialist={"agent"})
        talk.agent.hang_up()
        await talk.specialist.wait_for("disconnected")
        await talk.workspace.wait_state("wrap_up")
    assert (await talk.record())["survey"] == 2


async def test_the_agent_leaves_and_the_other_two_talk_on_until_the_survey(office: Office) -> None:
    async with office.talk() as talk:
        await talk.merged()
        await talk.agent.listen(1)
        await talk.workspace.do("leave")
        await talk.workspace.wait_state("wrap_up")
        await talk.hear(caller={"specialist"}, specialist={"caller"})
        talk.specialist.hang_up()
        await rates(talk, "3")
    record = await talk.record()
    assert record["outcome"] == "answered"
    assert record["survey"] == 3
    assert results(record) == ["merged"]
    assert record["agents"] == ["1001"]
    assert record["talk_seconds"] >= 1


async def test_the_caller_hangs_up_on_both(office: Office) -> None:
    async with office.talk() as talk:
        await talk.merged()
        talk.caller.hang_up()
        await talk.agent.wait_for("disconnected")
        await talk.specialist.wait_for("disconnected")
        await talk.workspace.wait_state("wrap_up")


async def test_the_specialist_hangs_up_in_a_consultation(office: Office) -> None:
    async with office.talk() as talk:
        await talk.consulting()
        talk.specialist.hang_up()
        await talk.together_again(code="specialist.left")


async def test_the_specialist_hangs_up_and_the_other_two_continue(office: Office) -> None:
    async with office.talk() as talk:
        await talk.merged()
        talk.specialist.hang_up()
        await talk.in_threeway("ended")
        await talk.hear(agent={"caller"}, caller={"agent"})


async def test_the_caller_hangs_up_while_the_specialist_rings(office: Office) -> None:
    async with office.talk() as talk:
        await talk.consult()
        await talk.specialist.wait_for("ringing")
        talk.caller.hang_up()
        await talk.specialist.wait_for("disconnected")
        await talk.agent.wait_for("disconnected")
        await talk.workspace.wait_state("wrap_up")
        record = await talk.record()
    assert record["ended_by"] == "caller"
    assert results(record) == ["cancelled"]


async def test_a_specialist_who_does_not_answer_brings_everybody_back(office: Office) -> None:
    async with office.talk() as talk:
        # The phone gives up by itself, as a desk phone does: ours would ring for half a minute.
        talk.specialist.declines(480, after=1.5)
        await talk.consult()
        await talk.in_threeway("consult_ringing")
        await talk.together_again(code="specialist.no_answer")
        talk.caller.hang_up()
        record = await talk.record()
    assert results(record) == ["no_answer"]


async def test_a_busy_specialist_brings_everybody_back(office: Office) -> None:
    async with office.talk() as talk:
        talk.specialist.declines(486)
        await talk.consult()
        await talk.together_again(code="specialist.busy")
        talk.caller.hang_up()
        record = await talk.record()
    assert results(record) == ["busy"]


async def test_an_unreachable_specialist_brings_everybody_back_and_another_may_be_asked(office: Office) -> None:
    async with office.talk() as talk:
        await talk.consult(phone="6011")
        await talk.together_again(code="specialist.unreachable")
        await talk.consulting()
        await talk.hear(agent={"specialist"}, specialist={"agent"}, caller={"music"})
        talk.caller.hang_up()
        record = await talk.record()
    assert results(record) == ["unreachable", "consulted"]


async def test_when_the_agents_phone_is_lost_in_a_consultation_the_next_agent_gets_the_caller(office: Office) -> None:
    office["1002"].tone(1600)
    office["1002"].answers()
    async with office.talk() as talk, office.on_duty("1002") as second:
        await talk.consulting()
        talk.agent.hang_up()
        await second.wait_call("talking")
        await talk.specialist.wait_for("disconnected")
        await hear({talk.caller: {"colleague"}, office["1002"]: {"caller"}})
        talk.caller.hang_up()
        record = await talk.record()
    assert [(a["agent"], a["result"]) for a in record["attempts"]] == [("1001", "answered"), ("1002", "answered")]


async def test_the_recording_runs_through_without_a_hole(office: Office) -> None:
    async with office.talk() as talk:
        await hear({talk.caller: {"agent"}, talk.agent: {"caller"}})
        await talk.merged()
        await talk.workspace.do("leave")
        await talk.hear(caller={"specialist"}, specialist={"caller"})
        talk.caller.hang_up()
        record = await talk.record()
    samples, rate = load_recorded(office.city.settings.recordings, talk.call_id)
    half, middle = rate // 2, samples[rate // 2 : -rate // 2]
    holes = [at / rate for at in range(0, len(middle) - half, half) if abs(middle[at : at + half]).max() < 0.01]
    assert holes == []
    assert record["recording"]["seconds"] == pytest.approx(len(samples) / rate, abs=0.1)


async def rates(talk: Talk, key: str) -> None:
    """The caller is asked for a rating and gives it."""
    await talk.office.comes_to(talk.caller, "survey")
    talk.caller.press(key)
    await talk.caller.wait_for("disconnected", within=15)
