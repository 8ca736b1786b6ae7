"""Call a number outside."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from callflow.action import FlowContext, action
from callflow.compile.dialled import came_back, dial_outside
from callflow.compile.dialplan import Extension
from callflow.compile.library import SafeFlowSource, say_all
from callflow.dialling import OUTSIDE, DialledOptions, talk
from callflow.events import DialBegan, DialEnded
from callflow.speech import to_speech
from ivr.telephony import DialledPhone, DialOutcome

OUTCOMES = tuple(outcome.value for outcome in DialOutcome)


class DialOptions(DialledOptions):
    number: Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{3,15}$")]
    """As it is dialled. `asterisk.dial_prefixes` must allow it; 110, 119, 120 and 122 always may be called."""


def _in_safe_flow(source: SafeFlowSource[DialOptions], out: Extension) -> None:
    say_all(source.options.prompts, out)
    dial_outside(source, out, source.options.number)
    came_back(source, out, {outcome: outcome for outcome in OUTCOMES})


@action(
    "dial",
    options=DialOptions,
    outcomes=OUTCOMES,
    collects=True,
    safe=_in_safe_flow,
    degrades="The number is called without asking asterisk.dial_prefixes again.",
    example={"number": "110"},
)
async def dial(ctx: FlowContext, options: DialOptions) -> str:
    """Call a number by the trunk and let the two talk, recorded. The caller hears it ringing.

    `answered`: the other side has hung up and the caller is still on the line.
    """
    phones: tuple[DialledPhone, ...] = ()
    if not ctx.telephony.away:
        at, call_id = ctx.ports.clock.now(), ctx.facts.call_id
        endpoint = ctx.ports.phones.outside(options.number)
        if endpoint is None:
            ctx.publish(DialEnded(at=at, call_id=call_id, node=ctx.node, outcome=DialOutcome.FAILED.value))
            return DialOutcome.FAILED
        await ctx.telephony.play(*to_speech(options.prompts, ctx.facts), interruptible=False)
        ctx.publish(DialBegan(at=ctx.ports.clock.now(), call_id=call_id, node=ctx.node, number=options.number))
        phones = (DialledPhone(endpoint, OUTSIDE),)
    return (await talk(ctx, options, phones, confirm=False)).outcome.value
