"""Which cases are alike, by the words they share and how rare those are. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crm.similar.models import WORD_LENGTH
from hotline.kernel.search_tokens import dictionary_words, search_tokens

PLACE = "@"
"""Before a word of the place, so that the same word in a text is another."""
MOST_STORED = 60
MOST_ASKED = 32
MOST_PLACES = 16
COMMON = 100
"""A word is looked up in so many cases, the newest; what more cases have says little of any."""
_LOOKED_AT = 2000
"""Characters of a text: a story says at its beginning what it is about."""
_ALIKE = 0.3
"""Of the weight of what was asked; below, two texts merely touch."""
_SAME_PLACE = 0.75
_FEWEST_WORDS = 2
_SHOWN = 5


def text_words(title: str, content: str, *, most: int) -> list[str]:
    """The words of a case in their order, each once."""
    return _distinct(search_tokens(f"{title}\n{content[:_LOOKED_AT]}"), most)


def place_words(place: str, *, most: int) -> list[str]:
    return [PLACE + token for token in _distinct(search_tokens(place), most)]


def stored_words(title: str, content: str, place: str) -> list[str]:
    """What an open case is found by."""
    return [*text_words(title, content, most=MOST_STORED), *place_words(place, most=MOST_STORED // 3)]


def _distinct(tokens: Iterable[str], most: int) -> list[str]:
    return list(dict.fromkeys(token for token in tokens if len(token) < WORD_LENGTH))[:most]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a case is like what was asked: shares of the weight, between 0 and 1, and the words to show."""

    text: float = 0.0
    place: float = 0.0
    words: tuple[str, ...] = ()

    @property
    def same_place(self) -> bool:
        return self.place >= _SAME_PLACE

    @property
    def same_words(self) -> bool:
        return self.text >= (_ALIKE / 2 if self.same_place else _ALIKE) and len(self.words) >= _FEWEST_WORDS

    @property
    def score(self) -> float:
        return self.text + (self.place if self.same_place else 0.0)


def likeness(text: str, asked: Sequence[str], found: Sequence[tuple[str, str]]) -> dict[str, Likeness]:
    """By case id: `found` are (word, case id), of each word of `asked` the newest cases that have it."""
    cases: defaultdict[str, set[str]] = defaultdict(set)
    for word, case_id in found:
        cases[word].add(case_id)
    weights = {word: math.log(1 + COMMON / max(len(cases[word]), 1)) for word in asked}
    # A word that no other case has is often the caller's own: it counts, but little against.
    total = {kind: _total(weights, cases, kind) for kind in (False, True)}
    shared: defaultdict[str, list[str]] = defaultdict(list)
    for word in asked:
        for case_id in cases[word]:
            shared[case_id].append(word)
    known = dictionary_words(text)
    return {case_id: _likeness(words, weights, total, known) for case_id, words in shared.items()}


def _total(weights: dict[str, float], cases: dict[str, set[str]], place: bool) -> float:
    return sum(
        weight if cases[word] else weight / 4 for word, weight in weights.items() if word.startswith(PLACE) is place
    )


def _likeness(words: list[str], weights: dict[str, float], total: dict[bool, float], known: frozenset[str]) -> Likeness:
    places = [word for word in words if word.startswith(PLACE)]
    texts = [word for word in words if not word.startswith(PLACE)]
    shares = [
        sum(weights[word] for word in group) / (total[kind] or 1.0) for kind, group in ((False, texts), (True, places))
    ]
    # Most of what is found merely touches, and is not shown.
    near = shares[0] >= _ALIKE / 2
    return Likeness(text=shares[0], place=shares[1], words=_shown(texts, weights, known) if near else ())


def _shown(words: list[str], weights: dict[str, float], known: frozenset[str]) -> tuple[str, ...]:
    """Those that say most, without parts of one another; pairs of characters only where there are no words."""
    found = [word for word in words if word in known] or words
    whole = [word for word in found if not any(word != other and word in other for other in found)]
    return tuple(sorted(whole, key=lambda word: -weights[word])[:_SHOWN])
