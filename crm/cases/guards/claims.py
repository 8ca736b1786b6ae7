"""Whether a colleague is working on a case."""

from __future__ import annotations

from datetime import timedelta

from crm.cases.details.common import MoveDetail
from crm.cases.situation import Refusal, Situation, refuse

CLAIM_LASTS = timedelta(minutes=30)
"""A claim whose holder does nothing for so long is anybody's."""


def unclaimed(s: Situation, _: MoveDetail | None) -> Refusal | None:
    case = s.case
    if case.claimed_by in (None, s.me) or case.claimed_at is None or case.claimed_at + CLAIM_LASTS <= s.now:
        return None
    return refuse("claimed", "A colleague is working on it; choose another case, or ask them to release it.")
