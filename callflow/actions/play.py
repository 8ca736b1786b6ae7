"""Say something to the caller."""

from __future__ import annotations

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension, files
from callflow.compile.library import SafeFlowSource, escapes, prompts_of, read_keys, say_all
from callflow.speech import SpeechItem, to_speech


class PlayOptions(Options):
    prompts: tuple[SpeechItem, ...]
    """What is said, in order: ids of prompts, or what is read out."""
    interruptible: bool = True
    """Whether a key ends it."""


def _in_safe_flow(source: SafeFlowSource[PlayOptions], out: Extension) -> None:
    items = source.options.prompts
    prompts = prompts_of(items)
    if source.options.interruptible and len(prompts) == len(items):
        # A key interrupts and is kept for the menu that follows.
        out.do('GotoIf($["${HL_AHEAD}" != ""]?pressed)')
        read_keys(out, "HL_AHEAD", files(prompts), digits=1, patience=0.1, label="play")
        out.label("pressed")
        out.do("NoOp()")
        escapes(source, "HL_AHEAD", out)
    else:
        say_all(items, out)
    out.go(source.branch("done"))


@action("play", options=PlayOptions, outcomes=("done",), safe=_in_safe_flow, example={"prompts": ["welcome"]})
async def play(ctx: FlowContext, options: PlayOptions) -> str:
    """Play prompts; a key interrupts them and waits for the next menu."""
    await ctx.telephony.play(*to_speech(options.prompts, ctx.facts), interruptible=options.interruptible)
    return "done"
