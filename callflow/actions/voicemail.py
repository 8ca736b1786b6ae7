"""Take a message."""

from __future__ import annotations

from datetime import timedelta

from callflow.action import FlowContext, Options, action
from callflow.events import VoicemailLeft
from callflow.speech import SpeechItem, to_speech


class VoicemailOptions(Options):
    prompts: tuple[SpeechItem, ...] = ("voicemail-record",)
    longest: timedelta = timedelta(minutes=3)
    silence: timedelta = timedelta(seconds=6)
    shortest: timedelta = timedelta(seconds=1)
    """Less is no message: a click, a breath."""


@action("voicemail", options=VoicemailOptions, outcomes=("recorded", "nothing"), collects=True)
async def voicemail(ctx: FlowContext, options: VoicemailOptions) -> str:
    """Record a message until `#`, silence, the limit, or until the caller hangs up."""
    stop_keys = "#" + "".join(ctx.keys)
    await ctx.telephony.play(*to_speech(options.prompts, ctx.facts), interruptible=False)
    file = str(ctx.ports.recordings / f"{ctx.facts.call_id}-voicemail")
    recorded = await ctx.telephony.record(file, longest=options.longest, silence=options.silence, stop_keys=stop_keys)
    if recorded.length >= options.shortest:
        ctx.publish(
            VoicemailLeft(
                at=ctx.ports.clock.now(),
                call_id=ctx.facts.call_id,
                file=recorded.file,
                seconds=round(recorded.length.total_seconds(), 1),
            )
        )
    await ctx.telephony.check()
    if recorded.key in ctx.keys:
        ctx.note_digits(recorded.key)
    ctx.escape(recorded.key)
    return "recorded" if recorded.length >= options.shortest else "nothing"
