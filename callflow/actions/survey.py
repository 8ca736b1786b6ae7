"""Ask for a rating."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from callflow.action import FlowContext, Options, action
from callflow.events import SurveyAnswered
from callflow.speech import SpeechItem, to_speech

RATINGS = ("1", "2", "3", "4", "5")


class SurveyOptions(Options):
    prompts: tuple[SpeechItem, ...] = ("survey-ask",)
    retry_prompts: tuple[SpeechItem, ...] = ("survey-retry",)
    patience: timedelta = timedelta(seconds=5)
    tries: int = Field(default=2, ge=1, le=3)


@action("survey", options=SurveyOptions, outcomes=("rated", "none"), collects=True)
async def survey(ctx: FlowContext, options: SurveyOptions) -> str:
    """Take a rating from 1 (very satisfied) to 5 (very dissatisfied), with one retry."""
    prompts = options.prompts
    for _ in range(options.tries):
        answer = await ctx.telephony.collect(*to_speech(prompts, ctx.facts), max_digits=1, patience=options.patience)
        if answer.digits:
            ctx.note_digits(answer.digits)
        if answer.digits in RATINGS:
            ctx.publish(
                SurveyAnswered(
                    at=ctx.ports.clock.now(),
                    call_id=ctx.facts.call_id,
                    rating=int(answer.digits),
                    agent=ctx.facts.agent,
                )
            )
            return "rated"
        ctx.escape(answer.digits)
        ctx.telephony.forget_keys()
        prompts = options.retry_prompts
    return "none"
