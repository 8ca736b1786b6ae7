"""Whether a channel has arrived where it was sent: Asterisk says so by ConfbridgeJoin and HOTLINE_PLACE."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from hotline.kernel.bus import Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.recent import Recent
from ivr.dialplan import CallPlace, Variable
from ivr.errors import ChannelGoneError, OutcomeUnknownError
from ivr.events import ChannelHungUp, ChannelVariableSet, PhoneEvent, RoomJoined, RoomLeft
from ivr.switchboard import PhoneSnapshot


class Arrivals:
    """The last known place of each channel of a three-way call, and who waits for one to get there."""

    def __init__(self, phone: Dispatcher[PhoneEvent], clock: Clock) -> None:
        self._clock = clock
        self._places: dict[str, str] = {}
        self._recent: Recent[str] = Recent(clock)
        """The channels that lately arrived, left or were sent off."""
        self._waiting: dict[str, list[tuple[tuple[str, ...], asyncio.Future[str]]]] = {}
        self._unsubscribe = phone.subscribe(self._on_event, RoomJoined, RoomLeft, ChannelVariableSet, ChannelHungUp)

    def close(self) -> None:
        self._unsubscribe()

    def seed(self, snapshot: PhoneSnapshot) -> None:
        """Learn who is in a room, except where a newer event exists.

        The rest is forgotten: a restarted Asterisk reuses channel names.
        """
        newer = self._recent.since(snapshot.asked_at)
        in_rooms = {channel for channels in snapshot.rooms.values() for channel in channels}
        self._places = {channel: place for channel, place in self._places.items() if channel in newer}
        self._places |= dict.fromkeys(in_rooms - newer, CallPlace.ROOM)

    def place(self, channel: str) -> str:
        """Where `channel` was last seen; "" if unknown."""
        return self._places.get(channel, "")

    def expect(self, channel: str, *places: str) -> asyncio.Future[str]:
        """Register, before `channel` is redirected, that it is expected at one of `places`.

        It counts as nowhere from now on. Cancel the future if it is no longer needed.
        """
        self._places.pop(channel, None)
        self._recent.note(channel)
        return self._register(channel, places)

    async def arrived(self, expected: asyncio.Future[str], *, within: timedelta) -> str:
        """The place that was reached.

        Raises ChannelGoneError when the channel hangs up, OutcomeUnknownError when it does not come in time.
        """
        timer: asyncio.Future[None] = asyncio.ensure_future(self._clock.sleep(within))
        try:
            waiting: set[asyncio.Future[Any]] = {expected, timer}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if not expected.done():
                raise OutcomeUnknownError("A leg of the call did not arrive where it was sent.")
            return expected.result()
        finally:
            timer.cancel()
            expected.cancel()

    async def wait(self, channel: str, *places: str, within: timedelta) -> str:
        """The one of `places` where `channel` is, or that it arrives at; raises as `arrived` does."""
        place = self.place(channel)
        return place if place in places else await self.arrived(self._register(channel, places), within=within)

    def _register(self, channel: str, places: tuple[str, ...]) -> asyncio.Future[str]:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        entry = (places, future)
        self._waiting.setdefault(channel, []).append(entry)
        future.add_done_callback(lambda _: self._forget(channel, entry))
        return future

    def _forget(self, channel: str, entry: tuple[tuple[str, ...], asyncio.Future[str]]) -> None:
        waiting = self._waiting.get(channel, [])
        if entry in waiting:
            waiting.remove(entry)
        if not waiting:
            self._waiting.pop(channel, None)

    def _on_event(self, event: PhoneEvent) -> None:
        match event:
            case RoomJoined():
                self._arrive(event.channel, CallPlace.ROOM)
            case RoomLeft() if self._places.get(event.channel) == CallPlace.ROOM:
                del self._places[event.channel]
                self._recent.note(event.channel)
            case ChannelVariableSet(variable=Variable.PLACE):
                self._arrive(event.channel, event.value)
            case ChannelHungUp():
                self._places.pop(event.channel, None)
                self._recent.note(event.channel)
                for _, arrived in self._waiting.get(event.channel, ()):
                    if not arrived.done():
                        arrived.set_exception(ChannelGoneError("A leg of the call hung up on its way."))

    def _arrive(self, channel: str, place: str) -> None:
        self._places[channel] = place
        self._recent.note(channel)
        for places, arrived in self._waiting.get(channel, ()):
            if place in places and not arrived.done():
                arrived.set_result(place)
