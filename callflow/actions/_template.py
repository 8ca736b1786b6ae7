"""How to write an action: copy this module under a name without the underscore, and it is an action.

Write what it does for a caller, not how. Give it and its outcomes names in `callflow/words.yaml`, an outcome each in
`tests/callflow/test_action_conformance.py`, and its page by `hotline flow actions docs/actions`.
"""

from __future__ import annotations

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension
from callflow.compile.library import SafeFlowSource, say_all
from callflow.speech import SpeechItem, to_speech


class TemplateOptions(Options):
    """What the flow's author may set; every option has a default that is safe for a caller."""

    prompts: tuple[SpeechItem, ...] = ()
    """Described here, for the reference and the editor."""


def _in_safe_flow(source: SafeFlowSource[TemplateOptions], out: Extension) -> None:
    # The same in plain dialplan, for callers who come while the service is away. An action that cannot be had there
    # takes `degrades="The caller goes to a person."` instead of `safe`, and its caller goes to the flow's person node.
    say_all(source.options.prompts, out)
    out.go(source.branch("done"))


@action("template", options=TemplateOptions, outcomes=("done",), safe=_in_safe_flow)
async def template(ctx: FlowContext, options: TemplateOptions) -> str:
    """Say something and continue."""
    # Any method of `ctx.telephony` may raise CallEndedError: let it pass, the engine closes the call's record.
    await ctx.telephony.play(*to_speech(options.prompts, ctx.facts))
    return "done"
