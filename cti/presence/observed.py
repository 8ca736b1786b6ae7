"""What Asterisk's own picture of an agent means; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cti.presence.reasons import OWN_CALL, WRAP_UP
from cti.presence.session import Phone, phone_of
from cti.presence.state import OFF, READY, CallSideState, Wanted, Wish
from ivr.dialplan import Context, endpoint_in, is_browser
from ivr.switchboard import Channel, PhoneSnapshot, QueueMember


@dataclass(frozen=True, slots=True)
class Observed:
    """`channel` is the agent's leg of a call of ours, `caller` the caller's, None once the agent talks without them."""

    wish: Wish
    side: CallSideState
    phone: Phone | None
    channel: Channel | None = None
    caller: Channel | None = None
    own_devices: frozenset[str] = frozenset()


NOTHING = Observed(OFF, CallSideState.IDLE, None)


def observe(number: str, snapshot: PhoneSnapshot) -> Observed:
    """The agent as Asterisk's membership and channels show them."""
    members = [member for member in snapshot.members if member.member_name == number]
    wish, side = _stored_wish(members)
    phone = None
    if members:
        phone = Phone.BROWSER if is_browser(members[0].interface) else Phone.DESK_PHONE
    channel, caller = _talk(number, snapshot.channels)
    if channel is not None:
        side = CallSideState.TALKING if channel.state == "Up" else CallSideState.RINGING
    own = frozenset(
        endpoint_in(other.name)
        for other in snapshot.channels
        if phone_of(number, other.name) is not None
        and other.state in ("Up", "Ring")
        and (channel is None or other.call_id != channel.call_id)
    )
    return Observed(wish, side, phone, channel, caller, own)


def _stored_wish(members: Iterable[QueueMember]) -> tuple[Wish, CallSideState]:
    wish = OFF
    for member in members:
        if not member.paused:
            wish = READY
        elif member.pause_reason == WRAP_UP:
            return READY, CallSideState.WRAP_UP
        elif member.pause_reason == OWN_CALL:
            return READY, CallSideState.IDLE
        else:
            return Wish(Wanted.PAUSED, member.pause_reason), CallSideState.IDLE
    return wish, CallSideState.IDLE


def _talk(number: str, channels: Iterable[Channel]) -> tuple[Channel | None, Channel | None]:
    """The agent's leg of a call that came in by the hotline, and the caller's."""
    channels = list(channels)
    legs = [channel for channel in channels if phone_of(number, channel.name) is not None]
    for channel in legs:
        for other in channels:
            if other is not channel and other.call_id and other.linked_id == channel.linked_id:
                if other.unique_id == other.linked_id:
                    return channel, other
    # The caller was dropped from a three-way call, and has hung up since.
    alone = (
        channel for channel in legs if channel.context == Context.STAFF and channel.call_id and channel.state == "Up"
    )
    return next(alone, None), None
