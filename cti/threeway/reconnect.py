"""Moves the agent's call to another leg of the agent: the page was reloaded and has lost the audio."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta

from cti.threeway.conversation import Conversation
from cti.threeway.moves import Moves
from cti.threeway.state import ThreewayState
from hotline.kernel.ids import uuid7
from ivr.dialplan import Context, Variable
from ivr.errors import ChannelGoneError, PhoneError
from ivr.switchboard import DialResult, Place, Switchboard

MARK = "X-Hotline-Reconnect"
"""The SIP header by which the page knows this ring from a colleague's call, and answers it by itself."""


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
                Place(context=Context.STAFF, extension=c.call_id),
                call_id=c.call_id,
                unique_id=c.reconnect_leg,
                caller_number=self._caller_number,
                variables={
                    # Whom the dialplan sends back to the queue when this leg hangs up in a consultation.
                    Variable.CALLER_CHANNEL: c.caller_channel,
                    f"PJSIP_HEADER(add,{MARK})": c.call_id,
                },
                ring=within,
            )
        finally:
            c.reconnect_leg = ""

    async def stop(self, c: Conversation) -> None:
        """End a ring that is under way; without effect where none is."""
        if c.reconnect_leg:
            await self._hang_up(c.reconnect_leg)

    async def take_over(self, c: Conversation, leg: str) -> None:
        """`leg` is the agent's once it is in the room.

        Raises a PhoneError. A leg that did not get there, or for whose call it was too late, has been ended then, as
        after any other error: on its own in the room it would keep the agent busy for the queue.
        """
        try:
            await self._moves.arrive(leg)
            if c.state in (ThreewayState.OVER, ThreewayState.WITHOUT_AGENT):
                raise ChannelGoneError("The call ended while the phone rang.")
            # Before the old leg ends: its hang-up would be taken for the agent's.
            self._on_agent_leg(c.agent, leg)
            await self._moves.replace_agent(c, leg)
        except Exception:
            if c.agent_channel != leg or c.state is ThreewayState.OVER:
                await self._hang_up(leg)
            raise

    async def _hang_up(self, channel: str) -> None:
        with contextlib.suppress(PhoneError):
            await self._switchboard.hang_up(channel)
