"""Take the call."""

from __future__ import annotations

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension
from callflow.compile.library import SafeFlowSource


class AnswerOptions(Options):
    pass


def _in_safe_flow(source: SafeFlowSource[AnswerOptions], out: Extension) -> None:
    out.go(source.branch("done"))


@action("answer", options=AnswerOptions, outcomes=("done",), safe=_in_safe_flow)
async def answer(ctx: FlowContext, options: AnswerOptions) -> str:
    """Answer the call, where the dialplan has not done so already."""
    await ctx.telephony.answer()
    return "done"
