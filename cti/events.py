"""What happened at the queues: agents, their talks, and three-way calls. `agent` is the agent's number (工号)."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.kernel.events import Event

# --- who is an agent ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class AgentEdited(Event):
    """An administrator edited an agent. `change` is "created", "changed", "deactivated" or "activated"."""

    agent: str
    change: str


@dataclass(frozen=True, kw_only=True)
class AgentsChanged(Event):
    """Presence has loaded that these agents are new, changed, leaving or gone: their phones may differ too."""

    agents: tuple[str, ...]


# --- agents and talks -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class AgentRang(Event):
    """The agent's phone began to ring for this call."""

    agent: str
    queue: str


@dataclass(frozen=True, kw_only=True)
class AgentMissed(Event):
    """The agent did not answer. `reason` is "timeout", or "withdrawn" where the caller or the queue ended it."""

    agent: str
    queue: str
    rang_seconds: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class AgentAnswered(Event):
    """The talk began. `waited_seconds` in the queue, as app_queue counts them."""

    agent: str
    queue: str
    waited_seconds: int


@dataclass(frozen=True, kw_only=True)
class TalkEnded(Event):
    """The agent's part of the call is over. `by` is "caller", "agent" or "system"."""

    agent: str
    queue: str
    talk_seconds: int
    by: str


@dataclass(frozen=True, kw_only=True)
class AgentLost(Event):
    """The agent's phone fell silent; the caller hears an announcement and is queued ahead of all others."""

    agent: str


@dataclass(frozen=True, kw_only=True)
class HoldBegan(Event):
    agent: str


@dataclass(frozen=True, kw_only=True)
class HoldEnded(Event):
    agent: str


# --- three-way calls ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ConsultStarted(Event):
    """The caller hears music; the specialist's phone is dialled."""

    agent: str
    specialist_id: str
    specialist: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class SpecialistAnswered(Event):
    agent: str
    specialist_id: str
    rang_seconds: float


@dataclass(frozen=True, kw_only=True)
class SpecialistMissed(Event):
    """`reason` is "no_answer", "busy", "unreachable" or "cancelled"."""

    agent: str
    specialist_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ThreeWayMerged(Event):
    """All three hear each other."""

    agent: str
    specialist_id: str


@dataclass(frozen=True, kw_only=True)
class ThreeWayToggled(Event):
    """The agent now talks with the caller alone (`with_caller`), or with the specialist alone."""

    agent: str
    with_caller: bool


@dataclass(frozen=True, kw_only=True)
class LegDropped(Event):
    """`leg` ("specialist" or "caller") left or was sent away; the others talk on. `by` is "agent" or "self"."""

    agent: str
    leg: str
    by: str


@dataclass(frozen=True, kw_only=True)
class CallerBackWithAgent(Event):
    """Agent and caller talk again without the specialist."""

    agent: str


@dataclass(frozen=True, kw_only=True)
class AgentLeftCall(Event):
    """The agent went; caller and specialist talk on."""

    agent: str


@dataclass(frozen=True, kw_only=True)
class CallerRequeued(Event):
    """The agent was lost in a consultation or when it was undone; the caller waits again, at the first place."""

    agent: str


@dataclass(frozen=True, kw_only=True)
class ThreeWayFailed(Event):
    """A move failed and was undone. `code` is the error's id."""

    agent: str
    code: str
