"""What `dial` and `specialist` share: a talk with somebody who is no agent of a queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from callflow.action import FlowContext, Options
from callflow.events import DialEnded
from callflow.speech import SpeechItem
from ivr.errors import CallEndedError, CallLeftError
from ivr.telephony import DialledCall, DialledPhone, DialOutcome, DialRequest

OUTSIDE = "outside"
"""The owner of a phone that is nobody's we know."""

Ring = Annotated[timedelta, Field(ge=timedelta(seconds=5), le=timedelta(minutes=2))]
Longest = Annotated[timedelta, Field(ge=timedelta(seconds=10), le=timedelta(hours=8))]


class DialledOptions(Options):
    """Base of the options; adoption knows by it which nodes leave AGI for somebody's phone."""

    prompts: tuple[SpeechItem, ...] = ()
    """What is said before; a key does not interrupt it."""
    ring: Ring = timedelta(seconds=25)
    """How long each phone rings."""
    longest: Longest = timedelta(hours=2)
    """The talk ends here at the latest."""


async def talk(
    ctx: FlowContext, options: DialledOptions, phones: Sequence[DialledPhone], *, confirm: bool
) -> DialledCall:
    """Have them talk, and publish how it ended; `phones` are not used for a caller who is there already."""
    request = DialRequest(
        phones=tuple(phones), node=ctx.node, ring=options.ring, longest=options.longest, confirm=confirm
    )
    began = ctx.ports.clock.now()
    try:
        call = await ctx.telephony.dial(request)
    except CallLeftError:
        raise  # The caller is there, and the safe flow has them.
    except CallEndedError:
        owner = ctx.telephony.dialled()
        total = int((ctx.ports.clock.now() - began).total_seconds())
        _ended(ctx, DialledCall(outcome=DialOutcome.ANSWERED, owner=owner) if owner else None, total)
        raise
    _ended(ctx, call, int(call.waited.total_seconds()))
    return call


def _ended(ctx: FlowContext, call: DialledCall | None, waited: int) -> None:
    """With None, the caller hung up before anybody answered."""
    ctx.publish(
        DialEnded(
            at=ctx.ports.clock.now(),
            call_id=ctx.facts.call_id,
            node=ctx.node,
            outcome=call.outcome.value if call else "abandoned",
            waited=waited,
            talked=int(call.talked.total_seconds()) if call else 0,
            specialist=call.owner if call and call.owner != OUTSIDE else "",
        )
    )
