"""Whether a channel has arrived where it was sent: Asterisk says so by ConfbridgeJoin and HOTLINE_PLACE."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from hotline.kernel.bus import Dispatcher
from hotline.kernel.clock import Clock
from ivr.errors import ChannelGoneError, OutcomeUnknownError
from ivr.events import ChannelHungUp, ChannelVariableSet, PhoneEvent, RoomJoined, RoomLeft
from ivr.switchboard import PhoneSnapshot

ROOM: Final = "room"
HOLD: Final = "hold"
QUEUE: Final = "queue"
DONE: Final = "done"
"""The values of HOTLINE_PLACE in extensions/threeway.conf, and `ROOM` for a channel in its conference."""


class Arrivals:
    """The last known place of each channel of a three-way call, and who waits for one to get there."""

    def __init__(self, phone: Dispatcher[PhoneEvent], clock: Clock) -> None:
        self._clock = clock
        self._places: dict[str, str] = {}
        self._waiting: dict[str, list[tuple[str, asyncio.Future[None]]]] = {}
        self._unsubscribe = phone.subscribe(self._on_event, RoomJoined, RoomLeft, ChannelVariableSet, ChannelHungUp)

    def close(self) -> None:
        self._unsubscribe()

    def seed(self, snapshot: PhoneSnapshot) -> None:
        """Learn who is in a room now."""
        self._places.update({channel: ROOM for channels in snapshot.rooms.values() for channel in channels})

    def place(self, channel: str) -> str:
        """Where `channel` was last seen; "" when nothing is known of it."""
        return self._places.get(channel, "")

    def set_out(self, channel: str) -> None:
        """Forget where `channel` is: it is about to be sent elsewhere."""
        self._places.pop(channel, None)

    async def wait(self, channel: str, *places: str, within: timedelta) -> str:
        """The first of `places` that `channel` arrives at.

        Raises ChannelGoneError when it hangs up, OutcomeUnknownError when it does not come in time.
        """
        if (place := self.place(channel)) in places:
            return place
        arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entries = [(place, arrived) for place in places]
        self._waiting.setdefault(channel, []).extend(entries)
        timer = asyncio.ensure_future(self._clock.sleep(within))
        try:
            await asyncio.wait({arrived, timer}, return_when=asyncio.FIRST_COMPLETED)
            if not arrived.done():
                raise OutcomeUnknownError("A leg of the call did not arrive where it was sent.")
            arrived.result()
            return self.place(channel)
        finally:
            timer.cancel()
            arrived.cancel()
            left = [entry for entry in self._waiting.pop(channel, []) if entry[1] is not arrived]
            if left:
                self._waiting[channel] = left

    def _on_event(self, event: PhoneEvent) -> None:
        match event:
            case RoomJoined():
                self._arrive(event.channel, ROOM)
            case RoomLeft() if self._places.get(event.channel) == ROOM:
                del self._places[event.channel]
            case ChannelVariableSet(variable="HOTLINE_PLACE"):
                self._arrive(event.channel, event.value)
            case ChannelHungUp():
                self._places.pop(event.channel, None)
                for _, arrived in self._waiting.get(event.channel, ()):
                    if not arrived.done():
                        arrived.set_exception(ChannelGoneError("A leg of the call hung up on its way."))

    def _arrive(self, channel: str, place: str) -> None:
        self._places[channel] = place
        for wanted, arrived in self._waiting.get(channel, ()):
            if wanted == place and not arrived.done():
                arrived.set_result(None)
