"""What a running deadline asks for next: a reminder 48 and 24 hours before, and what follows its expiry. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum

from crm.limits.models import CaseDeadline
from crm.limits.state import DeadlineState


class ReminderStage(IntEnum):
    """In the order in which they come; the value is hours before the deadline."""

    REMIND_48 = 48
    REMIND_24 = 24
    EXPIRE = 0


def due_stage(row: CaseDeadline, now: datetime) -> ReminderStage | None:
    """What is to be done about `row` now. After an outage only the last: nobody needs a reminder that is stale."""
    if row.state != DeadlineState.RUNNING or row.expired_at is not None:
        return None
    passed = [stage for stage, at in _times(row) if at <= now]
    return passed[-1] if passed else None


def next_time(row: CaseDeadline) -> datetime | None:
    """When `due_stage` has something the next time; in the past, where it has now."""
    if row.state != DeadlineState.RUNNING or row.expired_at is not None:
        return None
    return min(at for _, at in _times(row))


def _times(row: CaseDeadline) -> list[tuple[ReminderStage, datetime]]:
    """What is left to be done, in order. A deadline no longer than the reminder is ahead of it has none."""
    length = row.due_at - row.started_at
    return [
        (stage, row.due_at - timedelta(hours=stage))
        for stage in ReminderStage
        if stage is ReminderStage.EXPIRE
        or (length > timedelta(hours=stage) and (row.reminded_hours is None or row.reminded_hours > stage))
    ]
