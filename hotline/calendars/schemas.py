"""Calendars as they cross the wire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from hotline.calendars.errors import OlderNoticeError
from hotline.kernel.words import PLAIN, VISIBLE
from hotline.kernel.workcalendar import DayKind, HolidayNotice, HoursSeason, HoursTable, NoticeDay, WorkWeek

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WindowText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=11), PLAIN]
Week = dict[Weekday, Annotated[list[WindowText], Field(max_length=8)]]
TableName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
TableTitle = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), VISIBLE]
MonthDay = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5), PLAIN]
Source = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), VISIBLE]
DayName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=50), VISIBLE]
MOST_DAYS = 366
"""Of a notice."""
Year = Annotated[int, Field(ge=2000, le=2100)]


class CalendarBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Season(CalendarBody):
    """Other windows from one month and day to another, both included, each year."""

    first: MonthDay
    last: MonthDay
    week: Week


class Hours(CalendarBody):
    """Windows such as "09:00-12:00"; one that ends before it begins ends on the next day."""

    week: Week
    make_up: list[WindowText] | None = Field(default=None, max_length=8)
    """On make-up days; None: those of Monday."""
    seasons: list[Season] = Field(default_factory=list, max_length=8)
    holidays: bool = True
    """Closed on holidays, open on make-up days."""
    zone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64), PLAIN] = "Asia/Shanghai"

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{value!r} is no time zone; write one such as Asia/Shanghai") from None
        return value

    @model_validator(mode="after")
    def _readable(self) -> Self:
        table = self.table("x")
        if not any(table.week.days) and not any(window for season in table.seasons for window in season.week.days):
            raise ValueError("no day has a window; give at least one, such as mon 09:00-17:30")
        return self

    def table(self, name: str) -> HoursTable:
        """The value that counts. Raises ValueError for windows and dates nobody can read."""
        seasons = tuple(
            HoursSeason.parse(each.first, each.last, _week(each.week, self.make_up)) for each in self.seasons
        )
        return HoursTable(name, _week(self.week, self.make_up), seasons, ZoneInfo(self.zone), self.holidays)


class HoursTableDraft(CalendarBody):
    name: TableName
    title: TableTitle
    hours: Hours


class HoursTableChange(CalendarBody):
    """Replaces what was."""

    version: int
    title: TableTitle
    hours: Hours


class HoursTableView(BaseModel):
    name: str
    title: str
    hours: Hours
    version: int
    """0: built in, cannot be changed."""

    def audited(self) -> dict[str, Any]:
        return self.model_dump(mode="json", include={"title", "hours"})


class DayEntry(CalendarBody):
    day: date
    kind: DayKind
    name: DayName = ""


class HolidayNoticeDraft(CalendarBody):
    """The whole year: it follows the notice of `version`, 0 where the year has none."""

    version: int
    source: Source
    published: date
    complete: bool
    """The make-up days are known, or known to be none."""
    days: list[DayEntry] = Field(max_length=MOST_DAYS)

    @model_validator(mode="after")
    def _each_day_once(self) -> Self:
        repeated = [day for day, count in Counter(each.day for each in self.days).items() if count > 1]
        if repeated:
            raise ValueError(f"{min(repeated)} occurs twice; list each day once")
        return self

    def near(self, year: int) -> None:
        """Raise ValueError for a day more than a month outside `year`."""
        for each in self.days:
            if not self.is_near(each.day, year):
                raise ValueError(f"{each.day} is not in {year}; a notice may reach a month into the years beside it")

    @staticmethod
    def is_near(day: date, year: int) -> bool:
        return date(year - 1, 12, 1) <= day <= date(year + 1, 1, 31)

    def require_newer(self, known: Iterable[HolidayNotice]) -> None:
        """Raise `OlderNoticeError` where one of the notices of the year was published later."""
        later = [each.published for each in known if each.published and each.published > self.published]
        if later:
            raise OlderNoticeError(
                f"One published on {max(later)} is in force, and this one is of {self.published}: it would not count. "
                "Look at the date of publication."
            )


class HolidayNoticeView(BaseModel):
    year: int
    version: int
    source: str
    published: date | None
    complete: bool
    days: list[DayEntry]

    @classmethod
    def of(cls, notice: HolidayNotice) -> HolidayNoticeView:
        days = [DayEntry(day=each.day, kind=each.kind, name=each.name) for each in notice.days]
        return cls(
            year=notice.year,
            version=notice.version,
            source=notice.source,
            published=notice.published,
            complete=notice.complete,
            days=days,
        )

    def audited(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


class CalendarYear(BaseModel):
    year: int
    published: bool
    """Its make-up days are known; where not, every limit that reaches the year is flagged."""
    notice: HolidayNoticeView | None
    """The one in force."""
    superseded: list[HolidayNoticeView]
    """The others, newest first."""


class CalendarOverview(BaseModel):
    tables: list[HoursTableView]
    years: list[CalendarYear]


class TrialQuery(CalendarBody):
    table: TableName = "office"
    start: datetime
    days: int = Field(default=0, ge=0, le=1000)
    hours: float = Field(default=0, ge=0, le=10_000)
    minutes: float = Field(default=0, ge=0, le=100_000)

    @field_validator("start")
    @classmethod
    def _aware(cls, value: datetime) -> datetime:
        if value.tzinfo is None:
            raise ValueError("write the moment with its offset from UTC, such as 2026-09-30T17:00:00+08:00")
        if not 2000 <= value.year <= 2100:
            raise ValueError("choose a year from 2000 to 2100")
        return value

    @model_validator(mode="after")
    def _one_amount(self) -> Self:
        if bool(self.days) == bool(self.hours or self.minutes):
            raise ValueError("give either days, or hours and minutes")
        return self


class DayRange(BaseModel):
    first: date
    last: date


class TrialResult(BaseModel):
    due: datetime
    zone: str
    holidays: list[DayRange]
    make_up_days: list[date]
    unpublished: list[int]
    text_zh: str
    text_en: str


def notice_of(
    year: int, version: int, source: str, published: date | None, complete: bool, days: list[DayEntry]
) -> HolidayNotice:
    """The value that counts."""
    return HolidayNotice(
        year=year,
        version=version,
        source=source,
        published=published,
        complete=complete,
        days=tuple(sorted(NoticeDay(each.day, each.kind, each.name) for each in days)),
    )


def _week(week: Week, make_up: list[str] | None) -> WorkWeek:
    return WorkWeek.parse({str(day): windows for day, windows in week.items()}, make_up)
