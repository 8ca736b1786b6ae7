"""Is the service open?"""

from __future__ import annotations

from callflow.action import FlowContext, action
from callflow.desks.hours import ServiceHours


@action("hours", options=ServiceHours, outcomes=("open", "closed"))
async def hours(ctx: FlowContext, options: ServiceHours) -> str:
    """Branch by service hours, holidays and make-up workdays."""
    return "open" if options.is_open(ctx.ports.clock.now()) else "closed"
