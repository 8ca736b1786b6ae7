"""Opening hours: tables that exist, holidays that are known, days that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from callflow.lint.finding import Finding
from callflow.lint.subject import LintSubject
from callflow.queues.hours import DAYS, ServiceHours

_NEXT_YEAR_FROM = 11
"""From this month on, the next year's notice is due (it comes out in autumn)."""


def check(subject: LintSubject) -> Iterator[Finding]:
    for node in subject.nodes.values():
        if isinstance(node.options, ServiceHours):
            hours, place = node.options, ("nodes", node.id, "options")
            yield from _table(subject, hours, place) if hours.table else _own(subject, hours, place)


def _table(subject: LintSubject, hours: ServiceHours, place: tuple[str, ...]) -> Iterator[Finding]:
    calendars = subject.world.calendars
    if calendars is None:
        return
    calendar = calendars.find(hours.table)
    if calendar is None:
        known = ", ".join(sorted(calendars.names))
        yield subject.finding("hours.unknown_table", *place, "table", table=hours.table, known=known)
        return
    if not calendar.table.holidays:
        return
    today = subject.world.today
    years = (today.year, today.year + 1) if today.month >= _NEXT_YEAR_FROM else (today.year,)
    for year in years:
        if not calendars.holidays.published(year):
            yield subject.finding("hours.unpublished", *place, "table", year=year)


def _own(subject: LintSubject, hours: ServiceHours, place: tuple[str, ...]) -> Iterator[Finding]:
    if not any(hours.week.values()) and not hours.workdays:
        yield subject.finding("hours.never_open", *place, "week")
    year = subject.world.today.year
    rests = any(not hours.week.get(day) for day in DAYS) and any(hours.week.values())
    if rests and not any(day.year == year for day in hours.closed):
        yield subject.finding("hours.no_holidays", *place, "week", year=year)
    for day in sorted(set(hours.closed) & set(hours.workdays)):
        yield subject.finding("hours.contradiction", *place, "workdays", day=day.isoformat())
