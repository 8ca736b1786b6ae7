"""Queue membership as app_queue keeps it: a part of FakeSwitchboard."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from ivr.errors import OutcomeUnknownError
from ivr.events import PhoneEvent, QueueMemberChanged
from ivr.switchboard import QueueMember


@dataclass
class QueueMembers:
    """`members` is the current membership; each change is reported by an event."""

    deliver: Callable[[PhoneEvent], None]
    members: dict[tuple[str, str], QueueMember] = field(default_factory=dict)
    loses_answers: bool = False
    """Whether commands are carried out and then raise OutcomeUnknownError; the event is lost with the answer."""
    slow: asyncio.Event | None = None
    """If set, a pause waits for it."""
    when_added: Callable[[], Awaitable[None]] | None = None
    """Runs once, after a member was added and before the command is answered."""
    when_removed: Callable[[], None] | None = None
    """Runs once, before a member is removed."""
    when_commanded: Callable[[], None] | None = None
    """Runs once, after a pause or a removal and before the command is answered."""
    events_late: bool = False
    """Whether events are held back."""

    async def add(self, member: QueueMember) -> None:
        if (member.queue, member.interface) in self.members:
            return  # "Already there": no error and no change.
        self._set(member)
        hook, self.when_added = self.when_added, None
        if hook is not None:
            await hook()
        self._lose_answer()

    async def remove(self, queue: str, interface: str) -> None:
        hook, self.when_removed = self.when_removed, None
        if hook is not None:
            hook()
        if (member := self.members.pop((queue, interface), None)) is not None:
            self._report(member, removed=True)
        self._before_answer()

    async def pause(self, interface: str, *, paused: bool, reason: str) -> None:
        if self.slow is not None:
            await self.slow.wait()
        for member in list(self.members.values()):
            if member.interface == interface:
                self._set(replace(member, paused=paused, pause_reason=reason))
        self._before_answer()
        self._lose_answer()

    def _before_answer(self) -> None:
        hook, self.when_commanded = self.when_commanded, None
        if hook is not None:
            hook()

    def _lose_answer(self) -> None:
        if self.loses_answers:
            raise OutcomeUnknownError("No answer.")

    def _set(self, member: QueueMember) -> None:
        self.members[member.queue, member.interface] = member
        if not self.loses_answers and not self.events_late:
            self._report(member)

    def _report(self, member: QueueMember, *, removed: bool = False) -> None:
        self.deliver(
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
