"""How a title is typed in pinyin: its initials and syllables, from each character on. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, product

from crm.enterprises.names import syllables

LONGEST = 12
"""Letters of a token: what is typed beyond them is not compared."""
SHORT = (2, 3)
"""So many letters are looked up whole, more as a beginning: the beginnings of all titles are many."""
_VARIANTS = 4
_SYLLABLES = 6


@dataclass(frozen=True, slots=True)
class TitleSounds:
    tokens: set[str]
    line: str
    """The first reading of the title: its initials, a space, its syllables."""


def sounds_of(title: str) -> TitleSounds:
    read = [one or [""] for one in syllables(title)]
    first = [one[0] for one in read]
    line = f"{''.join(one[:1] if one.isupper() else one for one in first)} {''.join(first)}".lower()
    return TitleSounds(_tokens(read), line)


def _tokens(read: Sequence[Sequence[str]]) -> set[str]:
    found: set[str] = set()
    for at in range(len(read)):
        for variant in islice(product(*(one[:2] for one in read[at : at + _SYLLABLES])), _VARIANTS):
            found |= _beginnings("".join(variant).lower())
        initials = "".join(one[0][:1] if one[0].isupper() else one[0] for one in read[at : at + LONGEST])
        found |= _beginnings(initials.lower())
        for other in read[at][1:2]:
            found |= _beginnings((other[:1] + initials[1:]).lower())
    return found


def _beginnings(letters: str) -> set[str]:
    return {letters[:length] for length in (*SHORT, LONGEST)}
