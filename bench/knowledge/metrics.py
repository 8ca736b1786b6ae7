"""How good a ranking is, by the grades of what it shows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2


def ndcg(found: Sequence[int], judged: Sequence[int], *, at: int = 10) -> float:
    """Of the grades in the order found, by those of all entries: 1 is the best order there is. Gain is 2^grade - 1."""
    best = _gain(sorted(judged, reverse=True)[:at])
    return _gain(found[:at]) / best if best else 0.0


def recall(found: Sequence[int], judged: Sequence[int], *, at: int = 10, least: int = 2) -> float:
    """Share of the entries graded `least` or better that are among the first; of more than `at`, `at` are all."""
    wanted = min(at, sum(grade >= least for grade in judged))
    return sum(grade >= least for grade in found[:at]) / wanted if wanted else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum((float(2**grade) - 1) / log2(place + 2) for place, grade in enumerate(grades))
