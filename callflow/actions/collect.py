"""Have the caller enter a number."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from callflow.action import FlowContext, Options, action
from callflow.speech import SpeechItem, to_speech


class CollectOptions(Options):
    prompts: tuple[SpeechItem, ...]
    min_digits: int = Field(default=1, ge=1, le=32)
    max_digits: int = Field(default=20, ge=1, le=32)
    patience: timedelta = timedelta(seconds=5)
    tries: int = Field(default=3, ge=1, le=5)
    error_prompts: tuple[SpeechItem, ...] = ()


@action("collect", options=CollectOptions, outcomes=("entered", "silence", "errors"), collects=True)
async def collect(ctx: FlowContext, options: CollectOptions) -> str:
    """Take digits up to `#`, a pause, or the last one. A key that works everywhere does so when entered alone."""
    before: tuple[SpeechItem, ...] = ()
    for _ in range(options.tries):
        speech = to_speech((*before, *options.prompts), ctx.facts)
        answer = await ctx.telephony.collect(*speech, max_digits=options.max_digits, patience=options.patience)
        if answer.digits:
            ctx.note_digits(answer.digits)
            ctx.escape(answer.digits)
        if options.min_digits <= len(answer.digits) and answer.digits.isdecimal():
            return "entered"
        before = options.error_prompts
        ctx.telephony.forget_keys()
    return "errors" if answer.digits else "silence"
