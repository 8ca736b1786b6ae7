"""One call as the log and the agent's screen know it. Built up from events by `cti.calls.projection`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    LIVE = "live"
    ANSWERED = "answered"
    ABANDONED_MENU = "abandoned_menu"
    """The caller hung up before reaching a queue."""
    ABANDONED_QUEUE = "abandoned_queue"
    """The caller hung up while waiting or while an agent's phone rang."""
    VOICEMAIL = "voicemail"
    OUT_OF_HOURS = "out_of_hours"
    SAFE_FLOW = "safe_flow"
    """The dialplan served the caller without the service, and no agent answered."""
    FAILED = "failed"
    """The call ended by the system, unserved."""


@dataclass(slots=True, kw_only=True)
class PathStep:
    at: datetime
    node: str
    label: str
    action: str = ""
    digits: str = ""


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One ring at one agent. `result` is "" while it rings, then "answered", "timeout" or "withdrawn"."""

    agent: str
    queue: str
    rang_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    result: str = ""
    rang_seconds: float = 0.0
    talk_seconds: int = 0


@dataclass(slots=True, kw_only=True)
class SpecialistPart:
    """One consultation. `result` is "ringing", "consulted", "merged", or why not: "no_answer", "busy", "unreachable",
    "cancelled".
    """

    specialist_id: str
    specialist: str
    unit: str
    at: datetime
    result: str = "ringing"


@dataclass(slots=True, kw_only=True, eq=False)
class CallRecord:
    call_id: str
    started_at: datetime
    caller_number: str = ""
    caller_name: str = ""
    dialed: str = ""
    entry: str = "trunk"
    channel: str = ""
    enterprise_id: str | None = None
    enterprise_name: str = ""
    contact_id: str | None = None
    contact_name: str = ""
    flow: str = ""
    flow_version: str = ""
    path: list[PathStep] = field(default_factory=list)
    queue: str = ""
    queued_at: datetime | None = None
    waited_seconds: int = 0
    attempts: list[Attempt] = field(default_factory=list)
    answered_at: datetime | None = None
    talk_seconds: int = 0
    hold_seconds: int = 0
    held_since: datetime | None = None
    threeway: list[SpecialistPart] = field(default_factory=list)
    survey: int | None = None
    voicemail: str = ""
    """The file's name; "" without a message."""
    voicemail_seconds: int = 0
    out_of_hours: bool = False
    safe_reason: str = ""
    ended_at: datetime | None = None
    ended_by: str = ""
    cause: str = ""
    ended_in: str = ""
    """The node the caller was in at the end."""
    gap: bool = False
    """Part of what happened was missed and filled from Asterisk's own logs."""

    @property
    def answered_by(self) -> list[str]:
        """Agents who talked with the caller, in order, each once."""
        return list(dict.fromkeys(a.agent for a in self.attempts if a.answered_at is not None))


def outcome_of(record: CallRecord) -> Outcome:
    """How the call went, from its facts alone. The first rule that fits counts, the best service first."""
    if record.answered_at is not None:
        return Outcome.ANSWERED if record.ended_at is not None else Outcome.LIVE
    if record.ended_at is None:
        return Outcome.LIVE
    if record.voicemail_seconds > 0:
        return Outcome.VOICEMAIL
    if record.safe_reason:
        return Outcome.SAFE_FLOW
    if record.queued_at is not None and record.ended_by == "caller":
        return Outcome.ABANDONED_QUEUE
    if record.out_of_hours:
        return Outcome.OUT_OF_HOURS
    if record.ended_by == "caller":
        return Outcome.ABANDONED_MENU
    return Outcome.FAILED
