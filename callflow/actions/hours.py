"""Is the service open?"""

from __future__ import annotations

import structlog

from callflow.action import FlowContext, action
from callflow.compile.dialplan import Extension, extension_of, safe
from callflow.compile.library import SafeFlowSource
from callflow.events import CallFoundClosed
from callflow.queues.hours import DAYS, ServiceHours

log = structlog.get_logger(__name__)


def _in_safe_flow(source: SafeFlowSource[ServiceHours], out: Extension) -> None:
    hours = source.options
    opened, closed = source.branch("open"), source.branch("closed")
    zone = safe(hours.timezone)
    today = f'"${{STRFTIME(${{EPOCH}},{zone},%Y-%m-%d)}}"'
    for number, day in enumerate(hours.workdays):
        out.do(f'GotoIf($[{today} != "{day.isoformat()}"]?day{number})')
        for span in hours.week.get("mon", ()):
            out.do(f"GotoIfTime({_span(span)},*,*,*,{zone}?{extension_of(opened)},1)")
        out.go(closed)
        out.label(f"day{number}")
        out.do("NoOp()")
    for day in hours.closed:
        out.go_if(f'{today} = "{day.isoformat()}"', closed)
    for name in DAYS:
        for span in hours.week.get(name, ()):
            out.do(f"GotoIfTime({_span(span)},{name},*,*,{zone}?{extension_of(opened)},1)")
    out.go(closed)


def _span(span: str) -> str:
    """GotoIfTime's last minute is within the span; ours is the first one outside."""
    start, end = span[:5], span[6:]
    minutes = int(end[:2]) * 60 + int(end[3:]) - 1
    return safe(f"{start}-{minutes // 60:02}:{minutes % 60:02}")


@action(
    "hours",
    options=ServiceHours,
    outcomes=("open", "closed"),
    safe=_in_safe_flow,
    degrades="A table of the calendar page is not read: the options' own hours hold.",
)
async def hours(ctx: FlowContext, options: ServiceHours) -> str:
    """Branch by service hours, holidays and make-up workdays: those of the calendar page where a table is named."""
    now = ctx.ports.clock.now()
    calendar = ctx.ports.calendars().find(options.table) if options.table else None
    if options.table and calendar is None:
        log.warning("flow names an unknown table of working hours", table=options.table, node=ctx.node)
    if (calendar or options).is_open(now):
        return "open"
    ctx.publish(CallFoundClosed(at=now, call_id=ctx.facts.call_id, node=ctx.node))
    return "closed"
