"""Why a limit runs out when it does, in structure and in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from hotline.kernel.workcalendar.amount import WorkTime
from hotline.kernel.workcalendar.days import DateRange
from hotline.kernel.workcalendar.tables import HoursTable

Language = Literal["zh", "en"]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What `WorkCalendar.add` counted and skipped between the start and the due moment."""

    table: HoursTable
    start: datetime
    amount: WorkTime
    due: datetime
    holidays: tuple[DateRange, ...]
    make_up_days: tuple[date, ...]
    suspended: timedelta
    """How long the clock stood still, in plain time."""
    unpublished: tuple[int, ...]

    def text(self, language: Language) -> str:
        """One sentence: “5 个工作日，自 09-30 17:00 起；10-01…07 放假；10-10 调休上班”.

        Dates carry their year only where start and due lie in different ones.
        """
        zone = self.table.zone
        start, due = self.start.astimezone(zone), self.due.astimezone(zone)
        with_year = start.year != due.year
        day: Callable[[date], str] = (lambda each: each.isoformat()) if with_year else (lambda each: f"{each:%m-%d}")
        since = f"{day(start.date())} {start:%H:%M}"
        runs = [_run(each, day) for each in self.holidays]
        made_up = [day(each) for each in self.make_up_days]
        return _zh(self, since, runs, made_up) if language == "zh" else _en(self, since, runs, made_up)


def _zh(why: Explanation, since: str, runs: list[str], made_up: list[str]) -> str:
    parts = [f"{_amount_zh(why)}，自 {since} 起"]
    if runs:
        parts.append(f"{'、'.join(runs)} 放假")
    if made_up:
        parts.append(f"{'、'.join(made_up)} 调休上班")
    if why.suspended:
        parts.append(f"暂停 {_length(why.suspended, '天', '小时', '分钟')}，不计")
    if why.unpublished:
        parts.append(f"{'、'.join(map(str, why.unpublished))} 年调休安排尚未公布，暂按周末推算")
    return "；".join(parts)


def _en(why: Explanation, since: str, runs: list[str], made_up: list[str]) -> str:
    parts = [f"{_amount_en(why)} from {since}"]
    if runs:
        parts.append(f"holiday {', '.join(runs)}")
    if made_up:
        parts.append(f"make-up workday {', '.join(made_up)}")
    if why.suspended:
        parts.append(f"suspended for {_length(why.suspended, 'd', 'h', 'min')}, not counted")
    if why.unpublished:
        years = ", ".join(map(str, why.unpublished))
        parts.append(f"the make-up days of {years} are not published yet, so plain weekends are assumed")
    return "; ".join(parts)


def _amount_zh(why: Explanation) -> str:
    amount, around_the_clock = why.amount, not why.table.holidays
    if amount.days:
        return f"{amount.days} 天" if around_the_clock else f"{amount.days} 个工作日"
    count, hours = _hours_or_minutes(amount.duration)
    if hours:
        return f"{count} 小时" if around_the_clock else f"{count} 个工作小时"
    return f"{count} 分钟" if around_the_clock else f"{count} 分钟（工作时间）"


def _amount_en(why: Explanation) -> str:
    amount = why.amount
    working = "working " if why.table.holidays else ""
    count, unit = (str(amount.days), "day") if amount.days else _counted(amount.duration)
    return f"{count} {working}{unit}{'' if count == '1' else 's'}"


def _counted(duration: timedelta) -> tuple[str, str]:
    count, hours = _hours_or_minutes(duration)
    return count, "hour" if hours else "minute"


def _hours_or_minutes(duration: timedelta) -> tuple[str, bool]:
    minutes = duration / timedelta(minutes=1)
    hours = abs(minutes) >= 60 and minutes % 30 == 0
    return f"{minutes / 60 if hours else minutes:g}", hours


def _run(run: DateRange, day: Callable[[date], str]) -> str:
    first, last = run
    if first == last:
        return day(first)
    same_month = (first.year, first.month) == (last.year, last.month)
    return f"{day(first)}…{f'{last:%d}' if same_month else day(last)}"


def _length(length: timedelta, days: str, hours: str, minutes: str) -> str:
    rest = round(length / timedelta(minutes=1))
    parts = [(rest // 1440, days), (rest % 1440 // 60, hours), (rest % 60, minutes)]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or f"0 {minutes}"
