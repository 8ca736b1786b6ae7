"""Send a share of the callers one way, and the rest another."""

from __future__ import annotations

import hashlib
from typing import Self

from pydantic import Field, model_validator

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension
from callflow.compile.library import SafeFlowSource
from callflow.values import OutcomeName


class Share(Options):
    """One way, and how many of a hundred callers go it."""

    outcome: OutcomeName
    """The branch, named as you like."""
    percent: int = Field(ge=0, le=100)
    """Of all callers."""


class SplitOptions(Options):
    shares: tuple[Share, ...] = Field(min_length=2, max_length=10)
    """All the ways; together 100 percent."""
    salt: str = Field(default="", max_length=64)
    """Another word here deals the callers out anew; "" stands for the node's name."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (total := sum(share.percent for share in self.shares)) != 100:
            raise ValueError(f"the shares are {total} percent together; make it 100")
        if len({share.outcome for share in self.shares}) < len(self.shares):
            raise ValueError("two shares have the same outcome; add them together")
        return self


def share_of(options: SplitOptions, *, caller: str, node: str) -> str:
    """The outcome for this caller, the same each time. Pure."""
    digest = hashlib.sha256(f"{options.salt or node}\n{caller}".encode()).digest()
    place = int.from_bytes(digest[:8]) % 10_000
    reached = 0
    for share in options.shares:
        reached += share.percent * 100
        if place < reached:
            return share.outcome
    raise AssertionError("the shares are 100 percent")


def _outcomes(options: SplitOptions) -> frozenset[str]:
    return frozenset(share.outcome for share in options.shares)


def _in_safe_flow(source: SafeFlowSource[SplitOptions], out: Extension) -> None:
    largest = max(source.options.shares, key=lambda share: share.percent)
    out.go(source.branch(largest.outcome))


@action(
    "split",
    options=SplitOptions,
    outcomes=_outcomes,
    outcomes_from="shares.*.outcome",
    safe=_in_safe_flow,
    degrades="Everybody goes the way of the largest share.",
    example={"shares": [{"outcome": "trial", "percent": 10}, {"outcome": "usual", "percent": 90}]},
)
async def split(ctx: FlowContext, options: SplitOptions) -> str:
    """Deal callers out by percentages. A number goes the same way each time; a hidden one is dealt anew each call."""
    return share_of(options, caller=ctx.facts.caller_number or ctx.facts.call_id, node=ctx.node)
