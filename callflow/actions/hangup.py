"""End the call."""

from __future__ import annotations

from callflow.action import FlowContext, Options, action
from callflow.speech import SpeechItem, to_speech


class HangupOptions(Options):
    prompts: tuple[SpeechItem, ...] = ()


@action("hangup", options=HangupOptions, outcomes=())
async def hangup(ctx: FlowContext, options: HangupOptions) -> str:
    """Say goodbye and hang up."""
    await ctx.telephony.play(*to_speech(options.prompts, ctx.facts), interruptible=False)
    await ctx.telephony.hang_up()
    return ""
