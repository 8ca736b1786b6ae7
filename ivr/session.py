"""One call on the phone side: a mailbox, commands with deadlines, and who controls the call.

There is no task here. Events are put into the mailbox from outside; whoever runs the call's flow reads them
whenever it waits for something in this session. So a call's state never changes behind its flow's back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import structlog

from hotline.kernel.clock import Clock
from ivr.agi import TAKEN, AgiResult, Verb, agi_command
from ivr.call_side import CallSide, is_place_change
from ivr.commands import AgiCommand
from ivr.dialplan import RESUME_EXTENSION, Context, FlowArgument, Stage, Variable
from ivr.errors import (
    CallEndedError,
    CallLeftError,
    ChannelGoneError,
    FlowRestartedError,
    OutcomeUnknownError,
    PhoneError,
    PhoneUnavailableError,
)
from ivr.events import ChannelEvent
from ivr.mailbox import Mailbox
from ivr.queue_visit import QueueVisit
from ivr.state import CallEvent, CallState
from ivr.switchboard import Place, Switchboard

log = structlog.get_logger(__name__)

DEAD_MAN = timedelta(seconds=30)
"""Unless renewed, the dialplan takes the call to the safe flow after this long in AGI."""
RESUME = Place(context=Context.RETURN, extension=RESUME_EXTENSION)
DRIFT = timedelta(seconds=3)
"""After AGI ended unasked: within this time it is known whether the caller hung up or AGI begins again."""
ABSENCE = timedelta(seconds=40)
"""Without a link to Asterisk: beyond the dead-man's 30 s the safe flow has the caller."""
DEPARTURE = timedelta(seconds=5)
"""Limit from the command to go to a queue until the dialplan has picked the call up."""


class CallSession(CallSide):
    """`deliver` and `tick` are called from outside, in any state; everything else from the call's flow alone."""

    def __init__(
        self,
        *,
        call_id: str,
        channel: str,
        unique_id: str,
        switchboard: Switchboard,
        clock: Clock,
        state: CallState = CallState.IN_FLOW,
    ) -> None:
        super().__init__(call_id=call_id, clock=clock, state=state)
        self.channel = channel
        self.unique_id = unique_id
        self.returned = False
        """Back from a queue that this flow did not send it to; that queue's outcome is not taken yet."""
        self.tended = True
        """Whether a flow serves the call; the dead-man timer is renewed only then."""
        self.moved_at = clock.now()
        """When an event or a decision last moved the call; an older snapshot of Asterisk's is ignored."""
        self._switchboard = switchboard
        self._mailbox = Mailbox(clock, self._apply)
        self._count = 0

    # --- from outside -----------------------------------------------------------------------------------

    def deliver(self, event: ChannelEvent) -> None:
        """Take an event of this call; safe for one delivered twice."""
        if is_place_change(event):
            self.moved_at = self._clock.now()
        self._mailbox.put(event)

    def tick(self) -> None:
        """Once a second: wake the flow where its deadline is past or a key waits that no command took."""
        self._mailbox.tick()
        if self._command is not None:
            self._command.tick()
            if self._command.lost_key:
                self._mailbox.wake()

    # --- commands ---------------------------------------------------------------------------------------

    async def begin(self) -> None:
        """Wait until AGI runs for the first time; raises `CallEndedError` if it never does."""
        if not await self._mailbox.pump(lambda: self._incarnation > 0 or self.state is CallState.ENDED, DEPARTURE):
            self._advance(CallEvent.SAFE_FLOW_BEGAN)
        await self.ready(expected=True)

    async def run(
        self,
        verb: Verb,
        *arguments: str | int,
        within: timedelta,
        enough: Callable[[], bool] | None = None,
        last_words: bool = False,
    ) -> AgiResult:
        """Carry out one AGI command and return its result.

        `enough` says that the keys pressed so far are all that the command is to collect. Those pressed during the
        command end it, and the result is `TAKEN`, about a millisecond before Asterisk's own: in that time the next
        command gets there. Where one fell between two commands, the command is interrupted. With `last_words` the
        result counts even where the caller hung up during the command.

        Raises `CallEndedError` (also `CallLeftError`), or `FlowRestartedError` if AGI restarted, which a
        command without a result `within` its time brings about itself.
        """
        await self.ready()
        self._command = command = AgiCommand(self._new_id(), agi_command(verb, *arguments), enough)
        try:
            self.renewed_at = self._clock.monotonic()
            if not await self._send(command.line, command.id, renew=DEAD_MAN):
                await self._absence()
            on_time = await self._mailbox.pump(lambda: self._is_over(command), within)
        finally:
            self._command = None
        result = command.result
        if result is None and command.ending and self._undisturbed():
            return TAKEN
        if result is not None and (last_words or self._undisturbed()):
            return result
        if result is None and self._undisturbed():
            if not on_time:
                log.warning("AGI command got no result", call_id=self.call_id, verb=verb.value)
            await self.restart()
        await self.ready()
        if result is not None:
            return result
        raise FlowRestartedError("The command was interrupted.")

    async def ready(self, *, expected: bool = False) -> None:
        """Return when a command may be sent; raise what the flow must know otherwise, as `run` does."""
        self._mailbox.drain()
        if self.state in (CallState.ADRIFT, CallState.LEAVING):
            settled = (CallState.IN_FLOW, CallState.ENDED, CallState.IN_SAFE_FLOW)
            if not await self._mailbox.pump(lambda: self.state in settled, DRIFT):
                self._advance(CallEvent.SAFE_FLOW_BEGAN)
        if self.state is CallState.ENDED:
            raise CallEndedError("The caller's channel is gone.")
        if self.state is not CallState.IN_FLOW:
            await self._leave_in_peace()
            raise CallLeftError("The dialplan serves the caller without the service.")
        if self._incarnation != self._known_incarnation:
            self._known_incarnation = self._incarnation
            if not expected:
                raise FlowRestartedError("AGI restarted on the channel.")

    async def go_to_queue(self, queue: str, variables: Mapping[str, str]) -> Mapping[str, str]:
        """Leave AGI for the dialplan's queue, as `leave` does."""
        return await self.leave(Place(context=Context.TO_QUEUE, extension=queue), variables, QueueVisit(queue))

    async def leave(
        self, to: Place, variables: Mapping[str, str], visit: QueueVisit | None = None
    ) -> Mapping[str, str]:
        """Leave AGI for a place in the dialplan and return, when the call is back, what the dialplan says of it.

        Raises `CallEndedError` when the caller hangs up there. A call adopted at such a place is only waited for.
        """
        if self.returned:
            self.returned = False
            return self.arguments
        if self.state is not CallState.AT_QUEUE:
            await self._depart(to, variables, visit)
        await self._mailbox.pump(lambda: self.state in (CallState.IN_FLOW, CallState.ENDED), None)
        self._known_incarnation = self._incarnation
        if self.state is CallState.ENDED:
            raise CallEndedError("The caller hung up outside AGI.")
        self.digits.clear()
        if self.arguments.get(FlowArgument.STAGE) != Stage.RETURN:
            raise FlowRestartedError("AGI restarted before the call left it.")
        return self.arguments

    async def _depart(self, to: Place, variables: Mapping[str, str], visit: QueueVisit | None) -> None:
        # First: a caller who hangs up from here on was in this queue, not in an earlier one.
        self.queue_visit = visit
        self.dialled = ""
        await self.ready()
        goto = agi_command(Verb.EXEC, "Goto", f"{to.context},{to.extension},{to.priority}")
        # If the call is found in AGI later, the stage shows that the queue has not had it.
        variables = {Variable.STAGE: Stage.LEAVING, **variables}
        lines = [agi_command(Verb.SET_VARIABLE, name, value) for name, value in variables.items()]
        self._advance(CallEvent.QUEUE_CHOSEN)
        self.moved_at = self._clock.now()
        for line in (*lines, goto, agi_command(Verb.BREAK)):
            if not await self._send(line, self._new_id()):
                break
        if not await self._mailbox.pump(lambda: self.state is not CallState.LEAVING, DEPARTURE):
            await self._move(to)

    async def hang_up(self) -> None:
        """End the call; one already ended is no error."""
        self._mailbox.drain()
        if self._over():
            return
        try:
            await self._switchboard.hang_up(self.channel)
        except (PhoneUnavailableError, OutcomeUnknownError):
            await self._absence()
            if not self._over():
                await self.ready()
        await self._mailbox.pump(self._over, DEPARTURE)

    async def until_ended(self) -> None:
        """Only watch, until the caller is gone. In AGI, the dead-man timer soon takes the call to the safe flow."""
        self.tended = False
        await self._mailbox.pump(self._over, None)

    async def until_back(self) -> bool:
        """Only watch, until the dialplan brings the call back to AGI; False where the caller is gone before."""
        self.tended = False
        await self._mailbox.pump(lambda: self.state in (CallState.IN_FLOW, CallState.ENDED), None)
        self._known_incarnation = self._incarnation
        self.tended = self.state is CallState.IN_FLOW
        return self.tended

    async def restart(self) -> None:
        """Restart AGI on the channel, which interrupts whatever runs there; then it can be used again."""
        before = self._incarnation
        await self._move(RESUME)
        if not await self._mailbox.pump(self._moved_on(before), DEPARTURE):
            await self._absence()
        await self.ready(expected=True)

    # --- inside -----------------------------------------------------------------------------------------

    def _new_id(self) -> str:
        self._count += 1
        return f"{self.unique_id}-{self._incarnation}-{self._count}"

    def _moved_on(self, before: int) -> Callable[[], bool]:
        """Whether AGI has restarted since that incarnation, or never will."""
        return lambda: self._incarnation != before or self.state is CallState.ENDED

    def _is_over(self, command: AgiCommand) -> bool:
        return command.result is not None or command.ending or command.lost_key or not self._undisturbed()

    async def _send(self, line: str, command_id: str, *, renew: timedelta | None = None) -> bool:
        """False where the link to Asterisk is down, or went down just now."""
        try:
            await self._switchboard.send_agi(self.channel, line, command_id, renew=renew)
        except ChannelGoneError:
            await self._lose_channel()
            raise CallEndedError("The caller's channel is gone.") from None
        except (PhoneUnavailableError, OutcomeUnknownError):
            return False
        return True

    async def _lose_channel(self) -> None:
        """Asterisk knows no such channel: its Hangup event is on the way, or has come before anybody listened."""
        if not await self._mailbox.pump(self._over, DRIFT):
            self._advance(CallEvent.HUNG_UP)

    async def _leave_in_peace(self) -> None:
        """The safe flow has no dead-man timer; a renewal that came after its beginning would cut off its talk."""
        if not self.safe_reason:
            return
        try:
            await self._switchboard.set_absolute_timeout(self.channel, timedelta(0))
        except PhoneError as error:
            log.info("dead-man timer not cleared", call_id=self.call_id, reason=error.error_id)

    async def _move(self, to: Place) -> None:
        try:
            await self._switchboard.redirect(self.channel, to)
        except ChannelGoneError:
            await self._lose_channel()
        except PhoneError as error:
            log.info("redirecting the call failed", call_id=self.call_id, reason=error.error_id)

    async def _absence(self) -> None:
        """The link is down: wait until the call is resumed, has ended, or is in the safe flow."""
        before = self._incarnation
        if not await self._mailbox.pump(self._moved_on(before), ABSENCE):
            self._advance(CallEvent.SAFE_FLOW_BEGAN)
