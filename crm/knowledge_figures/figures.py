"""How the figures of the knowledge base are made. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from pydantic import BaseModel


class KnowledgeShare(BaseModel):
    """A figure with what it is made of."""

    count: int
    of: int


class CitationTimes(BaseModel):
    """From the screen pop to the citation, in seconds; None without any."""

    of: int
    """Those with a call, of at most the 20,000 newest cases."""
    cases: int
    """All whose first citation is in the period."""
    median: int | None
    p90: int | None


def reviewed_on_time(reviews: Iterable[tuple[date, date | None]]) -> KnowledgeShare:
    """Of reviews as the day they were due and the day they were done, those done by that day."""
    known = list(reviews)
    return KnowledgeShare(count=sum(done is not None and done <= due for due, done in known), of=len(known))


def quantile(values: Sequence[int], share: float) -> int | None:
    """The smallest value that so large a share of them does not exceed (nearest rank)."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def citation_times(citations: Iterable[tuple[datetime, Sequence[datetime]]], *, cases: int) -> CitationTimes:
    """Of citations and the rings of their calls: from the last ring before each; those without one are left out."""
    found: list[int] = []
    for cited, rings in citations:
        before = [ring for ring in rings if ring <= cited]
        if before:
            found.append((cited - max(before)) // timedelta(seconds=1))
    return CitationTimes(of=len(found), cases=cases, median=quantile(found, 0.5), p90=quantile(found, 0.9))
