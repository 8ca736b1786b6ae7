"""The `ivr.switchboard.Switchboard` port in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hotline.kernel.bus import Dispatcher
from ivr.errors import ChannelGoneError, PhoneUnavailableError
from ivr.events import PhoneEvent
from ivr.switchboard import Channel, DialResult, PhoneSnapshot, Place, QueueMember
from tests.fakes.agi_call import AgiCall
from tests.fakes.queue_members import QueueMembers
from tests.fakes.threeway_dialplan import IN_ROOM, ThreewayDialplan, shown_channel

LATEST = datetime.max.replace(tzinfo=UTC)
"""A snapshot asked for at this time is newer than every event."""


class FakeSwitchboard:
    """Made of parts: `agi` is a call in AGI, `queues` the queue members, `dialplan` the legs of a three-way call.

    `sent` lists the commands in order; while `refuse` is set, each raises it. Events go to `deliver`, by default to
    the fake's own dispatcher `phone`.
    """

    def __init__(
        self, deliver: Callable[[PhoneEvent], None] | None = None, *, reachable: Iterable[str] = (), call_id: str = ""
    ) -> None:
        self.phone: Dispatcher[PhoneEvent] = Dispatcher()
        self.agi = AgiCall(deliver or self.phone.deliver)
        self.queues = QueueMembers(deliver or self.phone.deliver)
        self.dialplan = ThreewayDialplan(deliver or self.phone.deliver)
        self.call_id = call_id
        """Of the channels of `dialplan`; with one, a dialled leg rings until the test sets its outcome."""
        self.ready = True
        self.sent: list[tuple[Any, ...]] = []
        self.refuse: Exception | None = None
        self.refused = 0
        self.reachable = set(reachable)
        self.when_asked: Callable[[], None] | None = None
        """Runs once, when a phone is looked up."""
        self.variables: dict[tuple[str, str], str] = {}
        self.web_secrets: dict[str, str] = {}
        """The passwords of browser phones, by agent."""
        self.started = "today"
        self.channels: list[Channel] = []

    def go_down(self) -> None:
        self.refuse = PhoneUnavailableError("No connection.")

    def _command(self, *command: object) -> None:
        self._check()
        self.sent.append(command)

    def _check(self, channel: str = "") -> None:
        if self.refuse is not None:
            self.refused += 1
            raise self.refuse.with_traceback(None)  # Otherwise each use lengthens the traceback, and the log.
        if not self.ready:
            raise PhoneUnavailableError("No connection.")
        if channel and self.agi.gone:
            raise ChannelGoneError("No such channel.")

    # --- the protocol ---------------------------------------------------------------------------------

    async def snapshot(self) -> PhoneSnapshot:
        self._command("snapshot")
        at = self.dialplan.at
        moved = (
            replace(
                shown_channel(name, name, call_id=self.call_id, context=context),
                extension=self.call_id,
                application="Queue" if context == "hotline-queue" else "ConfBridge",
            )
            for name, context in at.items()
        )
        return PhoneSnapshot(
            asked_at=LATEST,
            started=self.started,
            channels=(*self.channels, *moved),
            members=tuple(self.queues.members.values()),
            entries=(),
            rooms={self.call_id: tuple(name for name, context in at.items() if context in IN_ROOM)},
        )

    async def send_agi(self, channel: str, command: str, command_id: str, *, renew: timedelta | None = None) -> None:
        self._check(channel)
        self.agi.run(command, command_id)

    async def redirect(self, channel: str, to: Place, *, extra: tuple[str, Place] | None = None) -> None:
        self._check(channel)
        self.dialplan.refuse_ending(channel)
        self._command("redirect", channel, to.context, to.extension)
        self.agi.redirected(to.context)
        self.dialplan.move([(channel, to), *([extra] if extra else [])])

    async def press(self, channel: str, key: str) -> None:
        self._command("press", channel, key)

    async def hang_up(self, channel: str, *, cause: int = 16) -> None:
        self.dialplan.refuse_hang_up()
        self._command("hang up", channel)
        self.agi.hang_up()
        if self.dialplan.reply is not None:
            await self.dialplan.reply.wait()

    async def set_variable(self, channel: str, name: str, value: str) -> None:
        self._check(channel)
        self.variables[channel, name] = value

    async def get_variable(self, channel: str, name: str) -> str:
        self._check(channel)
        self.dialplan.when_read()
        return self.variables.get((channel, name), "")

    async def set_absolute_timeout(self, channel: str, limit: timedelta) -> None:
        self._check(channel)
        self.sent.append(("absolute timeout", channel, limit))

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
        self._command("dial", endpoint)
        number, _, context = endpoint.removeprefix("Local/").partition("@")
        if context == "hotline-phone/n":
            self.web_secrets[number] = (variables or {})["HL_SECRET"]
            return DialResult(answered=True, channel="Local/1;1", reason=4)
        if self.call_id:
            return await self.dialplan.dial(to, unique_id=unique_id, variables=variables)
        return DialResult(answered=False, channel="", reason=0)

    async def add_member(
        self, queue: str, interface: str, *, member_name: str, penalty: int, paused: bool, pause_reason: str = ""
    ) -> None:
        self._command("add", queue, interface)
        await self.queues.add(
            QueueMember(
                queue=queue,
                interface=interface,
                member_name=member_name,
                status=1,
                paused=paused,
                pause_reason=pause_reason,
                in_call=False,
            )
        )

    async def remove_member(self, queue: str, interface: str) -> None:
        self._command("remove", queue, interface)
        await self.queues.remove(queue, interface)

    async def pause_member(self, interface: str, *, paused: bool, reason: str = "") -> None:
        self._command("pause" if paused else "unpause", interface, reason)
        await self.queues.pause(interface, paused=paused, reason=reason)

    async def leave_room(self, room: str, channel: str) -> None:
        self._command("leave room", room, channel)

    async def endpoint_reachable(self, endpoint: str) -> bool:
        hook, self.when_asked = self.when_asked, None
        if hook is not None:
            hook()
        return endpoint in self.reachable
