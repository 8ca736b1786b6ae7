"""Three-way calls in which something happens in the middle of a move, or while a snapshot is read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from cti.events import CallerRequeued
from cti.threeway.conversations import NotTalkingError
from ivr.errors import ChannelGoneError, OutcomeUnknownError
from ivr.events import AgentConnected, RoomLeft
from ivr.switchboard import DialResult, PhoneSnapshot, Place
from tests.cti.test_threeway import CALLER, SPECIALIST, ThreewayWorkspace, make_service, workspace
from tests.fakes.journal import ListJournal
from tests.fakes.queue_call import QueueCall

__all__ = ["workspace"]
LATER_CALL = "01890000-0000-7000-8000-000000000002"
LATER_CALLER, LATER_LEG = "PJSIP/trunk-00000007", "PJSIP/1001-web-00000008"


def answers_another(workspace: ThreewayWorkspace) -> None:
    """The agent has a new caller."""
    workspace.dialplan.at |= {LATER_CALLER: "hotline-queue", LATER_LEG: "from-agents"}
    workspace.switchboard.phone.deliver(
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


async def an_old_snapshot(workspace: ThreewayWorkspace) -> PhoneSnapshot:
    """Asked for now; what is told from here on happens while it is read."""
    await workspace.passes(1)
    snapshot = replace(await workspace.switchboard.snapshot(), asked_at=workspace.clock.now())
    await workspace.passes(1)
    return snapshot


async def redirected(workspace: ThreewayWorkspace) -> set[str]:
    """Whom a consultation with the specialist moves."""
    asked = len(workspace.switchboard.sent)
    await workspace.service.consult("1001", "s-1", 0)
    return {command[1] for command in workspace.switchboard.sent[asked:] if command[0] == "redirect"}


# --- which call is the agent's --------------------------------------------------------------------------


async def test_a_talk_that_ended_unseen_is_not_the_agents_though_its_caller_is_still_at_the_survey(
    workspace: ThreewayWorkspace,
) -> None:
    del workspace.dialplan.at[workspace.call.leg]
    workspace.dialplan.at[CALLER] = "hotline-flow"
    await workspace.service.resync(await workspace.switchboard.snapshot())
    with pytest.raises(NotTalkingError):
        await workspace.service.consult("1001", "s-1", 0)
    answers_another(workspace)
    assert await redirected(workspace) == {LATER_CALLER}


async def test_the_newest_call_is_the_agents(workspace: ThreewayWorkspace) -> None:
    answers_another(workspace)
    assert await redirected(workspace) == {LATER_CALLER}


async def test_a_caller_who_comes_back_to_the_same_agent_is_the_newest(workspace: ThreewayWorkspace) -> None:
    answers_another(workspace)
    workspace.call.connects()
    assert await redirected(workspace) == {CALLER}


async def test_a_three_way_call_without_its_agent_outlives_a_lost_connection(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    await workspace.service.merge("1001")
    workspace.hangs_up(workspace.call.leg)
    await workspace.service.resync(await workspace.switchboard.snapshot())
    assert workspace.state == "without_agent"


async def test_a_consultation_whose_caller_was_sent_on_outlives_a_lost_connection(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    await workspace.service.drop_caller("1001")
    del workspace.dialplan.at[CALLER]
    await workspace.service.resync(await workspace.switchboard.snapshot())
    assert workspace.state == "without_caller"


async def test_a_phone_that_rings_for_a_call_that_ended_unseen_is_hung_up(workspace: ThreewayWorkspace) -> None:
    """And the caller, who may be with another agent, is left alone."""
    await workspace.service.consult("1001", "s-1", 0)
    await workspace.passes(0)
    del workspace.dialplan.at[workspace.call.leg]
    workspace.dialplan.at[CALLER] = "hotline-queue"
    await workspace.service.resync(await workspace.switchboard.snapshot())
    asked = len(workspace.switchboard.sent)
    await workspace.specialist(DialResult(answered=True, channel=SPECIALIST, reason=4))
    assert workspace.switchboard.sent[asked:] == [("hang up", workspace.dialplan.dialled[0])]


# --- while a snapshot is read ---------------------------------------------------------------------------


async def test_a_call_answered_while_the_snapshot_is_read_is_kept(workspace: ThreewayWorkspace) -> None:
    snapshot = await an_old_snapshot(workspace)
    answers_another(workspace)
    await workspace.service.resync(snapshot)
    assert await redirected(workspace) == {LATER_CALLER}


async def test_a_talk_that_ends_while_the_snapshot_is_read_is_not_resumed_again(workspace: ThreewayWorkspace) -> None:
    snapshot = await an_old_snapshot(workspace)
    workspace.hangs_up(workspace.call.leg)
    await workspace.service.resync(snapshot)
    with pytest.raises(NotTalkingError):
        await workspace.service.consult("1001", "s-1", 0)


async def test_a_talk_that_ends_while_its_specialist_is_looked_up_is_not_resumed_again(
    workspace: ThreewayWorkspace,
) -> None:
    await workspace.consulting()
    again = make_service(workspace.switchboard, workspace.clock, ListJournal())
    snapshot = await an_old_snapshot(workspace)
    workspace.dialplan.when_read = lambda: workspace.hangs_up(CALLER)
    await again.resync(snapshot)
    assert again.status(workspace.call.call_id) is None
    await again.close()


async def test_a_move_made_while_the_snapshot_is_read_stands(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    snapshot = await an_old_snapshot(workspace)
    await workspace.service.merge("1001")
    await workspace.service.resync(snapshot)
    assert workspace.state == "merged"


async def test_where_a_leg_went_while_the_snapshot_was_read_is_remembered(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    await workspace.service.merge("1001")
    snapshot = await an_old_snapshot(workspace)
    await workspace.service.toggle("1001")
    await workspace.service.resync(snapshot)
    await workspace.specialist_leaves()
    assert (workspace.state, workspace.dialplan.at[CALLER]) == ("ended", "hotline-caller")


async def test_a_leg_that_takes_the_agents_place_while_the_snapshot_is_read_keeps_the_call(
    workspace: ThreewayWorkspace,
) -> None:
    late = "PJSIP/1001-web-00000009"
    again = asyncio.ensure_future(workspace.service.reconnect("1001", "PJSIP/1001-web"))
    await workspace.passes(0)
    snapshot = await an_old_snapshot(workspace)
    await workspace.specialist(DialResult(answered=True, channel=late, reason=4))
    await again
    workspace.hangs_up(workspace.call.leg)
    await workspace.service.resync(snapshot)
    assert await redirected(workspace) == {CALLER}


# --- hang-ups in the middle of a move -------------------------------------------------------------------

MOMENTS = ("when_moved", "when_there")


async def merged(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    await workspace.service.merge("1001")


async def toggled(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    await workspace.service.toggle("1001")


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("start", [ThreewayWorkspace.consulting, merged, toggled])
async def test_a_specialist_who_hangs_up_during_a_toggle_leaves_the_other_two_together(
    workspace: ThreewayWorkspace, start: Callable[[ThreewayWorkspace], Awaitable[None]], moment: str
) -> None:
    await start(workspace)
    setattr(workspace.dialplan, moment, workspace.specialist_hangs_up)
    with pytest.raises(ChannelGoneError):
        await workspace.service.toggle("1001")
    await workspace.passes(0)
    assert (workspace.state, workspace.trouble) == ("ended", "specialist.left")
    assert workspace.pushed[-1] == ("ended", "specialist.left")
    assert (workspace.dialplan.at[CALLER], workspace.dialplan.at[workspace.call.leg]) == (
        "hotline-caller",
        "hotline-staff",
    )
    assert workspace.names().count("caller.back.with.agent") == 1


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("start", [ThreewayWorkspace.consulting, toggled])
async def test_a_specialist_who_hangs_up_during_a_merge_leaves_the_other_two_together(
    workspace: ThreewayWorkspace, start: Callable[[ThreewayWorkspace], Awaitable[None]], moment: str
) -> None:
    await start(workspace)
    setattr(workspace.dialplan, moment, workspace.specialist_hangs_up)
    with pytest.raises(ChannelGoneError):
        await workspace.service.merge("1001")
    await workspace.passes(0)
    assert (workspace.state, workspace.trouble) == ("ended", "specialist.left")
    assert workspace.pushed[-1] == ("ended", "specialist.left")
    assert (workspace.dialplan.at[CALLER], workspace.dialplan.at[workspace.call.leg]) == (
        "hotline-caller",
        "hotline-staff",
    )
    assert workspace.names().count("caller.back.with.agent") == 1


@pytest.mark.parametrize("start", [ThreewayWorkspace.consulting, merged])
async def test_a_caller_sent_on_while_the_specialist_hangs_up_comes_back(
    workspace: ThreewayWorkspace, start: Callable[[ThreewayWorkspace], Awaitable[None]]
) -> None:
    """Else the agent would be alone, with a screen that shows the caller."""
    await start(workspace)
    workspace.dialplan.when_there = workspace.specialist_hangs_up
    with pytest.raises(ChannelGoneError):
        await workspace.service.drop_caller("1001")
    await workspace.passes(0)
    assert (workspace.pushed[-1], workspace.dialplan.at[CALLER]) == (("ended", "specialist.left"), "hotline-caller")
    assert workspace.names().count("caller.back.with.agent") == 1


async def test_a_caller_who_cannot_be_fetched_when_the_specialist_has_hung_up_is_not_called_back(
    workspace: ThreewayWorkspace,
) -> None:
    await merged(workspace)

    def specialist_hangs_up() -> None:
        workspace.specialist_hangs_up()
        workspace.dialplan.stuck.add(CALLER)

    workspace.dialplan.when_there = specialist_hangs_up
    assert isinstance(await workspace.late(workspace.service.toggle("1001")), ChannelGoneError)
    assert workspace.pushed[-1] == ("ended", "specialist.left")
    assert "caller.back.with.agent" not in workspace.names()


async def test_a_caller_who_hangs_up_right_after_the_specialist_leaves_no_agent_alone(
    workspace: ThreewayWorkspace,
) -> None:
    """The dialplan ends the room with its caller; Asterisk may report the specialist's hang-up before the caller's."""
    await workspace.consulting()
    leg, call_id = workspace.call.leg, workspace.call.call_id
    workspace.switchboard.phone.deliver(RoomLeft(channel=leg, unique_id=leg, call_id=call_id, room=call_id))
    # The agent's leg is on its way back to the room when the caller's hang-up is reported.
    workspace.dialplan.when_there = lambda: workspace.hangs_up(CALLER)
    workspace.specialist_hangs_up()
    await workspace.passes(20)
    assert ("hang up", workspace.call.leg) in workspace.switchboard.sent
    assert "caller.requeued" not in workspace.names()


async def test_a_specialist_who_hangs_up_while_a_page_fails_to_take_its_call_back_has_left_the_two_together(
    workspace: ThreewayWorkspace,
) -> None:
    late = "PJSIP/1001-web-00000009"
    await merged(workspace)
    workspace.dialplan.stuck.add(late)
    again = asyncio.ensure_future(workspace.service.reconnect("1001", "PJSIP/1001-web"))
    await workspace.passes(0)
    await workspace.specialist(DialResult(answered=True, channel=late, reason=4))
    workspace.specialist_hangs_up()
    assert isinstance(await workspace.late(again), OutcomeUnknownError)
    assert workspace.pushed[-1] == ("ended", "specialist.left")
    assert "caller.back.with.agent" not in workspace.names()


async def test_a_caller_whose_agent_is_lost_right_after_the_specialist_is_told_so_to_the_end(
    workspace: ThreewayWorkspace,
) -> None:
    """The dialplan ends the specialist first; Asterisk may tell of that hang-up before the agent's own."""
    await workspace.consulting()
    call_id, leg = workspace.call.call_id, workspace.call.leg

    def lost() -> None:
        workspace.dialplan.arrive(CALLER, Place(context="hotline-requeue", extension=call_id))
        workspace.hangs_up(leg)

    workspace.switchboard.phone.deliver(RoomLeft(channel=leg, unique_id=leg, call_id=call_id, room=call_id))
    workspace.dialplan.when_moved = lost
    asked = len(workspace.switchboard.sent)
    await workspace.specialist_leaves()
    await workspace.passes(5)
    assert CALLER not in [command[1] for command in workspace.switchboard.sent[asked:] if command[0] == "redirect"]
    assert [event.agent for event in workspace.events if isinstance(event, CallerRequeued)] == ["1001"]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_an_agent_who_hangs_up_while_the_caller_is_taken_out_leaves_the_other_two_together(
    workspace: ThreewayWorkspace, moment: str
) -> None:
    await merged(workspace)
    setattr(workspace.dialplan, moment, lambda: workspace.hangs_up(workspace.call.leg))
    with pytest.raises(ChannelGoneError):
        await workspace.service.toggle("1001")
    await workspace.passes(0)
    assert (workspace.state, workspace.dialplan.at[CALLER], workspace.dialplan.at[SPECIALIST]) == (
        "without_agent",
        "hotline-caller",
        "hotline-specialist",
    )


@pytest.mark.parametrize("who", [CALLER, QueueCall.interface + "-0000000a"])
async def test_nobody_is_rung_for_a_call_that_ended_when_the_consultation_began(
    workspace: ThreewayWorkspace, who: str
) -> None:
    workspace.dialplan.when_there = lambda: workspace.hangs_up(who)
    with pytest.raises(ChannelGoneError):
        await workspace.service.consult("1001", "s-1", 0)
    await workspace.passes(0)
    assert workspace.dialplan.dialled == []


async def test_a_page_that_takes_its_call_back_while_the_specialist_hangs_up_has_it(
    workspace: ThreewayWorkspace,
) -> None:
    await merged(workspace)
    again = asyncio.ensure_future(workspace.service.reconnect("1001", "PJSIP/1001-web"))
    await workspace.passes(0)
    workspace.dialplan.when_moved = workspace.specialist_hangs_up
    await workspace.specialist(DialResult(answered=True, channel="PJSIP/1001-web-00000009", reason=4))
    await again
    assert workspace.agent_legs == ["PJSIP/1001-web-00000009"]


async def test_a_caller_whom_the_dialplan_has_queued_is_not_queued_again(workspace: ThreewayWorkspace) -> None:
    """The agent hangs up in a consultation: the specialist's leg ends, and the caller is queued, before the agent's."""
    await workspace.consulting()
    leg, call_id, dialplan = workspace.call.leg, workspace.call.call_id, workspace.dialplan
    workspace.switchboard.phone.deliver(RoomLeft(channel=leg, unique_id=leg, call_id=call_id, room=call_id))
    workspace.specialist_hangs_up()
    dialplan.arrive(CALLER, Place(context="hotline-requeue", extension=call_id))
    dialplan.ending = {leg}
    await workspace.passes(0)
    workspace.hangs_up(leg)
    await workspace.passes(5)
    assert ("redirect", CALLER, "hotline-requeue", call_id) not in workspace.switchboard.sent
    assert dialplan.at[CALLER] == "hotline-requeue"
    assert workspace.names().count("caller.requeued") == 1
