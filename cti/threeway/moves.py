"""The moves of a three-way call: Redirects, each confirmed by the arrival of the legs it moves.

Every method raises a `PhoneError` when Asterisk refused, or a leg hung up or did not arrive in time. Where the
legs then are is unknown; `reunite()` finds out and brings agent and caller together, whatever happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from cti.threeway.arrivals import Arrivals
from cti.threeway.conversation import Conversation
from ivr.dialplan import CallPlace, Context
from ivr.errors import ChannelGoneError
from ivr.switchboard import Channel, Place, Switchboard

_ARRIVES: Mapping[str, CallPlace] = {
    Context.STAFF: CallPlace.ROOM,
    Context.CALLER: CallPlace.ROOM,
    Context.CALLER_HOLD: CallPlace.HOLD,
    Context.CALLER_DONE: CallPlace.DONE,
    Context.REQUEUE: CallPlace.QUEUE,
    Context.SPECIALIST: CallPlace.ROOM,
    Context.SPECIALIST_HOLD: CallPlace.HOLD,
}
"""Context of extensions/threeway.conf → the place that a channel reports on arrival there."""


class Moves:
    def __init__(self, switchboard: Switchboard, arrivals: Arrivals, *, within: timedelta) -> None:
        self._switchboard = switchboard
        self._arrivals = arrivals
        self._within = within

    async def part(self, c: Conversation) -> None:
        """The agent into the room, the caller on hold."""
        if self._arrivals.place(c.agent_channel) == CallPlace.ROOM:
            await self._send(c, (c.caller_channel, Context.CALLER_HOLD))
        else:
            await self._send(c, (c.caller_channel, Context.CALLER_HOLD), (c.agent_channel, Context.STAFF))

    async def caller_in(self, c: Conversation) -> None:
        await self._send(c, (c.caller_channel, Context.CALLER))

    async def caller_out(self, c: Conversation) -> None:
        """The caller back on hold; the other two stay in the room."""
        await self._send(c, (c.caller_channel, Context.CALLER_HOLD))

    async def specialist_in(self, c: Conversation) -> None:
        await self._send(c, (c.specialist_channel, Context.SPECIALIST))

    async def swap_to_caller(self, c: Conversation) -> None:
        """Specialist on hold, caller to the agent."""
        await self._send(c, (c.specialist_channel, Context.SPECIALIST_HOLD), (c.caller_channel, Context.CALLER))

    async def swap_to_specialist(self, c: Conversation) -> None:
        """Caller on hold, specialist to the agent."""
        await self._send(c, (c.caller_channel, Context.CALLER_HOLD), (c.specialist_channel, Context.SPECIALIST))

    async def send_caller_on(self, c: Conversation) -> None:
        """The caller to the survey and out."""
        await self._send(c, (c.caller_channel, Context.CALLER_DONE))

    async def requeue(self, c: Conversation) -> None:
        """The caller to the first place of the queue."""
        await self._send(c, (c.caller_channel, Context.REQUEUE))

    async def arrive(self, new: str) -> None:
        """Wait for a leg that is on its way into the room."""
        await self._arrivals.wait(new, CallPlace.ROOM, within=self._within)

    async def replace_agent(self, c: Conversation, new: str) -> None:
        """`new`, which is in the room, takes the place of the agent's leg; the old one ends."""
        old, c.agent_channel = c.agent_channel, new
        if self._arrivals.place(old) == CallPlace.ROOM:
            await self._switchboard.redirect(old, _place(Context.REPLACED, c))
            return
        # Both legs out of app_queue's bridge in one action; the old one's arrival is not awaited.
        expected = self._arrivals.expect(c.caller_channel, CallPlace.ROOM)
        try:
            await self._switchboard.redirect(
                c.caller_channel, _place(Context.CALLER, c), extra=(old, _place(Context.REPLACED, c))
            )
            await self._arrivals.arrived(expected, within=self._within)
        finally:
            expected.cancel()

    async def settle(self, c: Conversation) -> str:
        """Where the dialplan put the caller when the agent was lost."""
        return await self._arrivals.wait(
            c.caller_channel, CallPlace.QUEUE, CallPlace.DONE, CallPlace.ROOM, within=self._within
        )

    async def reunite(self, c: Conversation) -> None:
        """Agent and caller together, wherever they are now; without effect when they are."""
        if self._arrivals.place(c.agent_channel) != CallPlace.ROOM:
            channels = {row.name: row for row in (await self._switchboard.snapshot()).channels}
            agent, caller = channels.get(c.agent_channel), channels.get(c.caller_channel)
            if agent is None or caller is None:
                raise ChannelGoneError("The agent or the caller has hung up.")
            if agent.context != Context.STAFF and not _in(caller, Context.CALLER, Context.CALLER_HOLD):
                return  # Neither has moved: app_queue still bridges them.
            await self._send(c, (c.agent_channel, Context.STAFF))
        if self._arrivals.place(c.caller_channel) != CallPlace.ROOM:
            await self._send(c, (c.caller_channel, Context.CALLER))

    async def _send(self, c: Conversation, first: tuple[str, str], second: tuple[str, str] | None = None) -> None:
        """Redirect one leg, or two in one action, and wait until each has arrived."""
        legs = [leg for leg in (first, second) if leg is not None]
        expected = [self._arrivals.expect(channel, _ARRIVES[context]) for channel, context in legs]
        extra = (second[0], _place(second[1], c)) if second else None
        try:
            await self._switchboard.redirect(first[0], _place(first[1], c), extra=extra)
            for future in expected:
                await self._arrivals.arrived(future, within=self._within)
        finally:
            for future in expected:
                future.cancel()


def _place(context: str, c: Conversation) -> Place:
    return Place(context=context, extension=c.call_id)


def _in(channel: Channel, *contexts: str) -> bool:
    return channel.context in contexts
