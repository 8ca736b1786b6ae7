"""How often one user may search by digits, where numbers are masked."""

from __future__ import annotations

from hotline.kernel.rate import RateLimit

_FEWEST_DIGITS = 3
_LIMIT = "60 per minute; 600 per hour"
"""A busy agent looks up twenty callers an hour, a few requests each while typing."""


class NumberSearches:
    """A search by number reveals a masked number: four hidden digits are 10,000 tries."""

    def __init__(self, name: str) -> None:
        self._limit = RateLimit(f"searches by number: {name}", _LIMIT)

    def count(self, user_id: str, text: str) -> None:
        """Count a search for `text`; one for words alone is free. Raises `TooManyRequestsError`."""
        if sum(character.isdecimal() for character in text) >= _FEWEST_DIGITS:
            self._limit.hit(user_id)
