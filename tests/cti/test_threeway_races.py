"""Three-way calls in which something happens in the middle of a move, or while a snapshot is read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from cti.events import CallerRequeued
from cti.threeway.book import NotTalkingError
from ivr.errors import ChannelGoneError, OutcomeUnknownError
from ivr.events import AgentConnected, RoomLeft
from ivr.switchboard import DialResult, PhoneSnapshot, Place
from tests.cti.switchboard import QueueCall
from tests.cti.test_presence import Journal
from tests.cti.test_threeway import CALLER, SPECIALIST, Desk, desk, make_service

__all__ = ["desk"]
LATER_CALL = "01890000-0000-7000-8000-000000000002"
LATER_CALLER, LATER_LEG = "PJSIP/trunk-00000007", "PJSIP/1001-web-00000008"


def answers_another(desk: Desk) -> None:
    """The agent has a new caller."""
    desk.dialplan.at |= {LATER_CALLER: "hotline-queue", LATER_LEG: "from-agents"}
    desk.dialplan.phone.deliver(
        AgentConnected(
            channel=LATER_CALLER,
            unique_id="7.1",
            call_id=LATER_CALL,
            queue="enterprise",
            interface="PJSIP/1001-web",
            member_name="1001",
            agent_channel=LATER_LEG,
            waited=1,
            rang=1,
        )
    )


async def an_old_snapshot(desk: Desk) -> PhoneSnapshot:
    """Asked for now; what is told from here on happens while it is read."""
    await desk.passes(1)
    snapshot = replace(await desk.dialplan.snapshot(), asked_at=desk.clock.now())
    await desk.passes(1)
    return snapshot


async def redirected(desk: Desk) -> set[str]:
    """Whom a consultation with the specialist moves."""
    asked = len(desk.dialplan.sent)
    await desk.service.consult("1001", "s-1", 0)
    return {command[1] for command in desk.dialplan.sent[asked:] if command[0] == "redirect"}


# --- which call is the agent's --------------------------------------------------------------------------


async def test_a_talk_that_ended_unseen_is_not_the_agents_though_its_caller_is_still_at_the_survey(desk: Desk) -> None:
    del desk.dialplan.at[desk.call.leg]
    desk.dialplan.at[CALLER] = "hotline-flow"
    await desk.service.resync(await desk.dialplan.snapshot())
    with pytest.raises(NotTalkingError):
        await desk.service.consult("1001", "s-1", 0)
    answers_another(desk)
    assert await redirected(desk) == {LATER_CALLER}


async def test_the_newest_call_is_the_agents(desk: Desk) -> None:
    answers_another(desk)
    assert await redirected(desk) == {LATER_CALLER}


async def test_a_caller_who_comes_back_to_the_same_agent_is_the_newest(desk: Desk) -> None:
    answers_another(desk)
    desk.call.connects()
    assert await redirected(desk) == {CALLER}


async def test_a_three_way_call_without_its_agent_outlives_a_lost_connection(desk: Desk) -> None:
    await desk.consulting()
    await desk.service.merge("1001")
    desk.hangs_up(desk.call.leg)
    await desk.service.resync(await desk.dialplan.snapshot())
    assert desk.state == "without_agent"


async def test_a_consultation_whose_caller_was_sent_on_outlives_a_lost_connection(desk: Desk) -> None:
    await desk.consulting()
    await desk.service.drop_caller("1001")
    del desk.dialplan.at[CALLER]
    await desk.service.resync(await desk.dialplan.snapshot())
    assert desk.state == "without_caller"


async def test_a_phone_that_rings_for_a_call_that_ended_unseen_is_hung_up(desk: Desk) -> None:
    """And the caller, who may be with another agent, is left alone."""
    await desk.service.consult("1001", "s-1", 0)
    await desk.passes(0)
    del desk.dialplan.at[desk.call.leg]
    desk.dialplan.at[CALLER] = "hotline-queue"
    await desk.service.resync(await desk.dialplan.snapshot())
    asked = len(desk.dialplan.sent)
    await desk.specialist(DialResult(answered=True, channel=SPECIALIST, reason=4))
    assert desk.dialplan.sent[asked:] == [("hang up", desk.dialplan.dialled[0])]


# --- while a snapshot is read ---------------------------------------------------------------------------


async def test_a_call_answered_while_the_snapshot_is_read_is_kept(desk: Desk) -> None:
    snapshot = await an_old_snapshot(desk)
    answers_another(desk)
    await desk.service.resync(snapshot)
    assert await redirected(desk) == {LATER_CALLER}


async def test_a_talk_that_ends_while_the_snapshot_is_read_is_not_taken_up_again(desk: Desk) -> None:
    snapshot = await an_old_snapshot(desk)
    desk.hangs_up(desk.call.leg)
    await desk.service.resync(snapshot)
    with pytest.raises(NotTalkingError):
        await desk.service.consult("1001", "s-1", 0)


async def test_a_talk_that_ends_while_its_specialist_is_looked_up_is_not_taken_up_again(desk: Desk) -> None:
    await desk.consulting()
    again = make_service(desk.dialplan, desk.clock, Journal())
    snapshot = await an_old_snapshot(desk)
    desk.dialplan.when_read = lambda: desk.hangs_up(CALLER)
    await again.resync(snapshot)
    assert again.status(desk.call.call_id) is None
    await again.close()


async def test_a_move_made_while_the_snapshot_is_read_stands(desk: Desk) -> None:
    await desk.consulting()
    snapshot = await an_old_snapshot(desk)
    await desk.service.merge("1001")
    await desk.service.resync(snapshot)
    assert desk.state == "merged"


async def test_where_a_leg_went_while_the_snapshot_was_read_is_remembered(desk: Desk) -> None:
    await desk.consulting()
    await desk.service.merge("1001")
    snapshot = await an_old_snapshot(desk)
    await desk.service.toggle("1001")
    await desk.service.resync(snapshot)
    await desk.specialist_leaves()
    assert (desk.state, desk.dialplan.at[CALLER]) == ("ended", "hotline-caller")


async def test_a_leg_that_takes_the_agents_place_while_the_snapshot_is_read_keeps_the_call(desk: Desk) -> None:
    late = "PJSIP/1001-web-00000009"
    again = asyncio.ensure_future(desk.service.reconnect("1001", "PJSIP/1001-web"))
    await desk.passes(0)
    snapshot = await an_old_snapshot(desk)
    await desk.specialist(DialResult(answered=True, channel=late, reason=4))
    await again
    desk.hangs_up(desk.call.leg)
    await desk.service.resync(snapshot)
    assert await redirected(desk) == {CALLER}


# --- hang-ups in the middle of a move -------------------------------------------------------------------

MOMENTS = ("when_moved", "when_there")


async def merged(desk: Desk) -> None:
    await desk.consulting()
    await desk.service.merge("1001")


async def toggled(desk: Desk) -> None:
    await desk.consulting()
    await desk.service.toggle("1001")


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("start", [Desk.consulting, merged, toggled])
async def test_a_specialist_who_hangs_up_during_a_toggle_leaves_the_other_two_together(
    desk: Desk, start: Callable[[Desk], Awaitable[None]], moment: str
) -> None:
    await start(desk)
    setattr(desk.dialplan, moment, desk.specialist_hangs_up)
    with pytest.raises(ChannelGoneError):
        await desk.service.toggle("1001")
    await desk.passes(0)
    assert (desk.state, desk.trouble) == ("ended", "specialist.left")
    assert desk.pushed[-1] == ("ended", "specialist.left")
    assert (desk.dialplan.at[CALLER], desk.dialplan.at[desk.call.leg]) == ("hotline-caller", "hotline-staff")
    assert desk.names().count("caller.back.with.agent") == 1


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("start", [Desk.consulting, toggled])
async def test_a_specialist_who_hangs_up_during_a_merge_leaves_the_other_two_together(
    desk: Desk, start: Callable[[Desk], Awaitable[None]], moment: str
) -> None:
    await start(desk)
    setattr(desk.dialplan, moment, desk.specialist_hangs_up)
    with pytest.raises(ChannelGoneError):
        await desk.service.merge("1001")
    await desk.passes(0)
    assert (desk.state, desk.trouble) == ("ended", "specialist.left")
    assert desk.pushed[-1] == ("ended", "specialist.left")
    assert (desk.dialplan.at[CALLER], desk.dialplan.at[desk.call.leg]) == ("hotline-caller", "hotline-staff")
    assert desk.names().count("caller.back.with.agent") == 1


@pytest.mark.parametrize("start", [Desk.consulting, merged])
async def test_a_caller_sent_on_while_the_specialist_hangs_up_comes_back(
    desk: Desk, start: Callable[[Desk], Awaitable[None]]
) -> None:
    """Else the agent would be alone, with a screen that shows the caller."""
    await start(desk)
    desk.dialplan.when_there = desk.specialist_hangs_up
    with pytest.raises(ChannelGoneError):
        await desk.service.drop_caller("1001")
    await desk.passes(0)
    assert (desk.pushed[-1], desk.dialplan.at[CALLER]) == (("ended", "specialist.left"), "hotline-caller")
    assert desk.names().count("caller.back.with.agent") == 1


async def test_a_caller_who_cannot_be_fetched_when_the_specialist_has_hung_up_is_not_called_back(desk: Desk) -> None:
    await merged(desk)
    desk.dialplan.when_there = lambda: (desk.specialist_hangs_up(), desk.dialplan.stuck.add(CALLER))
    assert isinstance(await desk.late(desk.service.toggle("1001")), ChannelGoneError)
    assert desk.pushed[-1] == ("ended", "specialist.left")
    assert "caller.back.with.agent" not in desk.names()


async def test_a_specialist_who_hangs_up_while_a_page_fails_to_take_its_call_back_has_left_the_two_together(
    desk: Desk,
) -> None:
    late = "PJSIP/1001-web-00000009"
    await merged(desk)
    desk.dialplan.stuck.add(late)
    again = asyncio.ensure_future(desk.service.reconnect("1001", "PJSIP/1001-web"))
    await desk.passes(0)
    await desk.specialist(DialResult(answered=True, channel=late, reason=4))
    desk.specialist_hangs_up()
    assert isinstance(await desk.late(again), OutcomeUnknownError)
    assert desk.pushed[-1] == ("ended", "specialist.left")
    assert "caller.back.with.agent" not in desk.names()


async def test_a_caller_whose_agent_is_lost_right_after_the_specialist_is_told_so_to_the_end(desk: Desk) -> None:
    """The dialplan ends the specialist first; Asterisk may tell of that hang-up before the agent's own."""
    await desk.consulting()
    call_id, leg = desk.call.call_id, desk.call.leg

    def lost() -> None:
        desk.dialplan.arrive(CALLER, Place(context="hotline-requeue", extension=call_id))
        desk.hangs_up(leg)

    desk.dialplan.phone.deliver(RoomLeft(channel=leg, unique_id=leg, call_id=call_id, room=call_id))
    desk.dialplan.when_moved = lost
    asked = len(desk.dialplan.sent)
    await desk.specialist_leaves()
    await desk.passes(5)
    assert CALLER not in [command[1] for command in desk.dialplan.sent[asked:] if command[0] == "redirect"]
    assert [event.agent for event in desk.events if isinstance(event, CallerRequeued)] == ["1001"]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_an_agent_who_hangs_up_while_the_caller_is_taken_out_leaves_the_other_two_together(
    desk: Desk, moment: str
) -> None:
    await merged(desk)
    setattr(desk.dialplan, moment, lambda: desk.hangs_up(desk.call.leg))
    with pytest.raises(ChannelGoneError):
        await desk.service.toggle("1001")
    await desk.passes(0)
    assert (desk.state, desk.dialplan.at[CALLER], desk.dialplan.at[SPECIALIST]) == (
        "without_agent",
        "hotline-caller",
        "hotline-specialist",
    )


@pytest.mark.parametrize("who", [CALLER, QueueCall.interface + "-0000000a"])
async def test_nobody_is_rung_for_a_call_that_ended_when_the_consultation_began(desk: Desk, who: str) -> None:
    desk.dialplan.when_there = lambda: desk.hangs_up(who)
    with pytest.raises(ChannelGoneError):
        await desk.service.consult("1001", "s-1", 0)
    await desk.passes(0)
    assert desk.dialplan.dialled == []


async def test_a_page_that_takes_its_call_back_while_the_specialist_hangs_up_has_it(desk: Desk) -> None:
    await merged(desk)
    again = asyncio.ensure_future(desk.service.reconnect("1001", "PJSIP/1001-web"))
    await desk.passes(0)
    desk.dialplan.when_moved = desk.specialist_hangs_up
    await desk.specialist(DialResult(answered=True, channel="PJSIP/1001-web-00000009", reason=4))
    await again
    assert desk.agent_legs == ["PJSIP/1001-web-00000009"]
