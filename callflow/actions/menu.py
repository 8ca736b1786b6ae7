"""Offer a choice by key."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from pydantic import Field

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension, files, safe
from callflow.compile.library import HUNG_UP, SafeFlowSource, escapes, prompts_of, read_keys, seconds
from callflow.document import Key
from callflow.speech import SpeechItem, to_speech


class MenuOptions(Options):
    prompts: tuple[SpeechItem, ...]
    """What is said, in order: ids of prompts, or what is read out."""
    keys: tuple[Key, ...] = Field(min_length=1)
    """Each is an outcome. Keys that work everywhere need not be named."""
    patience: timedelta = timedelta(seconds=5)
    """Silence after the prompt."""
    silences: int = Field(default=2, ge=1, le=5)
    """So many silences lead on by the branch `silence`."""
    errors: int = Field(default=3, ge=1, le=5)
    """So many wrong keys lead on by the branch `errors`."""
    silence_prompts: tuple[SpeechItem, ...] = ()
    """Said, with the menu again, after each silence but the last."""
    error_prompts: tuple[SpeechItem, ...] = ()
    """The same after each wrong key."""


def _outcomes(options: MenuOptions) -> frozenset[str]:
    return frozenset({*options.keys, "silence", "errors", "no_menu"})


def _in_safe_flow(source: SafeFlowSource[MenuOptions], out: Extension) -> None:
    options = source.options
    if source.document.no_menu:
        out.go(source.branch("no_menu"))
        return
    out.do("Set(HL_SILENCES=0)")
    out.do("Set(HL_ERRORS=0)")
    out.do("Set(HL_BEFORE=)")
    out.label("ask")
    out.do("Set(HL_KEY=${HL_AHEAD})")
    out.do("Set(HL_AHEAD=)")
    asked = files(prompts_of(options.prompts))
    out.do("Set(READSTATUS=)")
    out.do('GotoIf($["${HL_KEY}" != ""]?pressed)')
    read_keys(out, "HL_KEY", f"${{HL_BEFORE}}{asked}", digits=1, patience=seconds(options.patience), label="menu")
    out.label("pressed")
    out.do(HUNG_UP)
    for key in options.keys:
        out.go_if(f'"${{HL_KEY}}" = "{safe(key)}"', source.branch(key))
    escapes(source, "HL_KEY", out)
    out.do('GotoIf($["${HL_KEY}" = ""]?silent)')
    out.do("Set(HL_ERRORS=$[${HL_ERRORS} + 1])")
    out.go_if(f"${{HL_ERRORS}} >= {options.errors}", source.branch("errors"))
    out.do(f"Set(HL_BEFORE={_before(options.error_prompts)})")
    out.do("Goto(ask)")
    out.label("silent")
    out.do("Set(HL_SILENCES=$[${HL_SILENCES} + 1])")
    out.go_if(f"${{HL_SILENCES}} >= {options.silences}", source.branch("silence"))
    out.do(f"Set(HL_BEFORE={_before(options.silence_prompts)})")
    out.do("Goto(ask)")
    out.label("gone")
    out.do("Hangup()")


def _before(items: Iterable[SpeechItem]) -> str:
    prompts = prompts_of(items)
    return f"{files(prompts)}&" if prompts else ""


@action(
    "menu",
    options=MenuOptions,
    outcomes=_outcomes,
    outcomes_from="keys",
    collects=True,
    safe=_in_safe_flow,
    example={"prompts": ["menu-main"], "keys": ["1", "2"]},
)
async def menu(ctx: FlowContext, options: MenuOptions) -> str:
    """Play a menu and wait for a key. Silence and wrong keys lead on after a few attempts."""
    if ctx.no_menu:
        return "no_menu"
    silences = errors = 0
    before: tuple[SpeechItem, ...] = ()
    while True:
        speech = to_speech((*before, *options.prompts), ctx.facts)
        answer = await ctx.telephony.collect(*speech, max_digits=1, patience=options.patience)
        if not answer.digits:
            silences += 1
            before = options.silence_prompts
            if silences >= options.silences:
                return "silence"
            continue
        ctx.note_digits(answer.digits)
        if answer.digits in options.keys:
            return answer.digits
        ctx.escape(answer.digits)
        errors += 1
        before = options.error_prompts
        # What was typed behind a wrong key was meant for a menu the caller is not in.
        ctx.telephony.forget_keys()
        if errors >= options.errors:
            return "errors"
