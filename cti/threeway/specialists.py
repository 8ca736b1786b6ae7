"""Rings a specialist's phone and publishes the outcome."""

from __future__ import annotations

from datetime import timedelta

import structlog

from cti.events import SpecialistAnswered, SpecialistMissed
from cti.threeway.conversation import Conversation, Trouble
from cti.threeway.conversations import ConversationRegistry
from cti.threeway.leg_hangup import LegHangup
from cti.threeway.ports import SpecialistDirectory, SpecialistTarget
from cti.threeway.rollback import Rollback
from cti.threeway.state import ThreewayEvent, ThreewayState
from hotline.kernel.bus import Bus
from hotline.kernel.clock import Clock, sleep_unless
from hotline.kernel.errors import ConflictError, NotFoundError
from ivr.dialplan import Context, ServiceVariable
from ivr.errors import PhoneError
from ivr.switchboard import DialResult, Place, Switchboard

log = structlog.get_logger(__name__)
_S, _E = ThreewayState, ThreewayEvent

_NOT_ANSWERED_IN_TIME = 3
"""OriginateFinished.reason; every other failure is 0 there, and only the leg's hang-up shows why."""
_REASONS = {17: "busy", 18: "no_answer", 19: "no_answer", 21: "busy"}
"""Q.850 cause of the specialist's leg → SpecialistMissed.reason; everything else is "unreachable"."""
_CAUSE_WITHIN = timedelta(milliseconds=500)
_TROUBLES = {
    "no_answer": Trouble(code="specialist.no_answer", detail="The specialist did not answer."),
    "busy": Trouble(code="specialist.busy", detail="The specialist's phone is busy."),
    "unreachable": Trouble(code="specialist.unreachable", detail="The specialist's phone cannot be reached."),
}


class SpecialistOffDutyError(ConflictError):
    error_id = "threeway.specialist_off_duty"
    title = "The specialist is off duty"


class Specialists:
    def __init__(
        self,
        switchboard: Switchboard,
        bus: Bus,
        clock: Clock,
        conversations: ConversationRegistry,
        directory: SpecialistDirectory,
        leg_hangup: LegHangup,
        rollback: Rollback,
        *,
        ring: timedelta,
        caller_number: str,
    ) -> None:
        self._switchboard = switchboard
        self._bus = bus
        self._clock = clock
        self._conversations = conversations
        self._directory = directory
        self._leg_hangup = leg_hangup
        self._rollback = rollback
        self._ring = ring
        self._caller_number = caller_number

    async def phone(self, specialist: str, index: int) -> SpecialistTarget:
        """The phone to dial. Raises NotFoundError where there is none, SpecialistOffDutyError."""
        phone = await self._directory.phone(specialist, index)
        if phone is None:
            raise NotFoundError("This specialist has no such phone, or is no longer named by the unit.")
        if not phone.on_duty:
            raise SpecialistOffDutyError("Choose a colleague who is on duty, or have the unit put this one on duty.")
        return phone

    async def dial(self, c: Conversation, leg: str, endpoint: str, phone_index: int) -> None:
        """Until the specialist is in the room, or the caller is back with the agent."""
        began = self._clock.monotonic()
        result = await self._ring_phone(c, leg, endpoint, phone_index)
        if result is not None and not result.answered and result.reason != _NOT_ANSWERED_IN_TIME:
            # The cause comes with the leg's hang-up, before this or just after; where no leg came to be, never.
            if not c.specialist_lost:
                await sleep_unless(self._clock, _CAUSE_WITHIN, c.specialist_cause_known)
        async with c.lock:
            if c.state is not _S.CONSULT_RINGING or c.specialist_leg != leg:
                await self._leg_hangup.hang_up(leg)  # Cancelled, or everybody gone, while it rang.
                return
            if result is not None and result.answered and not c.specialist_lost:
                c.specialist_channel = result.channel
                self._conversations.move(c, _E.SPECIALIST_JOINED)
                self._bus.publish(
                    SpecialistAnswered(
                        at=self._clock.now(),
                        call_id=c.call_id,
                        agent=c.agent,
                        specialist_id=specialist_id(c),
                        rang_seconds=round(self._clock.monotonic() - began, 3),
                    )
                )
                return
            reason = _why_not(c, result)
            self._conversations.move(c, _E.SPECIALIST_GONE)
            self.missed(c, reason)
            await self._rollback.bring_back(c, _TROUBLES[reason])

    async def _ring_phone(self, c: Conversation, leg: str, endpoint: str, phone_index: int) -> DialResult | None:
        """None where Asterisk did not say what became of it; the caller, who hears music, is fetched back then."""
        try:
            return await self._switchboard.dial(
                endpoint,
                Place(context=Context.SPECIALIST, extension=c.call_id),
                call_id=c.call_id,
                unique_id=leg,
                caller_number=self._caller_number,
                variables={ServiceVariable.SPECIALIST: f"{specialist_id(c)}:{phone_index}"},
                ring=self._ring,
            )
        except PhoneError as error:
            log.warning("dialling the specialist failed", call_id=c.call_id, error_id=error.error_id)
        except Exception:
            log.exception("dialling the specialist failed", call_id=c.call_id)
        return None

    def missed(self, c: Conversation, reason: str) -> None:
        self._bus.publish(
            SpecialistMissed(
                at=self._clock.now(), call_id=c.call_id, agent=c.agent, specialist_id=specialist_id(c), reason=reason
            )
        )


def _why_not(c: Conversation, result: DialResult | None) -> str:
    if result is not None and result.reason == _NOT_ANSWERED_IN_TIME:
        return "no_answer"
    return _REASONS.get(c.specialist_cause, "unreachable")


def specialist_id(c: Conversation) -> str:
    return c.specialist.specialist_id if c.specialist else ""
