"""Three-way calls in which the service itself makes a mistake: nobody is left alone with the music by it."""

from __future__ import annotations

import asyncio

import pytest

from ivr.errors import ChannelGoneError
from ivr.switchboard import DialResult
from tests.cti.test_threeway import CALLER, ThreewayWorkspace, make_service, workspace
from tests.fakes.journal import ListJournal

__all__ = ["workspace"]


def breaks() -> None:
    raise ZeroDivisionError("a bug")


async def test_a_bug_in_a_move_leaves_nobody_alone_on_hold(workspace: ThreewayWorkspace) -> None:
    workspace.dialplan.when_there = breaks
    with pytest.raises(ZeroDivisionError):
        await workspace.service.consult("1001", "s-1", 0)
    assert workspace.pushed[-1] == ("ended", "specialist.failed")
    assert (workspace.dialplan.at[CALLER], workspace.dialplan.at[workspace.call.leg]) == (
        "hotline-caller",
        "hotline-staff",
    )
    assert workspace.names()[-2:] == ["three.way.failed", "caller.back.with.agent"]


async def test_a_bug_in_the_way_back_too_sends_the_caller_to_the_queue(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()

    def breaks_twice() -> None:
        workspace.dialplan.when_moved = breaks
        breaks()

    workspace.dialplan.when_moved = breaks_twice
    with pytest.raises(ZeroDivisionError):
        await workspace.service.merge("1001")
    assert workspace.dialplan.at[CALLER] == "hotline-requeue"
    assert ("hang up", workspace.call.leg) in workspace.switchboard.sent


async def test_a_bug_in_dialling_brings_the_caller_back(workspace: ThreewayWorkspace) -> None:
    await workspace.service.consult("1001", "s-1", 0)
    await workspace.passes(0)
    assert workspace.dialplan.dialling is not None
    workspace.dialplan.dialling.set_exception(ZeroDivisionError("a bug"))
    await workspace.passes(1)
    assert workspace.pushed[-1] == ("ended", "specialist.unreachable")
    assert workspace.dialplan.at[CALLER] == "hotline-caller"


async def test_a_bug_in_hanging_up_a_specialist_keeps_nobody_from_the_caller(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    workspace.dialplan.clings, workspace.dialplan.clinging = True, ZeroDivisionError("a bug")
    await workspace.service.cancel("1001")
    assert workspace.dialplan.at[CALLER] == "hotline-caller"
    assert (workspace.state, workspace.trouble) == ("merged", "specialist.still_there")
    workspace.dialplan.clings = False
    await workspace.passes(2)
    assert workspace.switchboard.sent[-1] == ("hang up", workspace.dialplan.dialled[0])


async def test_a_bug_in_dropping_a_specialist_does_not_make_their_own_leaving_the_agents_doing(
    workspace: ThreewayWorkspace,
) -> None:
    await workspace.consulting()
    await workspace.service.merge("1001")
    workspace.dialplan.clings, workspace.dialplan.clinging = True, ZeroDivisionError("a bug")
    with pytest.raises(ZeroDivisionError):
        await workspace.service.drop_specialist("1001")
    await workspace.specialist_leaves()
    assert workspace.dropped() == [("specialist", "self")]


async def test_a_bug_in_giving_a_call_back_leaves_no_leg_behind(workspace: ThreewayWorkspace) -> None:
    late = "PJSIP/1001-web-00000009"

    def unknown(_agent: str, _leg: str) -> None:
        raise KeyError("1001")

    service = make_service(workspace.switchboard, workspace.clock, ListJournal(), on_agent_leg=unknown)
    workspace.call.connects()
    again = asyncio.ensure_future(service.reconnect("1001", "PJSIP/1001-web"))
    await workspace.specialist(DialResult(answered=True, channel=late, reason=4))
    assert isinstance(again.exception(), KeyError)
    assert ("hang up", late) in workspace.switchboard.sent
    await service.close()


async def test_a_bug_in_the_way_back_from_a_specialist_who_hung_up_is_told_as_the_queue(
    workspace: ThreewayWorkspace,
) -> None:
    await workspace.consulting()
    await workspace.service.merge("1001")

    def leaves() -> None:
        workspace.specialist_hangs_up()
        workspace.dialplan.when_moved = breaks

    workspace.dialplan.when_there = leaves
    with pytest.raises(ChannelGoneError):
        await workspace.service.toggle("1001")
    assert workspace.dialplan.at[CALLER] == "hotline-requeue"
    assert workspace.names()[-1] == "caller.requeued"
