"""How to write an action: copy this module under a name without the underscore, and it is an action.

Write what it does for a caller, not how. Add a test to `tests/callflow/test_actions.py`.
"""

from __future__ import annotations

from callflow.action import FlowContext, Options, action
from callflow.speech import SpeechItem, to_speech


class TemplateOptions(Options):
    """What the flow's author may set; every option has a default that is safe for a caller."""

    prompts: tuple[SpeechItem, ...] = ()


@action("template", options=TemplateOptions, outcomes=("done",))
async def template(ctx: FlowContext, options: TemplateOptions) -> str:
    """Say something and continue."""
    # Any method of `ctx.telephony` may raise CallEndedError: let it pass, the engine closes the call's record.
    await ctx.telephony.play(*to_speech(options.prompts, ctx.facts))
    return "done"
