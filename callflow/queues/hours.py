"""Service hours: a week, and the days that differ from it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from callflow.action import Options

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(24:00|([01]\d|2[0-3]):([0-5]\d))")


def known_zone(name: str) -> str:
    """`name`; raises ValueError where there is no such time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; write one such as Asia/Shanghai") from None
    return name


def readable_spans(spans: tuple[str, ...]) -> tuple[str, ...]:
    """`spans`; raises ValueError for one that is none."""
    for span in spans:
        if not _SPAN.fullmatch(span) or span[:5] >= span[6:]:
            raise ValueError(f'{span!r} is no span of time; write one such as "09:00-17:30"')
    return spans


class ServiceHours(Options):
    """Open round the clock unless it says otherwise.

    A `table` of the calendar page brings its own windows, time zone, holidays and make-up days, as they are at the
    moment of the call. The other options hold while the service is away, and where no table has this name.
    """

    table: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9-]{0,39})?$")
    """The name of a table of working hours; "" for the hours below."""
    timezone: str = "Asia/Shanghai"
    """Of the hours below."""
    week: Mapping[Day, tuple[str, ...]] = {day: ("00:00-24:00",) for day in DAYS}
    """Spans such as "09:00-12:00"; a day left out is closed. A span does not cross midnight."""
    closed: tuple[date, ...] = ()
    """Holidays."""
    workdays: tuple[date, ...] = ()
    """Make-up workdays (调休): open as on a Monday."""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        return known_zone(value)

    @field_validator("week")
    @classmethod
    def _readable_spans(cls, value: Mapping[Day, tuple[str, ...]]) -> Mapping[Day, tuple[str, ...]]:
        for spans in value.values():
            readable_spans(spans)
        return value

    def is_open(self, moment: datetime) -> bool:
        """Whether the service is open at `moment` (aware)."""
        local = moment.astimezone(ZoneInfo(self.timezone))
        day = local.date()
        if day in self.workdays:
            spans = self.week.get("mon", ())
        elif day in self.closed:
            return False
        else:
            spans = self.week.get(DAYS[local.weekday()], ())
        return any(_start(span) <= local.time() and _before_end(local.time(), span) for span in spans)


def _start(span: str) -> time:
    return time.fromisoformat(span[:5])


def _before_end(moment: time, span: str) -> bool:
    return span[6:] == "24:00" or moment < time.fromisoformat(span[6:])
