"""Tell a caller how their case stands."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog
from pydantic import Field

from callflow.action import FlowContext, Options, action
from callflow.ports import CallerProgress, ProgressRefusedError
from callflow.speech import case_number_of, day_of
from ivr.telephony import SpeechParts

log = structlog.get_logger(__name__)

_CODE_DIGITS = 8
_FEWEST, _MOST = 12, 15
"""Digits of a case number: the day, the count and a check digit."""


class CaseProgressOptions(Options):
    patience: timedelta = timedelta(seconds=6)
    """Silence after a prompt, and after each key."""
    tries: int = Field(default=3, ge=1, le=5)
    """How often the caller may enter a number and its code."""
    within: timedelta = timedelta(seconds=3)
    """How long the caller waits in silence for the answer."""
    timezone: str = "Asia/Shanghai"
    """In which the promised date is said."""


@action(
    "case_progress",
    options=CaseProgressOptions,
    outcomes=("announced", "failed", "unavailable"),
    collects=True,
    # The cases are in the database, which only the service reads: a person looks them up.
    degrades="The caller goes to a person.",
)
async def case_progress(ctx: FlowContext, options: CaseProgressOptions) -> str:
    """Ask for case number and query code, each closed by `#` or a pause, and say state and next date."""
    before: tuple[str, ...] = ()
    for _ in range(options.tries):
        number = await _digits(ctx, options, *before, "progress-number", most=_MOST)
        code = await _digits(ctx, options, "progress-code", most=_CODE_DIGITS) if len(number) >= _FEWEST else ""
        if len(code) == _CODE_DIGITS:
            try:
                progress = await _look_up(ctx, options, number, code)
            except ProgressRefusedError:
                break
            except Exception as error:
                # Whatever the cases suffer from, the caller gets a person. Neither number nor code is logged.
                log.warning("case progress unavailable", call_id=ctx.facts.call_id, reason=type(error).__name__)
                await _play(ctx, "progress-away")
                return "unavailable"
            if progress is not None:
                speech = [
                    *case_number_of(number, ctx.facts.language),
                    *_state_and_date(progress, ctx.facts.language, options.timezone),
                ]
                await ctx.telephony.play(SpeechParts("progress-of"), *speech)
                return "announced"
        before = ("progress-wrong",)
        ctx.telephony.forget_keys()
    await _play(ctx, "progress-failed")
    return "failed"


async def _digits(ctx: FlowContext, options: CaseProgressOptions, *prompts: str, most: int) -> str:
    """The digits entered, "" for anything else; never logged, for callers enter the code as the number by mistake."""
    speech = [SpeechParts(prompt) for prompt in prompts]
    answer = await ctx.telephony.collect(*speech, max_digits=most, patience=options.patience)
    ctx.escape(answer.digits)
    return answer.digits if answer.digits.isdecimal() else ""


async def _look_up(ctx: FlowContext, options: CaseProgressOptions, number: str, code: str) -> CallerProgress | None:
    caller = ctx.facts.caller_number or ctx.facts.call_id
    async with asyncio.timeout(options.within.total_seconds()):
        return await ctx.ports.progress.look_up(number, code, caller=caller)


async def _play(ctx: FlowContext, prompt: str) -> None:
    await ctx.telephony.play(SpeechParts(prompt))


def _state_and_date(progress: CallerProgress, language: str, timezone: str) -> Iterator[SpeechParts]:
    yield SpeechParts(f"progress-{progress.state.replace('_', '-')}")
    if progress.promised_at is not None:
        day = progress.promised_at.astimezone(ZoneInfo(timezone))
        yield SpeechParts("progress-next")
        yield from day_of(day, language)
