"""AMI events become `ivr.events`, by a table and without I/O.

Keys and values are those Asterisk 22 writes: names and variables come C-escaped, an unknown caller is
"<unknown>", an AGI result and environment come percent-encoded. A header that Asterisk always sends and that
is missing raises `MalformedEventError`: a misspelt key must never pass for an empty value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import unquote

from ivr import events
from ivr.ami.wire import unescape_c
from ivr.dialplan import DRILL_CHANNEL, OUR_VARIABLES

Headers = Mapping[str, str]
Decoder = Callable[[Headers], events.PhoneEvent | None]
E = TypeVar("E", bound=events.PhoneEvent)


class MalformedEventError(ValueError):
    """An event lacks a header or holds one that cannot be read; the text names the header, never its value."""


# --- values ---------------------------------------------------------------------------------------------

Convert = Callable[[str], object]
Column = tuple[str, Convert]


def text(value: str) -> str:
    return value


def known(value: str) -> str:
    """A number: what Asterisk calls unknown is empty."""
    return "" if value == "<unknown>" else value


def escaped(value: str) -> str:
    """A name or variable, C-escaped by Asterisk; unknown is empty."""
    return "" if value == "<unknown>" else unescape_c(value)


def whole(value: str) -> int:
    return int(value) if value else 0


def flag(value: str) -> bool:
    return value == "1"


def percent(value: str) -> str:
    return unquote(value).rstrip("\n")


def agi_env(value: str) -> Mapping[str, str]:
    """The agi_* variables without their prefix, from the percent-encoded Env header."""
    pairs = (line.partition(": ") for line in unquote(value).split("\n"))
    return {name.removeprefix("agi_"): setting for name, colon, setting in pairs if colon}


def read(headers: Headers, columns: Mapping[str, Column]) -> dict[str, object]:
    """Each field from its header, converted; raises MalformedEventError."""
    values: dict[str, object] = {}
    for field, (key, convert) in columns.items():
        try:
            values[field] = convert(headers[key])
        except KeyError:
            raise MalformedEventError(f"header {key} is missing") from None
        except ValueError:
            raise MalformedEventError(f"header {key} cannot be read") from None
    return values


# --- the table ------------------------------------------------------------------------------------------

_CHANNEL: dict[str, Column] = {
    "channel": ("Channel", text),
    "unique_id": ("Uniqueid", text),
    "call_id": ("AccountCode", text),
}
_CALLER: dict[str, Column] = {"caller_number": ("CallerIDNum", known), "caller_name": ("CallerIDName", escaped)}
_PLACE: dict[str, Column] = {"context": ("Context", text), "extension": ("Exten", text)}
_QUEUE: dict[str, Column] = {**_CHANNEL, "queue": ("Queue", text)}
_MEMBER: dict[str, Column] = {"interface": ("Interface", text), "member_name": ("MemberName", text)}
_AGENT: dict[str, Column] = {**_QUEUE, **_MEMBER, "agent_channel": ("DestChannel", text)}
_MEMBER_STATE: dict[str, Column] = {
    **_MEMBER,
    "queue": ("Queue", text),
    "status": ("Status", whole),
    "paused": ("Paused", flag),
    "pause_reason": ("PausedReason", text),
    "in_call": ("InCall", flag),
}


def _row(kind: type[E], columns: Mapping[str, Column], **fixed: object) -> Decoder:
    def decode_row(headers: Headers) -> E:
        return kind(**read(headers, columns), **fixed)

    return decode_row


def _dtmf_end(headers: Headers) -> events.PhoneEvent | None:
    return _digit(headers) if headers.get("Direction") == "Received" else None


def _var_set(headers: Headers) -> events.PhoneEvent | None:
    """A variable set on a channel; a global one comes on the channel "none" and without an account code."""
    name = headers.get("Variable", "").lstrip("_")
    if not name.startswith(OUR_VARIABLES) or "AccountCode" not in headers:
        return None
    return events.ChannelVariableSet(variable=name, **read(headers, _VARIABLE))  # type: ignore[arg-type]


def _hangup_request(headers: Headers) -> events.PhoneEvent | None:
    """Asterisk leaves the cause out when a phone hung up."""
    return _hangup_requested({"Cause": "", **headers})


def _agent_complete(headers: Headers) -> events.PhoneEvent | None:
    """Asterisk leaves out whose channel is gone already: the agent's, the caller's, or both."""
    return _completed({"DestChannel": "", "Channel": "", "Uniqueid": "", "AccountCode": "", **headers})


def _agi_exec(headers: Headers) -> events.PhoneEvent | None:
    """A command's result; one without an id was not queued by us."""
    return _command_done(headers) if "CommandId" in headers else None


def _originate_response(headers: Headers) -> events.PhoneEvent | None:
    if "ActionID" not in headers:
        return None
    success = headers.get("Response") == "Success"
    return events.OriginateFinished(success=success, **read(headers, _ORIGINATED))  # type: ignore[arg-type]


def _peer_status(headers: Headers) -> events.PhoneEvent | None:
    """Whether an endpoint has a reachable phone.

    Not by ContactStatus: a browser that reloads registers again, and its old contact is removed after the new one
    came.
    """
    technology, _, endpoint = headers.get("Peer", "").partition("/")
    status = headers.get("PeerStatus")
    if technology != "PJSIP" or not endpoint or status not in ("Reachable", "Unreachable"):
        return None
    return events.ContactChanged(endpoint=endpoint, reachable=status == "Reachable")


def _device_state(headers: Headers) -> events.PhoneEvent | None:
    technology, _, endpoint = headers.get("Device", "").partition("/")
    if technology != "PJSIP" or not endpoint:
        return None
    return events.DeviceStateChanged(endpoint=endpoint, in_use=headers.get("State") in _IN_USE)


def _dialplan_step(headers: Headers) -> events.PhoneEvent | None:
    """Of drill calls alone."""
    return _step(headers) if headers.get("Channel", "").startswith(DRILL_CHANNEL) else None


_IN_USE = frozenset({"INUSE", "BUSY", "ONHOLD", "RINGINUSE"})
_hangup_requested = _row(events.HangupRequested, {**_CHANNEL, "cause": ("Cause", whole)})
_completed = _row(
    events.AgentCompleted,
    {**_AGENT, "waited": ("HoldTime", whole), "talked": ("TalkTime", whole), "reason": ("Reason", text)},
)
_digit = _row(events.DigitPressed, {**_CHANNEL, "digit": ("Digit", text), "duration_ms": ("DurationMs", whole)})
_command_done = _row(
    events.AgiCommandDone, {**_CHANNEL, "command_id": ("CommandId", text), "result": ("Result", percent)}
)
_step = _row(
    events.DialplanStep,
    {
        **_CHANNEL,
        "context": ("Context", text),
        "extension": ("Extension", text),
        "priority": ("Priority", whole),
        "application": ("Application", text),
        "data": ("AppData", text),
    },
)
_VARIABLE: dict[str, Column] = {**_CHANNEL, "value": ("Value", escaped)}
_ORIGINATED: dict[str, Column] = {
    "action_id": ("ActionID", text),
    "channel": ("Channel", text),
    "unique_id": ("Uniqueid", text),
    "reason": ("Reason", whole),
}

DECODERS: Mapping[bytes, Decoder] = {
    b"Hangup": _row(events.ChannelHungUp, {**_CHANNEL, "cause": ("Cause", whole), "cause_text": ("Cause-txt", text)}),
    b"HangupRequest": _hangup_request,
    b"DTMFEnd": _dtmf_end,
    b"Hold": _row(events.HoldStarted, _CHANNEL),
    b"Unhold": _row(events.ChannelUnheld, _CHANNEL),
    b"AsyncAGIStart": _row(
        events.AgiStarted,
        {**_CHANNEL, **_CALLER, **_PLACE, "priority": ("Priority", whole), "env": ("Env", agi_env)},
    ),
    b"AGIExecStart": _row(events.AgiCommandBegan, {**_CHANNEL, "command": ("Command", text)}),
    b"AsyncAGIExec": _agi_exec,
    b"AsyncAGIEnd": _row(events.AgiEnded, _CHANNEL),
    b"QueueCallerJoin": _row(
        events.CallerJoinedQueue, {**_QUEUE, "position": ("Position", whole), "count": ("Count", whole)}
    ),
    b"QueueCallerLeave": _row(events.CallerLeftQueue, {**_QUEUE, "count": ("Count", whole)}),
    b"QueueCallerAbandon": _row(
        events.CallerAbandonedQueue, {**_QUEUE, "position": ("Position", whole), "waited": ("HoldTime", whole)}
    ),
    b"AgentCalled": _row(events.AgentRinging, _AGENT),
    b"AgentRingNoAnswer": _row(events.AgentRingTimedOut, {**_QUEUE, **_MEMBER, "rang_ms": ("RingTime", whole)}),
    b"AgentConnect": _row(
        events.AgentConnected, {**_AGENT, "waited": ("HoldTime", whole), "rang": ("RingTime", whole)}
    ),
    b"AgentComplete": _agent_complete,
    b"QueueMemberStatus": _row(events.QueueMemberChanged, _MEMBER_STATE),
    b"QueueMemberAdded": _row(events.QueueMemberChanged, _MEMBER_STATE),
    b"QueueMemberPause": _row(events.QueueMemberChanged, _MEMBER_STATE),
    b"QueueMemberRinginuse": _row(events.QueueMemberChanged, _MEMBER_STATE),
    b"QueueMemberRemoved": _row(events.QueueMemberChanged, _MEMBER_STATE, removed=True),
    b"ConfbridgeJoin": _row(events.RoomJoined, {**_CHANNEL, "room": ("Conference", text)}),
    b"ConfbridgeLeave": _row(events.RoomLeft, {**_CHANNEL, "room": ("Conference", text)}),
    b"Newexten": _dialplan_step,
    b"OriginateResponse": _originate_response,
    b"PeerStatus": _peer_status,
    b"DeviceStateChange": _device_state,
    b"VarSet": _var_set,
    b"FullyBooted": _row(events.AsteriskBooted, {}),
}
"""Event name → decoder: also the name filter, for what is not here is never parsed."""


ONLY_WITH: Mapping[bytes, bytes] = {
    b"DTMFEnd": b"\r\nDirection: Received",
    b"Newexten": DRILL_CHANNEL.encode(),
    b"VarSet": OUR_VARIABLES.encode(),
}
"""What a frame of a frequent event holds when its decoder would not answer None; the others are never parsed."""


def decode(name: bytes, headers: Headers) -> events.PhoneEvent | None:
    """The phone event in `headers`, or None when the floors above have no use for it."""
    decoder = DECODERS.get(name)
    return None if decoder is None else decoder(headers)
