"""Go on in another language."""

from __future__ import annotations

from typing import Literal

from callflow.action import FlowContext, Options, action


class LanguageOptions(Options):
    language: Literal["zh", "en"]


@action("language", options=LanguageOptions, outcomes=("done",))
async def language(ctx: FlowContext, options: LanguageOptions) -> str:
    """Set the language of all that follows, announcements in the queue included."""
    await ctx.telephony.set_language(options.language)
    ctx.facts.language = options.language
    return "done"
