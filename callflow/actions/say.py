"""Read a number or digits to the caller."""

from __future__ import annotations

from typing import Literal

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension
from callflow.compile.library import SafeFlowSource, spoken
from callflow.speech import Spoken, to_speech


class SayOptions(Options):
    value: str
    """Digits, or a fact: {agent}, {dialed}, {caller_number}."""
    read_as: Literal["digits", "number"] = "digits"
    """Digits one by one, or as a number."""


def _in_safe_flow(source: SafeFlowSource[SayOptions], out: Extension) -> None:
    out.do(spoken(Spoken(**{source.options.read_as: source.options.value})))
    out.go(source.branch("done"))


@action("say", options=SayOptions, outcomes=("done",), safe=_in_safe_flow, example={"value": "{dialed}"})
async def say(ctx: FlowContext, options: SayOptions) -> str:
    """Read out digits one by one, or a number as a number."""
    spoken = Spoken(**{options.read_as: options.value})
    await ctx.telephony.play(*to_speech((spoken,), ctx.facts))
    return "done"
