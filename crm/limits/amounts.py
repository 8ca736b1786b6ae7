"""Amounts of working time as they are written: "15min", "4h", "5d". Pure."""

from __future__ import annotations

import re

from hotline.kernel.workcalendar import WorkTime

PATTERN = r"^[1-9]\d{0,2}(min|h|d)$"
_DAY_HOURS = 8
"""What a limit in hours is compared with days by."""


def worktime(text: str) -> WorkTime:
    """Raises ValueError for what is none."""
    if not re.fullmatch(PATTERN, text):
        raise ValueError(f'{text!r} is no amount of working time; write one such as "15min", "4h" or "5d"')
    count = int(re.sub(r"\D", "", text))
    if text.endswith("d"):
        return WorkTime(days=count)
    return WorkTime(hours=count) if text.endswith("h") else WorkTime(minutes=count)


def whole_days(text: str) -> int:
    """How many working days are in it, those that are not whole left out."""
    amount = worktime(text)
    return amount.days or int(amount.duration.total_seconds() // (3600 * _DAY_HOURS))
