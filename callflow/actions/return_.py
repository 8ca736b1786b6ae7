"""Go back to the flow that called this one."""

from __future__ import annotations

from callflow.action import FlowContext, Options, action
from callflow.values import OutcomeName


class ReturnOptions(Options):
    outcome: OutcomeName = "done"
    """How the calling flow's `subflow` node ends."""


@action(
    "return",
    options=ReturnOptions,
    outcomes=(),
    # Who comes here in the safe flow was called by nobody.
    degrades="The caller goes to a person.",
)
async def return_(ctx: FlowContext, options: ReturnOptions) -> str:
    """End a flow that another one runs by `subflow`; in a flow that no other runs, the caller goes to a person."""
    return options.outcome
