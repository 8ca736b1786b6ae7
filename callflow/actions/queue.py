"""Send the caller to a queue, and see how it went."""

from __future__ import annotations

from callflow.action import FlowContext, action
from callflow.compile.dialplan import Extension, safe
from callflow.compile.library import SafeFlowSource, seconds
from callflow.events import CallQueued, QueueLeft
from callflow.queues.policy import QueueOptions, priority_of
from ivr.dialplan import Context, Variable
from ivr.errors import CallEndedError, CallLeftError
from ivr.telephony import QueueOutcome, QueueRequest

OUTCOMES = tuple(outcome.value for outcome in QueueOutcome)


_QUEUE_STATUS = {
    "answered": ("CONTINUE",),
    "timed_out": ("TIMEOUT",),
    "full": ("FULL",),
    "no_agents": ("JOINEMPTY", "LEAVEEMPTY", "JOINUNAVAIL", "LEAVEUNAVAIL"),
    "withdrawn": ("WITHDRAW",),
}


def _in_safe_flow(source: SafeFlowSource[QueueOptions], out: Extension) -> None:
    options = source.options
    timeout = "" if options.timeout is None else str(seconds(options.timeout))
    out.do("Set(HL_AHEAD=)")
    out.do(f"Set({Variable.QUEUE_PRIORITY}={options.priority})")
    out.do(f"Set({Variable.QUEUE_TIMEOUT}={timeout})")
    # Several queues may share a queue: a service that starts meanwhile learns from this which one it is.
    out.do(f"Set({Variable.NODE}={safe(source.node.id)})")
    out.do(f"Gosub({Context.QUEUE},s,1({safe(options.queue)}))")
    out.do(f"Gosub({Context.LEFT_QUEUE},s,1)")
    # A call that the service sent to this queue continues here if the service is down when it returns.
    out.label("left")
    out.do("NoOp()")
    for outcome, statuses in _QUEUE_STATUS.items():
        for status in statuses:
            out.go_if(f'"{Variable.QUEUE_STATUS.value_of}" = "{status}"', source.branch(outcome))
    out.go(source.branch("unavailable"))


@action(
    "queue", options=QueueOptions, outcomes=OUTCOMES, collects=True, safe=_in_safe_flow, example={"queue": "public"}
)
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
