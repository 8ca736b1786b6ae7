"""Offer a choice by key."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from callflow.action import FlowContext, Options, action
from callflow.document import Key
from callflow.speech import SpeechItem, to_speech


class MenuOptions(Options):
    prompts: tuple[SpeechItem, ...]
    keys: tuple[Key, ...] = Field(min_length=1)
    """Each is an outcome. Keys that work everywhere need not be named."""
    patience: timedelta = timedelta(seconds=5)
    """Silence after the prompt."""
    silences: int = Field(default=2, ge=1, le=5)
    errors: int = Field(default=3, ge=1, le=5)
    silence_prompts: tuple[SpeechItem, ...] = ()
    """Said, with the menu again, after each silence but the last."""
    error_prompts: tuple[SpeechItem, ...] = ()


def _outcomes(options: MenuOptions) -> frozenset[str]:
    return frozenset({*options.keys, "silence", "errors", "no_menu"})


@action("menu", options=MenuOptions, outcomes=_outcomes, collects=True)
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
