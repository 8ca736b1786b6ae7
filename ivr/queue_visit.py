"""A call's visit to a queue, built from app_queue's events. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr.events import AgentCompleted, AgentConnected, CallerAbandonedQueue, CallerJoinedQueue, QueueEvent


@dataclass(frozen=True, slots=True)
class QueueVisit:
    """The current or the last visit. Seconds in `waited` and `talked`."""

    queue: str
    joined: bool = False
    agent: str = ""
    agent_channel: str = ""
    """The agent's phone, while the two talk."""
    waited: int | None = None
    """None: still waiting, or unknown."""
    talked: int = 0
    ended_by: str = ""
    """"caller", "agent" or "transfer", once the talk is over."""


def queue_visit_after(visit: QueueVisit | None, event: QueueEvent) -> QueueVisit | None:
    """`visit` after `event`; an event seen twice changes nothing."""
    match event:
        case CallerJoinedQueue(queue=queue):
            return QueueVisit(queue, joined=True)
        case AgentConnected(queue=queue):
            return QueueVisit(queue, True, event.member_name, event.agent_channel, waited=event.waited)
        case CallerAbandonedQueue(queue=queue):
            # For a call adopted in its queue there were no other events.
            return replace(visit or QueueVisit(queue, joined=True), waited=event.waited)
        case AgentCompleted() if visit is not None:
            return replace(visit, agent_channel="", talked=event.talked, ended_by=event.reason)
        case _:
            return visit
