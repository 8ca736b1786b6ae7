"""Send the caller to a queue, and see how it went."""

from __future__ import annotations

from callflow.action import FlowContext, action
from callflow.events import CallQueued, QueueLeft
from callflow.queues.policy import QueueOptions, priority_of
from ivr.errors import CallEndedError, CallLeftError
from ivr.telephony import QueueOutcome, QueueRequest

OUTCOMES = tuple(outcome.value for outcome in QueueOutcome)


@action("queue", options=QueueOptions, outcomes=OUTCOMES, collects=True)
async def queue(ctx: FlowContext, options: QueueOptions) -> str:
    """Queue for an agent and talk. `answered`: the agent has hung up and the caller is still on the line."""
    priority = priority_of(options, ctx.facts)
    ctx.facts.queue = options.queue
    at, call_id = ctx.ports.clock.now, ctx.facts.call_id
    if not ctx.telephony.back:
        ctx.publish(CallQueued(at=at(), call_id=call_id, queue=options.queue, priority=priority))
    request = QueueRequest(queue=options.queue, node=ctx.node, priority=priority, timeout=options.timeout)
    queued_at = at()
    try:
        result = await ctx.telephony.to_queue(request)
    except CallLeftError:
        raise  # The caller is there, and may well wait; the safe flow has them.
    except CallEndedError:
        visit = ctx.telephony.queue_visit()
        answered = visit is not None and bool(visit.agent)
        # Only of the last visit: the dialplan may have had the caller wait a second time.
        waited = visit.waited if visit is not None else None
        ctx.publish(
            QueueLeft(
                at=at(),
                call_id=call_id,
                queue=options.queue,
                outcome="answered" if answered else "abandoned",
                waited=waited if waited is not None else int((at() - queued_at).total_seconds()),
                talked=visit.talked if visit else 0,
                agent=visit.agent if visit else "",
            )
        )
        raise
    ctx.facts.agent = result.agent
    ctx.publish(
        QueueLeft(
            at=at(),
            call_id=call_id,
            queue=options.queue,
            outcome=result.outcome.value,
            waited=int(result.waited.total_seconds()),
            talked=int(result.talked.total_seconds()),
            agent=result.agent,
        )
    )
    return result.outcome.value
