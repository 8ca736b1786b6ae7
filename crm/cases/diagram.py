"""docs/case-states.md, drawn from the table: `python -m crm.cases.diagram > docs/case-states.md`."""

from __future__ import annotations

import sys

from crm.cases.state import FINAL, OPEN, TRANSITIONS, CaseAction, CaseState

_HEAD = """\
# The states of a case

Drawn from `crm/cases/state.py`; a test fails when the two differ. After changing the table, run
`python -m crm.cases.diagram > docs/case-states.md`.
"""
_ENDINGS = frozenset({CaseAction.TERMINATE, CaseAction.WITHDRAW})


def mermaid() -> str:
    """The diagram; what every open state has, and what leaves the state as it is, is left to the table."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {CaseState.DRAFT.value}"]
    lines += [
        f"    {source.value} --> {transition.target.value}: {action.value}"
        for (source, action), transition in TRANSITIONS.items()
        if transition.target is not source and action not in _ENDINGS
    ]
    lines += [f"    {state.value} --> [*]" for state in CaseState if state in FINAL]
    return "\n".join([*lines, "```"])


def table() -> str:
    rows = ["| from | action | to | who | guards |", "|---|---|---|---|---|"]
    rows += [
        f"| {source.value} | {action.value} | {'–' if row.target is source else row.target.value} "
        f"| {', '.join(sorted(row.by))} | {'; '.join(row.guards) or '–'} |"
        for (source, action), row in TRANSITIONS.items()
    ]
    return "\n".join(rows)


def document() -> str:
    open_states = ", ".join(state.value for state in CaseState if state in OPEN)
    return "\n".join(
        [
            _HEAD,
            mermaid(),
            "",
            f"Open states ({open_states}) can also be terminated or withdrawn, which the diagram leaves out, with the",
            "actions that add to a case without changing its state.",
            "",
            table(),
            "",
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(document())
