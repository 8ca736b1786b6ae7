"""Take the call."""

from __future__ import annotations

from callflow.action import FlowContext, Options, action


class AnswerOptions(Options):
    pass


@action("answer", options=AnswerOptions, outcomes=("done",))
async def answer(ctx: FlowContext, options: AnswerOptions) -> str:
    """Answer the call, where the dialplan has not done so already."""
    await ctx.telephony.answer()
    return "done"
