"""Reasons for a pause. What an agent may choose has labels; the others are the service's own, named by the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class PauseReason:
    code: str
    label_zh: str
    label_en: str


CHOSEN: Final = (
    PauseReason("break", "小休", "Break"),
    PauseReason("meal", "用餐", "Meal"),
    PauseReason("meeting", "会议", "Meeting"),
    PauseReason("training", "培训", "Training"),
    PauseReason("case_work", "处理工单", "Working on a case"),
    PauseReason("outbound", "外呼回访", "Calling back"),
)
SIGNED_IN: Final = "signed_in"
WRAP_UP: Final = "wrap_up"
OWN_CALL: Final = "own_call"
PAGE_CLOSED: Final = "page_closed"
MISSED: Final = "missed"
PHONE_LOST: Final = "phone_lost"
CODES: Final = frozenset(reason.code for reason in CHOSEN)
