"""How much working time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTime:
    """Working days, or working hours and minutes; never both, as a day has no fixed length."""

    days: int = 0
    hours: float = 0
    minutes: float = 0

    def __post_init__(self) -> None:
        if self.days and (self.hours or self.minutes):
            raise ValueError("write either days or hours and minutes")
        if self.days < 0:
            raise ValueError("working days are counted forward only")

    @property
    def duration(self) -> timedelta:
        """The hours and minutes; zero for an amount of days."""
        return timedelta(hours=self.hours, minutes=self.minutes)
