"""What a drill call was offered, node by node."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from callflow.document import CheckedNode, Flow

DrillEnd = Literal["flow", "caller", "limit"]
"""limit: the drill ended it, because it went on for too long."""


@dataclass(slots=True)
class DrillStep:
    """One node; `prompts` are those that it began to say, heard to their end or cut by a key, without what is read out.

    `questions`: how often it waited for keys, which is how many of the caller's answers it took.
    """

    node: str
    prompts: list[str] = field(default_factory=list)
    questions: int = 0


@dataclass(slots=True)
class DrillCall:
    steps: list[DrillStep] = field(default_factory=list)
    queues: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    ended_by: DrillEnd = "flow"

    def enter(self, node: str) -> None:
        """A node that leads to itself is one step, as in the call log."""
        if not self.steps or self.steps[-1].node != node:
            self.steps.append(DrillStep(node))

    @property
    def nodes(self) -> list[str]:
        return [step.node for step in self.steps]


def node_of_extension(flow: Flow, extension: str) -> CheckedNode | None:
    """The node that an extension of the compiled flow stands for."""
    return flow.nodes.get(extension.removeprefix("n_").replace("_", "-")) if extension.startswith("n_") else None
