"""Prompts as a flow's author writes them, and how values are read out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from callflow.action import CallFacts
from callflow.values import filled
from ivr.telephony import SpeechKind, SpeechParts

PromptId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
_GAP = SpeechParts("short-gap")
_MOST_MONEY = Decimal(1_000_000_000)
_LONGEST_NUMBER = 15


class Spoken(BaseModel):
    """One of these, read out; a name in braces is replaced by the fact or value of that name."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    digits: str = ""
    """Read one by one; in Mandarin 1 is 幺."""
    number: str = ""
    """Read as a number."""
    date: str = ""
    """2026-10-08, read as a date."""
    money: str = ""
    """1234.50, read as yuan and fen."""
    case_number: str = ""
    """Read in its three groups."""


SpeechItem = PromptId | Spoken


def to_speech(items: Iterable[SpeechItem], facts: CallFacts) -> tuple[SpeechParts, ...]:
    """What to say, in order; what is not known, or cannot be read that way, is passed over in silence."""
    parts: list[SpeechParts] = []
    for item in items:
        parts += [SpeechParts(item)] if isinstance(item, str) else _read_out(item, facts)
    return tuple(parts)


def _read_out(item: Spoken, facts: CallFacts) -> Iterator[SpeechParts]:
    language = facts.language
    if item.digits:
        yield from digits_of(_digits(filled(item.digits, facts)), language)
    elif item.number:
        if number := _digits(filled(item.number, facts)):
            yield SpeechParts(number[:_LONGEST_NUMBER], SpeechKind.NUMBER)
    elif item.date:
        yield from date_of(filled(item.date, facts), language)
    elif item.money:
        yield from money_of(filled(item.money, facts), language)
    elif item.case_number:
        yield from case_number_of(_digits(filled(item.case_number, facts)), language)


def _digits(text: str) -> str:
    return "".join(character for character in text if character in "0123456789")


def digits_of(digits: str, language: str) -> Iterator[SpeechParts]:
    """One by one; in Mandarin 1 is 幺, which no other digit sounds like."""
    if language != "zh":
        if digits:
            yield SpeechParts(digits, SpeechKind.DIGITS)
        return
    for digit in digits:
        yield SpeechParts("digit-yao") if digit == "1" else SpeechParts(digit, SpeechKind.DIGITS)


def case_number_of(number: str, language: str) -> Iterator[SpeechParts]:
    """Day, count and check digit, a short gap between them."""
    for group in (number[:6], number[6:-1], number[-1:]) if number else ():
        yield from digits_of(group, language)
        yield _GAP


def day_of(day: date, language: str) -> Iterator[SpeechParts]:
    """Month and day."""
    yield SpeechParts(f"month-{day.month}")
    yield SpeechParts(str(day.day), SpeechKind.NUMBER)
    if language == "zh":
        yield SpeechParts("date-day")


def date_of(text: str, language: str) -> Iterator[SpeechParts]:
    """The date with its year; nothing where `text` does not begin with one such as 2026-10-08."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return
    if language == "zh":
        yield from digits_of(str(day.year), language)
        yield SpeechParts("date-year")
    yield from day_of(day, language)
    if language != "zh":
        yield SpeechParts(str(day.year), SpeechKind.NUMBER)


def money_of(text: str, language: str) -> Iterator[SpeechParts]:
    """Yuan, jiao and fen in Mandarin, yuan and fen in English; nothing where `text` is no amount below 10⁹."""
    try:
        amount = Decimal(text).quantize(Decimal("0.01"))
    except InvalidOperation:
        return
    if not (amount.is_finite() and 0 <= amount < _MOST_MONEY):
        return
    yuan, fen = divmod(int(amount * 100), 100)
    if yuan or not fen:
        yield SpeechParts(str(yuan), SpeechKind.NUMBER)
        yield SpeechParts("money-yuan")
    coins = ((fen // 10, "money-jiao"), (fen % 10, "money-fen")) if language == "zh" else ((fen, "money-fen"),)
    if language == "zh" and yuan and 0 < fen < 10:
        yield SpeechParts("0", SpeechKind.DIGITS)
    for count, unit in coins:
        if count:
            yield SpeechParts(str(count), SpeechKind.NUMBER)
            yield SpeechParts(unit)
