"""What people see of actions and outcomes, in Mandarin and English: `words.yaml`, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints

Word = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Tongue = Literal["zh", "en"]


class TwoWords(BaseModel):
    """One thing, named in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: Word
    en: Word

    def of(self, language: Tongue) -> str:
        return self.zh if language == "zh" else self.en


class _ActionWords(TwoWords):
    outcomes: dict[str, TwoWords] = {}


class FlowWords(BaseModel):
    """Names of actions, of their outcomes and of their options."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    actions: dict[str, _ActionWords]
    outcomes: dict[str, TwoWords]
    keys: TwoWords
    options: dict[str, TwoWords]
    choices: dict[str, TwoWords]
    """The values of options that are chosen from a list."""

    def action(self, name: str, language: Tongue) -> str:
        """What the action is called; its own name where nobody has given it another."""
        words = self.actions.get(name)
        return words.of(language) if words else name

    def outcome(self, action: str, outcome: str, language: Tongue) -> str:
        """What the outcome is called; as it stands in the document where the flow's author has named it."""
        own = self.actions[action].outcomes if action in self.actions else {}
        if words := own.get(outcome) or self.outcomes.get(outcome):
            return words.of(language)
        return self.keys.of(language).format(key=outcome) if outcome in "0123456789*#" else outcome


@cache
def flow_words() -> FlowWords:
    """The shipped words."""
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    return FlowWords.model_validate(yaml.safe_load(text))
