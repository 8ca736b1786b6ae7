"""Test cases as they stand in a flow: a simulated caller, and what is expected of the call."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from callflow.document import NodeId
from callflow.simulate.caller import QueueName, Seconds, SimulatedCaller, SimulationModel
from callflow.speech import PromptId
from hotline.kernel.words import VISIBLE

CaseName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), VISIBLE]


class CallExpectation(SimulationModel):
    """What must be so; what is left out may be anything. An action that fails is never expected."""

    passes: tuple[NodeId, ...] = ()
    """Nodes that the call goes through, in this order, others between them."""
    avoids: tuple[NodeId, ...] = ()
    ends_in: NodeId | None = None
    """The node where the call ends."""
    queue: QueueName | None = None
    """The queue that it joined last; "" for none."""
    hears: tuple[PromptId, ...] = ()
    person_within: Seconds | None = None
    """Seconds until an agent answers, waiting included."""
    ended_by: Literal["flow", "caller"] | None = None


class FlowTestCase(SimulationModel):
    name: CaseName
    caller: SimulatedCaller = Field(default_factory=SimulatedCaller)
    expect: CallExpectation
