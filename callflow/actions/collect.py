"""Have the caller enter a number."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, model_validator
from stdnum import damm

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension, files
from callflow.compile.library import HUNG_UP, SafeFlowSource, escapes, prompts_of, read_keys, seconds, variable_of
from callflow.speech import SpeechItem, to_speech
from callflow.values import ValueName

_MOBILE = "^1[3-9][0-9]{9}$"
_CASE_NUMBER = re.compile(r"[0-9]{12,15}")


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
    check: Literal["none", "mobile", "case_number"] = "none"
    """What the entry must be: a mobile number of the mainland, or a case number with its check digit."""
    keep: ValueName | None = None
    """The name under which the entry is kept, for `say` and `condition`."""
    hide: bool = False
    """The entry does not stand in the call's record, only its length."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_digits > self.max_digits:
            raise ValueError("min_digits is more than max_digits")
        return self


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
    if options.check == "mobile":
        out.go_if(f'"${{REGEX("{_MOBILE}" ${{HL_KEY}})}}" = "0"', source.branch("errors"))
    if options.keep:
        out.do(f"Set({variable_of(options.keep)}=${{FILTER(0-9,${{HL_KEY}})}})")
    out.go(source.branch("entered"))
    out.label("gone")
    out.do("Hangup()")


def _fits(digits: str, options: CollectOptions) -> bool:
    if len(digits) < options.min_digits or not digits.isdecimal():
        return False
    match options.check:
        case "mobile":
            return re.fullmatch(_MOBILE, digits) is not None
        case "case_number":
            return _CASE_NUMBER.fullmatch(digits) is not None and bool(damm.is_valid(digits))
        case "none":
            return True


@action(
    "collect",
    options=CollectOptions,
    outcomes=("entered", "silence", "errors"),
    collects=True,
    safe=_in_safe_flow,
    degrades="The caller is asked once, without the error prompts; a check digit is not checked.",
    example={"prompts": ["progress-number"]},
)
async def collect(ctx: FlowContext, options: CollectOptions) -> str:
    """Take digits up to `#`, a pause, or the last one, and check them. A key that works everywhere does so alone."""
    before: tuple[SpeechItem, ...] = ()
    for _ in range(options.tries):
        speech = to_speech((*before, *options.prompts), ctx.facts)
        answer = await ctx.telephony.collect(*speech, max_digits=options.max_digits, patience=options.patience)
        if answer.digits:
            ctx.note_digits("•" * len(answer.digits) if options.hide else answer.digits)
            ctx.escape(answer.digits)
        if _fits(answer.digits, options):
            if options.keep:
                ctx.facts.values[options.keep] = answer.digits
            return "entered"
        before = options.error_prompts
        ctx.telephony.forget_keys()
    return "errors" if answer.digits else "silence"
