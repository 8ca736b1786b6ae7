"""A call's stay at a desk, as app_queue's events tell it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr.events import AgentCompleted, AgentConnected, CallerAbandonedQueue, CallerJoinedQueue, QueueEvent


@dataclass(frozen=True, slots=True)
class Stay:
    """The present or the last stay. Seconds in `waited` and `talked`."""

    queue: str
    joined: bool = False
    agent: str = ""
    agent_channel: str = ""
    """The agent's phone, while the two talk."""
    waited: int | None = None
    """None: still waiting, or nobody told."""
    talked: int = 0
    ended_by: str = ""
    """"caller", "agent" or "transfer", once the talk is over."""


def see_stay(stay: Stay | None, event: QueueEvent) -> Stay | None:
    """`stay` after `event`; an event seen twice changes nothing."""
    match event:
        case CallerJoinedQueue(queue=queue):
            return Stay(queue, joined=True)
        case AgentConnected(queue=queue):
            return Stay(queue, True, event.member_name, event.agent_channel, waited=event.waited)
        case CallerAbandonedQueue(queue=queue):
            # Of a call adopted at its desk nothing else was told.
            return replace(stay or Stay(queue, joined=True), waited=event.waited)
        case AgentCompleted() if stay is not None:
            return replace(stay, agent_channel="", talked=event.talked, ended_by=event.reason)
        case _:
            return stay
