"""Ask for a rating."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension, files
from callflow.compile.library import HUNG_UP, SafeFlowSource, escapes, prompts_of, read_keys, seconds, unless_drilled
from callflow.events import SurveyAnswered
from callflow.speech import SpeechItem, to_speech
from ivr.dialplan import Variable

RATINGS = ("1", "2", "3", "4", "5")


class SurveyOptions(Options):
    prompts: tuple[SpeechItem, ...] = ("survey-ask",)
    """The question."""
    retry_prompts: tuple[SpeechItem, ...] = ("survey-retry",)
    """The question after silence or another key."""
    patience: timedelta = timedelta(seconds=5)
    """Silence after the question."""
    tries: int = Field(default=2, ge=1, le=3)
    """How often the caller is asked."""


def _in_safe_flow(source: SafeFlowSource[SurveyOptions], out: Extension) -> None:
    options = source.options
    for attempt in range(options.tries):
        prompts = options.prompts if attempt == 0 else options.retry_prompts
        asked, patience = files(prompts_of(prompts)), seconds(options.patience)
        read_keys(out, "HL_KEY", asked, digits=1, patience=patience, label=f"survey{attempt}")
        out.do(HUNG_UP)
        out.do('GotoIf($["${HL_KEY}" >= "1" & "${HL_KEY}" <= "5"]?rated)')
        escapes(source, "HL_KEY", out)
    out.go(source.branch("none"))
    out.label("rated")
    unless_drilled(out, "drilled")
    out.do(f"QueueLog({Variable.QUEUE.value_of},${{UNIQUEID}},{Variable.AGENT.value_of},SURVEY,${{HL_KEY}})")
    out.label("drilled")
    out.go(source.branch("rated"))
    out.label("gone")
    out.do("Hangup()")


@action(
    "survey",
    options=SurveyOptions,
    outcomes=("rated", "none"),
    collects=True,
    safe=_in_safe_flow,
    degrades="The rating stands in queue_log.",
)
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
