"""What the phone side reports, decoded from AMI: facts about channels, queues and rooms.

These are not journaled; the floors above turn the ones that matter into domain events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneEvent:
    """Base of all phone events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEvent(PhoneEvent):
    """Something about one channel. `call_id` is its accountcode: our call id, or "" on a foreign channel."""

    channel: str
    unique_id: str
    call_id: str


# --- channels -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHungUp(ChannelEvent):
    """AMI Hangup: the channel is gone, a tombstone. `cause` is Q.850."""

    cause: int
    cause_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialplanStep(ChannelEvent):
    """AMI Newexten: the channel is about to run `application` with `data`. Sent of drill calls alone."""

    context: str
    extension: str
    priority: int
    application: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangupRequested(ChannelEvent):
    """AMI HangupRequest: this side asked to end the call; absent when Asterisk ended it."""

    cause: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitPressed(ChannelEvent):
    """AMI DTMFEnd with Direction Received."""

    digit: str
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldStarted(ChannelEvent):
    """AMI Hold: the phone behind this channel put the other side on hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelUnheld(ChannelEvent):
    """AMI Unhold."""


# --- AsyncAGI -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AgiStarted(ChannelEvent):
    """AMI AsyncAGIStart. `env` holds the agi_* variables without their prefix."""

    caller_number: str
    caller_name: str
    context: str
    extension: str
    priority: int
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgiCommandBegan(ChannelEvent):
    """AMI AGIExecStart: every key from here on is for this command, whose line it repeats. Sent of GET DATA alone."""

    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgiCommandDone(ChannelEvent):
    """AMI AsyncAGIExec. `result` is the decoded reply line, e.g. "200 result=1 (timeout)"."""

    command_id: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgiEnded(ChannelEvent):
    """AMI AsyncAGIEnd: no command on this channel will be answered any more."""


# --- queues ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEvent(ChannelEvent):
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerJoinedQueue(QueueEvent):
    """AMI QueueCallerJoin; `position` counts from 1."""

    position: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerLeftQueue(QueueEvent):
    """AMI QueueCallerLeave: connected, given up, timed out, or moved."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerAbandonedQueue(QueueEvent):
    """AMI QueueCallerAbandon: hung up while waiting. `waited` in seconds."""

    position: int
    waited: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRinging(QueueEvent):
    """AMI AgentCalled. `channel` is the caller's, `agent_channel` the new one towards the agent."""

    interface: str
    member_name: str
    agent_channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRingTimedOut(QueueEvent):
    """AMI AgentRingNoAnswer; `rang_ms` in milliseconds."""

    interface: str
    member_name: str
    rang_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConnected(QueueEvent):
    """AMI AgentConnect; `waited` seconds in the queue, `rang` seconds of ringing."""

    interface: str
    member_name: str
    agent_channel: str
    waited: int
    rang: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCompleted(QueueEvent):
    """AMI AgentComplete; `reason` is "caller", "agent" or "transfer"; `agent_channel` is "" once that is gone."""

    interface: str
    member_name: str
    agent_channel: str
    waited: int
    talked: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMemberChanged(PhoneEvent):
    """AMI QueueMemberStatus/Added/Pause/Ringinuse. `status` is the device state number of app_queue
    (0 unknown, 1 not in use, 2 in use, 3 busy, 4 invalid, 5 unavailable, 6 ringing, 7 ring+in use, 8 on hold).
    """

    queue: str
    interface: str
    member_name: str
    status: int
    paused: bool
    pause_reason: str
    in_call: bool
    removed: bool = False


# --- rooms, dialling, endpoints -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomJoined(ChannelEvent):
    """AMI ConfbridgeJoin."""

    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomLeft(ChannelEvent):
    """AMI ConfbridgeLeave."""

    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginateFinished(PhoneEvent):
    """AMI OriginateResponse. `reason` per AMI: 4 answered, 3 no answer, 5 busy, 8 congested, 0 no such number."""

    action_id: str
    channel: str
    unique_id: str
    success: bool
    reason: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanged(PhoneEvent):
    """AMI PeerStatus of a PJSIP endpoint: whether a phone is registered there, through whichever contact."""

    endpoint: str
    reachable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStateChanged(PhoneEvent):
    """AMI DeviceStateChange of a PJSIP endpoint with an agent's or specialist's number.

    `in_use` from when it dials or answers until its last call ends; a phone that only rings is not in use.
    """

    endpoint: str
    in_use: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelVariableSet(ChannelEvent):
    """AMI VarSet, only of variables named HOTLINE_*; the file's event filter lets no other through."""

    variable: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskBooted(PhoneEvent):
    """AMI FullyBooted."""
