"""Channels that move as extensions/threeway.conf moves them: a part of FakeSwitchboard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from ivr.errors import ChannelGoneError, OutcomeUnknownError
from ivr.events import ChannelVariableSet, PhoneEvent, RoomJoined, RoomLeft
from ivr.switchboard import Channel, DialResult, Place

IN_ROOM = ("hotline-caller", "hotline-staff", "hotline-specialist")
PLACES = {
    "hotline-hold": "hold",
    "hotline-specialist-hold": "hold",
    "hotline-requeue": "queue",
    "hotline-caller-done": "done",
}
"""Context → what it sets HOTLINE_PLACE to."""


def shown_channel(name: str, unique_id: str, *, call_id: str, context: str) -> Channel:
    """A row of CoreShowChannels."""
    return Channel(
        name=name,
        unique_id=unique_id,
        linked_id="1.1",
        call_id=call_id,
        state="Up",
        context=context,
        extension="s",
        priority=1,
        application="Queue",
        application_data="",
        caller_number="",
        caller_name="",
        connected_number="",
        connected_name="",
        bridge_id="b",
        duration=timedelta(seconds=30),
    )


@dataclass
class ThreewayDialplan:
    """`at` is the context of each channel; a channel in `stuck` never arrives; while `clings`, no hang-up succeeds."""

    deliver: Callable[[PhoneEvent], None]
    at: dict[str, str] = field(default_factory=dict)
    stuck: set[str] = field(default_factory=set)
    clings: bool = False
    clinging: Exception = field(default_factory=lambda: OutcomeUnknownError("No answer."))
    """What a hang-up raises while `clings`."""
    clung: int = 0
    reply: asyncio.Event | None = None
    """If set, a hang-up waits for it."""
    dialling: asyncio.Future[DialResult] | None = None
    """The outcome of the leg that rings, for the test to set."""
    dialled: list[str] = field(default_factory=list)
    given: Mapping[str, str] | None = None
    """The variables of the leg dialled last."""
    when_read: Callable[[], object] = lambda: None
    """Runs while a variable is read."""
    when_moved: Callable[[], object] = lambda: None
    """Runs once, when the next legs were redirected and have not arrived."""
    when_there: Callable[[], object] = lambda: None
    """Runs once, when they have arrived and the service has not continued."""
    ending: set[str] = field(default_factory=set)
    """Legs that hang up: their `h` runs, and they can no longer be redirected."""

    def refuse_ending(self, channel: str) -> None:
        if channel in self.ending:
            raise ChannelGoneError("Redirect failed, channel not up.")

    def move(self, moves: list[tuple[str, Place]]) -> None:
        hook, self.when_moved = self.when_moved, lambda: None
        hook()
        for name, place in moves:
            if name in self.at and name not in self.stuck:
                self.arrive(name, place)
        hook, self.when_there = self.when_there, lambda: None
        hook()

    def arrive(self, name: str, to: Place) -> None:
        fields = {"channel": name, "unique_id": name, "call_id": to.extension}
        if self.at.get(name) in IN_ROOM:
            self.deliver(RoomLeft(**fields, room=to.extension))
        self.at[name] = to.context
        if to.context in IN_ROOM:
            self.deliver(RoomJoined(**fields, room=to.extension))
        elif (place := PLACES.get(to.context)) is not None:
            self.deliver(ChannelVariableSet(**fields, variable="HOTLINE_PLACE", value=place))

    def refuse_hang_up(self) -> None:
        if self.clings:
            self.clung += 1
            raise self.clinging.with_traceback(None)

    async def dial(self, to: Place, *, unique_id: str, variables: Mapping[str, str] | None) -> DialResult:
        self.dialled.append(unique_id)
        self.given = variables
        self.dialling = asyncio.get_running_loop().create_future()
        result = await self.dialling
        if result.answered and result.channel not in self.stuck:
            self.arrive(result.channel, to)
        return result
