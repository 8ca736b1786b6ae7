"""Read a number or digits to the caller."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension
from callflow.compile.library import SafeFlowSource, spoken
from callflow.speech import Spoken, to_speech


class SayOptions(Options):
    value: str = Field(min_length=1, max_length=100)
    """What to read, or in braces the name of a value of the flow or of a fact: {agent}, {dialed}, {caller_number}."""
    read_as: Literal["digits", "number", "date", "money", "case_number"] = "digits"
    """Digits one by one (in Mandarin 1 is 幺), a number, a date such as 2026-10-08, an amount such as 1234.50, or a
    case number in its groups."""


def _in_safe_flow(source: SafeFlowSource[SayOptions], out: Extension) -> None:
    out.do(spoken(Spoken(**{source.options.read_as: source.options.value})))
    out.go(source.branch("done"))


@action(
    "say",
    options=SayOptions,
    outcomes=("done",),
    safe=_in_safe_flow,
    degrades="Dates and amounts of money are passed over, and 1 is 一.",
    example={"value": "{dialed}"},
)
async def say(ctx: FlowContext, options: SayOptions) -> str:
    """Read a value out, in the caller's language. One that is not known, or no such value, is passed over."""
    spoken = Spoken(**{options.read_as: options.value})
    await ctx.telephony.play(*to_speech((spoken,), ctx.facts))
    return "done"
