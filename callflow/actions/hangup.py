"""End the call."""

from __future__ import annotations

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension
from callflow.compile.library import SafeFlowSource, say_all
from callflow.speech import SpeechItem, to_speech


class HangupOptions(Options):
    prompts: tuple[SpeechItem, ...] = ()
    """What is said before; a key does not interrupt it."""


def _in_safe_flow(source: SafeFlowSource[HangupOptions], out: Extension) -> None:
    say_all(source.options.prompts, out)
    out.do("Hangup()")


@action("hangup", options=HangupOptions, outcomes=(), safe=_in_safe_flow)
async def hangup(ctx: FlowContext, options: HangupOptions) -> str:
    """Say goodbye and hang up."""
    await ctx.telephony.play(*to_speech(options.prompts, ctx.facts), interruptible=False)
    await ctx.telephony.hang_up()
    return ""
