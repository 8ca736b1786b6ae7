"""Prompts as a flow's author writes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from callflow.action import CallFacts
from ivr.telephony import SpeechKind, SpeechParts

PromptId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
FACTS = ("agent", "dialed", "caller_number")


class Spoken(BaseModel):
    """`digits` are read one by one, `number` as a number; a fact's name in braces is replaced by its value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    digits: str = ""
    number: str = ""


SpeechItem = PromptId | Spoken


def to_speech(items: Iterable[SpeechItem], facts: CallFacts) -> tuple[SpeechParts, ...]:
    """What to say, in order; a fact that is not known is passed over in silence."""
    spoken = []
    for item in items:
        if isinstance(item, str):
            spoken.append(SpeechParts(item))
        elif digits := _value(item.digits, facts):
            spoken.append(SpeechParts(digits, SpeechKind.DIGITS))
        elif number := _value(item.number, facts):
            spoken.append(SpeechParts(number, SpeechKind.NUMBER))
    return tuple(spoken)


def _value(text: str, facts: CallFacts) -> str:
    for name in FACTS:
        text = text.replace(f"{{{name}}}", getattr(facts, name))
    return "".join(character for character in text if character in "0123456789")
