"""The switchboard's commands as AMI actions: what each sends, and which refusals are no error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from hotline.kernel.clock import Clock
from ivr.ami.answers import is_about
from ivr.ami.exchange import AmiExchange
from ivr.ami.resync import take_snapshot
from ivr.ami.wire import quote_caller, quote_variable
from ivr.dialplan import interface_of
from ivr.errors import ActionRefusedError, ChannelGoneError, UnsafeValueError
from ivr.switchboard import DialResult, PhoneSnapshot, Place

DIAL_GRACE = timedelta(seconds=5)
"""Beyond the ringing time, until OriginateResponse must have come."""
LONGEST_NAME = 80
"""Characters of a caller's name: more is lost in Asterisk's and the phones' own fields."""
ANSWERED = "Success"
UNREACHABLE = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})
"""Device states of an endpoint without a registered phone."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\([A-Za-z0-9_,/:@.-]*\))?")
_NUMBER = re.compile(r"[0-9A-Za-z+*#_.-]{0,80}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class AmiSwitchboard:
    """Implements `ivr.switchboard.Switchboard` over AMI."""

    def __init__(self, exchange: AmiExchange, clock: Clock) -> None:
        self._exchange = exchange
        self._clock = clock

    @property
    def ready(self) -> bool:
        return self._exchange.ready

    async def snapshot(self) -> PhoneSnapshot:
        """Asterisk's current state."""
        return await take_snapshot(self._exchange, self._clock.now())

    # --- channels ---------------------------------------------------------------------------------------

    async def redirect(self, channel: str, to: Place, *, extra: tuple[str, Place] | None = None) -> None:
        fields: dict[str, str | int | list[str]] = {"Channel": one_channel(channel), **_place(to)}
        if extra is not None:
            second, place = extra
            fields["ExtraChannel"] = one_channel(second)
            fields.update(_place(place, "Extra"))
        await self._exchange.action("Redirect", fields)

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
        """Ring `endpoint` and, answered, run the dialplan at `to`; returns when answered or refused.

        The name is for a display: line breaks in it become spaces and it is cut at 80 characters. Cancelling
        the wait does not stop the ringing: `hang_up(unique_id)` does.
        """
        if not _NUMBER.fullmatch(caller_number):
            raise UnsafeValueError("The caller number holds characters no number has.")
        name = _CONTROL.sub(" ", caller_name).strip()[:LONGEST_NAME]
        fields: dict[str, str | int | list[str]] = {
            "Channel": endpoint,
            **_place(to),
            "ChannelId": unique_id,
            "Account": call_id,
            "CallerID": quote_caller(name, caller_number),
            "Timeout": round(ring.total_seconds() * 1000),
            "Async": "true",
        }
        if variables:
            fields["Variable"] = [quote_variable(_variable(one), value) for one, value in variables.items()]
        ended = await self._exchange.originate(fields, ring + DIAL_GRACE)
        answered = ended.get("Response") == ANSWERED
        return DialResult(
            answered=answered, channel=ended["Channel"] if answered else "", reason=int(ended.get("Reason") or 0)
        )

    async def hang_up(self, channel: str, *, cause: int = 16) -> None:
        """`channel` is a name or a unique id."""
        try:
            await self._exchange.action("Hangup", {"Channel": one_channel(channel), "Cause": cause})
        except ChannelGoneError:
            return

    async def press(self, channel: str, key: str) -> None:
        await self._exchange.action("PlayDTMF", {"Channel": one_channel(channel), "Digit": key, "Receive": "true"})

    async def set_variable(self, channel: str, name: str, value: str) -> None:
        fields: dict[str, str | int | list[str]] = {"Variable": _variable(name), "Value": value}
        if channel:
            fields["Channel"] = one_channel(channel)
        await self._exchange.action("Setvar", fields)

    async def get_variable(self, channel: str, name: str) -> str:
        """The value, or "" of a variable that is not set; channel "" asks for a global."""
        fields: dict[str, str | int | list[str]] = {"Variable": _variable(name)}
        if channel:
            fields["Channel"] = one_channel(channel)
        return (await self._exchange.action("Getvar", fields)).get("Value", "")

    async def set_absolute_timeout(self, channel: str, limit: timedelta) -> None:
        if not limit:  # the action takes zero for a missing header
            return await self.set_variable(channel, "TIMEOUT(absolute)", "0")
        seconds = f"{limit.total_seconds():g}"
        await self._exchange.action("AbsoluteTimeout", {"Channel": one_channel(channel), "Timeout": seconds})

    async def send_agi(self, channel: str, command: str, command_id: str, *, renew: timedelta | None = None) -> None:
        fields = {"Channel": one_channel(channel), "Command": command, "CommandID": command_id}
        if renew is None:
            await self._exchange.action("AGI", fields)
            return
        # A channel in AsyncAGI looks for its next command only when a frame arrives, which is with each RTP packet.
        # AbsoluteTimeout queues an empty frame.
        limit = {"Channel": channel, "Timeout": f"{renew.total_seconds():g}"}
        await self._exchange.actions(("AGI", fields), ("AbsoluteTimeout", limit))

    # --- queues -----------------------------------------------------------------------------------------

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
        fields: dict[str, str | int | list[str]] = {
            "Queue": queue,
            "Interface": interface,
            "MemberName": member_name,
            "Penalty": penalty,
            "Paused": _yes(paused),
        }
        if pause_reason:
            fields["Reason"] = pause_reason
        try:
            await self._exchange.action("QueueAdd", fields)
        except ActionRefusedError as error:
            if not is_about(error, "Already there"):
                raise

    async def remove_member(self, queue: str, interface: str) -> None:
        try:
            await self._exchange.action("QueueRemove", {"Queue": queue, "Interface": interface})
        except ActionRefusedError as error:
            if not is_about(error, "Not there"):
                raise

    async def pause_member(self, interface: str, *, paused: bool, reason: str = "") -> None:
        fields = {"Interface": interface, "Paused": _yes(paused), "Reason": reason}
        await self._exchange.action("QueuePause", fields)

    # --- rooms and endpoints ----------------------------------------------------------------------------

    async def leave_room(self, room: str, channel: str) -> None:
        try:
            await self._exchange.action("ConfbridgeKick", {"Conference": room, "Channel": one_channel(channel)})
        except ChannelGoneError:
            return
        except ActionRefusedError as error:
            if not is_about(error, "No active conferences", "No conference by that name"):
                raise

    async def endpoint_reachable(self, endpoint: str) -> bool:
        """By its device state: PJSIPShowContacts would need write=system, which the call path's user lacks."""
        return await self.get_variable("", f"DEVICE_STATE({interface_of(endpoint)})") not in UNREACHABLE


def one_channel(channel: str) -> str:
    """The name, if it names one channel: Asterisk takes "/…/" for a pattern, "all" for everybody in a room."""
    if not channel or channel.startswith("/") or channel.lower() in ("all", "participants"):
        raise UnsafeValueError("A command needs the name of one channel.")
    return channel


def _place(place: Place, prefix: str = "") -> dict[str, str | int]:
    return {
        f"{prefix}Context": place.context,
        f"{prefix}Exten": place.extension,
        f"{prefix}Priority": place.priority,
    }


def _variable(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise UnsafeValueError("The variable's name is not one that Asterisk's dialplan could use.")
    return name


def _yes(value: bool) -> str:
    return "true" if value else "false"
