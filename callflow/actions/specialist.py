"""Straight to a unit's specialist."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import structlog
from pydantic import Field, StringConstraints

from callflow.action import FlowContext, action
from callflow.compile.dialled import came_back
from callflow.compile.dialplan import Extension
from callflow.compile.library import SafeFlowSource
from callflow.dialling import DialledOptions, talk
from callflow.events import DialBegan
from callflow.speech import to_speech
from ivr.telephony import DialledPhone, DialOutcome

log = structlog.get_logger(__name__)

NOBODY, UNAVAILABLE = "nobody", "unavailable"


class SpecialistOptions(DialledOptions):
    unit: Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z-]{1,36}$")]
    """The unit's id, as in the address of its page."""
    most: int = Field(default=6, ge=1, le=20)
    """So many phones are rung at most."""
    within: timedelta = timedelta(seconds=3)
    """How long the caller waits for the roster."""


def _in_safe_flow(source: SafeFlowSource[SpecialistOptions], out: Extension) -> None:
    out.go(source.branch(UNAVAILABLE))
    came_back(source, out, {"answered": "answered", "busy": NOBODY, "no_answer": NOBODY, "failed": NOBODY})


@action(
    "specialist",
    options=SpecialistOptions,
    outcomes=("answered", NOBODY, UNAVAILABLE),
    collects=True,
    safe=_in_safe_flow,
    # The rosters are in the database, which only the service reads.
    degrades="Nobody is called: the caller goes where `unavailable` leads.",
    example={"unit": "0198c0de-0000-7000-8000-000000000001"},
)
async def specialist(ctx: FlowContext, options: SpecialistOptions) -> str:
    """Ring a unit's specialists on duty, in the unit's order, and let the first who accepts talk, recorded.

    Who answers hears whom they answer for and presses 1, so that a voicemail box does not count; whoever refuses, is
    busy or does not answer is passed over. The caller hears music. `answered`: the specialist has hung up and the
    caller is still on the line. `nobody`: none is on duty, or none accepts. `unavailable`: the roster is not readable.
    """
    phones: Sequence[DialledPhone] = ()
    if not ctx.telephony.away:
        await ctx.telephony.play(*to_speech(options.prompts, ctx.facts), interruptible=False)
        try:
            async with asyncio.timeout(options.within.total_seconds()):
                phones = (await ctx.ports.phones.on_duty(options.unit))[: options.most]
        except Exception as error:
            log.warning("duty roster unavailable", call_id=ctx.facts.call_id, reason=type(error).__name__)
            return UNAVAILABLE
        if not phones:
            return NOBODY
        at = ctx.ports.clock.now()
        ctx.publish(DialBegan(at=at, call_id=ctx.facts.call_id, node=ctx.node, unit=options.unit))
    call = await talk(ctx, options, phones, confirm=True)
    return "answered" if call.outcome is DialOutcome.ANSWERED else NOBODY
