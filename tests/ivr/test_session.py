from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from ivr.agi import TAKEN, AgiResult, Verb
from ivr.errors import CallEndedError, CallLeftError, FlowRestartedError
from ivr.events import AgentConnected, AgiCommandBegan, CallerJoinedQueue, ChannelVariableSet, PhoneEvent
from ivr.session import CallSession
from ivr.state import CallState
from tests.fakes.agi_call import CALL_ID, CHANNEL, IDS, UNIQUE_ID
from tests.fakes.clock import FakeClock
from tests.fakes.switchboard import FakeSwitchboard

SECOND = timedelta(seconds=1)
LONG = timedelta(seconds=60)


class TickedCall:
    """A session on a fake switchboard, with a clock that ticks it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.switchboard = FakeSwitchboard(self._deliver)
        self.session = CallSession(
            call_id=CALL_ID,
            channel=CHANNEL,
            unique_id=UNIQUE_ID,
            switchboard=self.switchboard,
            clock=self.clock,
        )

    def _deliver(self, event: PhoneEvent) -> None:
        self.session.deliver(event)  # type: ignore[arg-type]

    async def begun(self) -> TickedCall:
        self.switchboard.agi.begin()
        await self.session.begin()
        return self

    async def pass_time(self, seconds: int) -> None:
        for _ in range(seconds):
            await self.clock.advance(SECOND)
            self.session.tick()
            await self.clock.advance(timedelta(0))


@pytest.fixture
async def call() -> TickedCall:
    return await TickedCall().begun()


def silent(command: str, command_id: str) -> None:
    """A command that Asterisk is still busy with."""


async def test_a_command_gives_its_result(call: TickedCall) -> None:
    call.switchboard.agi.answer = lambda command, id: call.switchboard.agi.result(id, "200 result=5")
    result = await call.session.run(Verb.GET_DATA, "hotline/menu", 5000, 1, within=LONG)
    assert result.value == "5"
    assert call.switchboard.agi.commands == ["GET DATA hotline/menu 5000 1"]


async def test_a_result_of_an_unknown_command_is_no_answer(call: TickedCall) -> None:
    call.switchboard.agi.answer = silent
    waiting = asyncio.create_task(call.session.run(Verb.GET_DATA, "x", 1000, 1, within=LONG))
    await call.pass_time(1)
    call.switchboard.agi.result("of-an-earlier-run", "200 result=9")
    await call.pass_time(1)
    assert not waiting.done()
    call.switchboard.agi.caller_hangs_up()
    with pytest.raises(CallEndedError):
        await waiting


async def test_a_hang_up_ends_the_command_that_waits(call: TickedCall) -> None:
    call.switchboard.agi.answer = silent
    waiting = asyncio.create_task(call.session.run(Verb.STREAM_FILE, "x", "", within=LONG))
    await call.pass_time(1)
    call.switchboard.agi.caller_hangs_up()
    with pytest.raises(CallEndedError):
        await waiting
    assert call.session.caller_hung_up
    assert call.session.hangup_cause == 16


async def test_a_command_to_a_channel_that_is_gone_ends_the_flow(call: TickedCall) -> None:
    call.switchboard.agi.gone = True
    waiting = asyncio.create_task(call.session.run(Verb.STREAM_FILE, "x", "", within=LONG))
    await call.pass_time(5)
    with pytest.raises(CallEndedError):
        await waiting


async def test_a_command_without_a_result_in_time_restarts_agi(call: TickedCall) -> None:
    call.switchboard.agi.answer = silent
    waiting = asyncio.create_task(call.session.run(Verb.STREAM_FILE, "x", "", within=timedelta(seconds=3)))
    await call.pass_time(5)
    with pytest.raises(FlowRestartedError):
        await waiting
    call.switchboard.agi.answer = call.switchboard.agi.done
    assert (await call.session.run(Verb.STREAM_FILE, "x", "", within=LONG)).ok


def collecting(call: TickedCall) -> asyncio.Task[AgiResult]:
    digits = call.session.digits
    return asyncio.create_task(
        call.session.run(Verb.GET_DATA, "x", 5000, 1, within=LONG, enough=lambda: digits.complete(1))
    )


async def test_a_key_that_ends_a_command_is_taken_before_the_result(call: TickedCall) -> None:
    sent: list[str] = []
    call.switchboard.agi.answer = lambda _, command_id: sent.append(command_id)
    waiting = collecting(call)
    await call.pass_time(1)
    call.switchboard.agi.press("4")
    assert await waiting is TAKEN
    assert call.session.digits.take(1) == "4"
    following = asyncio.create_task(call.session.run(Verb.STREAM_FILE, "y", "", within=LONG))
    await call.pass_time(1)
    first, second = sent
    call.switchboard.agi.result(first, "200 result=52")
    await call.pass_time(5)
    assert not following.done()
    call.switchboard.agi.result(second, "200 result=0")
    assert (await following).ok
    assert len(call.session.digits) == 0


async def test_a_key_that_no_command_took_cuts_the_command_short(call: TickedCall) -> None:
    """It came before Asterisk had begun the command that was to collect it: to wait for its end is to wait in vain."""
    call.switchboard.agi.answer = silent
    call.switchboard.agi.reports_begin = False
    waiting = collecting(call)
    await call.pass_time(1)
    call.switchboard.agi.press("4")
    call.switchboard.agi.deliver(AgiCommandBegan(**IDS, command=call.switchboard.agi.commands[-1]))
    await call.pass_time(1)
    assert not waiting.done()
    await call.pass_time(2)
    with pytest.raises(FlowRestartedError):
        await waiting
    assert call.session.digits.take(1) == "4"


async def test_the_beginning_of_another_command_says_nothing_of_this_one(call: TickedCall) -> None:
    call.switchboard.agi.answer = silent
    call.switchboard.agi.reports_begin = False
    waiting = collecting(call)
    await call.pass_time(1)
    call.switchboard.agi.deliver(AgiCommandBegan(**IDS, command="GET DATA y 5000 1"))
    call.switchboard.agi.press("4")
    await call.pass_time(1)
    assert not waiting.done()
    await call.pass_time(2)
    with pytest.raises(FlowRestartedError):
        await waiting


async def test_agi_that_ends_and_begins_again_is_distinguished_from_a_hang_up(call: TickedCall) -> None:
    call.switchboard.agi.answer = silent
    waiting = asyncio.create_task(call.session.run(Verb.GET_DATA, "x", 5000, 1, within=LONG))
    await call.pass_time(1)
    call.switchboard.agi.end()
    call.switchboard.agi.begin(stage="resume")
    with pytest.raises(FlowRestartedError):
        await waiting
    assert call.session.state is CallState.IN_FLOW


async def test_agi_that_ends_for_good_leaves_the_caller_to_the_safe_flow(call: TickedCall) -> None:
    call.switchboard.agi.answer = silent
    waiting = asyncio.create_task(call.session.run(Verb.GET_DATA, "x", 5000, 1, within=LONG))
    await call.pass_time(1)
    call.switchboard.agi.end()
    await call.pass_time(5)
    with pytest.raises(CallLeftError):
        await waiting
    assert call.session.state is CallState.IN_SAFE_FLOW


async def test_without_a_link_the_call_waits_to_be_resumed(call: TickedCall) -> None:
    call.switchboard.ready = False
    waiting = asyncio.create_task(call.session.run(Verb.STREAM_FILE, "x", "", within=LONG))
    await call.pass_time(10)
    assert not waiting.done()
    call.switchboard.ready = True
    call.switchboard.agi.begin(stage="resume")
    await call.pass_time(1)
    with pytest.raises(FlowRestartedError):
        await waiting


async def test_a_renewal_that_came_too_late_does_not_cut_off_the_safe_flow(call: TickedCall) -> None:
    call.switchboard.agi.answer = silent
    waiting = asyncio.create_task(call.session.run(Verb.STREAM_FILE, "x", "", within=LONG))
    await call.pass_time(1)
    call.switchboard.agi.end()
    call.session.deliver(ChannelVariableSet(**IDS, variable="HOTLINE_SAFE_REASON", value="dead-man"))
    await call.pass_time(1)
    with pytest.raises(CallLeftError):
        await waiting
    assert call.switchboard.sent[-1] == ("absolute timeout", CHANNEL, timedelta(0))


async def test_without_a_link_for_long_the_dead_mans_timer_has_the_caller(call: TickedCall) -> None:
    call.switchboard.ready = False
    waiting = asyncio.create_task(call.session.run(Verb.STREAM_FILE, "x", "", within=LONG))
    await call.pass_time(45)
    with pytest.raises(CallLeftError):
        await waiting


async def test_a_queue_gets_its_variables_and_brings_the_call_back(call: TickedCall) -> None:
    queue = asyncio.create_task(call.session.go_to_queue("enterprise", {"HOTLINE_QUEUE_PRIO": "5"}))
    await call.pass_time(1)
    assert call.switchboard.agi.commands == [
        "SET VARIABLE HL_STAGE leaving",
        "SET VARIABLE HOTLINE_QUEUE_PRIO 5",
        "EXEC Goto hotline-to-queue,enterprise,1",
        "ASYNCAGI BREAK",
    ]
    assert call.session.state is CallState.AT_QUEUE
    ids = IDS | {"queue": "enterprise"}
    call.session.deliver(CallerJoinedQueue(**ids, position=1, count=1))
    call.session.deliver(
        AgentConnected(
            **ids, interface="PJSIP/1001", member_name="1001", agent_channel="PJSIP/1001-2", waited=4, rang=2
        )
    )
    await call.pass_time(1)
    assert call.session.queue_visit is not None
    assert (call.session.queue_visit.agent, call.session.queue_visit.agent_channel) == ("1001", "PJSIP/1001-2")
    call.switchboard.agi.begin(stage="return", status="CONTINUE", agent="1001")
    arguments = await queue
    assert arguments["status"] == "CONTINUE"
    assert (await call.session.run(Verb.STREAM_FILE, "x", "", within=LONG)).ok


async def test_keys_pressed_in_the_queue_are_no_answer_to_the_survey(call: TickedCall) -> None:
    queue = asyncio.create_task(call.session.go_to_queue("enterprise", {}))
    await call.pass_time(1)
    call.switchboard.agi.press("0")
    call.switchboard.agi.begin(stage="return", status="CONTINUE")
    await queue
    assert not call.session.digits


async def test_a_caller_who_hangs_up_at_the_queue_ends_the_flow(call: TickedCall) -> None:
    queue = asyncio.create_task(call.session.go_to_queue("enterprise", {}))
    await call.pass_time(1)
    call.switchboard.agi.caller_hangs_up()
    with pytest.raises(CallEndedError):
        await queue


async def test_a_caller_who_leans_on_the_keys_does_not_push_out_the_hang_up(call: TickedCall) -> None:
    call.switchboard.agi.press("5" * 1000)
    call.switchboard.agi.caller_hangs_up()
    with pytest.raises(CallEndedError):
        await call.session.run(Verb.STREAM_FILE, "x", "", within=LONG)


async def test_events_delivered_twice_change_nothing(call: TickedCall) -> None:
    for _ in range(2):
        call.switchboard.agi.caller_hangs_up()
    with pytest.raises(CallEndedError):
        await call.session.run(Verb.STREAM_FILE, "x", "", within=LONG)
    assert call.session.state is CallState.ENDED
