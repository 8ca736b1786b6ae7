"""Run another flow and come back."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension
from callflow.compile.library import SafeFlowSource
from callflow.document import Flow, NodeId
from callflow.values import OutcomeName

OTHERWISE, UNAVAILABLE = "otherwise", "unavailable"


def _own_names(outcome: str) -> str:
    if outcome in (OTHERWISE, UNAVAILABLE):
        raise ValueError(f"{outcome!r} is an outcome in any case; leave it out")
    return outcome


class SubflowOptions(Options):
    flow: NodeId
    """The flow's id."""
    returns: tuple[Annotated[OutcomeName, AfterValidator(_own_names)], ...] = Field(default=("done",), max_length=20)
    """Outcomes that its `return` nodes name and that have branches of their own here."""


def called_flows(flow: Flow) -> frozenset[str]:
    """The flows that its nodes run."""
    return frozenset(node.options.flow for node in flow.nodes.values() if isinstance(node.options, SubflowOptions))


def _outcomes(options: SubflowOptions) -> frozenset[str]:
    return frozenset({*options.returns, OTHERWISE, UNAVAILABLE})


def _in_safe_flow(source: SafeFlowSource[SubflowOptions], out: Extension) -> None:
    out.go(source.branch(UNAVAILABLE))


@action(
    "subflow",
    options=SubflowOptions,
    outcomes=_outcomes,
    outcomes_from="returns",
    collects=True,
    safe=_in_safe_flow,
    degrades="Only one flow is there: the caller goes where `unavailable` leads.",
    example={"flow": "tax-season", "returns": ["done"]},
)
async def subflow(ctx: FlowContext, options: SubflowOptions) -> str:
    """Go through another flow, as its live version is now, until its `return`; what it names is the outcome here.

    The call stays on that version, also after a restart of the service. `otherwise`: it returned something else.
    `unavailable`: no such flow is published, it is running already further out, or flows are nested too deep.
    """
    outcome = await ctx.subflow(options.flow)
    if outcome is None:
        return UNAVAILABLE
    return outcome if outcome in options.returns else OTHERWISE
