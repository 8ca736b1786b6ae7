"""A week of a unit's duty as every user of units sees it; numbers and reasons only for whom they concern."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, Field, PlainSerializer

from crm.units.duty import RosterContent, content_of
from crm.units.models import PhoneKind, Specialist, Unit
from crm.units.roster import WEEK, Duty, Roster, hours_of
from crm.units.schemas import UnitBody
from hotline.kernel.workcalendar import DayKind, Holidays

_Day = Annotated[date, PlainSerializer(lambda day: day.isoformat(), return_type=str)]


class WeekQuery(UnitBody):
    day: Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))] | None = None
    """Any day of the week; none: the present week."""


class WeekDay(BaseModel):
    day: _Day
    kind: DayKind | None
    """`off`: a holiday; `work`: a make-up day; None: as its weekday."""
    name: str
    """What the calendar calls it."""


class RosterHours(BaseModel):
    """A stretch on duty within one day, by the city's clock."""

    day: _Day
    start: str
    end: str
    """`24:00`: until the end of the day."""


class RosteredPhone(BaseModel):
    label: str
    kind: PhoneKind
    number: str | None
    """None for whoever need not know it."""


class RosteredSpecialist(BaseModel):
    id: str
    name: str
    title: str
    answerable_scope: str
    active: bool
    is_you: bool
    """Whether whoever asks is this specialist."""
    on_duty: bool
    """Now."""
    on_duty_until: datetime | None
    next_duty: datetime | None
    phones: list[RosteredPhone]
    """In the order they are rung."""
    roster: RosterContent | None
    """None: the switch decides. Why a date is otherwise is left out where numbers are."""
    hours: list[RosterHours]
    """On duty in this week, with exceptions and standing in for others."""


class UnitRoster(BaseModel):
    id: str
    name: str
    active: bool
    version: int
    may_edit: bool
    """Whether whoever asks may change the specialists and their rosters."""
    fewest: int
    most: int
    """How many specialists a unit names."""
    today: _Day
    days: list[WeekDay]
    """Monday first."""
    specialists: list[RosteredSpecialist]
    """Those in office; for whoever may edit also those who have left."""


class OwnSpecialist(BaseModel):
    """Who the user is as a specialist."""

    id: str
    unit_name: str
    on_duty: bool
    on_duty_until: datetime | None
    next_duty: datetime | None


@dataclass(frozen=True, slots=True)
class RosterReader:
    """Who reads a roster."""

    user_id: str
    may_edit: bool


@dataclass(frozen=True, slots=True)
class UnitWeek:
    """One unit in one week, ready to be shown. Pure."""

    unit: Unit
    duties: Mapping[str, Duty]
    holidays: Holidays
    today: date
    monday: date

    @classmethod
    def of(cls, unit: Unit, duties: Mapping[str, Duty], holidays: Holidays, *, today: date, day: date) -> UnitWeek:
        """The week that `day` is in."""
        return cls(unit, duties, holidays, today, day - timedelta(days=day.weekday()))

    def view(self, reader: RosterReader, *, fewest: int, most: int) -> UnitRoster:
        unit = self.unit
        rosters = {one.id: content_of(one).roster() for one in unit.specialists if one.active and one.roster}
        return UnitRoster(
            id=unit.id,
            name=unit.name,
            active=unit.active,
            version=unit.version,
            may_edit=reader.may_edit,
            fewest=fewest,
            most=most,
            today=self.today,
            days=[self._day(self.monday + timedelta(days=ahead)) for ahead in range(WEEK)],
            specialists=[
                self._specialist(one, rosters, reader) for one in unit.specialists if one.active or reader.may_edit
            ],
        )

    def _day(self, day: date) -> WeekDay:
        return WeekDay(day=day, kind=self.holidays.kind(day), name=self.holidays.name(day))

    def _specialist(self, row: Specialist, rosters: Mapping[str, Roster], reader: RosterReader) -> RosteredSpecialist:
        is_you = row.user_id is not None and row.user_id == reader.user_id
        knows = reader.may_edit or is_you
        duty = self.duties[row.id]
        return RosteredSpecialist(
            id=row.id,
            name=row.name,
            title=row.title,
            answerable_scope=row.answerable_scope,
            active=row.active,
            is_you=is_you,
            on_duty=duty.on_duty,
            on_duty_until=duty.until,
            next_duty=duty.begins,
            phones=[
                RosteredPhone(label=one.label, kind=PhoneKind(one.kind), number=one.number if knows else None)
                for one in row.phones
            ],
            roster=_roster(row, knows=knows),
            hours=self._hours(row, rosters) if row.active else [],
        )

    def _hours(self, row: Specialist, rosters: Mapping[str, Roster]) -> list[RosterHours]:
        found = hours_of(row.id, flag=row.on_duty, rosters=rosters, monday=self.monday)
        return [
            RosterHours(
                day=start.date(),
                start=f"{start:%H:%M}",
                end=f"{end:%H:%M}" if end.date() == start.date() else "24:00",
            )
            for start, end in found
        ]


def _roster(row: Specialist, *, knows: bool) -> RosterContent | None:
    if not row.roster:
        return None
    content = content_of(row)
    if knows:
        return content
    bare = [exception.model_copy(update={"note": ""}) for exception in content.exceptions]
    return content.model_copy(update={"exceptions": bare})
