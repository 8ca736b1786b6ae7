"""What the safe-flow rules of `dial` and `specialist` share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from callflow.compile.dialplan import Extension, safe
from callflow.compile.library import SafeFlowSource, seconds
from callflow.dialling import OUTSIDE, DialledOptions
from ivr.dialplan import TRUNK, Context, Variable, interface_of

D = TypeVar("D", bound=DialledOptions)

_DIAL_STATUS = {"answered": ("ANSWER",), "busy": ("BUSY",), "no_answer": ("NOANSWER", "CANCEL")}


def dial_outside(source: SafeFlowSource[D], out: Extension, number: str) -> None:
    """Call `number` by the trunk and wait until the caller is back."""
    out.do("Set(HL_AHEAD=)")
    for variable, value in (
        (Variable.DIAL_PHONES, f"{interface_of(safe(number))}@{TRUNK}"),
        (Variable.DIAL_NAMES, OUTSIDE),
        (Variable.DIAL_RING, seconds(source.options.ring)),
        (Variable.DIAL_LONGEST, seconds(source.options.longest)),
        (Variable.DIAL_CONFIRM, ""),
        (Variable.NODE, safe(source.node.id)),
    ):
        out.do(f"Set({variable}={value})")
    out.do(f"Gosub({Context.DIAL},s,1)")


def came_back(source: SafeFlowSource[D], out: Extension, branches: Mapping[str, str]) -> None:
    """Take the outcome, by `branches`; a call that the service sent away and cannot take back continues here, too."""
    out.label("left")
    out.do("NoOp()")
    for outcome, statuses in _DIAL_STATUS.items():
        for status in statuses:
            out.go_if(f'"{Variable.QUEUE_STATUS.value_of}" = "{status}"', source.branch(branches[outcome]))
    out.go(source.branch(branches["failed"]))
