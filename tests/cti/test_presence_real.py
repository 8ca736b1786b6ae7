"""Presence against the real app_queue: what it really reports, and in which order."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from cti.presence.service import PresenceService
from cti.presence.session import AgentSession, Phone, QueueMembership
from cti.presence.state import Verdict
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.clock import SystemClock
from ivr.ami import AmiClient
from ivr.events import CallerJoinedQueue, PhoneEvent
from ivr.switchboard import Switchboard
from tests.cti.threeway_stage import QUEUE
from tests.fakes.journal import ListJournal
from tests.phones.asterisk import RealAsterisk
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until

pytestmark = pytest.mark.real
AGENTS = ("1003", "1004")


@dataclass
class RealFloor:
    asterisk: RealAsterisk
    ami: AmiClient
    phone: Dispatcher[PhoneEvent]
    commands: CommandOnItsWay
    presence: PresenceService
    journal: ListJournal
    phones: dict[str, PjsuaPhone]
    caller: PjsuaPhone

    def agent(self, number: str) -> AgentSession:
        return self.presence.session(number)

    async def on_duty(self, *numbers: str) -> None:
        for number in numbers:
            await self.presence.sign_in(number, Phone.DESK_PHONE)
            await self.presence.ready(number)
            await until(partial(self._is_registered, number), within=25, what=f"{number} is registered")
        await until(lambda: self._free(*numbers), within=25, what="the phones are free")

    def _is_registered(self, number: str) -> bool:
        return self.agent(number).phone_registered

    async def _free(self, *numbers: str) -> bool:
        members = (await self.ami.switchboard.snapshot()).members
        return {m.member_name for m in members if m.status == 1} >= set(numbers)

    async def ringing(self) -> str:
        """Whose phone rings."""
        return await until(
            lambda: next((s.number for s in self.presence.sessions() if s.state == "ringing"), ""),
            what="an agent's phone rings",
        )

    async def state(self, number: str, state: str, reason: str = "") -> None:
        await until(
            lambda: (self.agent(number).state, self.agent(number).pause_reason) == (state, reason),
            what=f"{number} is {state} {reason}",
        )

    def told(self, name: str) -> list[dict[str, object]]:
        return [event.payload() for event in self.journal.events if event.name == name]


@pytest.fixture
async def floor(real_asterisk: RealAsterisk) -> AsyncIterator[RealFloor]:
    phone: Dispatcher[PhoneEvent] = Dispatcher()
    clock, journal = SystemClock(), ListJournal()
    ami = AmiClient(real_asterisk.settings.ami, clock, phone.deliver)
    commands = CommandOnItsWay(ami.switchboard)
    presence = PresenceService(commands, phone, Bus(journal), clock, on_change=lambda _: None)
    for number in AGENTS:
        presence.upsert(f"u-{number}", number, number, (QueueMembership(QUEUE, 0),), timedelta(seconds=1))
    async with contextlib.AsyncExitStack() as stack:
        await ami.start()
        stack.push_async_callback(ami.close)
        stack.push_async_callback(presence.close)
        await until(lambda: ami.ready, what="AMI is ready")
        await presence.resync(await ami.switchboard.snapshot())
        phones = {n: await stack.enter_async_context(PjsuaPhone.desk_phone(real_asterisk, n)) for n in AGENTS}
        caller = await stack.enter_async_context(PjsuaPhone.caller(real_asterisk))
        yield RealFloor(real_asterisk, ami, phone, commands, presence, journal, phones, caller)
        await real_asterisk.hang_up_all()
        for number in AGENTS:
            for queue, interface in ((QUEUE, f"PJSIP/{number}"), (QUEUE, f"PJSIP/{number}-web")):
                await ami.switchboard.remove_member(queue, interface)


async def test_a_talk_from_ring_to_ready(floor: RealFloor) -> None:
    await floor.on_duty("1003")
    floor.phones["1003"].answers(after=0.3)
    floor.caller.call()
    await floor.state("1003", "talking")
    floor.caller.hang_up()
    await floor.state("1003", "wrap_up")
    assert {m.pause_reason for m in (await floor.ami.switchboard.snapshot()).members} == {"wrap_up"}
    await floor.state("1003", "ready")
    assert [(end["by"], end["agent"]) for end in floor.told("talk.ended")] == [("caller", "1003")]


async def test_who_declines_is_paused_and_the_next_one_rings(floor: RealFloor) -> None:
    await floor.on_duty("1003", "1004")
    floor.caller.call()
    first = await floor.ringing()
    second = next(number for number in AGENTS if number != first)
    floor.phones[second].answers()
    floor.phones[first].decline()
    await floor.state(second, "talking")
    await floor.state(first, "paused", "missed")
    assert [(miss["agent"], miss["reason"]) for miss in floor.told("agent.missed")] == [(first, "timeout")]


async def test_a_caller_who_gives_up_leaves_the_agent_ready(floor: RealFloor) -> None:
    await floor.on_duty("1003")
    floor.caller.call()
    await floor.ringing()
    await floor.caller.wait_for("confirmed")
    floor.caller.hang_up()
    await floor.state("1003", "ready")
    await until(lambda: floor.told("agent.missed"), what="the end of the ring is told")
    assert [miss["reason"] for miss in floor.told("agent.missed")] == ["withdrawn"]


async def test_hold_is_reported(floor: RealFloor) -> None:
    await floor.on_duty("1003")
    floor.phones["1003"].answers()
    floor.caller.call()
    await floor.state("1003", "talking")
    floor.phones["1003"].hold()
    await until(lambda: floor.told("hold.began"), what="hold is told")
    floor.phones["1003"].unhold()
    await until(lambda: floor.told("hold.ended"), what="its end is told")


async def test_a_restarted_service_finds_agents_and_talk(floor: RealFloor) -> None:
    await floor.on_duty("1003", "1004")
    await floor.presence.pause("1004", "meal")
    floor.phones["1003"].answers()
    floor.caller.call()
    await floor.state("1003", "talking")
    phone: Dispatcher[PhoneEvent] = Dispatcher()
    again = PresenceService(floor.ami.switchboard, phone, Bus(ListJournal()), SystemClock(), on_change=lambda _: None)
    for number in AGENTS:
        again.upsert(f"u-{number}", number, number, (QueueMembership(QUEUE, 0),), timedelta(seconds=1))
    await again.resync(await floor.ami.switchboard.snapshot())
    talking, resting = again.session("1003"), again.session("1004")
    before = floor.agent("1003").call
    assert (talking.state, talking.phone, talking.phone_registered) == ("talking", Phone.DESK_PHONE, True)
    assert talking.call is not None
    assert before is not None
    assert (talking.call.call_id, talking.call.agent_channel) == (before.call_id, before.agent_channel)
    assert (resting.state, resting.pause_reason) == ("paused", "meal")
    await again.close()


# --- a command that crosses a ring ----------------------------------------------------------------------


class CommandOnItsWay:
    """The switchboard, but for one queue command that reaches Asterisk, and is answered, only once the phone rings.

    app_queue chose the agent before: that is the race of the few milliseconds in which a phone begins to ring.
    """

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard
        self.until_ringing: Callable[[], Awaitable[object]] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._switchboard, name)

    async def pause_member(self, interface: str, *, paused: bool, reason: str = "") -> None:
        await self._wait()
        await self._switchboard.pause_member(interface, paused=paused, reason=reason)

    async def remove_member(self, queue: str, interface: str) -> None:
        await self._wait()
        await self._switchboard.remove_member(queue, interface)

    async def _wait(self) -> None:
        wait, self.until_ringing = self.until_ringing, None
        if wait is not None:
            await wait()


async def asked(floor: RealFloor, command: str) -> None:
    if command == "pause":
        await floor.presence.pause("1003", "meal")
    else:
        await floor.presence.sign_out("1003")


async def as_asked(floor: RealFloor, command: str) -> None:
    state, reason = ("paused", "meal") if command == "pause" else ("offline", "")
    await floor.state("1003", state, reason)
    rows = [
        (m.paused, m.pause_reason) for m in (await floor.ami.switchboard.snapshot()).members if m.member_name == "1003"
    ]
    assert rows == ([(True, "meal")] if command == "pause" else [])


@pytest.mark.parametrize("command", ["pause", "sign_out"])
@pytest.mark.parametrize("end", ["given up", "declined", "talk"])
async def test_a_command_that_crosses_a_ring_holds_once_that_is_over(floor: RealFloor, command: str, end: str) -> None:
    await floor.on_duty("1003")
    floor.commands.until_ringing = floor.ringing
    floor.caller.call()
    await asked(floor, command)
    assert floor.agent("1003").state == "ringing"
    match end:
        case "given up":
            await floor.caller.wait_for("confirmed")
            floor.caller.hang_up()
        case "declined":
            floor.phones["1003"].decline()
        case _:
            floor.phones["1003"].answer()
            await floor.state("1003", "talking", floor.agent("1003").pause_reason)
            floor.caller.hang_up()
    await as_asked(floor, command)
    assert len(floor.told("talk.ended")) == (end == "talk")


@pytest.mark.parametrize("command", ["pause", "sign_out"])
@pytest.mark.parametrize("milliseconds", [4, 12, 30])
async def test_a_command_sent_as_the_caller_joins_holds(floor: RealFloor, command: str, milliseconds: int) -> None:
    """Whether Asterisk has it before the phone rings or after is left to chance: it holds either way."""
    await floor.on_duty("1003")
    joined = asyncio.Event()
    floor.phone.subscribe(lambda _: joined.set(), CallerJoinedQueue)
    floor.caller.call()
    async with asyncio.timeout(20):
        await joined.wait()
    await SystemClock().sleep(timedelta(milliseconds=milliseconds - 4))
    await asked(floor, command)
    await floor.caller.wait_for("confirmed")
    floor.caller.hang_up()
    await as_asked(floor, command)


# --- a call of the agent's own --------------------------------------------------------------------------


async def test_who_calls_a_colleague_is_not_free(floor: RealFloor) -> None:
    await floor.on_duty("1003", "1004")
    await floor.presence.sign_in("1003", Phone.BROWSER)
    floor.phones["1004"].answers()
    floor.phones["1003"].call("1004")
    await floor.state("1003", "own_call")
    await floor.state("1004", "own_call")
    assert floor.agent("1004").why_not_ready(link=True) == [Verdict.OWN_CALL]
    again = PresenceService(
        floor.ami.switchboard, Dispatcher(), Bus(ListJournal()), SystemClock(), on_change=lambda _: None
    )
    again.upsert("u-1003", "1003", "1003", (QueueMembership(QUEUE, 0),), timedelta(seconds=1))
    await again.resync(await floor.ami.switchboard.snapshot())
    assert again.session("1003").state == "own_call"
    await again.close()
    floor.phones["1003"].hang_up()
    await floor.state("1003", "ready")
    await floor.state("1004", "ready")
