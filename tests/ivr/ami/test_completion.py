"""When an action is answered: one test for each way panoramisk 1.4 gets it wrong."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from hotline.kernel.metrics import REGISTRY
from ivr.errors import ActionRefusedError, ChannelGoneError, OutcomeUnknownError, UnsafeValueError
from ivr.events import AgiCommandDone, ContactChanged
from tests.fakes.ami_server import AmiPeer, AmiServer, Headers, listing, silence
from tests.ivr.ami.conftest import ClientRig

CHANNEL = ("Channel: PJSIP/1-1", "Uniqueid: 1", "AccountCode: c")


async def test_an_agi_command_is_done_when_it_is_queued_and_its_result_is_an_event(
    server: AmiServer, rig: ClientRig
) -> None:
    def queue(peer: AmiPeer, action: Headers) -> None:
        peer.answer(action, "Message: Added AGI command to queue")
        result = f"Result: 200%20result%3D1%0A\r\nCommandId: {action['CommandID']}"
        peer.event("AGIExecStart", *CHANNEL, "CommandId: 883168113")
        peer.event("AsyncAGIExec", *CHANNEL, *result.split("\r\n"))

    server.on("AGI", queue)
    await rig.client.switchboard.send_agi("PJSIP/1-1", 'GET VARIABLE "x"', "cmd-1")
    assert server.actions("AGI")[0]["Command"] == 'GET VARIABLE "x"'
    event = await rig.event(AgiCommandDone)
    assert isinstance(event, AgiCommandDone)
    assert (event.command_id, event.result) == ("cmd-1", "200 result=1")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("QueueAdd", "Added interface to queue"),
        ("Originate", "Originate successfully queued"),
        ("Originate", "Message: will follow"),
        ("Atxfer", "Atxfer successfully queued"),
        ("PlayDTMF", "DTMF successfully queued"),
    ],
)
async def test_a_response_is_the_whole_answer_whatever_it_says(
    server: AmiServer, rig: ClientRig, name: str, message: str
) -> None:
    server.on(name, lambda peer, action: peer.answer(action, f"Message: {message}"))
    assert (await rig.client.exchange.action(name))["Message"] == message


async def test_a_synchronous_originate_is_answered_after_its_events(server: AmiServer, rig: ClientRig) -> None:
    def ring_first(peer: AmiPeer, action: Headers) -> None:
        peer.row(action, "OriginateResponse", "Response: Failure", "Channel: x", "Reason: 3", "Uniqueid: u")
        peer.refuse(action, "Originate failed")

    server.on("Originate", ring_first)
    with pytest.raises(ActionRefusedError, match="Originate failed"):
        await rig.client.exchange.action("Originate", {"Channel": "PJSIP/1"})


async def test_a_list_is_its_rows(server: AmiServer, rig: ClientRig) -> None:
    server.on("CoreShowChannels", listing(("CoreShowChannel", "Channel: a"), ("CoreShowChannel", "Channel: b")))
    rows = await rig.client.exchange.list_action("CoreShowChannels")
    assert [row["Channel"] for row in rows] == ["a", "b"]


async def test_a_list_ends_by_its_header_not_by_an_events_name(server: AmiServer, rig: ClientRig) -> None:
    server.on("Odd", listing(("WorkComplete", "Channel: a"), complete="complete", name="OddEnd"))
    assert [row["Event"] for row in await rig.client.exchange.list_action("Odd")] == ["WorkComplete"]


async def test_an_empty_list(server: AmiServer, rig: ClientRig) -> None:
    server.on("CoreShowChannels", listing())
    assert await rig.client.exchange.list_action("CoreShowChannels") == []


async def test_a_list_answered_without_a_list(server: AmiServer, rig: ClientRig) -> None:
    assert await rig.client.exchange.list_action("Odd") == []


async def test_a_cancelled_list_is_an_error(server: AmiServer, rig: ClientRig) -> None:
    server.on("QueueStatus", listing(("QueueParams", "Queue: x"), complete="cancelled"))
    with pytest.raises(ActionRefusedError):
        await rig.client.exchange.list_action("QueueStatus")


async def test_a_refused_list_does_not_wait_for_rows(server: AmiServer, rig: ClientRig) -> None:
    server.on("ConfbridgeListRooms", lambda peer, action: peer.refuse(action, "No active conferences."))
    with pytest.raises(ActionRefusedError):
        await rig.client.exchange.list_action("ConfbridgeListRooms")


async def test_two_lists_at_once_do_not_mix(server: AmiServer, rig: ClientRig) -> None:
    waiting: list[Headers] = []

    def both(peer: AmiPeer, action: Headers) -> None:
        waiting.append(action)
        if len(waiting) == 2:
            for step in ("start", "row", "end"):
                for one in waiting:
                    if step == "start":
                        peer.answer(one, "EventList: start")
                    elif step == "row":
                        peer.row(one, "Row", f"For: {one['Queue']}")
                    else:
                        peer.row(one, "RowsComplete", "EventList: Complete")

    server.on("QueueStatus", both)
    ask = rig.client.exchange.list_action
    first, second = await asyncio.gather(ask("QueueStatus", {"Queue": "a"}), ask("QueueStatus", {"Queue": "b"}))
    assert [row["For"] for row in (*first, *second)] == ["a", "b"]


async def test_rows_named_like_an_event_belong_to_the_list(server: AmiServer, rig: ClientRig) -> None:
    server.on("PeerList", listing(("PeerStatus", "Peer: PJSIP/1", "PeerStatus: Reachable")))
    assert len(await rig.client.exchange.list_action("PeerList")) == 1
    server.peer.event("PeerStatus", "Peer: PJSIP/2", "PeerStatus: Reachable")
    event = await rig.event(ContactChanged)
    assert event == ContactChanged(endpoint="2", reachable=True)


async def test_command_output_keeps_its_lines(server: AmiServer, rig: ClientRig) -> None:
    server.on("Command", lambda peer, action: peer.answer(action, "Message: ok", "Output: a", "Output:   b: c"))
    assert (await rig.client.exchange.action("Command", {"Command": "x"}))["Output"] == "a\n  b: c"


# --- deadlines ------------------------------------------------------------------------------------------


async def test_an_action_has_a_deadline_and_a_late_answer_disturbs_nobody(server: AmiServer, rig: ClientRig) -> None:
    late: list[tuple[AmiPeer, Headers]] = []
    server.on("Redirect", lambda peer, action: late.append((peer, action)))
    pending = asyncio.create_task(
        rig.client.exchange.action("Redirect", {"Channel": "x"}, timeout=timedelta(seconds=2))
    )
    await server.seen("Redirect")
    await rig.passes(1.9)
    assert not pending.done()
    await rig.passes(0.2)
    with pytest.raises(OutcomeUnknownError):
        await pending
    peer, action = late[0]
    peer.answer(action)
    assert await rig.client.exchange.action("Status")


async def test_the_default_deadline_is_the_settings(server: AmiServer, rig: ClientRig) -> None:
    server.on("Status", silence)
    pending = asyncio.create_task(rig.client.exchange.action("Status"))
    await server.seen("Status")
    await rig.passes(4.9)
    assert not pending.done()
    await rig.passes(0.2)
    with pytest.raises(OutcomeUnknownError):
        await pending


async def test_a_list_that_stops_half_way_meets_its_deadline(server: AmiServer, rig: ClientRig) -> None:
    def half(peer: AmiPeer, action: Headers) -> None:
        peer.answer(action, "EventList: start")
        peer.row(action, "Row", "A: b")

    server.on("Odd", half)
    pending = asyncio.create_task(rig.client.exchange.list_action("Odd"))
    await server.seen("Odd")
    await rig.passes(5.1)
    with pytest.raises(OutcomeUnknownError):
        await pending


async def test_a_waiter_that_gave_up_leaves_nothing_behind(server: AmiServer, rig: ClientRig) -> None:
    server.on("Status", silence)
    pending = asyncio.create_task(rig.client.exchange.action("Status"))
    await server.seen("Status")
    pending.cancel()
    await asyncio.gather(pending, return_exceptions=True)
    await rig.passes(6)
    assert rig.client.ready


# --- errors ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        "No such channel",
        "Channel does not exist: Local/13800138000@x-1",
        "ExtraChannel does not exist: PJSIP/1-1",
        "Channel PJSIP/1-1 does not exist.",
        "Channel specified does not exist",
        "Channel not found",
    ],
)
async def test_a_channel_that_is_gone(server: AmiServer, rig: ClientRig, message: str) -> None:
    server.on("Redirect", lambda peer, action: peer.refuse(action, message))
    with pytest.raises(ChannelGoneError) as caught:
        await rig.client.exchange.action("Redirect", {"Channel": "x"})
    assert "13800138000" not in caught.value.detail


async def test_a_refusal_carries_asterisks_reason(server: AmiServer, rig: ClientRig) -> None:
    server.on("Originate", lambda peer, action: peer.refuse(action, "Extension does not exist."))
    with pytest.raises(ActionRefusedError, match="Extension does not exist") as caught:
        await rig.client.exchange.action("Originate", {"Channel": "x"})
    assert not isinstance(caught.value, ChannelGoneError)


async def test_an_unsafe_value_is_never_sent(server: AmiServer, rig: ClientRig) -> None:
    with pytest.raises(UnsafeValueError):
        await rig.client.exchange.action("Setvar", {"Value": "x\r\n\r\nAction: Originate"})
    await rig.client.exchange.action("Status")
    assert not server.actions("Setvar")
    assert not server.actions("Originate")


async def test_chinese_and_emoji_cross_the_wire_both_ways(server: AmiServer, rig: ClientRig) -> None:
    server.on("Getvar", lambda peer, action: peer.answer(action, f"Value: {action['Variable']}"))
    assert (await rig.client.exchange.action("Getvar", {"Variable": '李雷😀\\"'}))["Value"] == '李雷😀\\"'


# --- figures --------------------------------------------------------------------------------------------


async def test_actions_events_pings_and_state_are_counted(server: AmiServer, rig: ClientRig) -> None:
    def value(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, labels) or 0

    before = value("hotline_ami_actions_total", action="Redirect", outcome="refused")
    server.on("Redirect", lambda peer, action: peer.refuse(action, "No"))
    with pytest.raises(ActionRefusedError):
        await rig.client.exchange.action("Redirect", {"Channel": "x"})
    assert value("hotline_ami_actions_total", action="Redirect", outcome="refused") == before + 1
    assert value("hotline_ami_link_state", state="ready") == 1
    assert value("hotline_ami_link_state", state="down") == 0
    assert value("hotline_ami_events_total", event="AsteriskBooted") >= 1
    await rig.passes(1.1)
    await server.seen("Ping", 2)
    assert value("hotline_ami_ping_seconds_count") >= 1
