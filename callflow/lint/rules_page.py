"""docs/flow-rules.md, written from the table of rules."""

from __future__ import annotations

import re

from callflow.lint.texts import RULES

_HEAD = """\
<!-- Written by `hotline flow rules`; changes here are lost. -->
# Rules for call flows

`hotline flow check FILE` and the page of flows check these. An **error** keeps a flow from being published, a
**warning** asks for a second look, a **hint** is good to know. How long is too long is a matter of settings:
`flow_budgets` in [operations.md](operations.md).

| rule | | says | to mend it | 提示 | 如何改正 |
|---|---|---|---|---|---|
"""


def rules_page() -> str:
    """The page's text; words in braces stand for what is found."""
    rows = []
    for id, rule in RULES.items():
        cells = (f"`{id}`", rule.severity, *map(_cell, (rule.en, rule.en_mend, rule.zh, rule.zh_mend)))
        rows.append(f"| {' | '.join(cells)} |")
    return _HEAD + "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    text = re.sub(r"\{(\w+)(!r)?\}", r"*\1*", text)
    return re.sub(r"<(\w+)>", r"*\1*", text).replace("|", "\\|")
