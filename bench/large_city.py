"""The rows of a large city's hotline after five years, made from a seed: the same each time. Pure.

Proportions as in practice: one case in fifty is open, nearly all of those are of the last weeks; a third were answered
at once; enterprises and units differ in how often they call and are called upon; three steps a case.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.large_city_cases import LargeCityCases
from bench.large_city_people import LargeCityPeople, Row

VERSION = 2
"""Grows with each change of the rows: databases of another are not used."""


class LargeCity:
    """`cases` cases and a fifth as many enterprises."""

    def __init__(self, cases: int) -> None:
        self.cases = cases

    def rows(self) -> Iterator[Row]:
        """All of them; a row comes after those that it refers to."""
        people = LargeCityPeople(self.cases // 5)
        yield from people.rows()
        yield from LargeCityCases(self.cases, people).rows()
