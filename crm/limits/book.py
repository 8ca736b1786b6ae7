"""The deadlines of one case, and what can be done to them. Pure: rows in memory, a calendar, a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm.cases.models import Assignment, AssignmentState, Case
from crm.limits.amounts import worktime
from crm.limits.errors import NoWorkingTimeError
from crm.limits.models import CaseDeadline
from crm.limits.profiles import LimitRow, LimitTable
from crm.limits.state import OPEN, DeadlineKind, DeadlineState, LimitStep, ProfileName
from hotline.calendars.current import Calendars
from hotline.calendars.seed import OFFICE
from hotline.kernel.ids import uuid7
from hotline.kernel.workcalendar import Due, NeverOpens, Suspension, WorkCalendar, WorkTime

_OVER = (AssignmentState.RETURNED, AssignmentState.ENDED)


def calendar_of(calendars: Calendars, hours: str) -> WorkCalendar:
    """The calendar of this table; that of the office where the table is gone."""
    return calendars.find(hours) or calendars.calendar(OFFICE)


def spans_of(row: CaseDeadline) -> list[Suspension]:
    return [(datetime.fromisoformat(since), datetime.fromisoformat(until)) for since, until in row.suspended]


def compute_due(row: CaseDeadline, calendars: Calendars) -> Due:
    """When `row` runs out by the calendar. Raises NoWorkingTimeError."""
    if row.amount is None:
        return Due(row.due_at, tuple(row.flagged))
    calendar, spans = calendar_of(calendars, row.hours), spans_of(row)
    try:
        due = calendar.add(row.started_at, worktime(row.amount), spans)
        if not row.extended_days:
            return due
        extended = calendar.add(due.at, WorkTime(days=row.extended_days), spans)
    except NeverOpens as error:
        raise NoWorkingTimeError(f"{error}; change the table on the calendar page, then try again.") from None
    return Due(extended.at, tuple(sorted({*due.flagged, *extended.flagged})))


@dataclass(slots=True, kw_only=True)
class DeadlineBook:
    """`rows`: all of the case, oldest first. `statutory`: its item's own limit to close it, if the law sets one."""

    case: Case
    now: datetime
    rows: list[CaseDeadline]
    assignments: list[Assignment]
    calendars: Calendars
    limits: LimitTable
    default_profile: ProfileName
    statutory: LimitRow | None = None
    added: list[CaseDeadline] = field(default_factory=list)

    @property
    def profile(self) -> ProfileName:
        return ProfileName.ENTERPRISE if self.case.enterprise_id else self.default_profile

    def open(self, *kinds: DeadlineKind, assignment_id: str | None = None) -> list[CaseDeadline]:
        """Those that run or are paused; of these kinds, and of this assignment, where given."""
        return [
            row
            for row in (*self.rows, *self.added)
            if row.state in OPEN
            and (not kinds or row.kind in kinds)
            and (assignment_id is None or row.assignment_id == assignment_id)
        ]

    def limit(self, step: LimitStep) -> LimitRow | None:
        if step is LimitStep.CLOSE and self.statutory is not None:
            return self.statutory
        case = self.case
        return self.limits.find(self.profile, step, type=case.type, urgency=case.urgency)

    def start(
        self,
        kind: DeadlineKind,
        assignment: Assignment | None = None,
        *,
        step: LimitStep | None = None,
        since: datetime | None = None,
        suspended: Iterable[list[str]] = (),
    ) -> CaseDeadline | None:
        """A new deadline by the limit of `step`; None where the profile sets none."""
        limit = self.limit(step or LimitStep(kind.value))
        if limit is None:
            return None
        row = self._row(kind, assignment, since or self.now)
        row.amount, row.hours, row.rule = limit.amount, limit.hours, limit.key
        row.source, row.law, row.suspended = limit.source, limit.law, list(suspended)
        self._compute(row)
        return self._add(row)

    def start_at(self, kind: DeadlineKind, due_at: datetime, assignment: Assignment | None = None) -> CaseDeadline:
        """A new deadline on a date that somebody named."""
        row = self._row(kind, assignment, self.now)
        row.due_at = due_at
        return self._add(row)

    def meet(self, *kinds: DeadlineKind, assignment_id: str | None = None) -> None:
        """Done: in time, or late."""
        for row in self.open(*kinds, assignment_id=assignment_id):
            in_time = (
                row.due_at >= self.now if row.state == DeadlineState.RUNNING else (row.remaining_seconds or 0) >= 0
            )
            self._end(row, DeadlineState.MET if in_time else DeadlineState.MISSED)

    def miss(self, *kinds: DeadlineKind) -> None:
        for row in self.open(*kinds):
            self._end(row, DeadlineState.MISSED)

    def cancel(self, *kinds: DeadlineKind, assignment_id: str | None = None) -> None:
        """No longer asked for; all of them where no kind is given."""
        for row in self.open(*kinds, assignment_id=assignment_id):
            self._end(row, DeadlineState.CANCELLED)

    def cancel_ended(self) -> None:
        """Those of units that the case is no longer with."""
        over = {one.id for one in self.assignments if one.state in _OVER}
        for row in self.open():
            if row.assignment_id in over:
                self._end(row, DeadlineState.CANCELLED)

    def pause(self) -> None:
        """Stop every clock; but for the date promised to the caller, which stays."""
        for row in self.open():
            self._pause(row)

    def resume(self) -> None:
        for row in self.open():
            if row.state != DeadlineState.PAUSED or row.paused_at is None:
                continue
            row.state = DeadlineState.RUNNING
            if row.amount is None and row.remaining_seconds and row.remaining_seconds > 0:
                left = WorkTime(minutes=row.remaining_seconds / 60)
                row.due_at = calendar_of(self.calendars, row.hours).add(self.now, left).at
            row.suspended = [*row.suspended, [row.paused_at.isoformat(), self.now.isoformat()]]
            row.paused_at = row.remaining_seconds = None
            self._compute(row)

    def extend(self, kind: DeadlineKind, days: int) -> None:
        """Working days beyond the present deadline."""
        for row in self.open(kind):
            row.extended_days += days
            self._compute(row)

    def recompute(self) -> list[tuple[CaseDeadline, datetime]]:
        """By another calendar than before: the open ones that moved, each with its former moment."""
        moved = []
        for row in self.open():
            before = row.due_at
            self._compute(row)
            if row.due_at != before:
                moved.append((row, before))
        return moved

    def next_due(self) -> CaseDeadline | None:
        """The earliest of those that run."""
        running = [row for row in self.open() if row.state == DeadlineState.RUNNING]
        return min(running, key=lambda row: (row.due_at, row.id), default=None)

    # --- inner ------------------------------------------------------------------------------------------

    def _row(self, kind: DeadlineKind, assignment: Assignment | None, since: datetime) -> CaseDeadline:
        return CaseDeadline(
            id=uuid7(),
            case_id=self.case.id,
            assignment_id=assignment.id if assignment else None,
            kind=kind,
            state=DeadlineState.RUNNING,
            round=self.case.round,
            started_at=since,
            due_at=since,
            amount=None,
            hours=OFFICE,
            rule="",
            source="",
            law="",
            flagged=[],
            extended_days=0,
            suspended=[],
        )

    def _add(self, row: CaseDeadline) -> CaseDeadline:
        if self.case.suspended_at is not None:
            self._pause(row)
        self.added.append(row)
        return row

    def _end(self, row: CaseDeadline, state: DeadlineState) -> None:
        row.state, row.met_at = state, self.now
        row.paused_at = None

    def _pause(self, row: CaseDeadline) -> None:
        if row.kind == DeadlineKind.PROMISED or row.state != DeadlineState.RUNNING:
            return
        row.state, row.paused_at = DeadlineState.PAUSED, self.now
        self._remain(row)

    def _remain(self, row: CaseDeadline) -> None:
        if row.paused_at is not None:
            left = calendar_of(self.calendars, row.hours).between(row.paused_at, row.due_at)
            row.remaining_seconds = int(left / timedelta(seconds=1))

    def _compute(self, row: CaseDeadline) -> None:
        due = compute_due(row, self.calendars)
        if due.at > self.now and due.at != row.due_at:
            # What was done about the former moment is to be done again about this one.
            row.reminded_hours = row.expired_at = None
        row.due_at, row.flagged = due.at, list(due.flagged)
        self._remain(row)
