"""The client against a real Asterisk."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from hotline.kernel.clock import SystemClock
from hotline.kernel.ids import uuid7
from ivr import events
from ivr.ami import AmiClient, LinkState
from ivr.errors import ActionRefusedError, ChannelGoneError, OutcomeUnknownError, UnsafeValueError
from ivr.settings import AmiSettings
from ivr.switchboard import DialResult, Place, Switchboard
from tests.ivr.ami.conftest import until
from tests.ivr.ami.real_asterisk import SECRET, USERNAME, AmiAsterisk
from tests.ivr.ami.tcp_proxy import TcpProxy
from tests.phones.waiting import until as eventually

pytestmark = pytest.mark.real
E = TypeVar("E", bound=events.PhoneEvent)

AGI = Place(context="t", extension="agi")
WAIT = Place(context="t", extension="wait")
QUEUE = Place(context="t", extension="queue")
ROOM = Place(context="t", extension="room")


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AmiAsterisk]:
    asterisk = AmiAsterisk(tmp_path_factory.mktemp("asterisk"))
    asterisk.start()
    yield asterisk
    asterisk.stop()


@dataclass
class Line:
    """A client on the real Asterisk and what it heard."""

    client: AmiClient
    events: list[events.PhoneEvent]

    async def event(self, kind: type[E], check: Callable[[E], bool] = lambda _: True) -> E:
        def first() -> E | None:
            return next((event for event in self.events if isinstance(event, kind) and check(event)), None)

        return await eventually(first, within=15)

    async def dial(self, extension: str, to: Place = WAIT, **options: object) -> DialResult:
        defaults: dict[str, object] = {
            "call_id": uuid7(), "unique_id": uuid7(), "caller_number": "13800138000", "ring": timedelta(seconds=2),
        }  # fmt: skip
        return await self.client.switchboard.dial(f"Local/{extension}@t/n", to, **{**defaults, **options})  # type: ignore[arg-type]


@asynccontextmanager
async def line_to(port: int, **changes: object) -> AsyncIterator[Line]:
    settings = AmiSettings(port=port, username=USERNAME, secret=SecretStr(SECRET)).model_copy(update=changes)
    heard: list[events.PhoneEvent] = []
    client = AmiClient(settings, SystemClock(), heard.append)
    await client.start()
    try:
        yield Line(client, heard)
    finally:
        await client.close()


@pytest.fixture
async def line(asterisk: AmiAsterisk) -> AsyncIterator[Line]:
    """Ready; its calls are hung up at the end, and no event may have gone undecoded."""
    with capture_logs() as logs:
        async with line_to(asterisk.port) as line:
            await until(lambda: line.client.ready)
            yield line
            for channel in (await line.client.switchboard.snapshot()).channels:
                await line.client.switchboard.hang_up(channel.name)
    assert [entry for entry in logs if entry["log_level"] == "error"] == []


# --- logging in -----------------------------------------------------------------------------------------


async def test_log_in(line: Line) -> None:
    await line.event(events.AsteriskBooted)
    snapshot = await line.client.switchboard.snapshot()
    assert snapshot.started
    assert snapshot.rooms == {}


async def test_wrong_password(asterisk: AmiAsterisk) -> None:
    with capture_logs() as logs:
        async with line_to(asterisk.port, secret=SecretStr("stale")) as line:
            await until(lambda: line.client.state is LinkState.REFUSED)
    assert "Authentication failed" in next(entry["hint"] for entry in logs if entry["log_level"] == "error")


# --- AsyncAGI -------------------------------------------------------------------------------------------


async def test_agi_commands_are_queued_and_their_results_come(line: Line) -> None:
    called = await line.dial("wait", AGI)
    started = await line.event(events.AgiStarted)
    assert started.channel == called.channel
    for number, (command, result) in enumerate(
        [
            ("NOOP", "200 result=0"),
            ('SET VARIABLE HOTLINE_X "a \\"b\\" \\\\ 中文"', "200 result=1"),
            ("GET VARIABLE HOTLINE_X", '200 result=1 (a "b" \\ 中文)'),
            ("NO SUCH COMMAND", "510 Invalid or unknown command"),
        ]
    ):
        await line.client.switchboard.send_agi(called.channel, command, f"c/{number}")
        done = await line.event(events.AgiCommandDone, lambda event, n=number: event.command_id == f"c/{n}")  # type: ignore[misc]
        assert done.result == result
    variable = await line.event(events.ChannelVariableSet, lambda event: event.variable == "HOTLINE_X")
    assert variable.value == 'a "b" \\ 中文'
    await line.client.switchboard.hang_up(called.channel)
    await line.event(events.AgiEnded)
    await line.event(events.ChannelHungUp, lambda event: event.channel == called.channel)
    with pytest.raises(ChannelGoneError):
        await line.client.switchboard.send_agi(called.channel, "NOOP", "late")


async def test_digits(line: Line) -> None:
    called = await line.dial("wait", AGI)
    await line.client.exchange.action("PlayDTMF", {"Channel": called.channel, "Digit": "7", "Receive": "true"})
    pressed = await line.event(events.DigitPressed)
    assert (pressed.digit, pressed.channel) == ("7", called.channel)


# --- dialling -------------------------------------------------------------------------------------------


async def test_dial_answered(line: Line) -> None:
    unique_id, call_id = uuid7(), uuid7()
    result = await line.dial("wait", unique_id=unique_id, call_id=call_id)
    assert (result.answered, result.reason) == (True, 4)
    channels = {channel.unique_id: channel for channel in (await line.client.switchboard.snapshot()).channels}
    assert channels[unique_id].name == result.channel
    assert channels[unique_id].call_id == call_id


@pytest.mark.parametrize(
    ("extension", "reason"), [("busy", 5), ("congested", 8), ("nobody", 0), ("ring", 3)], ids=lambda value: str(value)
)
async def test_dial_not_answered(line: Line, extension: str, reason: int) -> None:
    assert await line.dial(extension) == DialResult(answered=False, channel="", reason=reason)


async def test_dial_to_a_place_that_is_not_there(line: Line) -> None:
    with pytest.raises(ActionRefusedError, match="Extension does not exist"):
        await line.dial("wait", Place(context="t", extension="nowhere"))


@pytest.mark.parametrize(
    "name",
    ['李雷 "小李"', "back\\slash \\n", "😀 emoji", "comma, <angle> (x) [y]", "'single' ?", "汉" * 80, "", "a;b|c"],
)
async def test_a_callers_name_round_trip(line: Line, name: str) -> None:
    called = await line.dial("wait", AGI, caller_name=name)
    started = await line.event(events.AgiStarted)
    assert (started.caller_name, started.caller_number) == (name, "13800138000")
    assert started.env["calleridname"] == (name or "unknown")
    assert await line.client.switchboard.get_variable(called.channel, "CALLERID(name)") == name
    channels = (await line.client.switchboard.snapshot()).channels
    assert {channel.caller_name for channel in channels if channel.name == called.channel} == {name}


async def test_variables_round_trip(line: Line) -> None:
    values = {"A": 'x,y "z" \\ (p) [q] =', "HOTLINE_B": "中文😀", "EMPTY": "", "__HOTLINE_C": "inherited"}
    called = await line.dial("wait", variables=values)
    for name, value in values.items():
        assert await line.client.switchboard.get_variable(called.channel, name.lstrip("_")) == value
    await line.client.switchboard.set_variable(called.channel, "HOTLINE_D", 'plain, "as it is" \\ ')
    assert await line.client.switchboard.get_variable(called.channel, "HOTLINE_D") == 'plain, "as it is" \\ '
    await line.client.switchboard.set_variable("", "APP_LEASE", "1795550251")
    assert await line.client.switchboard.get_variable("", "APP_LEASE") == "1795550251"


async def test_an_injected_action_reaches_nobody(line: Line) -> None:
    with pytest.raises(UnsafeValueError):
        await line.client.switchboard.set_variable("", "X", "1\r\n\r\nAction: Setvar\r\nVariable: INJECTED\r\nValue: 1")
    assert await line.client.switchboard.get_variable("", "INJECTED") == ""


# --- channels -------------------------------------------------------------------------------------------


async def test_redirect_of_two_channels_at_once(line: Line) -> None:
    first, second = await line.dial("wait"), await line.dial("wait")
    await line.client.switchboard.redirect(first.channel, ROOM, extra=(second.channel, AGI))
    await line.event(events.RoomJoined, lambda event: event.channel == first.channel and event.room == "r1")
    await line.event(events.AgiStarted, lambda event: event.channel == second.channel)
    assert (await line.client.switchboard.snapshot()).rooms == {"r1": (first.channel,)}
    await line.client.switchboard.leave_room("r1", first.channel)
    await line.event(events.RoomLeft, lambda event: event.channel == first.channel)
    await line.client.switchboard.leave_room("r1", first.channel)


async def test_hang_up_by_unique_id_while_it_rings(line: Line) -> None:
    unique_id = uuid7()
    ringing = asyncio.create_task(line.dial("ring", unique_id=unique_id, ring=timedelta(seconds=30)))

    async def rings() -> bool:
        return any(channel.unique_id == unique_id for channel in (await line.client.switchboard.snapshot()).channels)

    await eventually(rings, what="it rings")
    await line.client.switchboard.hang_up(unique_id)
    assert not (await ringing).answered
    await line.client.switchboard.hang_up(unique_id)


async def test_absolute_timeout(line: Line) -> None:
    called = await line.dial("wait")
    await line.client.switchboard.set_absolute_timeout(called.channel, timedelta(seconds=30))
    assert float(await line.client.switchboard.get_variable(called.channel, "TIMEOUT(absolute)")) > 20
    await line.client.switchboard.set_absolute_timeout(called.channel, timedelta(0))
    assert float(await line.client.switchboard.get_variable(called.channel, "TIMEOUT(absolute)")) == 0
    await line.client.switchboard.set_absolute_timeout(called.channel, timedelta(milliseconds=500))
    await line.event(events.ChannelHungUp, lambda event: event.channel == called.channel)


@pytest.mark.parametrize(
    "command",
    [
        lambda board: board.redirect("PJSIP/gone-1", WAIT),
        lambda board: board.set_variable("PJSIP/gone-1", "X", "1"),
        lambda board: board.get_variable("PJSIP/gone-1", "X"),
        lambda board: board.set_absolute_timeout("PJSIP/gone-1", timedelta(seconds=1)),
        lambda board: board.send_agi("PJSIP/gone-1", "NOOP", "c"),
    ],
    ids=["redirect", "set_variable", "get_variable", "set_absolute_timeout", "send_agi"],
)
async def test_commands_on_a_channel_that_is_gone(line: Line, command: Callable[[Switchboard], object]) -> None:
    with pytest.raises(ChannelGoneError):
        await command(line.client.switchboard)  # type: ignore[misc]


# --- queues ---------------------------------------------------------------------------------------------


async def test_members_come_pause_and_go(line: Line) -> None:
    board = line.client.switchboard
    for _ in range(2):
        await board.add_member(
            "enterprise", "Local/wait@t", member_name="1001", penalty=1, paused=True, pause_reason="x"
        )
    (member,) = (await board.snapshot()).members
    assert (member.interface, member.member_name, member.paused, member.pause_reason) == (
        "Local/wait@t", "1001", True, "x",
    )  # fmt: skip
    await board.pause_member("Local/wait@t", paused=False)
    await line.event(events.QueueMemberChanged, lambda event: not event.paused)
    for _ in range(2):
        await board.remove_member("enterprise", "Local/wait@t")
    await line.event(events.QueueMemberChanged, lambda event: event.removed)
    assert (await board.snapshot()).members == ()
    with pytest.raises(ActionRefusedError):
        await board.pause_member("Local/wait@t", paused=True)
    with pytest.raises(ActionRefusedError):
        await board.add_member("no such queue", "Local/wait@t", member_name="1001", penalty=0, paused=False)


async def test_a_call_through_a_queue(line: Line) -> None:
    board = line.client.switchboard
    await board.add_member("enterprise", "Local/ring@t", member_name="1001", penalty=0, paused=False)
    caller = await line.dial("wait", QUEUE)
    joined = await line.event(events.CallerJoinedQueue)
    assert (joined.channel, joined.queue, joined.position) == (caller.channel, "enterprise", 1)
    (entry,) = (await board.snapshot()).entries
    assert entry.channel == caller.channel
    ringing = await line.event(events.AgentRinging)
    assert (ringing.channel, ringing.member_name, ringing.interface) == (caller.channel, "1001", "Local/ring@t")
    missed = await line.event(events.AgentRingTimedOut)
    assert 1500 <= missed.rang_ms <= 3500
    await board.remove_member("enterprise", "Local/ring@t")
    await board.add_member("enterprise", "Local/wait@t", member_name="1002", penalty=0, paused=False)
    connected = await line.event(events.AgentConnected)
    assert (connected.channel, connected.member_name) == (caller.channel, "1002")
    await line.event(events.CallerLeftQueue)
    await board.hang_up(connected.agent_channel.removesuffix("1") + "2")  # the far half: as if the agent hung up
    completed = await line.event(events.AgentCompleted)
    assert completed.reason == "agent"
    assert completed.agent_channel in (connected.agent_channel, "")  # "" where the channel was gone before the event
    await board.remove_member("enterprise", "Local/wait@t")


# --- endpoints ------------------------------------------------------------------------------------------


async def test_endpoint_reachable(line: Line, asterisk: AmiAsterisk) -> None:
    assert not await line.client.switchboard.endpoint_reachable("1001")
    assert not await line.client.switchboard.endpoint_reachable("nobody")
    register(asterisk.sip_port, "1001", expires=60)
    await line.event(events.ContactChanged, lambda event: event.endpoint == "1001" and event.reachable)
    assert await line.client.switchboard.endpoint_reachable("1001")
    register(asterisk.sip_port, "1001", expires=0)
    await line.event(events.ContactChanged, lambda event: event.endpoint == "1001" and not event.reachable)
    assert not await line.client.switchboard.endpoint_reachable("1001")


def register(port: int, user: str, *, expires: int) -> None:
    """REGISTER one contact at an endpoint that asks for no password."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(5)
        phone.bind(("127.0.0.1", 0))
        uri, tag = f"sip:{user}@127.0.0.1:{port}", uuid7()
        lines = (
            f"REGISTER sip:127.0.0.1:{port} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{phone.getsockname()[1]};branch=z9hG4bK{tag}",
            f"From: <{uri}>;tag={tag}", f"To: <{uri}>", f"Call-ID: {tag}", "CSeq: 1 REGISTER", "Max-Forwards: 70",
            f"Contact: <sip:{user}@127.0.0.1:9>", f"Expires: {expires}", "Content-Length: 0", "", "",
        )  # fmt: skip
        phone.sendto("\r\n".join(lines).encode(), ("127.0.0.1", port))
        assert b" 200 " in phone.recv(4096).split(b"\r\n")[0]


# --- when it goes wrong ---------------------------------------------------------------------------------


async def test_the_socket_is_cut_in_the_middle_of_a_list(line: Line, asterisk: AmiAsterisk) -> None:
    for _ in range(3):
        await line.dial("wait")
    async with TcpProxy(asterisk.port) as proxy, line_to(proxy.port) as through:
        await until(lambda: through.client.ready)
        proxy.cut_at(b"Event: CoreShowChannel\r\n")
        with pytest.raises(OutcomeUnknownError):
            await through.client.switchboard.snapshot()
        assert not through.client.ready
        await until(lambda: through.client.ready)
        assert proxy.connections == 2
        assert len((await through.client.switchboard.snapshot()).channels) == 6


async def test_fifty_commands_at_once(line: Line) -> None:
    called = await line.dial("wait")
    board = line.client.switchboard
    await asyncio.gather(*(board.set_variable(called.channel, f"HOTLINE_{n}", f"值{n}") for n in range(50)))
    values = await asyncio.gather(*(board.get_variable(called.channel, f"HOTLINE_{n}") for n in range(50)))
    assert values == [f"值{n}" for n in range(50)]


async def test_a_frozen_asterisk_is_noticed_by_ping_and_met_again(asterisk: AmiAsterisk) -> None:
    quick = {"ping_interval": timedelta(milliseconds=100), "ping_timeout": timedelta(milliseconds=500)}
    async with line_to(asterisk.port, **quick) as line:
        await until(lambda: line.client.ready)
        asterisk.freeze()
        try:
            await until(lambda: not line.client.ready)
        finally:
            asterisk.thaw()
        await until(lambda: line.client.ready, within=20)
        assert await line.client.switchboard.snapshot()


async def test_asterisk_restarts(tmp_path: Path) -> None:
    asterisk = AmiAsterisk(tmp_path)
    asterisk.start()
    try:
        async with line_to(asterisk.port) as line:
            await until(lambda: line.client.ready)
            before = await line.client.switchboard.snapshot()
            dialled = await line.dial("wait")
            assert dialled.answered
            asterisk.stop()
            await until(lambda: not line.client.ready)
            asterisk.start()
            await until(lambda: line.client.ready, within=20)
            after = await line.client.switchboard.snapshot()
            assert after.started != before.started
            assert after.channels == ()
    finally:
        asterisk.stop()
