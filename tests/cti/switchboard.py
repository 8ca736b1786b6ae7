"""A switchboard that keeps queue membership as app_queue does, and says so by events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from hotline.kernel.bus import Dispatcher
from ivr.errors import OutcomeUnknownError, PhoneUnavailableError
from ivr.events import (
    AgentCompleted,
    AgentConnected,
    AgentRinging,
    AgentRingTimedOut,
    ChannelHungUp,
    ChannelVariableSet,
    PhoneEvent,
    QueueMemberChanged,
)
from ivr.switchboard import Channel, DialResult, PhoneSnapshot, Place, QueueEntry, QueueMember
from tests.fakes.switchboard import LATEST


@dataclass
class FakeSwitchboard:
    """`members` is the truth; `refuse` makes every command fail; `sent` is what was asked, in order."""

    phone: Dispatcher[PhoneEvent] = field(default_factory=Dispatcher)
    members: dict[tuple[str, str], QueueMember] = field(default_factory=dict)
    channels: list[Channel] = field(default_factory=list)
    entries: list[QueueEntry] = field(default_factory=list)
    reachable: set[str] = field(default_factory=set)
    sent: list[tuple[str, ...]] = field(default_factory=list)
    refuse: Exception | None = None
    refused: int = 0
    loses_answers: bool = False
    """Whether queue commands are carried out and then raise OutcomeUnknownError."""
    slow: asyncio.Event | None = None
    """Set, a pause is answered only then."""
    when_asked: Callable[[], None] | None = None
    """Happens, once, when a phone is asked for."""
    when_added: Callable[[], Awaitable[None]] | None = None
    """Happens, once, when a member has been added, before that is answered."""
    when_removed: Callable[[], None] | None = None
    """Happens, once, when a member is to be removed."""
    when_commanded: Callable[[], None] | None = None
    """Happens, once, when a pause or a removal was carried out, before that is answered."""
    events_late: bool = False
    """Whether nothing is told of members yet."""
    web_secrets: dict[str, str] = field(default_factory=dict)
    """The passwords of browser phones, by agent."""
    ready: bool = True
    started: str = "today"

    def _ask(self, *command: str) -> None:
        if self.refuse is not None:
            self.refused += 1
            raise self.refuse.with_traceback(None)  # Else each time adds to it, and to the log.
        self.sent.append(command)

    def go_down(self) -> None:
        self.refuse = PhoneUnavailableError("No connection.")

    async def snapshot(self) -> PhoneSnapshot:
        return PhoneSnapshot(
            asked_at=LATEST,
            started=self.started,
            channels=tuple(self.channels),
            members=tuple(self.members.values()),
            entries=tuple(self.entries),
            rooms={},
        )

    async def add_member(
        self, queue: str, interface: str, *, member_name: str, penalty: int, paused: bool, pause_reason: str = ""
    ) -> None:
        self._ask("add", queue, interface)
        if (queue, interface) in self.members:
            return  # "Already there", which is no error, and changes nothing.
        self._set(
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
        happens, self.when_added = self.when_added, None
        if happens is not None:
            await happens()
        self._lose_answer()

    def _lose_answer(self) -> None:
        if self.loses_answers:
            raise OutcomeUnknownError("No answer.")

    async def remove_member(self, queue: str, interface: str) -> None:
        self._ask("remove", queue, interface)
        happens, self.when_removed = self.when_removed, None
        if happens is not None:
            happens()
        if (member := self.members.pop((queue, interface), None)) is not None:
            self._tell(member, removed=True)
        self._happens_before_answer()

    def _happens_before_answer(self) -> None:
        happens, self.when_commanded = self.when_commanded, None
        if happens is not None:
            happens()

    async def pause_member(self, interface: str, *, paused: bool, reason: str = "") -> None:
        self._ask("pause" if paused else "unpause", interface, reason)
        if self.slow is not None:
            await self.slow.wait()
        for member in list(self.members.values()):
            if member.interface == interface:
                self._set(replace(member, paused=paused, pause_reason=reason))
        self._happens_before_answer()
        self._lose_answer()

    async def hang_up(self, channel: str, *, cause: int = 16) -> None:
        self._ask("hang up", channel)

    async def endpoint_reachable(self, endpoint: str) -> bool:
        happens, self.when_asked = self.when_asked, None
        if happens is not None:
            happens()
        return endpoint in self.reachable

    async def redirect(self, channel: str, to: Place, *, extra: tuple[str, Place] | None = None) -> None:
        self._ask("redirect", channel, to.context)

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
        self._ask("dial", endpoint)
        number, _, context = endpoint.removeprefix("Local/").partition("@")
        if context == "hotline-phone/n":
            self.web_secrets[number] = (variables or {})["HL_SECRET"]
            return DialResult(answered=True, channel="Local/1;1", reason=4)
        return DialResult(answered=False, channel="", reason=0)

    async def set_variable(self, channel: str, name: str, value: str) -> None:
        self._ask("set", channel, name)

    async def get_variable(self, channel: str, name: str) -> str:
        return ""

    async def set_absolute_timeout(self, channel: str, limit: timedelta) -> None: ...

    async def leave_room(self, room: str, channel: str) -> None: ...

    async def send_agi(
        self, channel: str, command: str, command_id: str, *, renew: timedelta | None = None
    ) -> None: ...

    def _set(self, member: QueueMember) -> None:
        self.members[member.queue, member.interface] = member
        if not self.loses_answers and not self.events_late:  # The event is lost with the answer.
            self._tell(member)

    def _tell(self, member: QueueMember, *, removed: bool = False) -> None:
        self.phone.deliver(
            QueueMemberChanged(
                queue=member.queue,
                interface=member.interface,
                member_name=member.member_name,
                status=member.status,
                paused=member.paused,
                pause_reason=member.pause_reason,
                in_call=member.in_call,
                removed=removed,
            )
        )


@dataclass
class QueueCall:
    """A call at the enterprise desk, as app_queue reports it: `call.rings(); call.connects(); call.ends("agent")`."""

    phone: Dispatcher[PhoneEvent]
    call_id: str = "01890000-0000-7000-8000-000000000001"
    agent: str = "1001"
    interface: str = "PJSIP/1001-web"

    @property
    def leg(self) -> str:
        return f"{self.interface}-0000000a"

    def _fields(self) -> dict[str, str]:
        return {
            "channel": "PJSIP/trunk-00000001",
            "unique_id": "1.1",
            "call_id": self.call_id,
            "queue": "enterprise",
            "interface": self.interface,
            "member_name": self.agent,
        }

    def rings(self) -> None:
        self.phone.deliver(AgentRinging(**self._fields(), agent_channel=self.leg))

    def times_out(self) -> None:
        self.phone.deliver(AgentRingTimedOut(**self._fields(), rang_ms=20_000))
        self.hangs_up()

    def connects(self) -> None:
        self.phone.deliver(AgentConnected(**self._fields(), agent_channel=self.leg, waited=4, rang=3))

    def ends(self, by: str = "caller") -> None:
        self.completes(by)
        self.hangs_up()

    def completes(self, by: str) -> None:
        """app_queue's part is over; the agent's leg is still there."""
        self.phone.deliver(AgentCompleted(**self._fields(), agent_channel=self.leg, waited=4, talked=60, reason=by))

    def loses_the_agent(self) -> None:
        """As the dialplan says it when nothing is heard of the phone."""
        self.phone.deliver(
            ChannelVariableSet(
                channel="PJSIP/trunk-00000001",
                unique_id="1.1",
                call_id=self.call_id,
                variable="HOTLINE_LOST",
                value=self.agent,
            )
        )

    def hangs_up(self) -> None:
        """The agent's leg is gone."""
        self.phone.deliver(
            ChannelHungUp(channel=self.leg, unique_id="1.2", call_id=self.call_id, cause=16, cause_text="")
        )
