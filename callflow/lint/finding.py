"""What lint says about a flow: which rule, how bad, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from callflow.lint.texts import RULES
from callflow.source import DocumentPath

TextLanguage = Literal["zh", "en"]


class Severity(StrEnum):
    """An error keeps a flow from being published."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`line` is 0 where there is no text; `node` is "" for what belongs to the whole flow."""

    rule: str
    node: str = ""
    path: DocumentPath = ()
    line: int = 0
    arguments: Mapping[str, object] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        return Severity(RULES[self.rule].severity)

    def message(self, language: TextLanguage) -> str:
        """What is wrong."""
        rule = RULES[self.rule]
        return (rule.zh if language == "zh" else rule.en).format(**self._arguments(language))

    def mend(self, language: TextLanguage) -> str:
        """What to do about it."""
        rule = RULES[self.rule]
        return (rule.zh_mend if language == "zh" else rule.en_mend).format(**self._arguments(language))

    @property
    def where(self) -> str:
        return ".".join(str(part) for part in self.path) or "file"

    def _arguments(self, language: str) -> dict[str, object]:
        """An argument that differs by language is a mapping of the two."""
        return {
            name: value.get(language, "") if isinstance(value, Mapping) else value
            for name, value in self.arguments.items()
        }
