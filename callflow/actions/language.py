"""Go on in another language."""

from __future__ import annotations

from typing import Literal

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension, safe
from callflow.compile.library import SafeFlowSource


class LanguageOptions(Options):
    language: Literal["zh", "en"]
    """Mandarin or English. A prompt that has no recording in it is heard in the other."""


def _in_safe_flow(source: SafeFlowSource[LanguageOptions], out: Extension) -> None:
    out.do(f"Set(CHANNEL(language)={safe(source.options.language)})")
    out.go(source.branch("done"))


@action("language", options=LanguageOptions, outcomes=("done",), safe=_in_safe_flow, example={"language": "en"})
async def language(ctx: FlowContext, options: LanguageOptions) -> str:
    """Set the language of all that follows, announcements in the queue included."""
    await ctx.telephony.set_language(options.language)
    ctx.facts.language = options.language
    return "done"
