"""Choose a way by what is known of the call."""

from __future__ import annotations

from pydantic import Field

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension
from callflow.compile.library import SafeFlowSource
from callflow.conditions import AnyComparison, ConditionCall
from callflow.values import OutcomeName

OTHERWISE = "otherwise"


class ConditionCase(Options):
    """One way out, and what must hold for it."""

    outcome: OutcomeName
    """The branch, named as you like; two cases may share one."""
    when: tuple[AnyComparison, ...] = Field(min_length=1, max_length=10)
    """All of these hold."""


class ConditionOptions(Options):
    cases: tuple[ConditionCase, ...] = Field(min_length=1, max_length=20)
    """The first whose comparisons hold gives the outcome."""


def _outcomes(options: ConditionOptions) -> frozenset[str]:
    return frozenset({OTHERWISE, *(case.outcome for case in options.cases)})


def _in_safe_flow(source: SafeFlowSource[ConditionOptions], out: Extension) -> None:
    for case in source.options.cases:
        expressions = [comparison.in_dialplan() for comparison in case.when]
        known = [expression for expression in expressions if expression is not None]
        if len(known) == len(expressions):
            out.go_if(" & ".join(known), source.branch(case.outcome))
    out.go(source.branch(OTHERWISE))


@action(
    "condition",
    options=ConditionOptions,
    outcomes=_outcomes,
    outcomes_from="cases.*.outcome",
    safe=_in_safe_flow,
    degrades="A case that asks who calls, how busy a queue is, what was dialed or how large a number is does not hold.",
    example={"cases": [{"outcome": "english", "when": [{"fact": "language", "one_of": ["en"]}]}]},
)
async def condition(ctx: FlowContext, options: ConditionOptions) -> str:
    """Take the first case whose comparisons all hold, else `otherwise`."""
    call = ConditionCall(ctx.facts, ctx.ports.clock.now(), ctx.ports.queues)
    for case in options.cases:
        if all(comparison.holds(call) for comparison in case.when):
            return case.outcome
    return OTHERWISE
