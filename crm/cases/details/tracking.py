"""Bodies of urging, and of stepping aside."""

from __future__ import annotations

from crm.cases.details.common import MoveDetail
from crm.cases.schemas import Explanation, Id, Words


class Urge(MoveDetail):
    words: Words = ""


class Recusal(MoveDetail):
    user_id: Id
    reason: Explanation
