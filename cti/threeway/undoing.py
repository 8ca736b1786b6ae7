"""Runs a move of a three-way call, and undoes it where it does not come off: nobody is left alone with the music."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable

import structlog

from cti.events import CallerBackWithAgent, ThreeWayFailed
from cti.threeway.arrivals import HOLD, ROOM, Arrivals
from cti.threeway.book import ConversationBook
from cti.threeway.conversation import SPECIALIST_LEFT, STILL_THERE, Conversation, Trouble
from cti.threeway.letting_go import LettingGo
from cti.threeway.moves import Moves
from cti.threeway.state import ThreewayEvent, ThreewayState
from hotline.kernel.bus import Bus
from hotline.kernel.clock import Clock
from ivr.errors import ChannelGoneError, PhoneError
from ivr.switchboard import Switchboard

log = structlog.get_logger(__name__)
_S, _E = ThreewayState, ThreewayEvent


class Undoing:
    """Called with the conversation's lock held."""

    def __init__(
        self,
        switchboard: Switchboard,
        bus: Bus,
        clock: Clock,
        book: ConversationBook,
        moves: Moves,
        arrivals: Arrivals,
        letting_go: LettingGo,
    ) -> None:
        self._switchboard = switchboard
        self._bus = bus
        self._clock = clock
        self._book = book
        self._moves = moves
        self._arrivals = arrivals
        self._letting_go = letting_go

    async def step(self, c: Conversation, move: Callable[[Conversation], Awaitable[None]]) -> None:
        """`attempt` a move that fails, too, where somebody hung up in the middle of it, though all legs arrived.

        The hang-up has moved the state on, while the legs went where the state before it wanted them.
        """

        async def undisturbed(c: Conversation) -> None:
            before = c.state
            await move(c)
            if c.state is not before:
                raise ChannelGoneError("A leg of the call hung up in the middle of the step.")

        await self.attempt(c, undisturbed)

    async def attempt(self, c: Conversation, move: Callable[[Conversation], Awaitable[None]]) -> None:
        """Run a move; where it fails, bring together who is left, agent and caller if they are, and raise."""
        with_specialist = bool(c.specialist_channel)
        try:
            await move(c)
        except PhoneError as error:
            log.warning("three-way move failed", call_id=c.call_id, state=c.state.value, error_id=error.error_id)
            self._bus.publish(
                ThreeWayFailed(at=self._clock.now(), call_id=c.call_id, agent=c.agent, code=error.error_id)
            )
            left = with_specialist and not c.specialist_channel
            trouble = SPECIALIST_LEFT if left else Trouble(code=error.error_id, detail=error.detail)
            if c.state is _S.WITHOUT_AGENT:
                await self._bring_in(c)
            elif c.state is not _S.OVER:
                if c.state not in (_S.RETURNING, _S.TALKING):
                    self._book.move(c, _E.RETURN)
                await self.bring_back(c, trouble)
            raise

    async def _bring_in(self, c: Conversation) -> None:
        """The caller to the specialist, from the music that the agent who is gone meant to put on."""
        if self._arrivals.place(c.caller_channel) == HOLD:
            with contextlib.suppress(PhoneError):  # The dialplan's own watch is slower.
                await self._moves.caller_in(c)

    async def bring_back(self, c: Conversation, trouble: Trouble | None) -> None:
        """Without the specialist; agent and caller together, or else the caller in the queue. Raises nothing.

        A specialist whom Asterisk does not let go hears both, unless it is the music they hear: then the three of
        them are what the state says.
        """
        gone = not c.specialist_leg or await self._letting_go.hang_up(c.specialist_leg)
        away = self._arrivals.place(c.caller_channel) != ROOM
        together = True
        try:
            await self._moves.reunite(c)
        except PhoneError as error:
            together = False
            log.warning("agent and caller could not be brought together", call_id=c.call_id, error_id=error.error_id)
            with contextlib.suppress(PhoneError):
                await self._moves.requeue(c)
            with contextlib.suppress(PhoneError):
                await self._switchboard.hang_up(c.agent_channel)
        c.trouble = trouble
        if c.state is _S.RETURNING:
            there = bool(c.specialist_channel) and not gone
            heard = there and together and self._arrivals.place(c.specialist_channel) != HOLD
            if heard:
                c.specialist_dropped, c.trouble = True, STILL_THERE
            self._book.move(c, _E.STAYED if heard else _E.RETURNED)
            self._publish_back(c)
        elif c.state is _S.TALKING:
            # The specialist's hang-up has moved the state already, or it was never another.
            self._book.changed(c)
            if trouble is SPECIALIST_LEFT and away and together:
                self._publish_back(c)

    def _publish_back(self, c: Conversation) -> None:
        self._bus.publish(CallerBackWithAgent(at=self._clock.now(), call_id=c.call_id, agent=c.agent))
