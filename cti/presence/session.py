"""One agent at work, as kept in memory, and the queue membership that follows from it; pure."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from cti.presence.reasons import OWN_CALL, WRAP_UP
from cti.presence.state import (
    AT_REST,
    OFF,
    SHOWN,
    AgentState,
    CallSideState,
    Verdict,
    Wanted,
    Wish,
    why_not_ready,
)
from ivr.dialplan import browser_endpoint, endpoint_in, interface_of

_C = CallSideState
NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Phone(StrEnum):
    BROWSER = "browser"
    DESK_PHONE = "desk_phone"


@dataclass(frozen=True, slots=True)
class QueueMembership:
    queue: str
    penalty: int


@dataclass(slots=True, kw_only=True, eq=False)
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
    """Whose phone last asked to hang up: "agent", "caller", or "" for neither yet."""
    ended_by_at: datetime = NEVER
    held: bool = False
    superseded: bool = False
    """Another call has the phone: this one's ring means nothing for the agent's state."""


@dataclass(slots=True, kw_only=True, eq=False)
class AgentSession:
    """`wish`, `call_side` and `own_devices` are set by `AgentMachine` alone; `state` is derived from them."""

    user_id: str
    number: str
    name: str
    queues: tuple[QueueMembership, ...]
    wrap_up: timedelta
    since: datetime
    wish: Wish = OFF
    """What the last command that was answered says, or the service on the agent's behalf since."""
    wish_known: bool = False
    """False until a command or Asterisk's membership has said what is wanted; from then on Asterisk follows us."""
    call_side: CallSideState = CallSideState.IDLE
    call_side_at: datetime = NEVER
    """When anything of the phone's side was last heard; a snapshot asked for before knows less."""
    own_devices: set[str] = field(default_factory=set)
    """The agent's endpoints that are in a call of the agent's own."""
    phone: Phone = Phone.BROWSER
    retired: bool = False
    """No agent any more: wants nothing but off, and is forgotten once there is no call."""
    misses: int = 0
    wrap_up_until: datetime | None = None
    pages: int = 0
    page_gone_at: datetime | None = None
    """When the last page went, or the agent was found without one."""
    call: AgentCall | None = None
    reachable: set[str] = field(default_factory=set)
    """The agent's endpoints that are registered."""
    out_of_sync: bool = False
    """Whether Asterisk did not take the membership that belongs to the state; it is being tried again."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a command changes the membership, so that two do not cross."""

    @property
    def state(self) -> AgentState:
        return SHOWN[self.call_side, self.wish.wanted]

    @property
    def pause_reason(self) -> str:
        """Why the agent is paused, or will be when the present call is over."""
        return self.wish.reason

    @property
    def at_rest(self) -> bool:
        return self.call_side in AT_REST

    @property
    def endpoint(self) -> str:
        return endpoint_of(self.number, self.phone)

    @property
    def interface(self) -> str:
        return interface_of(self.endpoint)

    @property
    def phone_registered(self) -> bool:
        return self.endpoint in self.reachable

    @property
    def free(self) -> bool:
        """Whether the next call can ring here at once."""
        return self.state is AgentState.READY and self.phone_registered

    def serves(self, queue: str) -> bool:
        return any(workspace.queue == queue for workspace in self.queues)

    def why_not_ready(self, *, link: bool) -> list[Verdict]:
        return why_not_ready(
            self.state,
            link=link,
            phone_registered=self.phone_registered,
            has_queue=bool(self.queues),
            out_of_sync=self.out_of_sync,
        )


def endpoint_of(number: str, phone: Phone) -> str:
    return browser_endpoint(number) if phone is Phone.BROWSER else number


def phone_of(number: str, channel: str) -> Phone | None:
    """Which of the agent's phones a channel is a leg of."""
    endpoint = endpoint_in(channel)
    return next((phone for phone in Phone if endpoint_of(number, phone) == endpoint), None)


@dataclass(frozen=True, slots=True)
class Membership:
    """How an agent should stand in the queues: None for a queue the agent is not to be in."""

    interface: str
    queues: tuple[QueueMembership, ...]
    paused: bool
    reason: str


def desired(session: AgentSession, wish: Wish, side: CallSideState) -> Membership | None:
    """None: in no queue. During a call too Asterisk has what is wanted after it, should the service be gone by then."""
    match wish.wanted:
        case Wanted.OFF:
            return None
        case Wanted.PAUSED:
            reason = wish.reason
        case Wanted.READY:
            reason = {_C.WRAP_UP: WRAP_UP, _C.OWN_CALL: OWN_CALL}.get(side, "")
    return Membership(session.interface, session.queues, reason != "", reason)
