"""Runs a move of a three-way call, and undoes it if it fails: nobody is left alone on hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from cti.events import CallerBackWithAgent, CallerRequeued, ThreeWayFailed
from cti.threeway.arrivals import Arrivals
from cti.threeway.conversation import FAILED, SPECIALIST_LEFT, STILL_THERE, Conversation, Trouble
from cti.threeway.conversations import ConversationRegistry
from cti.threeway.leg_hangup import LegHangup
from cti.threeway.moves import Moves
from cti.threeway.state import ThreewayEvent, ThreewayState
from hotline.kernel.bus import Bus
from hotline.kernel.clock import Clock
from ivr.dialplan import CallPlace
from ivr.errors import ChannelGoneError, PhoneError
from ivr.switchboard import Switchboard

log = structlog.get_logger(__name__)
_S, _E = ThreewayState, ThreewayEvent


class Rollback:
    """Called with the conversation's lock held."""

    def __init__(
        self,
        switchboard: Switchboard,
        bus: Bus,
        clock: Clock,
        conversations: ConversationRegistry,
        moves: Moves,
        arrivals: Arrivals,
        leg_hangup: LegHangup,
    ) -> None:
        self._switchboard = switchboard
        self._bus = bus
        self._clock = clock
        self._conversations = conversations
        self._moves = moves
        self._arrivals = arrivals
        self._leg_hangup = leg_hangup

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
        """Run a move; where it fails, by our own bug too, bring together who is left, agent and caller if they are.

        Raises what the move did.
        """
        with_specialist = bool(c.specialist_channel)
        try:
            await move(c)
        except Exception as error:
            trouble = _trouble(c, error)
            failed = ThreeWayFailed(at=self._clock.now(), call_id=c.call_id, agent=c.agent, code=trouble.code)
            self._bus.publish(failed)
            if with_specialist and not c.specialist_channel:
                trouble = SPECIALIST_LEFT
            if c.state is _S.WITHOUT_AGENT:
                await self._bring_in(c)
            elif c.state is not _S.OVER:
                if c.state not in (_S.RETURNING, _S.TALKING):
                    self._conversations.move(c, _E.RETURN)
                await self.bring_back(c, trouble)
            raise

    async def _bring_in(self, c: Conversation) -> None:
        """The caller to the specialist, from the music that the agent who is gone meant to put on."""
        if self._arrivals.place(c.caller_channel) == CallPlace.HOLD:
            # Where it fails, there is the dialplan's own watch, which is slower.
            await _succeeds(c, "joining the caller to the specialist failed", self._moves.caller_in(c))

    async def bring_back(self, c: Conversation, trouble: Trouble | None) -> None:
        """Without the specialist; agent and caller together, or else the caller in the queue. Raises nothing.

        A specialist who could not be hung up hears both, unless they are on hold: then the three of
        them are what the state says.
        """
        gone = not c.specialist_leg or await self._leg_hangup.hang_up(c.specialist_leg)
        away = self._arrivals.place(c.caller_channel) != CallPlace.ROOM
        together = await _succeeds(c, "reconnecting agent and caller failed", self._moves.reunite(c))
        # If the agent is gone, the dialplan has the caller, may be playing the announcement, and queues them itself.
        # It does so before Asterisk reports that the agent's leg has ended: a second time would withdraw the ring.
        requeued = not together and self._arrivals.place(c.caller_channel) == CallPlace.QUEUE
        if not together and not requeued and c.state is not _S.OVER:
            requeued = await _succeeds(c, "requeueing the caller failed", self._moves.requeue(c))
        # Also if the caller has hung up meanwhile: a leg on its way to the room outlives the end of the room.
        if not together:
            await _succeeds(c, "hanging up the agent failed", self._switchboard.hang_up(c.agent_channel))
        back = CallerBackWithAgent if together else None
        happened = CallerRequeued if requeued else back
        c.trouble = trouble
        if c.state is _S.RETURNING:
            there = bool(c.specialist_channel) and not gone
            heard = there and together and self._arrivals.place(c.specialist_channel) != CallPlace.HOLD
            if heard:
                c.specialist_dropped, c.trouble = True, STILL_THERE
            self._conversations.move(c, _E.STAYED if heard else _E.RETURNED)
            if happened is not None:
                self._bus.publish(happened(at=self._clock.now(), call_id=c.call_id, agent=c.agent))
        elif c.state is _S.TALKING:
            # The specialist's hang-up has moved the state already, or it was never another.
            self._conversations.changed(c)
            if happened is not None and (requeued or (trouble is SPECIALIST_LEFT and away)):
                self._bus.publish(happened(at=self._clock.now(), call_id=c.call_id, agent=c.agent))


def _trouble(c: Conversation, error: Exception) -> Trouble:
    """What the page shows of a move that failed; it is logged here."""
    if isinstance(error, PhoneError):
        log.warning("three-way move failed", call_id=c.call_id, state=c.state.value, error_id=error.error_id)
        return Trouble(code=error.error_id, detail=error.detail)
    log.error("three-way move failed", call_id=c.call_id, state=c.state.value, exc_info=error)
    return FAILED


async def _succeeds(c: Conversation, otherwise: str, step: Awaitable[None]) -> bool:
    """Whether `step` succeeded; our own bugs are no reason to skip the next one."""
    try:
        await step
    except PhoneError as error:
        log.warning(otherwise, call_id=c.call_id, error_id=error.error_id)
    except Exception:
        log.exception(otherwise, call_id=c.call_id)
    else:
        return True
    return False
