from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.onebox.configure import SHIPPED
from ivr import events
from ivr.ami.decode import DECODERS, ONLY_WITH, MalformedEventError, decode
from ivr.ami.wire import FrameReader, event_name, parse_headers
from ivr.dialplan import DRILL_CHANNEL

RECORDED = (Path(__file__).parent / "recorded_call.ami").read_bytes()


def recorded() -> list[tuple[bytes, bytes, dict[str, str]]]:
    """The event frames of a call recorded on Asterisk 22: name, bytes, headers."""
    frames = FrameReader().feed(RECORDED)
    return [(name, frame, parse_headers(frame)) for frame in frames if (name := event_name(frame)) is not None]


def first(kind: type[events.PhoneEvent]) -> events.PhoneEvent:
    decoded = (decode(name, headers) for name, _, headers in recorded())
    return next(event for event in decoded if isinstance(event, kind))


CALL = {
    "channel": "Local/echo@t-00000012;1",
    "unique_id": "01a20f2c-b667-7b05-84ad-c718257b068d",
    "call_id": "01a20f2c-b667-77a2-bfb5-5307f34981cf",
}
AGENT = {"queue": "enterprise", "interface": "PJSIP/1001", "member_name": "1001"}
AGENT_LEG = "PJSIP/1001-00000000"


def test_a_recorded_call_decodes_without_a_complaint() -> None:
    seen = [decode(name, headers) for name, _, headers in recorded()]
    assert {type(event).__name__ for event in seen if event is not None} == {
        "AgentCompleted", "AgentConnected", "AgentRinging", "AgentRingTimedOut", "AgiCommandBegan", "AgiCommandDone",
        "AgiEnded",
        "AgiStarted", "AsteriskBooted", "CallerAbandonedQueue", "CallerJoinedQueue", "CallerLeftQueue",
        "ChannelHungUp", "ChannelVariableSet", "ContactChanged", "DeviceStateChanged", "DigitPressed",
        "HangupRequested", "HoldStarted", "OriginateFinished", "QueueMemberChanged", "RoomJoined",
        "RoomLeft",
    }  # fmt: skip


def test_what_the_byte_filter_drops_would_decode_to_nothing() -> None:
    dropped = [
        (name, headers) for name, frame, headers in recorded() if (need := ONLY_WITH.get(name)) and need not in frame
    ]
    assert len(dropped) > 50
    assert all(decode(name, headers) is None for name, headers in dropped)


def test_agi_started() -> None:
    event = first(events.AgiStarted)
    assert isinstance(event, events.AgiStarted)
    assert event.caller_name == event.env["calleridname"] == '李 "雷" \\ 😀, (x)'
    assert (event.caller_number, event.context, event.extension, event.priority) == ("13800138000", "t", "agi", 3)
    assert event.env["uniqueid"] == event.unique_id == CALL["unique_id"]
    assert event.env["request"] == "async"
    assert "" not in event.env


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (events.AgiCommandDone, {**CALL, "command_id": "k0", "result": "200 result=0"}),
        (events.AgiCommandBegan, {**CALL, "command": "EXEC Playback beep"}),
        (events.AgiEnded, CALL),
        (events.DigitPressed, {**CALL, "digit": "5", "duration_ms": 100}),
        (events.ChannelHungUp, {**CALL, "cause": 16, "cause_text": "Normal Clearing"}),
        (events.CallerJoinedQueue, {**CALL, "queue": "enterprise", "position": 1, "count": 1}),
        (events.CallerLeftQueue, {**CALL, "queue": "enterprise", "count": 0}),
        (events.AgentRinging, {**CALL, **AGENT, "agent_channel": AGENT_LEG}),
        (events.AgentConnected, {**CALL, **AGENT, "agent_channel": AGENT_LEG, "waited": 0, "rang": 0}),
        (
            events.AgentCompleted,
            {**CALL, **AGENT, "agent_channel": AGENT_LEG, "waited": 0, "talked": 3, "reason": "agent"},
        ),
        (events.HoldStarted, {**CALL, "channel": AGENT_LEG, "unique_id": "1795550919.44"}),
        (events.ContactChanged, {"endpoint": "1001", "reachable": True}),
        (events.ChannelVariableSet, {**CALL, "variable": "HOTLINE_X", "value": "1"}),
    ],
)
def test_recorded_event(kind: type[events.PhoneEvent], expected: dict[str, object]) -> None:
    assert first(kind) == kind(**expected)


# --- one by one -----------------------------------------------------------------------------------------

CHANNEL = {"Channel": "PJSIP/trunk-1", "Uniqueid": "1.1", "AccountCode": "call"}
CHANNEL_FIELDS = {"channel": "PJSIP/trunk-1", "unique_id": "1.1", "call_id": "call"}
MEMBER = {
    "Queue": "general", "MemberName": "1001", "Interface": "PJSIP/1001-web", "Status": "6", "Paused": "1",
    "PausedReason": "lunch", "InCall": "1",
}  # fmt: skip


def test_an_unknown_caller_is_empty() -> None:
    headers = {**CHANNEL, "CallerIDNum": "<unknown>", "CallerIDName": "<unknown>", "Context": "c", "Exten": "e"}
    event = decode(b"AsyncAGIStart", {**headers, "Priority": "1", "Env": ""})
    assert isinstance(event, events.AgiStarted)
    assert (event.caller_number, event.caller_name) == ("", "")


def test_a_new_channel_is_not_read_for_its_number_may_hold_line_breaks() -> None:
    assert b"Newchannel" not in DECODERS


def test_digits_that_we_sent_are_nobodys_key() -> None:
    assert decode(b"DTMFEnd", {**CHANNEL, "Digit": "5", "DurationMs": "90", "Direction": "Sent"}) is None


def test_a_hangup_request_without_a_cause() -> None:
    assert decode(b"HangupRequest", CHANNEL) == events.HangupRequested(**CHANNEL_FIELDS, cause=0)


def test_hold_ended() -> None:
    assert decode(b"Unhold", CHANNEL) == events.ChannelUnheld(**CHANNEL_FIELDS)


def test_a_result_is_percent_decoded_and_loses_its_line_end() -> None:
    headers = {**CHANNEL, "CommandId": "c", "Result": "200%20result%3D1%20(a%20%22%E4%B8%AD%22%0Ab)%0A"}
    event = decode(b"AsyncAGIExec", headers)
    assert isinstance(event, events.AgiCommandDone)
    assert event.result == '200 result=1 (a "中"\nb)'


def test_a_result_without_a_command_id_is_not_ours() -> None:
    assert decode(b"AsyncAGIExec", {**CHANNEL, "Result": "x"}) is None


@pytest.mark.parametrize(
    "name", [b"QueueMemberStatus", b"QueueMemberAdded", b"QueueMemberPause", b"QueueMemberRinginuse"]
)
def test_queue_member_changed(name: bytes) -> None:
    assert decode(name, MEMBER) == events.QueueMemberChanged(
        queue="general", interface="PJSIP/1001-web", member_name="1001", status=6, paused=True,
        pause_reason="lunch", in_call=True,
    )  # fmt: skip


def test_queue_member_removed() -> None:
    event = decode(b"QueueMemberRemoved", MEMBER)
    assert isinstance(event, events.QueueMemberChanged)
    assert event.removed


def test_originate_response_of_another_client_without_an_action_id() -> None:
    assert decode(b"OriginateResponse", {"Response": "Failure", "Reason": "0"}) is None


def test_originate_failed() -> None:
    headers = {"ActionID": "a", "Response": "Failure", "Channel": "PJSIP/1", "Reason": "5", "Uniqueid": "u"}
    assert decode(b"OriginateResponse", headers) == events.OriginateFinished(
        action_id="a", channel="PJSIP/1", unique_id="u", success=False, reason=5
    )


@pytest.mark.parametrize(("status", "reachable"), [("Reachable", True), ("Unreachable", False)])
def test_whether_a_phone_is_there(status: str, reachable: bool) -> None:
    headers = {"ChannelType": "PJSIP", "Peer": "PJSIP/1001-web", "PeerStatus": status}
    assert decode(b"PeerStatus", headers) == events.ContactChanged(endpoint="1001-web", reachable=reachable)


@pytest.mark.parametrize("peer", ["IAX2/1001", "PJSIP", ""])
def test_other_peers_are_no_phones(peer: str) -> None:
    assert decode(b"PeerStatus", {"Peer": peer, "PeerStatus": "Reachable"}) is None


def test_only_our_variables_and_only_on_channels() -> None:
    assert decode(b"VarSet", {**CHANNEL, "Variable": "AGISTATUS", "Value": "x"}) is None
    no_channel = {"Channel": "none", "Uniqueid": "none", "Variable": "HOTLINE_X", "Value": "x"}
    assert decode(b"VarSet", no_channel) is None


def test_an_inherited_variable_loses_its_underscores_and_its_value_the_escapes() -> None:
    event = decode(b"VarSet", {**CHANNEL, "Variable": "__HOTLINE_X", "Value": r"a \"b\""})
    assert event == events.ChannelVariableSet(**CHANNEL_FIELDS, variable="HOTLINE_X", value='a "b"')


def test_a_talk_ends_also_where_the_agents_channel_is_gone_before_the_event() -> None:
    talk = {"HoldTime": "3", "TalkTime": "0", "Reason": "agent"}
    event = decode(b"AgentComplete", {**CHANNEL, "Queue": "public", "Interface": "", "MemberName": "1001", **talk})
    assert isinstance(event, events.AgentCompleted)
    assert (event.agent_channel, event.reason) == ("", "agent")


def test_a_talk_ends_also_where_the_callers_channel_is_gone_before_the_event() -> None:
    talk = {"DestChannel": "PJSIP/1001-1", "HoldTime": "3", "TalkTime": "4", "Reason": "caller"}
    event = decode(b"AgentComplete", {"Queue": "public", "Interface": "", "MemberName": "1001", **talk})
    assert isinstance(event, events.AgentCompleted)
    assert (event.channel, event.call_id, event.agent_channel, event.talked) == ("", "", "PJSIP/1001-1", 4)


def test_an_event_nobody_reads() -> None:
    assert decode(b"Newexten", CHANNEL) is None


def test_a_step_of_a_drill_call() -> None:
    channel = CHANNEL | {"Channel": f"{DRILL_CHANNEL}-00000001;1"}
    step = {"Context": "c", "Extension": "s", "Priority": "2", "Application": "Read", "AppData": "HL_KEY,a&b,1"}
    event = decode(b"Newexten", channel | step)
    assert isinstance(event, events.DialplanStep)
    assert (event.application, event.data, event.priority) == ("Read", "HL_KEY,a&b,1", 2)


# --- damage ---------------------------------------------------------------------------------------------


def test_a_missing_header_is_named_and_no_value_is() -> None:
    with pytest.raises(MalformedEventError, match="header Cause-txt is missing") as caught:
        decode(b"Hangup", {**CHANNEL, "Cause": "16"})
    assert "trunk" not in str(caught.value)


def test_a_number_that_is_none_is_named_and_not_shown() -> None:
    with pytest.raises(MalformedEventError, match=r"header Position cannot be read$"):
        decode(b"QueueCallerJoin", {**CHANNEL, "Queue": "q", "Position": "13800138000x", "Count": "1"})


@given(
    st.sampled_from(sorted(DECODERS)),
    st.dictionaries(st.sampled_from(sorted({key for _, _, h in recorded() for key in h})), st.text()),
)
def test_any_headers_decode_or_are_malformed(name: bytes, headers: dict[str, str]) -> None:
    try:
        decode(name, headers)
    except MalformedEventError:
        pass


def test_every_phone_event_has_a_decoder() -> None:
    kinds = {
        kind
        for kind in vars(events).values()
        if isinstance(kind, type) and issubclass(kind, events.PhoneEvent) and not kind.__subclasses__()
    }
    made = {type(decode(name, headers)) for name, _, headers in recorded()}
    made |= {events.ChannelUnheld, events.DialplanStep}  # shown above
    assert kinds <= made


def test_asterisk_sends_the_service_what_it_reads_and_nothing_else() -> None:
    manager = (SHIPPED / "manager.conf").read_text(encoding="utf-8")
    sent = re.findall(r"^eventfilter\(name\((\w+)\)", manager, re.MULTILINE)
    assert sorted(sent) == sorted(name.decode() for name in DECODERS)
