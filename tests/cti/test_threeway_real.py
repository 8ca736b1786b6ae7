"""Three-way calls on a real Asterisk: who hears whom, and what becomes of each when another hangs up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from cti.threeway.conversations import NotTalkingError
from cti.threeway.reconnect import MARK
from cti.threeway.service import NotReconnectedError
from tests.cti.threeway_stage import QUEUE, TONES, ThreewayStage, make_service, on_stage
from tests.fakes.hearing import load_recorded
from tests.phones.asterisk import RealAsterisk
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until

pytestmark = pytest.mark.real


@pytest.fixture
async def stage(real_asterisk: RealAsterisk) -> AsyncIterator[ThreewayStage]:
    async with on_stage(real_asterisk) as stage:
        yield stage


async def test_consult_toggle_merge_and_the_agent_leaves(stage: ThreewayStage) -> None:
    call_id = await stage.consulting()
    await stage.hear(agent={"specialist"}, specialist={"agent"}, caller={"music"})
    await stage.service.toggle("1001")
    await stage.hear(agent={"caller"}, caller={"agent"}, specialist={"music"})
    await stage.service.toggle("1001")
    await stage.hear(agent={"specialist"}, specialist={"agent"}, caller={"music"})
    await stage.service.merge("1001")
    await stage.hear(agent={"caller", "specialist"}, caller={"agent", "specialist"}, specialist={"agent", "caller"})
    await stage.service.leave("1001")
    await stage.agent.wait_for("disconnected")
    await stage.hear(caller={"specialist"}, specialist={"caller"})
    assert "COMPLETEAGENT" in stage.queue_log()
    stage.specialist.hang_up()
    await stage.caller_goes_on()
    assert stage.names() == [
        "consult.started",
        "specialist.answered",
        "three.way.toggled",
        "three.way.toggled",
        "three.way.merged",
        "agent.left.call",
    ]
    _recording_has_no_hole(stage, call_id)


def _recording_has_no_hole(stage: ThreewayStage, call_id: str) -> None:
    """In each half second of the mix there is a voice or the music: the recording never stood still."""
    samples, rate = load_recorded(stage.asterisk.settings.recordings, call_id)
    talk = samples[rate : -rate // 2]
    step = rate // 2
    silent = [
        start / rate for start in range(0, len(talk) - step, step) if abs(talk[start : start + step]).max() < 0.01
    ]
    assert silent == []
    assert len(samples) / rate == pytest.approx(time.monotonic() - stage.connected_at, abs=1.5)


async def test_a_specialist_who_does_not_answer_brings_everybody_back(stage: ThreewayStage) -> None:
    await stage.talk()
    await stage.service.consult("1001", "s-1", 0)
    await stage.hear(caller={"music"})
    await stage.in_state("ended")
    await stage.hear(agent={"caller"}, caller={"agent"})
    assert stage.call is not None
    status = stage.service.status(stage.call.call_id)
    assert status is not None
    assert status.trouble is not None
    assert status.trouble.code == "specialist.no_answer"
    # And the next phone may be tried.
    stage.specialist.answers()
    await stage.service.consult("1001", "s-1", 1)
    await stage.in_state("consulting")
    await stage.hear(agent={"specialist"}, caller={"music"})


async def test_a_busy_specialist_is_told_at_once(stage: ThreewayStage) -> None:
    await stage.talk()
    stage.specialist.declines(486)
    await stage.service.consult("1001", "s-1", 0)
    await stage.in_state("ended", within=3)
    await stage.hear(agent={"caller"}, caller={"agent"})
    assert [event.payload()["reason"] for event in stage.book.events if event.name == "specialist.missed"] == ["busy"]


async def test_a_consultation_is_cancelled_while_it_rings(stage: ThreewayStage) -> None:
    await stage.talk()
    await stage.service.consult("1001", "s-1", 0)
    await stage.specialist.wait_for("ringing")
    await stage.service.cancel("1001")
    await stage.specialist.wait_for("disconnected")
    await stage.hear(agent={"caller"}, caller={"agent"})


async def test_the_specialist_hangs_up(stage: ThreewayStage) -> None:
    await stage.consulting()
    stage.specialist.hang_up()
    await stage.hear(agent={"caller"}, caller={"agent"})
    # Agent and caller are in the room now; when the agent hangs up, the caller goes on.
    stage.agent.hang_up()
    await stage.caller_goes_on()


async def test_the_agent_hangs_up_in_a_consultation(stage: ThreewayStage) -> None:
    call_id = await stage.consulting()
    await stage.ami.switchboard.remove_member(QUEUE, "PJSIP/1001")
    async with PjsuaPhone.desk_phone(stage.asterisk, "1002") as colleague:
        colleague.tone(TONES["colleague"])
        colleague.answers()
        await stage.put_on_duty("1002")
        stage.agent.hang_up()
        await colleague.wait_for("confirmed")
        await stage.specialist.wait_for("disconnected")
        await until(lambda: "caller.requeued" in stage.names())
        # The colleague's phone knows that it was answered before AMI has told so.
        await until(lambda: stage.call is not None and stage.call.member_name == "1002", what="a talk with 1002")
        assert stage.call is not None
        assert stage.call.call_id == call_id
        await stage.hear(caller={"colleague"})


async def test_the_caller_hangs_up_on_hold(stage: ThreewayStage) -> None:
    await stage.consulting()
    stage.caller.hang_up()
    await stage.agent.wait_for("disconnected")
    await stage.specialist.wait_for("disconnected")
    await stage.nobody_left()


async def test_the_caller_is_dropped(stage: ThreewayStage) -> None:
    await stage.consulting()
    await stage.service.merge("1001")
    await stage.service.drop_caller("1001")
    await stage.hear(agent={"specialist"}, specialist={"agent"})
    stage.agent.hang_up()
    await stage.specialist.wait_for("disconnected")


async def test_without_the_service_all_three_are_brought_together(stage: ThreewayStage) -> None:
    """The lease runs out in a consultation: nobody could end it any more."""
    await stage.consulting()
    await stage.service.close()
    stage.ami.switchboard.set_variable = _refuse  # type: ignore[assignment,method-assign]
    await stage.asterisk.cli("dialplan set global APP_LEASE 0")
    await stage.hear(caller={"agent", "specialist"}, agent={"caller", "specialist"})


async def _refuse(*_: str) -> None:
    return None


async def test_a_restarted_service_takes_the_consultation_up(stage: ThreewayStage) -> None:
    call_id = await stage.consulting()
    await stage.service.close()
    stage.service = make_service(stage.ami, stage.phone, stage.book)
    assert stage.service.status(call_id) is None
    await stage.service.resync(await stage.ami.switchboard.snapshot())
    status = stage.service.status(call_id)
    assert status is not None
    assert status.state == "consulting"
    assert status.specialist is not None
    assert status.specialist.name == "李专员"
    await stage.service.merge("1001")
    await stage.hear(caller={"agent", "specialist"}, agent={"caller", "specialist"})


async def test_a_move_of_a_call_that_has_ended_is_refused(stage: ThreewayStage) -> None:
    await stage.talk()
    stage.caller.hang_up()
    await stage.nobody_left()
    with pytest.raises(NotTalkingError):
        await stage.service.consult("1001", "s-1", 0)


@pytest.mark.parametrize("where", ["talking", "consulting", "merged"])
async def test_a_phone_that_was_lost_gets_its_call_back(stage: ThreewayStage, where: str) -> None:
    """A page loaded again: the phone vanished without a word and has registered again."""
    await (stage.talk() if where == "talking" else stage.consulting())
    if where == "merged":
        await stage.service.merge("1001")
    await stage.agent.vanish()
    async with PjsuaPhone.desk_phone(stage.asterisk, "1001") as again:
        stage.agent = again
        again.tone(TONES["agent"])
        again.answers()
        await stage.service.reconnect("1001", "PJSIP/1001")
        match where:
            case "talking":
                await stage.hear(agent={"caller"}, caller={"agent"})
            case "consulting":
                await stage.hear(agent={"specialist"}, specialist={"agent"}, caller={"music"})
            case _:
                await stage.hear(agent={"caller", "specialist"}, caller={"agent", "specialist"})
        assert len(stage.agent_legs) == 1
        again.hang_up()
        if where == "talking":
            await stage.caller_goes_on()
        elif where == "consulting":
            await until(lambda: "caller.requeued" in stage.names())
        else:
            await stage.hear(caller={"specialist"}, specialist={"caller"})


async def test_a_page_loaded_twice_gets_its_call_back_at_once(stage: ThreewayStage) -> None:
    """The ring that the first page asked for goes to a phone which is gone with it."""
    await stage.talk()
    await stage.agent.vanish()
    async with PjsuaPhone.desk_phone(stage.asterisk, "1001") as first:
        asked = asyncio.create_task(stage.service.reconnect("1001", "PJSIP/1001"))
        await first.wait_for("ringing")
        await first.vanish()
    async with PjsuaPhone.desk_phone(stage.asterisk, "1001") as second:
        stage.agent = second
        second.tone(TONES["agent"])
        second.answers()
        await stage.service.reconnect("1001", "PJSIP/1001")
        with pytest.raises(NotReconnectedError):
            await asked
        await stage.hear(agent={"caller"}, caller={"agent"})


async def test_a_call_is_not_lost_when_the_phone_does_not_take_it_back(stage: ThreewayStage) -> None:
    await stage.talk()
    stage.agent.rings()
    await stage.agent.heard()  # The phone does as told in order: now it rings.
    with pytest.raises(NotReconnectedError):
        await stage.service.reconnect("1001", "PJSIP/1001")
    # By this a page knows it from any other call, which is the agent's to answer.
    assert [MARK in ring["message"] for ring in stage.agent.seen("ringing")] == [False, True]
    await stage.hear(agent={"caller"}, caller={"agent"})
