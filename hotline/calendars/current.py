"""All calendars of the installation at one moment; a value that readers hold as long as they like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hotline.calendars.errors import HoursTableNotFoundError
from hotline.kernel.workcalendar import AROUND_THE_CLOCK, HolidayNotice, Holidays, HoursTable, WorkCalendar


class Calendars:
    """The tables of working hours by name, with the official holidays. `24x7` is always there."""

    def __init__(self, tables: Iterable[HoursTable], notices: Iterable[HolidayNotice]) -> None:
        self.holidays = Holidays.of(notices)
        self._calendars: Mapping[str, WorkCalendar] = {
            table.name: WorkCalendar(table, self.holidays) for table in (*tables, AROUND_THE_CLOCK)
        }

    def calendar(self, table: str) -> WorkCalendar:
        """Raises `HoursTableNotFoundError`."""
        found = self._calendars.get(table)
        if found is None:
            raise HoursTableNotFoundError(
                f"{table!r} is none of the tables of working hours ({', '.join(sorted(self._calendars))}); "
                "add it on the calendar page, or name another."
            )
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """Of all tables."""
        return tuple(self._calendars)

    def find(self, table: str) -> WorkCalendar | None:
        return self._calendars.get(table)
