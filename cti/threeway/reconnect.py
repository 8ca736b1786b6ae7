"""Gives the agent's call to another leg of the agent: the page was loaded anew and has lost the sound."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta

from cti.threeway.conversation import Conversation
from cti.threeway.moves import STAFF, Moves
from hotline.kernel.ids import uuid7
from ivr.errors import PhoneError
from ivr.switchboard import DialResult, Place, Switchboard


class AgentPhone:
    """`on_agent_leg(agent, channel)` is called when the agent is on another channel than app_queue rang."""

    def __init__(
        self,
        switchboard: Switchboard,
        moves: Moves,
        *,
        caller_number: str,
        on_agent_leg: Callable[[str, str], None],
    ) -> None:
        self._switchboard = switchboard
        self._moves = moves
        self._caller_number = caller_number
        self._on_agent_leg = on_agent_leg

    async def ring(self, c: Conversation, endpoint: str, *, within: timedelta) -> DialResult:
        c.reconnect_leg = f"hotline-{uuid7()}"
        try:
            return await self._switchboard.dial(
                endpoint,
                Place(context=STAFF, extension=c.call_id),
                call_id=c.call_id,
                unique_id=c.reconnect_leg,
                caller_number=self._caller_number,
                # Whom the dialplan sends back to the queue when this leg hangs up in a consultation.
                variables={"HL_CALLER": c.caller_channel},
                ring=within,
            )
        finally:
            c.reconnect_leg = ""

    async def stop(self, c: Conversation) -> None:
        """End a ring that is under way; without effect where none is."""
        if c.reconnect_leg:
            await self._hang_up(c.reconnect_leg)

    async def take_over(self, c: Conversation, leg: str) -> None:
        """`leg` is the agent's once it is in the room; one that does not get there ends, and a PhoneError is raised."""
        try:
            await self._moves.arrive(leg)
        except PhoneError:
            await self._hang_up(leg)
            raise
        # Before the old leg ends: its hang-up would be taken for the agent's.
        self._on_agent_leg(c.agent, leg)
        await self._moves.replace_agent(c, leg)

    async def _hang_up(self, channel: str) -> None:
        with contextlib.suppress(PhoneError):
            await self._switchboard.hang_up(channel)
