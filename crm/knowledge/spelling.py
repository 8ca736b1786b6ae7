"""What a word that nobody wrote was meant to be, by the titles that are nearly it. Pure.

By its sound any homophone is found, as an input method gives it; else one character may be wrong, missing or too many.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator

import rjieba

from crm.enterprises.names import syllables
from hotline.kernel.search_tokens import is_han, pairs_of, runs_of

LONGEST = 12
"""Characters of a word that is corrected; longer ones are sentences."""
_SHORTEST_BY_SOUND, _SHORTEST = 2, 4


def may_be_corrected(word: str) -> bool:
    return is_han(word) and runs_of(word) == [word] and _SHORTEST_BY_SOUND <= len(word) <= LONGEST


@functools.lru_cache(maxsize=32_768)
def sound_of(word: str) -> str:
    return "".join(readings[0] for readings in syllables(word) if readings).lower()


def pairs_without_one(word: str) -> list[list[str]]:
    """For each of its characters the pairs that stay if it is wrong; [] for a word too short to guess at."""
    pairs = pairs_of(word) if len(word) >= _SHORTEST else []
    left = [[pair for at, pair in enumerate(pairs) if at not in (wrong - 1, wrong)] for wrong in range(len(word))]
    return [one for one in left if one] if pairs else []


def corrected(word: str, titles: Iterable[str], *, by_sound_alone: bool = False) -> str | None:
    """The part of most of the folded titles that sounds the same, or else is one character from it."""
    sound = sound_of(word)
    same: Counter[str] = Counter()
    near: Counter[str] = Counter()
    for title in titles:
        for part in _parts(title, len(word)):
            if part == word:
                continue
            if len(part) == len(word) and _shares_one(part, word) and sound_of(part) == sound:
                same[part] += 1
            elif not by_sound_alone and len(word) >= _SHORTEST and _one_off(word, part):
                near[part] += 1
    found = same or near
    return min(found, key=lambda part: (-found[part], -len(part), part)) if found else None


def _parts(title: str, length: int) -> Iterator[str]:
    """Parts of about this length that begin and end with a word of the dictionary."""
    for run in filter(is_han, runs_of(title)):
        ends = [0]
        for word in rjieba.cut(run):
            ends.append(ends[-1] + len(word))
        for begin in ends:
            yield from (run[begin:end] for end in ends if abs(end - begin - length) <= 1)


def _shares_one(one: str, other: str) -> bool:
    """Homophones with no character in common are other words."""
    return any(a == b for a, b in zip(one, other, strict=True))


def _one_off(one: str, other: str) -> bool:
    """Whether one character changed, added or removed makes one of the other."""
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    short, long = sorted((one, other), key=len)
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
