"""One agent at work, as kept in memory, and what Asterisk's own picture of the agent means; pure."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from cti.presence.reasons import WRAP_UP
from cti.presence.state import AgentState, Verdict, why_not_ready
from ivr.switchboard import Channel, PhoneSnapshot, QueueMember


class Phone(StrEnum):
    BROWSER = "browser"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Desk:
    queue: str
    penalty: int


@dataclass(slots=True, kw_only=True)
class AgentCall:
    """The call on the agent's phone, or the last one until its wrap-up is over."""

    call_id: str
    queue: str
    caller_channel: str
    agent_channel: str
    rang_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str = ""
    """Whose phone asked to hang up first: "agent", "caller", or "" for neither yet."""
    held: bool = False
    beside: bool = False
    """Another call has the phone: this one's ring means nothing for the agent's state."""


@dataclass(slots=True, kw_only=True, eq=False)
class AgentSession:
    user_id: str
    number: str
    name: str
    desks: tuple[Desk, ...]
    wrap_up: timedelta
    since: datetime
    changed_at: datetime = datetime.min.replace(tzinfo=UTC)
    """When the state, the phone or the call's leg was last told or chosen; a snapshot asked for before knows less."""
    state: AgentState = AgentState.OFFLINE
    phone: Phone = Phone.BROWSER
    pause_reason: str = ""
    pause_after: str = ""
    """A pause asked for during a call, or due at its end."""
    leaving: bool = False
    """To be signed out and forgotten once there is no call any more."""
    misses: int = 0
    wrap_up_until: datetime | None = None
    pages: int = 0
    page_gone_at: datetime | None = None
    """When the last page went, or the agent was found without one."""
    call: AgentCall | None = None
    reachable: set[str] = field(default_factory=set)
    """The agent's endpoints that are registered."""
    astray: bool = False
    """Whether Asterisk did not take the membership that the state wants; it is being tried again."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a command changes the membership, so that two do not cross."""

    @property
    def endpoint(self) -> str:
        return endpoint_of(self.number, self.phone)

    @property
    def interface(self) -> str:
        return f"PJSIP/{self.endpoint}"

    @property
    def phone_registered(self) -> bool:
        return self.endpoint in self.reachable

    def why_not_ready(self, *, link: bool) -> list[Verdict]:
        return why_not_ready(
            self.state,
            link=link,
            phone_registered=self.phone_registered,
            has_desk=bool(self.desks),
            astray=self.astray,
        )


def endpoint_of(number: str, phone: Phone) -> str:
    return f"{number}-web" if phone is Phone.BROWSER else number


def phone_of(number: str, channel: str) -> Phone | None:
    """Which of the agent's phones a channel is a leg of, by its name: PJSIP/1001-web-0000002a is the browser's."""
    endpoint = channel.partition("/")[2].rpartition("-")[0]
    return next((phone for phone in Phone if endpoint_of(number, phone) == endpoint), None)


@dataclass(frozen=True, slots=True)
class Membership:
    """How an agent should stand in the queues: None for a queue the agent is not to be in."""

    interface: str
    desks: tuple[Desk, ...]
    paused: bool
    reason: str


def desired(session: AgentSession) -> Membership | None:
    """None: in no queue."""
    match session.state:
        case AgentState.OFFLINE:
            return None
        case AgentState.PAUSED:
            paused, reason = True, session.pause_reason
        case AgentState.WRAP_UP:
            paused, reason = True, WRAP_UP
        case _:
            paused, reason = False, ""
    return Membership(session.interface, session.desks, paused, reason)


@dataclass(frozen=True, slots=True)
class Found:
    """What Asterisk says of an agent. `channel` is the agent's leg of a call of ours, `caller` the caller's."""

    state: AgentState
    reason: str
    phone: Phone | None
    channel: Channel | None
    caller: Channel | None


NOTHING = Found(AgentState.OFFLINE, "", None, None, None)


def find(number: str, snapshot: PhoneSnapshot) -> Found:
    """The agent's state as Asterisk's membership and channels show it."""
    members = [member for member in snapshot.members if member.member_name == number]
    channel, caller = _talk(number, snapshot.channels)
    if not members:
        return Found(AgentState.OFFLINE, "", None, channel, caller)
    phone = Phone.BROWSER if members[0].interface.endswith("-web") else Phone.DESK
    if channel is not None and caller is not None:
        state = AgentState.TALKING if channel.state == "Up" else AgentState.RINGING
        return Found(state, "", phone, channel, caller)
    state, reason = _idle(members)
    return Found(state, reason, phone, None, None)


def _idle(members: Iterable[QueueMember]) -> tuple[AgentState, str]:
    for member in members:
        if member.paused:
            if member.pause_reason == WRAP_UP:
                return AgentState.WRAP_UP, ""
            return AgentState.PAUSED, member.pause_reason
    return AgentState.READY, ""


def _talk(number: str, channels: Iterable[Channel]) -> tuple[Channel | None, Channel | None]:
    """The agent's leg of a call that came in by the hotline, and the caller's."""
    channels = list(channels)
    for channel in channels:
        if phone_of(number, channel.name) is None:
            continue
        for other in channels:
            if other is not channel and other.call_id and other.linked_id == channel.linked_id:
                if other.unique_id == other.linked_id:
                    return channel, other
    return None, None
