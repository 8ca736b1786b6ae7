"""The rosters of a unit's specialists as they are stored and shown, and who is on duty now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints, model_validator

from crm.units.models import Specialist, Unit
from crm.units.roster import Duty, DutyException, Roster, Shift, duty_of
from hotline.kernel.clock import Clock
from hotline.kernel.errors import InvalidInputError
from hotline.kernel.words import VISIBLE

KEPT = timedelta(days=31)
"""How long exceptions that are over stay in the roster."""

ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class RosterSubstituteError(InvalidInputError):
    error_id = "unit.substitute"
    title = "The substitute cannot stand in"


class RosterBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ShiftBody(RosterBody):
    """In the city's time. An end that is not after the start is on the next day."""

    start: ClockTime
    end: ClockTime

    def shift(self) -> Shift:
        return Shift(time.fromisoformat(self.start), time.fromisoformat(self.end))


class WeeklyShift(ShiftBody):
    weekday: int = Field(ge=0, le=6)
    """Monday is 0."""


class DutyExceptionBody(RosterBody):
    """One date that is not as usual."""

    day: Annotated[date, PlainSerializer(lambda day: day.isoformat(), return_type=str)]
    shifts: list[ShiftBody] = Field(default_factory=list, max_length=6)
    """Instead of the usual ones; none: off duty."""
    substitute_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z-]{1,36}$")] | None = None
    """A specialist of the same unit, who has the usual shifts of that day in addition."""
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100), VISIBLE] = ""


class RosterContent(RosterBody):
    weekly: list[WeeklyShift] = Field(default_factory=list, max_length=42)
    exceptions: list[DutyExceptionBody] = Field(default_factory=list, max_length=200)

    @model_validator(mode="after")
    def _one_a_day(self) -> RosterContent:
        days = [exception.day for exception in self.exceptions]
        if len(set(days)) < len(days):
            raise ValueError("write one exception a date")
        if days and not self.weekly:
            raise ValueError("write the weekly shifts first: an exception is one from them")
        return self

    def roster(self) -> Roster:
        weekly: dict[int, tuple[Shift, ...]] = {}
        for shift in self.weekly:
            weekly[shift.weekday] = (*weekly.get(shift.weekday, ()), shift.shift())
        exceptions = {
            one.day: DutyException(tuple(shift.shift() for shift in one.shifts), one.substitute_id)
            for one in self.exceptions
        }
        return Roster(weekly, exceptions)


class RosterChange(RosterContent):
    """The whole roster; without weekly shifts there is none, and the specialist's switch decides again."""

    version: int
    """The unit's."""


def content_of(specialist: Specialist) -> RosterContent:
    return RosterContent.model_validate(specialist.roster or {})


class DutyRosters:
    """Who is on duty now, by the city's clock."""

    def __init__(self, clock: Clock, zone: ZoneInfo) -> None:
        self._clock = clock
        self._zone = zone

    def today(self) -> date:
        return self._clock.now().astimezone(self._zone).date()

    def of(self, unit: Unit) -> dict[str, Duty]:
        """Of each specialist of a unit loaded whole, by id."""
        active = [one for one in unit.specialists if one.active]
        rosters = {one.id: content_of(one).roster() for one in active if one.roster}
        now = self._clock.now()
        return {
            one.id: duty_of(one.id, flag=one.on_duty, rosters=rosters, at=now, zone=self._zone)
            for one in unit.specialists
        }

    def stored(self, unit: Unit, specialist_id: str, change: RosterChange) -> dict[str, Any] | None:
        """`change` as it is kept, without what is long over. Raises `RosterSubstituteError`."""
        if not change.weekly:
            return None
        colleagues: Mapping[str, Specialist] = {one.id: one for one in unit.specialists if one.active}
        for exception in change.exceptions:
            if exception.substitute_id is None:
                continue
            if exception.substitute_id == specialist_id or exception.substitute_id not in colleagues:
                raise RosterSubstituteError(
                    f"{exception.day}: choose another specialist whom this unit names now, or none."
                )
        first = self.today() - KEPT
        kept = sorted((one for one in change.exceptions if one.day >= first), key=lambda one: one.day)
        weekly = {(shift.weekday, shift.start, shift.end): shift for shift in change.weekly}
        content = RosterContent(
            weekly=[weekly[key] for key in sorted(weekly)], exceptions=sorted(kept, key=lambda one: one.day)
        )
        return content.model_dump(mode="json")
