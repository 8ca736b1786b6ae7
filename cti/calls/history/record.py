"""One call as the log and the agent's screen know it. Made from events by `cti.calls.history.projection`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

LABEL = 200
"""The longest label of a step."""


class Outcome(StrEnum):
    LIVE = "live"
    ANSWERED = "answered"
    ABANDONED_MENU = "abandoned_menu"
    """The call ended before it reached a queue."""
    ABANDONED_QUEUE = "abandoned_queue"
    """It waited at a queue and no agent answered, be it that the caller or the flow ended the wait."""
    VOICEMAIL = "voicemail"
    OUT_OF_HOURS = "out_of_hours"
    SAFE_FLOW = "safe_flow"
    """The dialplan served the caller without the service; neither a queue nor a message came of it."""
    FAILED = "failed"
    """Something broke: the call was lost, or ended for another reason than somebody's hanging up."""


@dataclass(slots=True, kw_only=True)
class RecordedStep:
    at: datetime
    node: str
    label: str
    action: str = ""
    digits: str = ""


@dataclass(slots=True, kw_only=True)
class Attempt:
    """A ring at one agent. `result` is "ringing", "answered", "timeout", "withdrawn" or "lost" (answered, cut off)."""

    agent: str
    queue: str
    rang_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    result: str = "ringing"
    rang_seconds: float = 0.0
    talk_seconds: int = 0


@dataclass(slots=True, kw_only=True)
class SpecialistPart:
    """One consultation.

    `result` is "ringing", "consulted", "merged", or why not: "no_answer", "busy", "unreachable", "cancelled", "failed".
    """

    specialist_id: str
    specialist: str
    unit: str
    agent: str
    at: datetime
    result: str = "ringing"


class ThreewayMoveKind(StrEnum):
    MERGED = "merged"
    WITH_CALLER = "with_caller"
    """The agent talks with the caller alone."""
    WITH_SPECIALIST = "with_specialist"
    SPECIALIST_DROPPED = "specialist_dropped"
    SPECIALIST_LEFT = "specialist_left"
    CALLER_DROPPED = "caller_dropped"
    BACK_WITH_AGENT = "back_with_agent"
    """Caller and agent talk again without the specialist."""
    AGENT_LEFT = "agent_left"
    REQUEUED = "requeued"


@dataclass(slots=True, kw_only=True)
class ThreewayMove:
    """A change of who hears each other during a three-way call."""

    at: datetime
    kind: ThreewayMoveKind
    agent: str


@dataclass(slots=True, kw_only=True)
class CallRecord:
    call_id: str
    started_at: datetime
    caller_number: str = ""
    """As the trunk showed it, "" when withheld."""
    caller_name: str = ""
    dialed: str = ""
    entry: str = "trunk"
    channel: str = ""
    enterprise_id: str | None = None
    enterprise_name: str = ""
    contact_id: str | None = None
    contact_name: str = ""
    flow: str = ""
    flow_version: int | None = None
    path: list[RecordedStep] = field(default_factory=list)
    queue: str = ""
    """The queue that answered, or else the last one waited at."""
    queued_at: datetime | None = None
    """When the first wait began."""
    waited_seconds: int = 0
    """In all queues together."""
    attempts: list[Attempt] = field(default_factory=list)
    answered_at: datetime | None = None
    talk_seconds: int = 0
    hold_seconds: int = 0
    threeway: list[SpecialistPart] = field(default_factory=list)
    threeway_moves: list[ThreewayMove] = field(default_factory=list)
    survey: int | None = None
    voicemail: str = ""
    """The file's name; "" without a message."""
    voicemail_seconds: float = 0.0
    out_of_hours: bool = False
    safe_reason: str = ""
    flow_failed: bool = False
    ended_at: datetime | None = None
    ended_by: str = ""
    """"caller", "agent" or "system"; "" if unknown."""
    cause: int | None = None
    """Q.850; None if unknown."""
    ended_in: str = ""
    """The node the caller was in at the end."""
    gap: bool = False
    """The service missed part of this call; Asterisk's own logs filled in what they know."""
    whole: bool = False
    """The service itself saw this call's beginning and end."""

    @property
    def outcome(self) -> Outcome:
        return outcome_of(self)

    @property
    def agents(self) -> list[str]:
        """Agents who talked with the caller, in order, each once."""
        return list(dict.fromkeys(a.agent for a in self.attempts if a.answered_at is not None))

    @property
    def had_three_way(self) -> bool:
        """Whether caller, agent and specialist spoke together."""
        return any(part.result == "merged" for part in self.threeway)


_ORDERLY = frozenset({0, 16})
"""Q.850 causes of a call that somebody ended: 16, and 0 of a channel that hung up in AGI."""


def outcome_of(record: CallRecord) -> Outcome:
    """How the call went, from its facts alone. The first rule that fits counts, the best service first."""
    if record.ended_at is None:
        return Outcome.LIVE
    if record.answered_at is not None:
        return Outcome.ANSWERED
    if record.voicemail:
        return Outcome.VOICEMAIL
    if record.ended_by == "system" and record.cause not in _ORDERLY:
        return Outcome.FAILED
    if record.queued_at is not None:
        return Outcome.ABANDONED_QUEUE
    if record.out_of_hours:
        return Outcome.OUT_OF_HOURS
    if record.safe_reason:
        return Outcome.SAFE_FLOW
    return Outcome.FAILED if record.flow_failed else Outcome.ABANDONED_MENU
