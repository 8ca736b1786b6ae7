"""The state of one call, updated by its events. Nothing here waits or sends."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from hotline.kernel.clock import Clock
from ivr.agi import parse_arguments
from ivr.commands import AgiCommand
from ivr.dialplan import Variable
from ivr.digits import DigitBuffer
from ivr.events import (
    AgiCommandBegan,
    AgiCommandDone,
    AgiEnded,
    AgiStarted,
    ChannelEvent,
    ChannelHungUp,
    ChannelVariableSet,
    DigitPressed,
    HangupRequested,
    QueueEvent,
)
from ivr.queue_visit import QueueVisit, queue_visit_after
from ivr.state import CallEvent, CallState, advance

log = structlog.get_logger(__name__)

NORMAL_CLEARING = 16
"""Q.850; Asterisk reports 0 of a channel that hung up in AGI."""


class CallSide:
    """What is known of one call on the phone side; `_apply` takes in an event, safe for one delivered twice."""

    def __init__(self, *, call_id: str, clock: Clock, state: CallState) -> None:
        self.call_id = call_id
        self.state = state
        self.digits = DigitBuffer(clock.monotonic)
        self.queue_visit: QueueVisit | None = None
        self.arguments: Mapping[str, str] = {}
        """The dialplan's arguments when AGI last started."""
        self.recording = ""
        self.dialled = ""
        """Whose phone has answered that the dialplan rang for this caller; "" while none has."""
        self.safe_reason = ""
        self.hangup_cause = 0
        self.caller_hung_up = False
        self.renewed_at = clock.monotonic()
        """When the dead-man timer was set or renewed."""
        self._clock = clock
        self._command: AgiCommand | None = None
        """The AGI command under way."""
        self._incarnation = 0
        """How often AGI has started on the channel."""
        self._known_incarnation = 0
        """The one that the flow has seen."""

    def _over(self) -> bool:
        return self.state is CallState.ENDED

    def _undisturbed(self) -> bool:
        return self.state is CallState.IN_FLOW and self._incarnation == self._known_incarnation

    def _advance(self, event: CallEvent) -> None:
        before, self.state = self.state, advance(self.state, event)
        if before is not self.state:
            log.debug("call state changed", call_id=self.call_id, before=before.value, after=self.state.value)

    def _apply(self, event: ChannelEvent) -> None:
        match event:
            case AgiCommandBegan() | AgiCommandDone() | DigitPressed():
                self._apply_to_command(event)
            case AgiStarted():
                self._begin_agi(event)
            case AgiEnded():
                self._advance(CallEvent.AGI_ENDED)
            case HangupRequested():
                self.caller_hung_up, self.hangup_cause = True, event.cause
            case ChannelHungUp():
                self.hangup_cause = event.cause or self.hangup_cause or NORMAL_CLEARING
                self._advance(CallEvent.HUNG_UP)
            case _:
                self._apply_dialplan(event)

    def _apply_to_command(self, event: AgiCommandBegan | AgiCommandDone | DigitPressed) -> None:
        match event:
            case DigitPressed(digit=digit):
                if self.state is CallState.IN_FLOW:
                    self.digits.pressed(digit)
                    if self._command is not None:
                        self._command.pressed()
            case AgiCommandBegan(command=line):
                if self._command is not None:
                    self._command.began(line)
            case AgiCommandDone(command_id=command_id):
                result = self._command.done(command_id, event.result) if self._command is not None else None
                if result is not None and result.hung_up:
                    # Its end is reported in a moment; until then the flow must not take the next step.
                    self._advance(CallEvent.AGI_ENDED)

    def _begin_agi(self, event: AgiStarted) -> None:
        self._incarnation += 1
        self.digits.settle()
        self.arguments = parse_arguments(event.env.get("arg_1", ""))
        self.renewed_at = self._clock.monotonic()
        self.safe_reason = ""
        self._advance(CallEvent.AGI_STARTED)

    def _apply_dialplan(self, event: ChannelEvent) -> None:
        match event:
            case QueueEvent():
                self.queue_visit = queue_visit_after(self.queue_visit, event)
            case ChannelVariableSet(variable=Variable.RECORDING, value=value):
                self.recording = value
            case ChannelVariableSet(variable=Variable.DIALLED, value=value):
                self.dialled = value
            case ChannelVariableSet(variable=Variable.SAFE_REASON, value=value):
                self.safe_reason = value
                self._advance(CallEvent.SAFE_FLOW_BEGAN)
            case _:
                pass


def is_place_change(event: ChannelEvent) -> bool:
    """Whether the event shows who controls the call, the service or the dialplan."""
    match event:
        case AgiStarted() | AgiEnded() | ChannelHungUp() | ChannelVariableSet(variable=Variable.SAFE_REASON):
            return True
        case _:
            return False
