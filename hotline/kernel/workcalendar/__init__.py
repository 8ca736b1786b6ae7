"""Working time: when a limit of working hours or days runs out, and why. Pure; UTC in, UTC out.

A `WorkCalendar` joins one table of working hours with the official holidays and make-up days (调休):

    calendar = WorkCalendar(table, holidays)
    calendar.add(start, WorkTime(days=5))      # Due(at, flagged)
    calendar.between(start, end)               # timedelta of working time
    calendar.explain(start, WorkTime(hours=8)).text("zh")
"""

from hotline.kernel.workcalendar.amount import WorkTime
from hotline.kernel.workcalendar.calendar import Due, NeverOpens, Suspension, WorkCalendar
from hotline.kernel.workcalendar.days import DateRange, DayKind, HolidayNotice, Holidays, NoticeDay
from hotline.kernel.workcalendar.explanation import Explanation
from hotline.kernel.workcalendar.tables import AROUND_THE_CLOCK, HoursSeason, HoursTable, HoursWindow, WorkWeek

__all__ = [
    "AROUND_THE_CLOCK",
    "DateRange",
    "DayKind",
    "Due",
    "Explanation",
    "HolidayNotice",
    "Holidays",
    "HoursSeason",
    "HoursTable",
    "HoursWindow",
    "NeverOpens",
    "NoticeDay",
    "Suspension",
    "WorkCalendar",
    "WorkTime",
    "WorkWeek",
]
