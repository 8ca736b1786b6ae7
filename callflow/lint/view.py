"""Findings as they cross the wire."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel

from callflow.lint.finding import Finding


class FindingText(BaseModel):
    zh: str
    en: str


class FindingView(BaseModel):
    rule: str
    severity: Literal["error", "warning", "hint"]
    node: str
    """"" for what belongs to the whole flow."""
    path: list[str | int]
    line: int
    """0 where the flow was not given as text."""
    message: FindingText
    mend: FindingText

    @classmethod
    def of(cls, finding: Finding) -> Self:
        return cls(
            rule=finding.rule,
            severity=finding.severity.value,
            node=finding.node,
            path=list(finding.path),
            line=finding.line,
            message=FindingText(zh=finding.message("zh"), en=finding.message("en")),
            mend=FindingText(zh=finding.mend("zh"), en=finding.mend("en")),
        )
