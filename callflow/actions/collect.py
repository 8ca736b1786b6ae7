"""Have the caller enter a number."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension, files
from callflow.compile.library import HUNG_UP, SafeFlowSource, escapes, prompts_of, read_keys, seconds
from callflow.speech import SpeechItem, to_speech


class CollectOptions(Options):
    prompts: tuple[SpeechItem, ...]
    """What is said, in order: ids of prompts, or what is read out."""
    min_digits: int = Field(default=1, ge=1, le=32)
    """Fewer are an error."""
    max_digits: int = Field(default=20, ge=1, le=32)
    """The last of so many ends the entry."""
    patience: timedelta = timedelta(seconds=5)
    """Silence after the prompt, and after each key."""
    tries: int = Field(default=3, ge=1, le=5)
    """How often the caller is asked."""
    error_prompts: tuple[SpeechItem, ...] = ()
    """Said, with the question again, after each error or silence but the last."""


def _in_safe_flow(source: SafeFlowSource[CollectOptions], out: Extension) -> None:
    options = source.options
    asked = files(prompts_of(options.prompts))
    out.do("Set(HL_AHEAD=)")
    patience = seconds(options.patience)
    read_keys(out, "HL_KEY", asked, digits=options.max_digits, patience=patience, label="collect", tries=options.tries)
    out.do(HUNG_UP)
    escapes(source, "HL_KEY", out)
    out.go_if('"${HL_KEY}" = ""', source.branch("silence"))
    out.go_if(f'"${{HL_KEY}}" = "#" | ${{LEN(${{HL_KEY}})}} < {options.min_digits}', source.branch("errors"))
    out.go(source.branch("entered"))
    out.label("gone")
    out.do("Hangup()")


@action(
    "collect",
    options=CollectOptions,
    outcomes=("entered", "silence", "errors"),
    collects=True,
    safe=_in_safe_flow,
    degrades="The caller is asked once; no error prompt.",
    example={"prompts": ["progress-number"]},
)
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
