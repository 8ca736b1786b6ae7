"""Name a value, for what comes later in the flow."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension
from callflow.compile.library import SafeFlowSource, value_in_dialplan, variable_of
from callflow.values import ValueName, ValueText, filled, names_in

_MOST = 50
"""Values of one call; a flow that names more has made a mistake."""


class SetOptions(Options):
    values: Mapping[ValueName, ValueText] = Field(min_length=1, max_length=20)
    """Each name with its value: letters, digits and _ . + -; a name in braces stands for that fact or value."""


def _in_safe_flow(source: SafeFlowSource[SetOptions], out: Extension) -> None:
    # Through a second variable, for a value may be made of those that are being set.
    for name, text in source.options.values.items():
        for known in names_in(text):
            text = text.replace(f"{{{known}}}", value_in_dialplan(known))
        out.do(f"Set(HL_NEW_{variable_of(name)}={text})")
    for name in source.options.values:
        out.do(f"Set({variable_of(name)}=${{HL_NEW_{variable_of(name)}}})")
    out.go(source.branch("done"))


@action("set", options=SetOptions, outcomes=("done",), safe=_in_safe_flow, example={"values": {"topic": "heating"}})
async def set_values(ctx: FlowContext, options: SetOptions) -> str:
    """Name values that `say` reads out and `condition` compares. They stay with the call, also over a restart."""
    new = {name: filled(text, ctx.facts) for name, text in options.values.items()}
    values = {**ctx.facts.values, **new}
    if len(values) > _MOST:
        raise ValueError(f"a call keeps {_MOST} values at most")
    ctx.facts.values = values
    return "done"
