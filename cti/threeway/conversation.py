"""One call at a queue as the three-way service sees it: its legs, its state, what a screen shows of it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, cast

from cti.threeway.ports import SpecialistTarget
from cti.threeway.state import WITH_CALLER, ThreewayState
from hotline.kernel.errors import InvalidInputError
from ivr.dialplan import TRUNK, interface_of

_EXTERNAL = re.compile(r"\+?[0-9]{3,20}")
_INTERNAL = re.compile(r"[0-9]{2,6}")


class UndiallableNumberError(InvalidInputError):
    error_id = "threeway.number_invalid"
    title = "The specialist's number cannot be dialled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a consultation came to nothing, for the agent's screen."""

    code: str
    detail: str


SPECIALIST_LEFT = Trouble(code="specialist.left", detail="The specialist has hung up.")
FAILED = Trouble(code="specialist.failed", detail="The step failed by a fault of the service; it has been logged.")
STILL_THERE = Trouble(code="specialist.still_there", detail="The specialist is still on the line and hears you both.")


@dataclass(slots=True, kw_only=True, eq=False)
class Conversation:
    """Agent and caller since the agent answered, and the specialist, if any.

    `specialist_leg` is the unique id we chose for the specialist's channel: Asterisk takes it in place of the
    name, also while the phone still rings.
    """

    call_id: str
    agent: str
    caller_channel: str
    agent_channel: str
    since: datetime
    state: ThreewayState = ThreewayState.TALKING
    specialist: SpecialistTarget | None = None
    specialist_leg: str = ""
    specialist_channel: str = ""
    specialist_lost: bool = False
    """The specialist's leg hung up before we knew that it had answered."""
    specialist_cause: int = 0
    """Q.850 cause of that hang-up."""
    specialist_cause_known: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with the two above."""
    specialist_dropped: bool = False
    """Whether the specialist's hang-up, when it comes, is the agent's doing."""
    reconnect_leg: str = ""
    """The agent's own phone, while it rings to get the call back."""
    trouble: Trouble | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held during each move, so that no two run at once."""


ShownThreewayState = Literal[
    "consult_ringing",
    "consulting",
    "merging",
    "merged",
    "toggled",
    "returning",
    "without_caller",
    "without_agent",
    "ended",
]
"""As `ThreewayState`; "ended" once agent and caller talk again without the specialist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreewayStatus:
    """What a screen shows."""

    state: ShownThreewayState
    with_caller: bool
    specialist: SpecialistTarget | None
    since: datetime
    trouble: Trouble | None


def status(conversation: Conversation) -> ThreewayStatus | None:
    """None if no specialist has been called yet."""
    state = conversation.state
    if state in (ThreewayState.TALKING, ThreewayState.OVER) and conversation.specialist is None:
        return None
    return ThreewayStatus(
        state=_shown(state),
        with_caller=state in WITH_CALLER,
        specialist=conversation.specialist,
        since=conversation.since,
        trouble=conversation.trouble,
    )


def _shown(state: ThreewayState) -> ShownThreewayState:
    if state in (ThreewayState.TALKING, ThreewayState.OVER):
        return "ended"
    return cast(ShownThreewayState, state.value)  # tests/cti/test_threeway.py holds the two lists together.


def endpoint_of(phone: SpecialistTarget) -> str:
    """What Asterisk dials for `phone`. Raises UndiallableNumberError on anything but a plain number that is allowed."""
    pattern = _INTERNAL if phone.internal else _EXTERNAL
    if not pattern.fullmatch(phone.number):
        raise UndiallableNumberError("Ask the unit for the right number; only digits and a leading + are dialled.")
    if not phone.allowed:
        raise UndiallableNumberError(
            "That internal phone is an agent's or the hotline's own; ask the unit for another."
            if phone.internal
            else "The hotline calls no such number by its trunk; ask the unit for another (asterisk.dial_prefixes)."
        )
    return interface_of(phone.number if phone.internal else f"{phone.number}@{TRUNK}")
