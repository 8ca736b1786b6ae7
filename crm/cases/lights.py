"""The traffic light of a case: how much time its deadlines leave, for lists and for its page. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel


class TrafficLight(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"
    """No clock runs: suspended, done, or none."""


_SOON = timedelta(hours=24)
_SOONER = {
    **dict.fromkeys(("dispatch", "sign", "contact", "sub_sign"), timedelta(minutes=30)),
    **dict.fromkeys(("return", "return_decision", "callback", "follow_up", "audit"), timedelta(hours=4)),
}
"""Of kinds whose limit is a matter of hours, or of one day."""


def light_of(kind: str | None, due_at: datetime | None, now: datetime, *, running: bool = True) -> TrafficLight:
    """Yellow within 24 hours of the deadline, of a short one less; red once it has passed."""
    if due_at is None or not running:
        return TrafficLight.GREY
    if due_at <= now:
        return TrafficLight.RED
    return TrafficLight.YELLOW if due_at - now <= _SOONER.get(kind or "", _SOON) else TrafficLight.GREEN


class Bilingual(BaseModel):
    zh: str
    en: str


class CaseDeadlineView(BaseModel):
    """One time limit of a case, with the words behind its light."""

    id: str
    kind: str
    """A `crm.limits.state.DeadlineKind`."""
    assignment_id: str | None
    state: str
    """running, paused, met, missed or cancelled."""
    light: TrafficLight
    round: int
    started_at: datetime
    due_at: datetime
    met_at: datetime | None
    remaining_minutes: int | None
    """Working time until it is due; negative when it is overdue; None when it is over."""
    elapsed_minutes: int
    """Working time since it began; of the kind `close` since dispatch."""
    signed_elapsed_minutes: int | None
    """Of the kind `close`: working time since the unit signed, which is not what counts."""
    amount: str | None
    """Of working time, such as 4h or 5d; None for a date that somebody named."""
    hours: str
    """The table of working hours it counts by."""
    explanation: Bilingual | None
    """How it was counted; None for a date that somebody named."""
    source: str
    law: str
    """The law of a statutory limit; "" for one of the profile."""
    flagged: list[int]
    """Years it reaches into whose make-up days are not published."""
    extended_days: int
