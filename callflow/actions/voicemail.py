"""Take a message."""

from __future__ import annotations

from datetime import timedelta

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension
from callflow.compile.library import SafeFlowSource, say_all, seconds, unless_drilled
from callflow.events import VoicemailLeft
from callflow.speech import SpeechItem, to_speech
from ivr.dialplan import Variable


class VoicemailOptions(Options):
    prompts: tuple[SpeechItem, ...] = ("voicemail-record",)
    """What is said before the tone; a key does not interrupt it."""
    longest: timedelta = timedelta(minutes=3)
    """The message ends here at the latest."""
    silence: timedelta = timedelta(seconds=6)
    """Silence that ends the message."""
    shortest: timedelta = timedelta(seconds=1)
    """Less is no message: a click, a breath."""


def _in_safe_flow(source: SafeFlowSource[VoicemailOptions], out: Extension) -> None:
    options = source.options
    say_all(options.prompts, out)
    unless_drilled(out, "drilled")
    out.do(f"Set(HL_FILE={Variable.RECORDINGS.value_of}/{Variable.CALL_ID.value_of}-voicemail.wav)")
    # Written before the message, because a caller mostly hangs up after it.
    queue = Variable.QUEUE.value_of
    out.do(f'QueueLog(${{IF($["{queue}" = ""]?NONE:{queue})}},${{UNIQUEID}},NONE,VOICEMAIL,${{HL_FILE}})')
    operator = "o" if "0" in source.document.keys else ""
    out.do(f"Record(${{HL_FILE}},{seconds(options.silence)},{seconds(options.longest)},k{operator})")
    if operator:
        out.go_if('"${RECORD_STATUS}" = "OPERATOR"', source.document.keys["0"])
    out.label("drilled")
    out.go(source.branch("recorded"))


@action(
    "voicemail",
    options=VoicemailOptions,
    outcomes=("recorded", "nothing"),
    collects=True,
    safe=_in_safe_flow,
    degrades="The message is found by queue_log; a short one counts as well.",
)
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
