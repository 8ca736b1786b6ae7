"""Is the service open?"""

from __future__ import annotations

from callflow.action import FlowContext, action
from callflow.events import CallFoundClosed
from callflow.queues.hours import ServiceHours


@action("hours", options=ServiceHours, outcomes=("open", "closed"))
async def hours(ctx: FlowContext, options: ServiceHours) -> str:
    """Branch by service hours, holidays and make-up workdays."""
    now = ctx.ports.clock.now()
    if options.is_open(now):
        return "open"
    ctx.publish(CallFoundClosed(at=now, call_id=ctx.facts.call_id, node=ctx.node))
    return "closed"
