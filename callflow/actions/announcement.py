"""Tell callers what is on today."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension
from callflow.compile.library import SafeFlowSource
from ivr.telephony import SpeechParts


class AnnouncementOptions(Options):
    topics: tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...] = Field(
        default=(), max_length=20
    )
    """Only these, named as on the page of the announcements; none named: all that are on."""
    interruptible: bool = True
    """Whether a key ends it."""


def _in_safe_flow(source: SafeFlowSource[AnnouncementOptions], out: Extension) -> None:
    out.go(source.branch("done"))


@action(
    "announcement",
    options=AnnouncementOptions,
    outcomes=("done",),
    safe=_in_safe_flow,
    degrades="Nothing is said: what is on is known to the service alone.",
)
async def announcement(ctx: FlowContext, options: AnnouncementOptions) -> str:
    """Play the announcements that a supervisor has switched on; nothing where none is."""
    on_air = ctx.ports.announcements().topics
    speech = [SpeechParts(live.prompt) for live in on_air if not options.topics or live.topic in options.topics]
    if speech:
        await ctx.telephony.play(*speech, interruptible=options.interruptible)
    return "done"
