"""Three-way calls in which the service itself makes a mistake: nobody is left alone with the music by it."""

from __future__ import annotations

import asyncio

import pytest

from ivr.errors import ChannelGoneError
from ivr.switchboard import DialResult
from tests.cti.test_presence import Journal
from tests.cti.test_threeway import CALLER, Desk, desk, make_service

__all__ = ["desk"]


def breaks() -> None:
    raise ZeroDivisionError("a bug")


async def test_a_bug_in_a_move_leaves_nobody_alone_with_the_music(desk: Desk) -> None:
    desk.dialplan.when_there = breaks
    with pytest.raises(ZeroDivisionError):
        await desk.service.consult("1001", "s-1", 0)
    assert desk.pushed[-1] == ("ended", "specialist.failed")
    assert (desk.dialplan.at[CALLER], desk.dialplan.at[desk.call.leg]) == ("hotline-caller", "hotline-staff")
    assert desk.names()[-2:] == ["three.way.failed", "caller.back.with.agent"]


async def test_a_bug_in_the_way_back_too_sends_the_caller_to_the_queue(desk: Desk) -> None:
    await desk.consulting()

    def breaks_twice() -> None:
        desk.dialplan.when_moved = breaks
        breaks()

    desk.dialplan.when_moved = breaks_twice
    with pytest.raises(ZeroDivisionError):
        await desk.service.merge("1001")
    assert desk.dialplan.at[CALLER] == "hotline-requeue"
    assert ("hang up", desk.call.leg) in desk.dialplan.sent


async def test_a_bug_in_dialling_brings_the_caller_back(desk: Desk) -> None:
    await desk.service.consult("1001", "s-1", 0)
    await desk.passes(0)
    assert desk.dialplan.dialling is not None
    desk.dialplan.dialling.set_exception(ZeroDivisionError("a bug"))
    await desk.passes(1)
    assert desk.pushed[-1] == ("ended", "specialist.unreachable")
    assert desk.dialplan.at[CALLER] == "hotline-caller"


async def test_a_bug_in_letting_a_specialist_go_keeps_nobody_from_the_caller(desk: Desk) -> None:
    await desk.consulting()
    desk.dialplan.clings, desk.dialplan.clinging = True, ZeroDivisionError("a bug")
    await desk.service.cancel("1001")
    assert desk.dialplan.at[CALLER] == "hotline-caller"
    assert (desk.state, desk.trouble) == ("merged", "specialist.still_there")
    desk.dialplan.clings = False
    await desk.passes(2)
    assert desk.dialplan.sent[-1] == ("hang up", desk.dialplan.dialled[0])


async def test_a_bug_in_dropping_a_specialist_does_not_make_their_own_leaving_the_agents_doing(desk: Desk) -> None:
    await desk.consulting()
    await desk.service.merge("1001")
    desk.dialplan.clings, desk.dialplan.clinging = True, ZeroDivisionError("a bug")
    with pytest.raises(ZeroDivisionError):
        await desk.service.drop_specialist("1001")
    await desk.specialist_leaves()
    assert desk.dropped() == [("specialist", "self")]


async def test_a_bug_in_giving_a_call_back_leaves_no_leg_behind(desk: Desk) -> None:
    late = "PJSIP/1001-web-00000009"

    def unknown(_agent: str, _leg: str) -> None:
        raise KeyError("1001")

    service = make_service(desk.dialplan, desk.clock, Journal(), on_agent_leg=unknown)
    desk.call.connects()
    again = asyncio.ensure_future(service.reconnect("1001", "PJSIP/1001-web"))
    await desk.specialist(DialResult(answered=True, channel=late, reason=4))
    assert isinstance(again.exception(), KeyError)
    assert ("hang up", late) in desk.dialplan.sent
    await service.close()


async def test_a_bug_in_the_way_back_from_a_specialist_who_hung_up_is_told_as_the_queue(desk: Desk) -> None:
    await desk.consulting()
    await desk.service.merge("1001")

    def leaves() -> None:
        desk.specialist_hangs_up()
        desk.dialplan.when_moved = breaks

    desk.dialplan.when_there = leaves
    with pytest.raises(ChannelGoneError):
        await desk.service.toggle("1001")
    assert desk.dialplan.at[CALLER] == "hotline-requeue"
    assert desk.names()[-1] == "caller.requeued"
