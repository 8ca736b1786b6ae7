"""What a simulated call heard, pressed and came to; filled while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class HeardPart:
    """A prompt's id, or what was read out; `seconds` were heard of `whole`, which is 0 where there is no sound."""

    text: str
    seconds: float
    whole: float
    words: str = ""


@dataclass(slots=True)
class SimulatedStep:
    """One node. `at` in seconds from the answer; `outcome` is "" where the call ended here."""

    node: str
    label: str
    action: str
    at: float
    language: str
    heard: list[HeardPart] = field(default_factory=list)
    keys: str = ""
    outcome: str = ""
    next: str = ""
    flow: str = ""
    """The subflow that the node belongs to; "" for the flow that answers."""


@dataclass(frozen=True, slots=True)
class QueueStay:
    """A visit to a queue; seconds."""

    queue: str
    node: str
    at: float
    outcome: str
    waited: float
    talked: float
    priority: int


@dataclass(frozen=True, slots=True)
class DialStay:
    """A call to a number outside or to a unit's specialists; seconds."""

    node: str
    at: float
    outcome: str
    waited: float
    talked: float


EndedBy = Literal["flow", "caller", "limit"]
"""limit: the simulation ended it, because it took too long or went in circles."""


@dataclass(slots=True)
class SimulatedCall:
    """The whole call."""

    steps: list[SimulatedStep] = field(default_factory=list)
    stays: list[QueueStay] = field(default_factory=list)
    dials: list[DialStay] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """Nodes where an action failed, or the flow went in circles, with the reason."""
    seconds: float = 0.0
    ended_by: EndedBy = "flow"

    @property
    def nodes(self) -> list[str]:
        return [step.node for step in self.steps]

    @property
    def prompts(self) -> list[str]:
        """All that was heard, at least in part."""
        return [part.text for step in self.steps for part in step.heard]

    @property
    def person_at(self) -> float | None:
        """When a person answered, in seconds from the answer of the call; None where none did."""
        stays: list[QueueStay | DialStay] = [*self.stays, *self.dials]
        answered = (stay.at + stay.waited for stay in stays if stay.outcome == "answered")
        return min(answered, default=None)
