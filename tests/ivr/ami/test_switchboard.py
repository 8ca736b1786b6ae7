"""What each command of the switchboard sends, and what it makes of the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from ivr.errors import ActionRefusedError, ChannelGoneError, OutcomeUnknownError, PhoneError, UnsafeValueError
from ivr.events import OriginateFinished
from ivr.switchboard import DialResult, Place, Switchboard
from tests.fakes.ami_server import AmiPeer, AmiServer, Headers, listing
from tests.ivr.ami.conftest import ClientRig

ROOM = Place(context="staff", extension="r1")
Command = Callable[[Switchboard], Awaitable[object]]


def refuse(message: str) -> Callable[[AmiPeer, Headers], None]:
    return lambda peer, action: peer.refuse(action, message)


def test_the_client_is_a_switchboard(rig: ClientRig) -> None:
    switchboard: Switchboard = rig.client.switchboard
    assert switchboard.ready


@pytest.mark.parametrize(
    ("command", "sent"),
    [
        (
            lambda board: board.redirect("a", ROOM),
            {"Action": "Redirect", "Channel": "a", "Context": "staff", "Exten": "r1", "Priority": "1"},
        ),
        (
            lambda board: board.redirect("a", ROOM, extra=("b", Place(context="c", extension="x", priority=2))),
            {
                "Action": "Redirect", "Channel": "a", "Context": "staff", "Exten": "r1", "Priority": "1",
                "ExtraChannel": "b", "ExtraContext": "c", "ExtraExten": "x", "ExtraPriority": "2",
            },
        ),
        (lambda board: board.hang_up("a", cause=17), {"Action": "Hangup", "Channel": "a", "Cause": "17"}),
        (
            lambda board: board.set_variable("a", "HOTLINE_X", '李 "x", y'),
            {"Action": "Setvar", "Channel": "a", "Variable": "HOTLINE_X", "Value": '李 "x", y'},
        ),
        (
            lambda board: board.set_variable("", "APP_LEASE", "1795550251"),
            {"Action": "Setvar", "Variable": "APP_LEASE", "Value": "1795550251"},
        ),
        (
            lambda board: board.set_absolute_timeout("a", timedelta(seconds=30)),
            {"Action": "AbsoluteTimeout", "Channel": "a", "Timeout": "30"},
        ),
        (
            lambda board: board.set_absolute_timeout("a", timedelta(0)),
            {"Action": "Setvar", "Channel": "a", "Variable": "TIMEOUT(absolute)", "Value": "0"},
        ),
        (
            lambda board: board.add_member(
                "q", "PJSIP/1", member_name="1001", penalty=2, paused=True, pause_reason="r"
            ),
            {
                "Action": "QueueAdd", "Queue": "q", "Interface": "PJSIP/1", "MemberName": "1001", "Penalty": "2",
                "Paused": "true", "Reason": "r",
            },
        ),
        (
            lambda board: board.remove_member("q", "PJSIP/1"),
            {"Action": "QueueRemove", "Queue": "q", "Interface": "PJSIP/1"},
        ),
        (
            lambda board: board.pause_member("PJSIP/1", paused=False),
            {"Action": "QueuePause", "Interface": "PJSIP/1", "Paused": "false", "Reason": ""},
        ),
        (
            lambda board: board.leave_room("r1", "a"),
            {"Action": "ConfbridgeKick", "Conference": "r1", "Channel": "a"},
        ),
        (
            lambda board: board.send_agi("a", "NOOP", "c-1"),
            {"Action": "AGI", "Channel": "a", "Command": "NOOP", "CommandID": "c-1"},
        ),
    ],
)  # fmt: skip
async def test_command(server: AmiServer, rig: ClientRig, command: Command, sent: Headers) -> None:
    await command(rig.client.switchboard)
    action = dict(server.received[-1])
    del action["ActionID"]
    assert action == sent


async def test_a_command_that_renews_the_timer_goes_out_before_anything_else(server: AmiServer, rig: ClientRig) -> None:
    await rig.client.switchboard.send_agi("a", "NOOP", "c-1", renew=timedelta(seconds=30))
    command, renewal = (dict(action) for action in server.received[-2:])
    assert (command["Action"], command["CommandID"]) == ("AGI", "c-1")
    assert (renewal["Action"], renewal["Channel"], renewal["Timeout"]) == ("AbsoluteTimeout", "a", "30")


async def test_a_command_to_a_channel_that_is_gone_says_so_although_the_renewal_failed_too(
    server: AmiServer, rig: ClientRig
) -> None:
    server.on("AGI", refuse("Channel does not exist."))
    server.on("AbsoluteTimeout", refuse("No such channel"))
    with pytest.raises(ChannelGoneError):
        await rig.client.switchboard.send_agi("a", "NOOP", "c-1", renew=timedelta(seconds=30))


@pytest.mark.parametrize(
    ("action", "message", "command"),
    [
        ("Hangup", "No such channel", lambda board: board.hang_up("a")),
        ("QueueRemove", "Unable to remove interface: Not there", lambda board: board.remove_member("q", "i")),
        (
            "QueueAdd",
            "Unable to add interface: Already there",
            lambda board: board.add_member("q", "i", member_name="m", penalty=0, paused=False),
        ),
        ("ConfbridgeKick", "No active conferences.", lambda board: board.leave_room("r", "a")),
        ("ConfbridgeKick", "No Conference by that name found.", lambda board: board.leave_room("r", "a")),
        ("ConfbridgeKick", "No Channel by that name found in Conference.", lambda board: board.leave_room("r", "a")),
    ],
)
async def test_what_is_already_so_is_no_error(
    server: AmiServer, rig: ClientRig, action: str, message: str, command: Command
) -> None:
    server.on(action, refuse(message))
    await command(rig.client.switchboard)


@pytest.mark.parametrize(
    ("action", "message", "command"),
    [
        ("QueueRemove", "Unable to remove interface from queue: No such queue", lambda b: b.remove_member("q", "i")),
        (
            "QueueAdd",
            "Unable to add interface to queue: No such queue",
            lambda board: board.add_member("q", "i", member_name="m", penalty=0, paused=False),
        ),
        ("QueuePause", "Interface not found", lambda board: board.pause_member("i", paused=True)),
        ("ConfbridgeKick", "Permission denied", lambda board: board.leave_room("r", "a")),
    ],
)
async def test_other_refusals_are_errors(
    server: AmiServer, rig: ClientRig, action: str, message: str, command: Command
) -> None:
    server.on(action, refuse(message))
    with pytest.raises(ActionRefusedError, match=message):
        await command(rig.client.switchboard)


@pytest.mark.parametrize(
    "command",
    [
        lambda board: board.hang_up("/^PJSIP/"),
        lambda board: board.hang_up(""),
        lambda board: board.leave_room("r", "all"),
        lambda board: board.redirect("a", ROOM, extra=("", ROOM)),
        lambda board: board.set_variable("a", "SHELL(rm -rf)", "x"),
        lambda board: board.set_variable("a", "", "x"),
        lambda board: board.set_variable("a", "X", "1\nAction: Logoff"),
        lambda board: board.send_agi("a", "EXEC Playback " + "x" * 1000, "c"),
    ],
    ids=["pattern", "nobody", "everybody", "extra nobody", "function", "no name", "line break", "too long"],
)
async def test_unsafe_commands_are_not_sent(server: AmiServer, rig: ClientRig, command: Command) -> None:
    before = len(server.received)
    with pytest.raises(UnsafeValueError):
        await command(rig.client.switchboard)
    assert [action for action in server.received[before:] if action["Action"] != "Ping"] == []


async def test_get_variable(server: AmiServer, rig: ClientRig) -> None:
    server.on("Getvar", lambda peer, action: peer.answer(action, f"Variable: {action['Variable']}", "Value: 李: x "))
    assert await rig.client.switchboard.get_variable("a", "CALLERID(name)") == "李: x "
    server.on("Getvar", lambda peer, action: peer.answer(action, "Variable: X", "Value: "))
    assert await rig.client.switchboard.get_variable("", "X") == ""
    assert "Channel" not in server.received[-1]
    server.on("Getvar", refuse("No such channel"))
    with pytest.raises(ChannelGoneError):
        await rig.client.switchboard.get_variable("a", "X")


@pytest.mark.parametrize(("state", "reachable"), [("NOT_INUSE", True), ("UNAVAILABLE", False), ("INVALID", False)])
async def test_endpoint_reachable(server: AmiServer, rig: ClientRig, state: str, reachable: bool) -> None:
    server.on("Getvar", lambda peer, action: peer.answer(action, f"Value: {state}"))
    assert await rig.client.switchboard.endpoint_reachable("1001-web") is reachable
    assert server.received[-1]["Variable"] == "DEVICE_STATE(PJSIP/1001-web)"


# --- dialling -------------------------------------------------------------------------------------------


def placing(response: str, reason: int) -> Callable[[AmiPeer, Headers], None]:
    def script(peer: AmiPeer, action: Headers) -> None:
        peer.answer(action, "Message: Originate successfully queued")
        peer.event(
            "OriginateResponse", "ActionID: another", "Response: Failure", "Channel: y", "Reason: 3", "Uniqueid: z"
        )
        channel = "PJSIP/1001-00000001" if response == "Success" else action["Channel"]
        peer.row(
            action, "OriginateResponse", f"Response: {response}", f"Channel: {channel}", f"Reason: {reason}",
            f"Uniqueid: {action['ChannelId']}",
        )  # fmt: skip

    return script


def dial(rig: ClientRig, **changes: object) -> Awaitable[DialResult]:
    options: dict[str, object] = {"call_id": "c", "unique_id": "u-1", "caller_number": "13800138000", **changes}
    return rig.client.switchboard.dial("PJSIP/1001", ROOM, **options)  # type: ignore[arg-type]


async def test_dial_answered(server: AmiServer, rig: ClientRig) -> None:
    server.on("Originate", placing("Success", 4))
    result = await dial(rig, caller_name='李 "雷"', variables={"A": "x,y"}, ring=timedelta(seconds=20))
    assert result == DialResult(answered=True, channel="PJSIP/1001-00000001", reason=4)
    action = dict(server.received[-1])
    action_id = action.pop("ActionID")
    assert action == {
        "Action": "Originate", "Channel": "PJSIP/1001", "Context": "staff", "Exten": "r1", "Priority": "1",
        "ChannelId": "u-1", "Account": "c", "CallerID": '"李 \\"雷\\"" <13800138000>', "Timeout": "20000",
        "Async": "true", "Variable": "A=x\\,y",
    }  # fmt: skip
    finished = rig.of(OriginateFinished)
    assert [event.action_id for event in finished if isinstance(event, OriginateFinished)] == ["another", action_id]


@pytest.mark.parametrize("reason", [0, 3, 5, 8])
async def test_dial_not_answered(server: AmiServer, rig: ClientRig, reason: int) -> None:
    server.on("Originate", placing("Failure", reason))
    assert await dial(rig) == DialResult(answered=False, channel="", reason=reason)


async def test_dial_refused(server: AmiServer, rig: ClientRig) -> None:
    server.on("Originate", refuse("Extension does not exist."))
    with pytest.raises(ActionRefusedError):
        await dial(rig)


async def test_dial_waits_the_ringing_time_and_five_seconds(server: AmiServer, rig: ClientRig) -> None:
    server.on("Originate", lambda peer, action: peer.answer(action))
    pending = asyncio.ensure_future(dial(rig, ring=timedelta(seconds=20)))
    await server.seen("Originate")
    await rig.passes(24.9)
    assert not pending.done()
    await rig.passes(0.2)
    with pytest.raises(OutcomeUnknownError):
        await pending


async def test_dial_on_a_link_that_breaks_has_an_unknown_outcome(server: AmiServer, rig: ClientRig) -> None:
    server.on("Originate", lambda peer, action: peer.answer(action))
    pending = asyncio.ensure_future(dial(rig))
    await server.seen("Originate")
    server.peer.cut()
    with pytest.raises(OutcomeUnknownError):
        await pending
    await rig.passes_until(lambda: rig.client.ready)
    assert len(server.actions("Originate")) == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [("", ""), ("a\r\nAction: b", "a Action: b"), ("汉" * 1000, "汉" * 80), ("\ud83d x", "x"), ("a\u2028b", "a b")],
    ids=["empty", "line break", "long", "surrogate", "separator"],
)
async def test_any_callers_name_can_be_dialled_with(server: AmiServer, rig: ClientRig, name: str, shown: str) -> None:
    server.on("Originate", placing("Success", 4))
    await dial(rig, caller_name=name)
    assert server.received[-1]["CallerID"] == f'"{shown}" <13800138000>'


@pytest.mark.parametrize("number", ["1> <2", '"', "138\r\n", "李", "1" * 81])
async def test_a_callers_number_that_is_none_is_refused(server: AmiServer, rig: ClientRig, number: str) -> None:
    with pytest.raises(UnsafeValueError):
        await dial(rig, caller_number=number)


# --- the snapshot ---------------------------------------------------------------------------------------

ROW = (
    "Channel: PJSIP/trunk-1", "ChannelState: 6", "ChannelStateDesc: Up", "CallerIDNum: 13800138000",
    'CallerIDName: 李 \\"雷\\"', "ConnectedLineNum: <unknown>", "ConnectedLineName: <unknown>", "AccountCode: c",
    "Context: t", "Exten: agi", "Priority: 3", "Uniqueid: 1.1", "Linkedid: 1.0", "Application: AGI",
    "ApplicationData: agi:async", "Duration: 26:01:05", "BridgeId: b",
)  # fmt: skip
MEMBER = (
    "Queue: q", "Name: 1001", "Location: PJSIP/1001", "Status: 1", "Paused: 1", "PausedReason: r", "InCall: 0",
)  # fmt: skip
ENTRY = ("Queue: q", "Position: 1", "Channel: PJSIP/trunk-2", "Uniqueid: 2.2", "Wait: 61")


async def test_snapshot(server: AmiServer, rig: ClientRig) -> None:
    started = ("CoreStartupDate: 2026-11-24", "CoreStartupTime: 19:56:57")
    server.on("CoreStatus", lambda peer, action: peer.answer(action, *started))
    server.on("CoreShowChannels", listing(("CoreShowChannel", *ROW)))
    server.on("QueueStatus", listing(("QueueParams", "Queue: q"), ("QueueMember", *MEMBER), ("QueueEntry", *ENTRY)))
    server.on("ConfbridgeListRooms", listing(("ConfbridgeListRooms", "Conference: r1")))
    server.on("ConfbridgeList", listing(("ConfbridgeList", "Conference: r1", "Channel: PJSIP/1001-1")))
    snapshot = await rig.client.switchboard.snapshot()
    assert snapshot.started == "2026-11-24 19:56:57"
    (channel,) = snapshot.channels
    assert (channel.name, channel.caller_name, channel.connected_name) == ("PJSIP/trunk-1", '李 "雷"', "")
    assert channel.duration == timedelta(hours=26, minutes=1, seconds=5)
    assert (channel.application, channel.application_data, channel.call_id) == ("AGI", "agi:async", "c")
    (member,) = snapshot.members
    assert (member.interface, member.member_name, member.status, member.paused) == ("PJSIP/1001", "1001", 1, True)
    (entry,) = snapshot.entries
    assert (entry.channel, entry.waited) == ("PJSIP/trunk-2", timedelta(seconds=61))
    assert snapshot.rooms == {"r1": ("PJSIP/1001-1",)}


async def test_a_snapshot_without_rooms_and_of_a_room_that_just_ended(server: AmiServer, rig: ClientRig) -> None:
    server.on("CoreStatus", lambda peer, action: peer.answer(action, "CoreStartupDate: d", "CoreStartupTime: t"))
    server.on("ConfbridgeListRooms", refuse("No active conferences."))
    assert (await rig.client.switchboard.snapshot()).rooms == {}
    server.on("ConfbridgeListRooms", listing(("ConfbridgeListRooms", "Conference: r1")))
    server.on("ConfbridgeList", refuse("No Conference by that name found."))
    assert (await rig.client.switchboard.snapshot()).rooms == {"r1": ()}


async def test_a_snapshot_that_cannot_be_had_whole_fails(server: AmiServer, rig: ClientRig) -> None:
    server.on("CoreStatus", lambda peer, action: peer.answer(action, "CoreStartupDate: d", "CoreStartupTime: t"))
    server.on("QueueStatus", refuse("Permission denied"))
    with pytest.raises(ActionRefusedError):
        await rig.client.switchboard.snapshot()


@pytest.mark.parametrize(
    "row", [ROW[1:], (*ROW[:-2], "Duration: soon", ROW[-1])], ids=["a header is missing", "a duration is none"]
)
async def test_a_snapshot_that_is_not_understood_fails(server: AmiServer, rig: ClientRig, row: tuple[str, ...]) -> None:
    server.on("CoreStatus", lambda peer, action: peer.answer(action, "CoreStartupDate: d", "CoreStartupTime: t"))
    server.on("CoreShowChannels", listing(("CoreShowChannel", *row)))
    server.on("ConfbridgeListRooms", refuse("No active conferences."))
    with pytest.raises(PhoneError, match="not understood"):
        await rig.client.switchboard.snapshot()
