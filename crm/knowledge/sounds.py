"""How a title is typed in pinyin: its initials and syllables, from each character on. Pure."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, product

from crm.enterprises.names import syllables

LONGEST = 12
"""Letters of a token: what is typed beyond them is not compared."""
SHORT = (2, 3)
"""So many letters are looked up whole, more as a beginning: the beginnings of all titles are many."""
_VARIANTS = 4
_SYLLABLES = 6


@dataclass(frozen=True, slots=True)
class TitleSounds:
    tokens: frozenset[str]
    line: str
    """The first reading of the title: its initials, a space, its syllables."""


@functools.lru_cache(maxsize=8192)
def sounds_of(title: str) -> TitleSounds:
    """Kept, for entries share their keywords."""
    read = [one or [""] for one in syllables(title)]
    initials = [_initial(one[0]) for one in read]
    return TitleSounds(_tokens(read, initials), f"{''.join(initials)} {''.join(one[0] for one in read)}".lower())


def _initial(reading: str) -> str:
    # Latin letters and digits stand for themselves.
    return reading[:1] if reading.isupper() else reading


def _tokens(read: Sequence[Sequence[str]], initials: Sequence[str]) -> frozenset[str]:
    spelled: set[str] = set()
    two = [[reading.lower() for reading in one[:2]] for one in read]
    single, all_initials = [len(one) == 1 for one in two], "".join(initials).lower()
    short_at = [0, *accumulate(map(len, initials))]
    for at, here in enumerate(two):
        beyond = at + _SYLLABLES
        if all(single[at:beyond]):
            spelled.add("".join(one[0] for one in two[at:beyond]))
        else:
            spelled.update(map("".join, islice(product(*two[at:beyond]), _VARIANTS)))
        short = all_initials[short_at[at] : short_at[at] + LONGEST]
        spelled.add(short)
        spelled.update(other[:1] + short[1:] for other in here[1:2])
    return frozenset(letters[:length] for length in (*SHORT, LONGEST) for letters in spelled)
