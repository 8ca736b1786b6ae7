"""When a unit is reminded of the review of an entry, and of its last day. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from enum import IntEnum

REMIND_BEFORE = timedelta(days=7)


class ReviewReminder(IntEnum):
    """How far reminding has come for one review."""

    NONE = 0
    SOON = 1
    DUE = 2
    OVERDUE = 3


def reminder_on(review_due_on: date | None, today: date) -> ReviewReminder:
    """The reminder that is right today: seven days before the review, on its day, and once it is late."""
    if review_due_on is None or today < review_due_on - REMIND_BEFORE:
        return ReviewReminder.NONE
    if today < review_due_on:
        return ReviewReminder.SOON
    return ReviewReminder.DUE if today == review_due_on else ReviewReminder.OVERDUE


def expires_soon(expires_on: date | None, today: date) -> bool:
    return expires_on is not None and expires_on - REMIND_BEFORE <= today <= expires_on
