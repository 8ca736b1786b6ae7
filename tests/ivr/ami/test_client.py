"""The client's life: logging in, keeping the connection, losing it, ending."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from ivr.ami import AmiClient, LinkState
from ivr.ami.link import LONGEST_DELAY, backoff
from ivr.ami.protocol import MAX_PENDING
from ivr.errors import OutcomeUnknownError, PhoneUnavailableError
from ivr.events import AsteriskBooted, ChannelHungUp, PhoneEvent
from tests.fakes.ami_server import SECRET, AmiPeer, AmiServer, Headers, silence
from tests.fakes.clock import FakeClock
from tests.ivr.ami.conftest import ClientRig, rig_for, settings_for, until

HANGUP = ("Channel: PJSIP/1-1", "Uniqueid: 1", "AccountCode: c", "Cause: 16", "Cause-txt: Normal Clearing")


# --- logging in -----------------------------------------------------------------------------------------


async def test_ready_after_log_in_and_boot(server: AmiServer, rig: ClientRig) -> None:
    assert rig.states == [LinkState.CONNECTING, LinkState.READY]
    assert rig.of(AsteriskBooted)
    assert server.actions("Login")[0]["Events"] == "on"


async def test_the_secret_never_crosses_the_wire(server: AmiServer, rig: ClientRig) -> None:
    assert SECRET.encode() not in b"".join(server.raw)


async def test_not_ready_before_asterisk_has_booted(server: AmiServer) -> None:
    server.fully_booted = False
    async with rig_for(settings_for(server.port)) as rig:
        await server.seen("Ping")
        assert not rig.client.ready
        server.peer.event("FullyBooted", "Status: Fully Booted")
        await rig.is_ready()


async def test_a_user_without_read_system_gets_ready_late_and_is_told(server: AmiServer) -> None:
    server.fully_booted = False
    with capture_logs() as logs:
        async with rig_for(settings_for(server.port)) as rig:
            await server.seen("Ping")
            await rig.passes_until(lambda: rig.client.ready)
            assert rig.clock.monotonic() >= 15
    assert [entry for entry in logs if entry["event"] == "AMI sent no FullyBooted"]


async def test_a_refused_log_in_stops_and_says_so_once(server: AmiServer) -> None:
    with capture_logs() as logs:
        async with rig_for(settings_for(server.port, secret="stale")) as rig:
            await until(lambda: rig.client.state is LinkState.REFUSED)
            await rig.passes(59)
            assert len(server.actions("Login")) == 1
            await rig.passes(2)
            await server.seen("Login", 2)
            await until(lambda: len(server.peers) == 2)
            assert rig.states == [LinkState.CONNECTING, LinkState.REFUSED]
    (entry,) = [entry for entry in logs if entry["log_level"] == "error"]
    assert entry["event"] == "AMI log-in refused"
    assert "manager.conf" in entry["hint"]
    assert "stale" not in repr(logs)


async def test_a_mended_log_in_works_on_demand(server: AmiServer) -> None:
    server.secret = "rotated"
    async with rig_for(settings_for(server.port)) as rig:
        await until(lambda: rig.client.state is LinkState.REFUSED)
        server.secret = SECRET
        rig.client.retry()
        await rig.is_ready()
    assert rig.states[:3] == [LinkState.CONNECTING, LinkState.REFUSED, LinkState.READY]


async def test_a_log_in_that_is_not_answered_is_given_up(server: AmiServer) -> None:
    server.on("Login", silence)
    async with rig_for(settings_for(server.port)) as rig:
        await server.seen("Login")
        await rig.passes_until(lambda: rig.client.state is LinkState.DOWN)
        await rig.passes_until(lambda: len(server.peers) == 2)


# --- keeping the connection -----------------------------------------------------------------------------


async def test_it_pings_every_second(server: AmiServer, rig: ClientRig) -> None:
    await rig.passes(5.2)
    assert 5 <= len(server.actions("Ping")) <= 7
    assert rig.client.ready


async def test_an_unanswered_ping_ends_the_connection_and_a_new_one_is_made(server: AmiServer, rig: ClientRig) -> None:
    server.on("Ping", silence)
    await rig.passes(1.2)
    await server.seen("Ping", 2)
    await rig.passes(2.7)
    assert rig.client.ready
    await rig.passes(0.5)
    assert LinkState.DOWN in rig.states
    await rig.passes_until(lambda: rig.client.ready)
    assert len(server.peers) == 2


async def test_it_comes_back_after_asterisk_restarted(server: AmiServer, rig: ClientRig) -> None:
    await server.stop()
    await until(lambda: rig.client.state is LinkState.DOWN)
    await rig.passes(30)
    assert not rig.client.ready
    await server.listen()
    await rig.passes_until(lambda: rig.client.ready)
    await server.seen("Login", 2)


async def test_it_waits_longer_and_longer_when_nobody_listens(server: AmiServer) -> None:
    port = server.port
    await server.stop()
    with capture_logs() as logs:
        async with rig_for(settings_for(port), chance=0) as rig:
            await until(lambda: rig.client.state is LinkState.DOWN)
            for _ in range(200):
                await rig.passes(0.1)
                await asyncio.sleep(0.001)
            # 20 s: after 0.25 + 0.5 + 1 + 2 s, then every 3 s
            assert 8 <= rig.states.count(LinkState.CONNECTING) <= 11
    told = [entry["failures"] for entry in logs if entry["event"] == "AMI not reachable"]
    assert told[:4] == [1, 2, 3, 5]


def test_back_off_grows_is_bounded_and_spread() -> None:
    waits = [backoff(failures, 0).total_seconds() for failures in range(1, 9)]
    assert waits == [0.25, 0.5, 1, 2, 3, 3, 3, 3]
    assert backoff(100_000, 0).total_seconds() == LONGEST_DELAY
    assert backoff(3, 0.999).total_seconds() < 0.51


async def test_a_connection_that_breaks_at_once_is_not_hammered(server: AmiServer) -> None:
    def hang_up(peer: AmiPeer, action: Headers) -> None:
        peer.cut()

    server.on("Ping", hang_up)
    async with rig_for(settings_for(server.port), chance=0) as rig:
        await server.seen("Login")
        for _ in range(100):
            await rig.passes(0.1)
            await asyncio.sleep(0.001)
    assert len(server.peers) <= 7


# --- losing it ------------------------------------------------------------------------------------------


async def test_nothing_is_sent_while_down_and_the_caller_knows_at_once(server: AmiServer) -> None:
    client = AmiClient(settings_for(server.port), FakeClock(), lambda _: None)
    with pytest.raises(PhoneUnavailableError):
        await client.exchange.action("Ping")
    await client.close()


async def test_what_was_in_flight_fails_and_is_never_sent_again(server: AmiServer, rig: ClientRig) -> None:
    server.on("Originate", silence)
    pending = asyncio.create_task(rig.client.exchange.action("Originate", {"Channel": "PJSIP/1001"}))
    await server.seen("Originate")
    server.peer.cut()
    with pytest.raises(OutcomeUnknownError):
        await pending
    await rig.passes_until(lambda: rig.client.ready)
    await rig.passes(3)
    await server.seen("Ping", 3)
    assert len(server.actions("Originate")) == 1


async def test_a_list_cut_in_the_middle_fails(server: AmiServer, rig: ClientRig) -> None:
    def half(peer: AmiPeer, action: Headers) -> None:
        peer.answer(action, "EventList: start")
        peer.row(action, "CoreShowChannel", "Channel: PJSIP/1-1")
        asyncio.get_running_loop().call_later(0.02, peer.cut)

    server.on("CoreShowChannels", half)
    with pytest.raises(OutcomeUnknownError):
        await rig.client.exchange.list_action("CoreShowChannels")


async def test_commands_are_refused_from_the_moment_the_link_is_lost(server: AmiServer, rig: ClientRig) -> None:
    refused: list[type[BaseException]] = []

    def try_at_once(state: LinkState) -> None:
        if state is LinkState.DOWN:
            coroutine = rig.client.exchange.action("Ping")
            try:
                coroutine.send(None)
            except PhoneUnavailableError as error:
                refused.append(type(error))
            coroutine.close()

    rig.client.on_link(try_at_once)
    server.peer.cut()
    await until(lambda: refused)
    assert rig.client.state is LinkState.DOWN


async def test_what_waits_for_answers_is_bounded(server: AmiServer, rig: ClientRig) -> None:
    server.on("Status", silence)
    await rig.client.exchange.action("Ping")  # Answered in order: nothing of the log-in waits any more.
    waiting = [asyncio.create_task(rig.client.exchange.action("Status")) for _ in range(MAX_PENDING)]
    await asyncio.sleep(0)
    with pytest.raises(PhoneUnavailableError):
        await rig.client.exchange.action("Status")
    server.peer.cut()
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(one) for one in ended} == {OutcomeUnknownError}


# --- handlers -------------------------------------------------------------------------------------------


async def test_a_raising_handler_is_isolated(server: AmiServer) -> None:
    seen: list[PhoneEvent] = []

    def handler(event: PhoneEvent) -> None:
        seen.append(event)
        raise ZeroDivisionError

    with capture_logs() as logs:
        async with rig_for(settings_for(server.port), on_event=handler) as rig:
            await rig.is_ready()
            server.peer.event("Hangup", *HANGUP)
            server.peer.event("Hangup", *HANGUP)
            await until(lambda: len(seen) == 3)
            assert rig.client.ready
            assert await rig.client.exchange.action("Status")
    assert [entry["event_type"] for entry in logs if entry["event"] == "phone event handler failed"] == [
        "AsteriskBooted",
        "ChannelHungUp",
        "ChannelHungUp",
    ]


async def test_a_raising_link_handler_is_isolated(server: AmiServer) -> None:
    client = AmiClient(settings_for(server.port), FakeClock(), lambda _: None)
    states: list[LinkState] = []

    def broken(state: LinkState) -> None:
        raise ZeroDivisionError

    client.on_link(broken)
    client.on_link(states.append)
    await client.start()
    await until(lambda: client.ready)
    await client.close()
    assert states == [LinkState.CONNECTING, LinkState.READY, LinkState.DOWN]


async def test_a_coroutine_handler_is_refused(server: AmiServer) -> None:
    async def handler(event: PhoneEvent) -> None: ...

    with pytest.raises(TypeError):
        AmiClient(settings_for(server.port), FakeClock(), handler)  # type: ignore[arg-type]


async def test_a_handler_that_returns_a_coroutine_is_reported_and_it_never_runs(server: AmiServer) -> None:
    ran: list[bool] = []

    async def later() -> None:
        ran.append(True)

    with capture_logs() as logs:
        async with rig_for(settings_for(server.port), on_event=lambda _: later()) as rig:  # type: ignore[arg-type]
            await rig.is_ready()
    assert not ran
    assert [entry for entry in logs if entry["event"] == "phone event handler failed"]


async def test_events_come_in_order_and_shutdown_does_not_end_the_connection(server: AmiServer, rig: ClientRig) -> None:
    server.peer.event("Shutdown", "Shutdown: Cleanly", "Restart: False")
    server.peer.event("Hangup", *HANGUP)
    await rig.event(ChannelHungUp)
    assert [type(event) for event in rig.events] == [AsteriskBooted, ChannelHungUp]
    assert rig.client.ready


async def test_a_damaged_event_is_reported_once_and_the_next_one_comes(server: AmiServer, rig: ClientRig) -> None:
    with capture_logs() as logs:
        for _ in range(3):
            server.peer.event("Hangup", "Channel: PJSIP/13800138000-1")
        server.peer.event("Hangup", *HANGUP)
        await rig.event(ChannelHungUp)
    assert [entry["reason"] for entry in logs] == ["header Uniqueid is missing"]
    assert "13800138000" not in repr(logs)


# --- ending ---------------------------------------------------------------------------------------------


async def test_close_is_final_and_may_be_repeated(server: AmiServer, rig: ClientRig) -> None:
    server.on("Status", silence)
    pending = asyncio.create_task(rig.client.exchange.action("Status"))
    await server.seen("Status")
    await rig.client.close()
    await rig.client.close()
    with pytest.raises(OutcomeUnknownError):
        await pending
    await rig.passes(120)
    assert len(server.peers) == 1
    assert rig.states[-1] is LinkState.DOWN
    with pytest.raises(PhoneUnavailableError):
        await rig.client.exchange.action("Ping")
    with pytest.raises(RuntimeError):
        await rig.client.start()


async def test_close_from_a_link_handler_is_final_too(server: AmiServer) -> None:
    client = AmiClient(settings_for(server.port), clock := FakeClock(), lambda _: None)
    closing: list[asyncio.Task[None]] = []

    def close(state: LinkState) -> None:
        if state is LinkState.READY:
            closing.append(asyncio.ensure_future(client.close()))

    client.on_link(close)
    await client.start()
    await until(lambda: closing and closing[0].done())
    await clock.advance(timedelta(seconds=60))
    assert len(server.peers) == 1


async def test_close_before_start_and_while_connecting(server: AmiServer) -> None:
    await AmiClient(settings_for(server.port), FakeClock(), lambda _: None).close()
    client = AmiClient(settings_for(server.port), FakeClock(), lambda _: None)
    await client.start()
    await client.close()
    assert client.state is LinkState.DOWN


async def test_start_twice_connects_once(server: AmiServer, rig: ClientRig) -> None:
    await rig.client.start()
    await rig.passes(1)
    assert len(server.peers) == 1


# --- logs -----------------------------------------------------------------------------------------------


async def test_no_secret_no_number_and_nothing_of_panoramisk_in_the_logs(
    server: AmiServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.on("Originate", silence)
    with capture_logs() as logs:
        async with rig_for(settings_for(server.port)) as rig:
            await rig.is_ready()
            fields = {"Channel": "PJSIP/13800138000@trunk", "CallerID": '"李雷" <13900139000>'}
            pending = asyncio.create_task(rig.client.exchange.action("Originate", fields, timeout=timedelta(seconds=1)))
            await server.seen("Originate")
            server.peer.event("Newexten", "CallerIDNum: 13800138000")
            await rig.passes(1.1)
            with pytest.raises(OutcomeUnknownError) as caught:
                await pending
    text = repr(logs) + caplog.text + repr(caught.value.context) + str(caught.value)
    for secret in (SECRET, "13800138000", "13900139000", "李雷"):
        assert secret not in text
    assert "panoramisk" not in text
