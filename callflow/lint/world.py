"""What lint knows besides the document: prompts, queues, calendars, and how long is too long."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from callflow.action import SubflowSource, no_flows
from callflow.settings import FlowBudgets
from hotline.calendars.current import Calendars
from ivr.agi_telephony import LANGUAGES

_CHARACTERS_PER_SECOND = {"zh": 4.5, "en": 14.0}
"""Of the demo voices, for a prompt whose sound is not there yet."""
_NUMBER_SECONDS = 0.6
"""One digit read out, and one digit typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSound:
    """A prompt in one language. `seconds` is None while there is no sound of it."""

    text: str = ""
    seconds: float | None = None
    licensed: bool = True
    """Whether a live service may play it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What cannot be known is None, or empty, and no rule speaks of it."""

    today: date
    prompts: Mapping[str, Mapping[str, PromptSound]] = field(default_factory=dict)
    """By id, then by language."""
    queues: frozenset[str] | None = None
    calendars: Calendars | None = None
    units: frozenset[str] | None = None
    """The ids of the handling units in use."""
    outside: Callable[[str], bool] | None = None
    """Whether the hotline may call this number by its trunk."""
    subflows: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Of each live flow, the flows that it calls."""
    flows: SubflowSource = no_flows
    """The live flows, for simulated calls."""
    budgets: FlowBudgets = FlowBudgets()

    @property
    def has_sounds(self) -> bool:
        """Whether any prompt was ever made: before that, one without a sound is not worth a word."""
        return any(sound.seconds is not None for sounds in self.prompts.values() for sound in sounds.values())

    def sound(self, prompt: str, language: str) -> PromptSound | None:
        """What a caller of this language hears: another language where theirs is missing, as in a call."""
        sounds = self.prompts.get(prompt, {})
        wanted: Sequence[str] = (language, *LANGUAGES)
        made = (sounds[one] for one in wanted if one in sounds and sounds[one].seconds is not None)
        return next(made, None) or next((sounds[one] for one in wanted if one in sounds), None)

    def seconds(self, prompt: str, language: str) -> float:
        """How long it plays: measured, else judged by its text; 0 for an unknown one."""
        sound = self.sound(prompt, language)
        if sound is None:
            return 0.0
        if sound.seconds is not None:
            return sound.seconds
        return len(sound.text) / _CHARACTERS_PER_SECOND.get(language, 10.0)


def digit_seconds(count: int) -> float:
    """How long it takes to say, or to type, so many digits."""
    return count * _NUMBER_SECONDS
