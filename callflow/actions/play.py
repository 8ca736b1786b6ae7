"""Say something to the caller."""

from __future__ import annotations

from callflow.action import FlowContext, Options, action
from callflow.speech import SpeechItem, to_speech


class PlayOptions(Options):
    prompts: tuple[SpeechItem, ...]
    interruptible: bool = True


@action("play", options=PlayOptions, outcomes=("done",))
async def play(ctx: FlowContext, options: PlayOptions) -> str:
    """Play prompts; a key interrupts them and waits for the next menu."""
    await ctx.telephony.play(*to_speech(options.prompts, ctx.facts), interruptible=options.interruptible)
    return "done"
