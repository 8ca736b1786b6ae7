"""/api/calendar: read by all staff, kept by whoever has calendar.manage."""

from __future__ import annotations

from collections.abc import Iterable

from hotline.accounts.audit import changes
from hotline.accounts.roles import Permission
from hotline.calendars.errors import NoDeadlineError
from hotline.calendars.schemas import (
    CalendarOverview,
    CalendarYear,
    DayRange,
    HolidayNoticeDraft,
    HolidayNoticeView,
    HoursTableChange,
    HoursTableDraft,
    HoursTableView,
    TrialQuery,
    TrialResult,
)
from hotline.calendars.service import CalendarService
from hotline.kernel.errors import NotFoundError
from hotline.kernel.http import SIGNED_IN, RequestContext, Routes
from hotline.kernel.workcalendar import HolidayNotice, Holidays, NeverOpens, WorkTime

FIRST_YEAR, LAST_YEAR = 2000, 2100


def calendar_routes(service: CalendarService) -> Routes:
    routes = Routes("/api/calendar", tag="calendar")

    @routes.get("", permission=SIGNED_IN)
    async def read_calendar(ctx: RequestContext) -> CalendarOverview:
        """Tables of working hours, and the notices of each year, the next one always among them."""
        tables, notices = await service.tables(ctx.db), await service.notices(ctx.db)
        return CalendarOverview(tables=tables, years=_years(notices, until=ctx.clock.now().year + 1))

    @routes.put("/years/{year}", permission=Permission.CALENDAR_MANAGE)
    async def put_notice(ctx: RequestContext, year: int, body: HolidayNoticeDraft) -> HolidayNoticeView:
        """Let a notice of the whole year follow the one in force; open deadlines are recomputed."""
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise NotFoundError(f"The calendar has the years {FIRST_YEAR} to {LAST_YEAR}.")
        before, notice = await service.put_notice(ctx.db, year, body)
        view = HolidayNoticeView.of(notice)
        earlier = None if before is None else HolidayNoticeView.of(before).audited()
        await ctx.audit("calendar.notice", str(year), before=earlier, after=view.audited())
        return view

    @routes.post("/tables", permission=Permission.CALENDAR_MANAGE, status=201)
    async def create_table(ctx: RequestContext, body: HoursTableDraft) -> HoursTableView:
        view = await service.create_table(ctx.db, body)
        await ctx.audit("calendar.create_table", view.name, before=None, after=view.audited())
        return view

    @routes.put("/tables/{name}", permission=Permission.CALENDAR_MANAGE)
    async def change_table(ctx: RequestContext, name: str, body: HoursTableChange) -> HoursTableView:
        """Replace the windows; open deadlines are recomputed."""
        before = await service.table(ctx.db, name)
        view = await service.change_table(ctx.db, name, body)
        await ctx.audit("calendar.change_table", name, **changes(before.audited(), view.audited()))
        return view

    @routes.get("/trial", permission=SIGNED_IN)
    async def try_calendar(ctx: RequestContext, query: TrialQuery) -> TrialResult:
        """When a limit that starts at a moment would run out, and why."""
        calendar = service.current.calendar(query.table)
        amount = WorkTime(days=query.days, hours=query.hours, minutes=query.minutes)
        try:
            why = calendar.explain(query.start, amount)
        except NeverOpens as error:
            raise NoDeadlineError(str(error)) from None
        return TrialResult(
            due=why.due,
            zone=calendar.table.zone.key,
            holidays=[DayRange(first=each.first, last=each.last) for each in why.holidays],
            make_up_days=list(why.make_up_days),
            unpublished=list(why.unpublished),
            text_zh=why.text("zh"),
            text_en=why.text("en"),
        )

    return routes


def _years(notices: Iterable[HolidayNotice], *, until: int) -> list[CalendarYear]:
    """From the first year with a notice to the last one, or to `until`. Pure."""
    holidays = Holidays.of(notices)
    known = sorted(holidays.winners)
    years = range(min([*known, until]), max([*known, until]) + 1)
    return [_year(year, holidays) for year in years]


def _year(year: int, holidays: Holidays) -> CalendarYear:
    winner = holidays.winners.get(year)
    others = sorted(
        (each for each in holidays.notices if each.year == year and each is not winner),
        key=lambda each: each.version,
        reverse=True,
    )
    return CalendarYear(
        year=year,
        published=holidays.published(year),
        notice=None if winner is None else HolidayNoticeView.of(winner),
        superseded=[HolidayNoticeView.of(each) for each in others],
    )
