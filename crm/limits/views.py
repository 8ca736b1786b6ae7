"""Deadlines as a case's page shows them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from crm.cases.lights import Bilingual, CaseDeadlineView, light_of
from crm.cases.models import Case
from crm.limits.amounts import worktime
from crm.limits.book import calendar_of, spans_of
from crm.limits.models import CaseDeadline
from crm.limits.state import OPEN, DeadlineKind, DeadlineState
from hotline.calendars.current import Calendars
from hotline.kernel.workcalendar import NeverOpens

_MINUTE = timedelta(minutes=1)


def deadline_views(
    case: Case, rows: Iterable[CaseDeadline], calendars: Calendars, now: datetime
) -> list[CaseDeadlineView]:
    """The open ones first, the earliest first among each."""
    views = [_view(case, row, calendars, now) for row in rows]
    return sorted(views, key=lambda view: (view.met_at is not None, view.due_at, view.id))


def _view(case: Case, row: CaseDeadline, calendars: Calendars, now: datetime) -> CaseDeadlineView:
    calendar, spans = calendar_of(calendars, row.hours), spans_of(row)
    stopped = row.met_at or row.paused_at
    until = stopped or now
    signed = case.signed_at if row.kind == DeadlineKind.CLOSE and row.met_at is None else None
    return CaseDeadlineView(
        id=row.id,
        kind=row.kind,
        assignment_id=row.assignment_id,
        state=row.state,
        light=light_of(row.kind, row.due_at, now, running=row.state == DeadlineState.RUNNING),
        round=row.round,
        started_at=row.started_at,
        due_at=row.due_at,
        met_at=row.met_at,
        remaining_minutes=calendar.between(until, row.due_at) // _MINUTE if row.state in OPEN else None,
        elapsed_minutes=max(calendar.between(row.started_at, until, spans) // _MINUTE, 0),
        signed_elapsed_minutes=calendar.between(signed, until, spans) // _MINUTE if signed else None,
        amount=row.amount,
        hours=row.hours,
        explanation=_explain(row, calendars),
        source=row.source,
        law=row.law,
        flagged=row.flagged,
        extended_days=row.extended_days,
    )


def _explain(row: CaseDeadline, calendars: Calendars) -> Bilingual | None:
    """Of an open one only: the calendar has changed since another was counted."""
    if row.amount is None or row.state not in OPEN:
        return None
    try:
        why = calendar_of(calendars, row.hours).explain(row.started_at, worktime(row.amount), spans_of(row))
    except NeverOpens:
        return None
    return Bilingual(zh=why.text("zh"), en=why.text("en"))
