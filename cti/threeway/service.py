"""Three-way calls: the agent asks a unit's specialist while the caller waits, and brings all three together.

Nobody is stranded: whatever fails, agent and caller are reconnected, or the caller returns to the
front of the queue. What must happen at a hang-up is in extensions/threeway.conf, so that it
happens without this service too; here it is only followed, and completed if the dialplan failed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import structlog

from cti.events import (
    ConsultStarted,
    LegDropped,
    ThreeWayMerged,
    ThreeWayToggled,
)
from cti.threeway.arrivals import Arrivals
from cti.threeway.conversation import Conversation, ThreewayStatus, endpoint_of, status
from cti.threeway.conversations import ConversationRegistry, NotTalkingError
from cti.threeway.hangups import Hangups
from cti.threeway.leg_hangup import LegHangup
from cti.threeway.moves import Moves
from cti.threeway.ports import SpecialistDirectory
from cti.threeway.reconnect import AgentPhone
from cti.threeway.rollback import Rollback
from cti.threeway.specialists import Specialists, specialist_id
from cti.threeway.state import WITH_CALLER, ThreewayConflictError, ThreewayEvent, ThreewayState, advance
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.errors import ConflictError
from hotline.kernel.ids import uuid7
from hotline.kernel.tasks import TaskOwner
from ivr.dialplan import HOTLINE_NUMBER
from ivr.events import PhoneEvent
from ivr.switchboard import PhoneSnapshot, Switchboard

log = structlog.get_logger(__name__)
_S, _E = ThreewayState, ThreewayEvent


class BusyMovingError(ConflictError):
    error_id = "threeway.busy"
    title = "The last step of the three-way call is still under way"


class NotReconnectedError(ConflictError):
    error_id = "threeway.not_reconnected"
    title = "The phone did not take the call back"


_RECONNECT_WITHIN = timedelta(seconds=8)
"""The page answers by itself; before a command's own deadline in the page."""


class ThreewayService:
    """Commands by agent number; `on_change(call_id)` is called, quickly and on the loop, after every change.

    `on_agent_leg(agent, channel)`: the agent is now on another channel than the one app_queue rang.

    Commands return when the legs have arrived, `consult` when the specialist's phone is being dialled. They raise
    ThreewayConflictError where the state does not allow them, and a PhoneError after having undone the move.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        phone: Dispatcher[PhoneEvent],
        bus: Bus,
        clock: Clock,
        directory: SpecialistDirectory,
        *,
        on_change: Callable[[str], None],
        on_agent_leg: Callable[[str, str], None] = lambda agent, channel: None,
        hotline_number: str = HOTLINE_NUMBER,
        ring: timedelta = timedelta(seconds=30),
        move_within: timedelta = timedelta(seconds=2),
    ) -> None:
        self._switchboard = switchboard
        self._bus = bus
        self._clock = clock
        self._directory = directory
        self._tasks = TaskOwner("threeway")
        self._arrivals = Arrivals(phone, clock)
        self._moves = Moves(switchboard, self._arrivals, within=move_within)
        self._agent_phone = AgentPhone(
            switchboard, self._moves, caller_number=hotline_number, on_agent_leg=on_agent_leg
        )
        self._conversations = ConversationRegistry(phone, clock, on_change=on_change)
        leg_hangup = LegHangup(switchboard, clock, self._tasks)
        self._rollback = Rollback(switchboard, bus, clock, self._conversations, self._moves, self._arrivals, leg_hangup)
        self._specialists = Specialists(
            switchboard,
            bus,
            clock,
            self._conversations,
            directory,
            leg_hangup,
            self._rollback,
            ring=ring,
            caller_number=hotline_number,
        )
        self._hangups = Hangups(
            phone, bus, clock, self._moves, self._conversations, leg_hangup, self._rollback, self._tasks
        )

    async def close(self) -> None:
        self._hangups.close()
        self._conversations.close()
        self._arrivals.close()
        await self._tasks.close()

    def status(self, call_id: str) -> ThreewayStatus | None:
        conversation = self._conversations.of_call(call_id)
        return status(conversation) if conversation else None

    async def resync(self, snapshot: PhoneSnapshot) -> None:
        """Adopt the conversations that exist in Asterisk, drop the others; after each log-in."""
        self._arrivals.seed(snapshot)
        await self._conversations.rebuild(snapshot, self._switchboard, self._directory, place=self._arrivals.place)
        self._hangups.resume()

    # --- commands ---------------------------------------------------------------------------------------

    async def consult(self, agent: str, specialist: str, phone_index: int) -> None:
        """Put the caller on music and dial the specialist."""
        c = self._conversations.of_agent(agent)
        phone = await self._specialists.phone(specialist, phone_index)
        endpoint = endpoint_of(phone)
        async with self._turn(c):
            self._conversations.move(c, _E.CONSULT)
            c.specialist, c.trouble = phone, None
            c.specialist_channel, c.specialist_lost, c.specialist_cause = "", False, 0
            c.specialist_dropped = False
            c.specialist_cause_known.clear()
            c.specialist_leg = f"hotline-{uuid7()}"
            started = ConsultStarted(
                at=self._clock.now(),
                call_id=c.call_id,
                agent=agent,
                specialist_id=specialist,
                specialist=phone.name,
                unit=phone.unit_name,
            )
            self._bus.publish(started)
            await self._rollback.step(c, self._moves.part)
            self._tasks.spawn(self._specialists.dial(c, c.specialist_leg, endpoint, phone_index), name="dial")

    async def cancel(self, agent: str) -> None:
        """End the consultation: agent and caller talk again."""
        c = self._conversations.of_agent(agent)
        async with self._turn(c):
            ringing = c.state is _S.CONSULT_RINGING
            self._conversations.move(c, _E.RETURN)
            if ringing:
                self._specialists.missed(c, "cancelled")
            await self._rollback.bring_back(c, None)

    async def merge(self, agent: str) -> None:
        """All three talk."""
        c = self._conversations.of_agent(agent)
        async with self._turn(c):
            toggled = c.state is _S.TOGGLED
            self._conversations.move(c, _E.MERGE)
            await self._rollback.step(c, self._moves.specialist_in if toggled else self._moves.caller_in)
            self._conversations.move(c, _E.CALLER_JOINED)
            self._bus.publish(
                ThreeWayMerged(at=self._clock.now(), call_id=c.call_id, agent=agent, specialist_id=specialist_id(c))
            )

    async def toggle(self, agent: str) -> None:
        """From the specialist to the caller or back; from all three to the specialist alone."""
        c = self._conversations.of_agent(agent)
        async with self._turn(c):
            target = advance(c.state, _E.TOGGLE)
            if target is _S.TOGGLED:
                step = self._moves.swap_to_caller
            elif c.state is _S.TOGGLED:
                step = self._moves.swap_to_specialist
            else:
                step = self._moves.caller_out
            await self._rollback.step(c, step)
            self._conversations.move(c, _E.TOGGLE)
            with_caller = c.state in WITH_CALLER
            self._bus.publish(
                ThreeWayToggled(at=self._clock.now(), call_id=c.call_id, agent=agent, with_caller=with_caller)
            )

    async def drop_specialist(self, agent: str) -> None:
        c = self._conversations.of_agent(agent)
        if c.state in (_S.CONSULT_RINGING, _S.CONSULTING, _S.MERGING):
            await self.cancel(agent)
            return
        async with self._turn(c):
            if c.state not in (_S.MERGED, _S.TOGGLED):
                raise ThreewayConflictError("There is no specialist to drop.", state=c.state.value)
            # The state follows the hang-up and never precedes it: a specialist shown as gone must not be listening.
            c.specialist_dropped = True
            try:
                await self._switchboard.hang_up(c.specialist_leg)
            except Exception:
                c.specialist_dropped = False
                raise
            if c.state in (_S.MERGED, _S.TOGGLED):  # Otherwise the leg's own end came first.
                c.trouble = None
                self._conversations.move(c, _E.SPECIALIST_GONE)
                self._publish_dropped(c, "specialist")

    async def drop_caller(self, agent: str) -> None:
        """The caller continues with the survey; agent and specialist keep talking."""
        c = self._conversations.of_agent(agent)
        async with self._turn(c):
            advance(c.state, _E.DROP_CALLER)
            await self._rollback.step(c, self._moves.send_caller_on)
            self._conversations.move(c, _E.DROP_CALLER)
            self._publish_dropped(c, "caller")

    async def leave(self, agent: str) -> None:
        """The agent leaves; the other two keep talking."""
        c = self._conversations.of_agent(agent)
        async with self._turn(c):
            if c.state is not _S.MERGED:
                raise ThreewayConflictError("Bring all three together first.", state=c.state.value)
            await self._switchboard.hang_up(c.agent_channel)

    async def reconnect(self, agent: str, endpoint: str) -> None:
        """Ring the agent's own phone and give it the call back: its page was reloaded and has lost the audio.

        A page that is reloaded again repeats the request; a phone still ringing then belongs to a page that is gone.
        """
        c = self._conversations.of_agent(agent)
        await self._agent_phone.stop(c)
        async with self._turn(c, wait=_RECONNECT_WITHIN):
            if c.state not in (_S.TALKING, _S.CONSULTING, _S.MERGED, _S.TOGGLED):
                raise ThreewayConflictError("Wait until the current step is done.", state=c.state.value)
            result = await self._agent_phone.ring(c, endpoint, within=_RECONNECT_WITHIN)
            if not result.answered:
                raise NotReconnectedError("The phone did not answer; check that it is registered and try again.")
            await self._rollback.attempt(c, lambda one: self._agent_phone.take_over(one, result.channel))

    def _publish_dropped(self, c: Conversation, leg: str) -> None:
        self._bus.publish(LegDropped(at=self._clock.now(), call_id=c.call_id, agent=c.agent, leg=leg, by="agent"))

    @contextlib.asynccontextmanager
    async def _turn(self, c: Conversation, *, wait: timedelta = timedelta(0)) -> AsyncIterator[None]:
        """Hold the conversation for one move; after `wait`, or at once, a move under way is an error."""
        try:
            async with asyncio.timeout(wait.total_seconds() if c.lock.locked() else None):
                await c.lock.acquire()
        except TimeoutError:
            raise BusyMovingError("Wait a moment and try again.") from None
        try:
            if c.state is _S.OVER:
                raise NotTalkingError("The call has ended.")
            yield
        finally:
            c.lock.release()
