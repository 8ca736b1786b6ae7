"""Is the service open?"""

from __future__ import annotations

import structlog

from callflow.action import FlowContext, action
from callflow.events import CallFoundClosed
from callflow.queues.hours import ServiceHours

log = structlog.get_logger(__name__)


@action("hours", options=ServiceHours, outcomes=("open", "closed"))
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
