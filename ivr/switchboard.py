"""The switchboard: commands on channels, queues and rooms from outside a call's own flow.

The floors above depend on this protocol alone; `ivr.ami` implements it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A dialplan location."""

    context: str
    extension: str
    priority: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One row of CoreShowChannels."""

    name: str
    unique_id: str
    linked_id: str
    call_id: str
    state: str
    context: str
    extension: str
    priority: int
    application: str
    application_data: str
    caller_number: str
    caller_name: str
    connected_number: str
    connected_name: str
    bridge_id: str
    duration: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMember:
    """One QueueMember row of QueueStatus; `status` as in `ivr.events.QueueMemberChanged`."""

    queue: str
    interface: str
    member_name: str
    status: int
    paused: bool
    pause_reason: str
    in_call: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry:
    """One QueueEntry row of QueueStatus: a caller waiting."""

    queue: str
    channel: str
    unique_id: str
    position: int
    waited: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSnapshot:
    """Asterisk's current state, read after each log-in; nothing is trusted from memory.

    It is of no one moment: what has been heard since `asked_at` is newer than what it says.
    """

    asked_at: datetime
    """Before the first question."""
    started: str
    """CoreStartupDate and -Time: a change means a restart."""
    channels: tuple[Channel, ...]
    members: tuple[QueueMember, ...]
    entries: tuple[QueueEntry, ...]
    rooms: Mapping[str, tuple[str, ...]]
    """ConfBridge room → channel names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialResult:
    """How an originated leg ended its ringing; `reason` as in `ivr.events.OriginateFinished`."""

    answered: bool
    channel: str
    reason: int


class Switchboard(Protocol):
    """Every method has a deadline and raises `ivr.errors.PhoneError` or a subclass; none is replayed."""

    @property
    def ready(self) -> bool:
        """Whether commands can be sent now."""
        ...

    async def snapshot(self) -> PhoneSnapshot: ...

    async def redirect(self, channel: str, to: Place, *, extra: tuple[str, Place] | None = None) -> None:
        """AMI Redirect; with `extra`, both channels in one action (ExtraChannel)."""
        ...

    async def dial(
        self,
        endpoint: str,
        to: Place,
        *,
        call_id: str,
        unique_id: str,
        caller_number: str,
        caller_name: str = "",
        variables: Mapping[str, str] | None = None,
        ring: timedelta = timedelta(seconds=30),
    ) -> DialResult:
        """AMI Originate (Async, own ChannelId, accountcode = `call_id`); returns when answered or refused."""
        ...

    async def hang_up(self, channel: str, *, cause: int = 16) -> None:
        """AMI Hangup; a channel already gone is no error."""
        ...

    async def press(self, channel: str, key: str) -> None:
        """AMI PlayDTMF with Receive: the channel takes `key` as if its phone had sent it."""
        ...

    async def set_variable(self, channel: str, name: str, value: str) -> None:
        """AMI Setvar; channel "" sets a global."""
        ...

    async def get_variable(self, channel: str, name: str) -> str: ...

    async def set_absolute_timeout(self, channel: str, limit: timedelta) -> None:
        """AMI AbsoluteTimeout; zero switches it off."""
        ...

    async def add_member(
        self,
        queue: str,
        interface: str,
        *,
        member_name: str,
        penalty: int,
        paused: bool,
        pause_reason: str = "",
    ) -> None:
        """AMI QueueAdd; a member already there is no error."""
        ...

    async def remove_member(self, queue: str, interface: str) -> None:
        """AMI QueueRemove; a member already gone is no error."""
        ...

    async def pause_member(self, interface: str, *, paused: bool, reason: str = "") -> None:
        """AMI QueuePause in every queue of this interface."""
        ...

    async def leave_room(self, room: str, channel: str) -> None:
        """AMI ConfbridgeKick; one already gone is no error."""
        ...

    async def send_agi(self, channel: str, command: str, command_id: str, *, renew: timedelta | None = None) -> None:
        """AMI AGI: queue a command; its result comes as `AgiCommandDone`.

        With `renew`, an AbsoluteTimeout of that length goes out right behind it, which also wakes a channel that
        waits for its next command: it is carried out in 1 ms instead of with the next RTP packet.
        """
        ...

    async def endpoint_reachable(self, endpoint: str) -> bool:
        """Whether a PJSIP endpoint has a reachable contact."""
        ...
