"""Templates: their check, their words, and those shipped. Pure, but for reading the file shipped beside this module."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, tzinfo
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

from hotline.notices.kinds import IN_SMS, ON_PAGE, NoticeKind, Placeholder

Language = Literal["zh", "en"]
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LONGEST_VALUE = 80
LONGEST_TEMPLATE = 300
LONGEST_TEXT = 500
MISSING = "—"
"""Stands for what whoever notified did not give."""
_SMS_ALONE, _SMS_PART = 70, 67
"""Characters of an SMS in UCS-2; one of a longer message has a header in it."""


@dataclass(frozen=True, slots=True)
class Words:
    """A value in both languages, such as the name of a state."""

    zh: str
    en: str


Value = str | int | date | datetime | Words


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateTexts:
    """One kind's words; "" where it has none on that channel."""

    page_zh: str = ""
    page_en: str = ""
    sms_zh: str = ""
    sms_en: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


@cache
def shipped() -> Mapping[NoticeKind, TemplateTexts]:
    """Every kind has words, which a test holds."""
    document = yaml.safe_load(files("hotline.notices").joinpath("templates.yaml").read_text(encoding="utf-8"))
    return {
        NoticeKind(kind): TemplateTexts(
            **{f"{channel}_{language}": text for channel, by in channels.items() for language, text in by.items()}
        )
        for kind, channels in document.items()
    }


def problem_of(name: str, text: str, default: str) -> str | None:
    """What is wrong with the field `name` of a template, in a sentence; None where nothing is.

    `default` is what was shipped there: a channel that a kind does not use stays empty, one that it uses does not.
    """
    if not default and text:
        return f"{name}: this kind of notice is not sent there; leave it empty"
    if default and not text.strip():
        return f"{name}: is empty; write the words, or reset the template"
    if len(text) > LONGEST_TEMPLATE:
        return f"{name}: is longer than {LONGEST_TEMPLATE} characters"
    allowed = ON_PAGE if name.startswith("page_") else IN_SMS
    for found in _PLACEHOLDER.findall(text):
        if found not in set(Placeholder):
            return f"{name}: {{{found[:40]}}} is no placeholder; there are {_listed(allowed)}"
        if found not in allowed:
            return f"{name}: {{{found}}} may not stand here; there are {_listed(allowed)}"
    if "{" in (rest := _PLACEHOLDER.sub("", text)) or "}" in rest:
        return f"{name}: holds a brace that belongs to no placeholder"
    return None


def render(text: str, values: Mapping[str, Value], language: Language, zone: tzinfo, *, keep: str = "") -> str:
    """`text` with its placeholders filled in; the one named `keep` stays as it is."""

    def filled(found: re.Match[str]) -> str:
        if found[1] == keep:
            return found[0]
        return _word(values.get(found[1], MISSING), language, zone)

    return _PLACEHOLDER.sub(filled, text)[:LONGEST_TEXT]


def missing(text: str, values: Mapping[str, Value]) -> set[str]:
    """The placeholders of `text` that have no value."""
    return set(_PLACEHOLDER.findall(text)) - values.keys()


def sms_parts(text: str) -> int:
    """How many SMS a text is sent as, and paid for; counted in UTF-16, as networks do."""
    units = len(text.encode("utf-16-le")) // 2
    return 1 if units <= _SMS_ALONE else -(-units // _SMS_PART)


def _listed(allowed: frozenset[Placeholder]) -> str:
    return ", ".join(f"{{{name}}}" for name in Placeholder if name in allowed)


def _word(value: Value, language: Language, zone: tzinfo) -> str:
    match value:
        case Words():
            text = value.zh if language == "zh" else value.en
        case datetime():
            text = value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        case date():
            text = value.isoformat()
        case _:
            text = str(value)
    return _CONTROL.sub(" ", text)[:_LONGEST_VALUE]
