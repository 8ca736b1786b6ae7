"""Figures that may be compared between machines, each with its spread, and which of them got slower. Pure.

Each is a ratio to a peer measured in the same run, since absolute figures are the machine's.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import stdev

HEADING = "## Compared with the peers"
_RESAMPLES = 200
_ROW = re.compile(r"\| (?P<name>[^|]+?) \| (?P<value>[0-9.]+) × \| ± (?P<spread>[0-9.]+) \|")

Statistic = Callable[[Sequence[float]], float]


@dataclass(frozen=True, slots=True)
class Figure:
    """Less is better. `spread`: two standard errors, or for CPU the greatest distance between two rounds."""

    name: str
    value: float
    spread: float


def ratio(name: str, ours: Sequence[float], peer: Sequence[float], statistic: Statistic) -> Figure:
    """`statistic` of ours over that of the peer; the spread by bootstrap, the same each time for the same samples."""
    chance = random.Random(12345)
    drawn = [
        statistic(chance.choices(ours, k=len(ours))) / statistic(chance.choices(peer, k=len(peer)))
        for _ in range(_RESAMPLES)
    ]
    return Figure(name, statistic(ours) / statistic(peer), 2 * stdev(drawn))


def of_rounds(name: str, rounds: Sequence[float]) -> Figure:
    return Figure(name, sum(rounds) / len(rounds), max(rounds) - min(rounds))


def rows(figures: Iterable[Figure]) -> list[tuple[str, str, str]]:
    return [(figure.name, f"{figure.value:.2f} ×", f"± {figure.spread:.2f}") for figure in figures]


def read(page: str) -> dict[str, Figure]:
    """The figures of a page that was written before, by name; none of one without them."""
    _, _, section = page.partition(HEADING)
    found = (_ROW.match(line) for line in section.partition("\n## ")[0].splitlines())
    return {row["name"]: Figure(row["name"], float(row["value"]), float(row["spread"])) for row in found if row}


def slower(now: Iterable[Figure], before: Mapping[str, Figure]) -> list[str]:
    """What got slower by more than the greater of the two spreads, a line each."""
    lines = []
    for figure in now:
        old = before.get(figure.name)
        if old is not None and figure.value > old.value + max(figure.spread, old.spread):
            spread = max(figure.spread, old.spread)
            lines.append(f"{figure.name}: {old.value:.2f} × → {figure.value:.2f} × (spread {spread:.2f})")
    return lines
